package patients_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestParallelFindOrCreateMakesOnePatient(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	search(t, db, a, d, "nobody") // makes the clinic's keys, for whose row the transactions would wait otherwise
	names := []string{"Adèle O'Brien", "adele obrien", "ADELE O’BRIEN", "Adele  O-Brien"}
	phones := []string{"07700 900418", "+44 7700 900418", "(07700) 900-418", "0044 7700900418"}

	const n = 8
	var start, done sync.WaitGroup
	start.Add(n)
	ids, made, errs := make([]uuid.UUID, n), make([]bool, n), make([]error, n)
	for i := range n {
		done.Go(func() {
			errs[i] = db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
				if _, err := tx.Now(ctx); err != nil {
					return err
				}
				start.Done()
				start.Wait() // all transactions are open before the first one looks
				p, created, err := d.FindOrCreate(ctx, tx, names[i%4], phones[i/2%4])
				ids[i], made[i] = p.ID, created
				return err
			})
		})
	}
	done.Wait()
	creators := 0
	for i := range n {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if ids[i] != ids[0] {
			t.Errorf("call %d answers another patient", i)
		}
		if made[i] {
			creators++
		}
	}
	if creators != 1 {
		t.Errorf("%d calls say that they made the patient", creators)
	}
}

func TestAFamilySharesAPhone(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	find := func(name, phone string) patients.Patient {
		return in(t, db, a, func(tx *tenancy.Tx) (patients.Patient, error) {
			p, _, err := d.FindOrCreate(ctx, tx, name, phone)
			return p, err
		})
	}
	mother, child, namesake := find("Adele Grant", "07700 900418"), find("Tom Grant", "07700 900418"), find("Adele Grant", "07700 900419")
	if mother.ID == child.ID || mother.ID == namesake.ID {
		t.Fatal("two people are one patient")
	}
	if again := find("adele grant", "+447700900418"); again.ID != mother.ID || again.Name != "Adele Grant" {
		t.Errorf("found %+v, want the mother as she was written first", again)
	}
	found := in(t, db, a, func(tx *tenancy.Tx) ([]patients.Patient, error) { return d.ByPhone(ctx, tx, "0 7700 900 418") })
	if len(found) != 2 || found[0].ID != mother.ID || found[1].ID != child.ID {
		t.Errorf("ByPhone answers %+v", found)
	}
	for _, bad := range []string{"", "anonymous"} {
		err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, _, err := d.FindOrCreate(ctx, tx, "Adele", bad); return err })
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "phone" {
			t.Errorf("phone %q: %v", bad, err)
		}
	}
}
