package identity_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestTeamIsOfTheClinicOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	north, lake := db.Clinic(t, "Northside", "Europe/London"), db.Clinic(t, "Lakeview", "America/New_York")
	member(t, db, north, "a@northside.example", identity.Admin)
	leaver := member(t, db, north, "b@northside.example", identity.Clinician)
	member(t, db, lake, "c@lakeview.example", identity.Admin)
	var team []identity.Member
	err := db.WithClinic(ctx, north, func(tx *tenancy.Tx) (err error) {
		if err := identity.RemoveMember(ctx, tx, leaver); err != nil {
			return err
		}
		team, err = identity.Team(ctx, tx)
		return err
	})
	if err != nil || len(team) != 2 {
		t.Fatalf("%+v %v", team, err)
	}
	for _, m := range team {
		if m.Email == "c@lakeview.example" || (m.Person == leaver) != (m.EndedAt != nil) {
			t.Errorf("%+v", m)
		}
	}
	if clinics, err := db.ClinicsOfPerson(ctx, leaver); err != nil || len(clinics) != 0 {
		t.Fatalf("somebody who left still works at %+v (%v)", clinics, err)
	}
}

func TestClinicKeepsAnAdmin(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	s := db.Clinic(t, "Northside", "Europe/London")
	only := member(t, db, s, "a@northside.example", identity.Admin)
	for name, verb := range map[string]func(tx *tenancy.Tx) error{
		"remove": func(tx *tenancy.Tx) error { return identity.RemoveMember(ctx, tx, only) },
		"demote": func(tx *tenancy.Tx) error {
			return identity.AddMember(ctx, tx, identity.NewMember{Person: only, Role: identity.FrontDesk})
		},
	} {
		if err := db.WithClinic(ctx, s, verb); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s the last admin: %v", name, err)
		}
	}
}

// Two admins who remove each other at the same instant: one of them stays, every time.
func TestTwoAdminsCannotRemoveEachOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	for round := range 10 {
		s := db.Clinic(t, "Northside", "Europe/London")
		both := []uuid.UUID{member(t, db, s, "a"+s.Clinic.String()+"@northside.example", identity.Admin),
			member(t, db, s, "b"+s.Clinic.String()+"@northside.example", identity.Admin)}
		var all sync.WaitGroup
		errs := make([]error, 2)
		for i, who := range both {
			all.Go(func() {
				errs[i] = db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return identity.RemoveMember(ctx, tx, who) })
			})
		}
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
		}
	}
}

func TestBadPeopleAreRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	s := db.Clinic(t, "Northside", "Europe/London")
	for _, in := range []identity.NewPerson{{Email: "no-at", Name: "X"}, {Email: "Name <a@b.example>", Name: "X"}, {Email: "", Name: "X"}, {Email: "a@b.example", Name: " "}} {
		err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { _, err := identity.EnsurePerson(ctx, tx, in); return err })
		if !fault.Is(err, fault.Invalid) || len(fault.As(err).Fields) != 1 {
			t.Errorf("%+v: %v", in, err)
		}
	}
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error {
		return identity.AddMember(ctx, tx, identity.NewMember{Person: uuid.New(), Role: "owner"})
	})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("an invented role: %v", err)
	}
}
