package handlers

import (
	"context"
	"net/url"
	"strconv"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// A date is a day of the clinic's: in New York the 10th of March begins at 04:00 UTC, the day before being the one the clocks change.
func TestAPISlotsByDate(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "America/New_York")
	utc := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	starts := []string{"2025-03-09T04:45:00Z", "2025-03-09T05:00:00Z", "2025-03-10T03:45:00Z", "2025-03-10T04:00:00Z"}
	var loner scheduling.Practitioner
	err := w.db.WithClinic(context.Background(), k.scope, func(tx *tenancy.Tx) (err error) {
		loner, err = scheduling.CreatePractitioner(context.Background(), tx, scheduling.PractitionerInput{Name: "Dr Night"})
		for _, at := range starts {
			addSlot(t, tx, loner.ID, utc(at))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"":                              starts,
		"from=2025-03-09":               starts[1:],
		"from=2025-03-09&to=2025-03-09": starts[1:3], // the day of 23 hours
		"to=2025-03-09":                 starts[:3],
		"from=2025-03-10&to=2025-03-10": starts[3:],
		"from=2025-03-09T05:00:00Z&to=2025-03-10T03:45:00Z":     starts[1:2],
		"from=" + url.QueryEscape("2025-03-09T06:00:00+01:00"):  starts[1:],
		"from=2025-03-08T23:45:00-05:00&to=2025-03-09&limit=2":  starts[:2],
		"from=0001-01-01&to=9999-12-31":                         starts,
		"from=2025-03-09T05:00:00Z&to=2025-03-10&service=check": nil, // not performed
		"from=2025-03-09&service=":                              starts[1:],
	} {
		slots := w.as(k).call(t, "GET", "/api/slots?practitioner="+loner.ID.String()+"&"+query, "").want(t, 200).Slots
		var got []string
		for _, s := range slots {
			got = append(got, s.StartsAt.Format(time.RFC3339))
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v instead of %v", query, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %v instead of %v", query, got, want)
			}
		}
	}
}

// The + of an offset means a space in a query; people forget to escape it.
func TestAPISlotsForgivePlus(t *testing.T) {
	t.Parallel()
	at, err := readWhen("from", "2025-03-09T06:00:00 01:00", time.UTC, 0)
	if err != nil || !at.Equal(time.Date(2025, 3, 9, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("read as %v, %v", at, err)
	}
}

func TestAPISlotsHaveALimit(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	for query, want := range map[string]int{"": 50, "limit=7": 7, "limit=500": 80} {
		if n := len(w.as(k).call(t, "GET", "/api/slots?"+query, "").want(t, 200).Slots); n != want {
			t.Errorf("%q: %s slots instead of %d", query, strconv.Itoa(n), want)
		}
	}
}

func TestAPIRevokedKey(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	ctx := context.Background()
	err := w.db.WithClinic(ctx, k.scope, func(tx *tenancy.Tx) error {
		keys, err := identity.ListKeys(ctx, tx)
		if err != nil {
			return err
		}
		return identity.RevokeKey(ctx, tx, keys[0].ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.as(k).call(t, "GET", "/api/services", "").want(t, 401)
}
