package scheduling_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// TestAnOfferSaysWhatFits: what is offered as fitting can be booked, and what is not cannot.
func TestAnOfferSaysWhatFits(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, at(8, 0))
	c := newClinic(t, db, 1)
	c.bookAt(t, 0, at(9, 45), "s15")
	offer := func(in scheduling.OfferInput) (fits []string) {
		in.Zone = time.UTC
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			o, err := scheduling.LoadOffer(ctx, tx, in)
			for _, s := range o.Services {
				if s.Fits {
					fits = append(fits, s.Slug)
				}
			}
			return err
		})
		return fits
	}
	hold, err := c.claim(c.slot(0, 8), "s30", 60)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		in   scheduling.OfferInput
		want []string
	}{
		{"before a booking", scheduling.OfferInput{SlotID: c.slot(0, 0)}, []string{"s15", "s30", "s45"}},
		{"just before it", scheduling.OfferInput{SlotID: c.slot(0, 2)}, []string{"s15"}},
		{"taken", scheduling.OfferInput{SlotID: c.slot(0, 3)}, nil},
		{"the end of the day", scheduling.OfferInput{SlotID: c.slot(0, 30)}, []string{"s15", "s30"}},
		{"somebody's hold", scheduling.OfferInput{SlotID: c.slot(0, 8)}, nil},
		{"one's own hold", scheduling.OfferInput{HoldID: hold.ID}, []string{"s30"}},
	} {
		if got := offer(x.in); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
	if _, err := c.book(scheduling.BookInput{SlotID: c.slot(0, 0), Service: "s45", Patient: ada}); err != nil {
		t.Errorf("what fits cannot be booked: %v", err)
	}
	db.Clock.Set(at(11, 5))
	if got := offer(scheduling.OfferInput{HoldID: hold.ID}); got != nil {
		t.Errorf("an ended hold in the past: %v", got)
	}
}
