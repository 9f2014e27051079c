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
		err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { _, _, err := identity.EnsurePerson(ctx, tx, in); return err })
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

// Whoever invites somebody knows their first password. So an invitation never brings an account that is there already into another clinic: not
// one that works elsewhere, not one that did, not one that works nowhere. Refused, nothing is written.
func TestInvitationBringsNoAccountIntoAnotherClinic(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	north, lake := db.Clinic(t, "Northside", "Europe/London"), db.Clinic(t, "Lakeview", "America/New_York")
	invite := func(s tenancy.Scope, email string) (made bool, err error) {
		err = db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) {
			made, err = identity.Invite(ctx, tx, identity.NewPerson{Email: email, Name: "Ned New", PasswordHash: "x"}, identity.NewMember{Role: identity.Admin})
			return err
		})
		return made, err
	}
	remove := func(s tenancy.Scope, email string) {
		t.Helper()
		known, _, err := db.PersonByEmail(ctx, email)
		if err == nil {
			err = db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return identity.RemoveMember(ctx, tx, known.ID) })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	written := func() (n int) {
		t.Helper()
		err := db.Owner(t).QueryRow(ctx, `select (select count(*) from people) + (select count(*) from memberships) + (select count(*) from audit_events)`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	refused := func(s tenancy.Scope, email string) {
		t.Helper()
		before := written()
		_, err := invite(s, email)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "email" {
			t.Fatalf("%s: %v", email, err)
		}
		if after := written(); after != before {
			t.Fatalf("a refused invitation of %s wrote %d rows", email, after-before)
		}
	}
	member(t, db, lake, "boss@lakeview.example", identity.Admin)
	for _, email := range []string{"boss@northside.example", "ned@clinic.example"} {
		if made, err := invite(north, email); err != nil || !made {
			t.Fatal(made, err)
		}
	}
	refused(lake, "Ned@clinic.example ")
	refused(north, "ned@clinic.example") // works here
	remove(north, "ned@clinic.example")
	refused(lake, "ned@clinic.example") // works nowhere now
	if made, err := invite(north, "ned@clinic.example"); err != nil || made {
		t.Fatal("somebody who left is not let back", made, err)
	}
	// The operator may; from then on a way back by invitation is closed in both clinics.
	member(t, db, lake, "ned@clinic.example", identity.FrontDesk)
	remove(north, "ned@clinic.example")
	refused(north, "ned@clinic.example")
	remove(lake, "ned@clinic.example")
	refused(lake, "ned@clinic.example")
}
