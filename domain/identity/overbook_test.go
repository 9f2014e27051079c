package identity_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// TestOverbookingIsAPermissionOfItsOwn: no role has it, an admin gives it and takes it away, and the next request knows.
func TestOverbookingIsAPermissionOfItsOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	s, other := db.Clinic(t, "Northside", "Europe/London"), db.Clinic(t, "Lakeview", "America/New_York")
	admin := member(t, db, s, "admin@northside.example", identity.Admin)
	set := func(s tenancy.Scope, role string, in identity.Overbooking) error {
		s.Actor.Role = role
		return db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return identity.SetOverbooking(ctx, tx, in) })
	}
	may := func(in tenancy.Scope) bool {
		in.Actor.ID = admin
		err := db.WithClinic(ctx, in, func(tx *tenancy.Tx) error { return identity.MustOverbook(ctx, tx) })
		if err != nil && !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
		clinics, e := db.ClinicsOfPerson(ctx, admin)
		if e != nil || (in.Clinic == s.Clinic && clinics[0].MayOverbook != (err == nil)) {
			t.Errorf("the session says %+v, the table %v", clinics, err)
		}
		return err == nil
	}
	if may(s) {
		t.Error("an admin may overbook without the permission")
	}
	if err := set(s, identity.FrontDesk, identity.Overbooking{Person: admin, May: true}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the front desk gave it: %v", err)
	}
	if err := set(s, identity.Admin, identity.Overbooking{Person: uuid.New(), May: true}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody who does not work here: %v", err)
	}
	if err := set(other, identity.Admin, identity.Overbooking{Person: admin, May: true}); !fault.Is(err, fault.NotFound) {
		t.Errorf("from another clinic: %v", err)
	}
	for range 2 { // the second time is not recorded
		if err := set(s, identity.Admin, identity.Overbooking{Person: admin, May: true}); err != nil {
			t.Fatal(err)
		}
	}
	if !may(s) || may(other) {
		t.Error("it was given here, and only here")
	}
	if err := set(s, identity.Admin, identity.Overbooking{Person: admin}); err != nil || may(s) {
		t.Errorf("it was taken away: %v", err)
	}
	var given, taken int
	err := db.Owner(t).QueryRow(ctx, `select count(*) filter (where action = 'member.overbooking-allowed'), count(*) filter (where action = 'member.overbooking-ended')
		from audit_events where subject_id = $1`, admin).Scan(&given, &taken)
	if err != nil || given != 1 || taken != 1 {
		t.Errorf("recorded %d and %d times, %v", given, taken, err)
	}
}
