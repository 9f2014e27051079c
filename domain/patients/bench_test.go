package patients_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// crowd makes 400 patients, or as many as ANTEROOM_BENCH_PATIENTS says.
func crowd(b *testing.B, db *tenancytest.Database, s tenancy.Scope, d *patients.Directory) []uuid.UUID {
	b.Helper()
	n := 400
	if more, err := strconv.Atoi(os.Getenv("ANTEROOM_BENCH_PATIENTS")); err == nil {
		n = more
	}
	first := []string{"Adele", "Ben", "Chloe", "Dan", "Ella", "Finn", "Grace", "Hugo", "Isla", "Jack"}
	last := []string{"Grant", "Graham", "Shah", "O'Brien", "Novak", "Lee", "Okafor"}
	var ids []uuid.UUID
	in(b, db, s, func(tx *tenancy.Tx) (bool, error) {
		for i := range n {
			p, err := d.Create(ctx, tx, patients.Details{
				Name: first[i%10] + " " + last[i%7], Phone: fmt.Sprintf("07700 %06d", 900_000+i%100_000), Email: fmt.Sprintf("p%d@example.com", i), BirthDate: date(1950+i%70, 5, 1+i%28),
			})
			if err != nil {
				return false, err
			}
			ids = append(ids, p.ID)
		}
		return true, nil
	})
	return ids
}

// BenchmarkMany reads and opens 400 patients: a week of a busy schedule.
func BenchmarkMany(b *testing.B) {
	db := tenancytest.New(b)
	s := db.Clinic(b, "A", "Europe/London")
	d := patients.New(vault(b))
	ids := crowd(b, db, s, d)[:400]
	for b.Loop() {
		in(b, db, s, func(tx *tenancy.Tx) (map[uuid.UUID]patients.Patient, error) { return d.Many(ctx, tx, ids) })
	}
}

func BenchmarkSearch(b *testing.B) {
	db := tenancytest.New(b)
	s := db.Clinic(b, "A", "Europe/London")
	d := patients.New(vault(b))
	crowd(b, db, s, d)
	if _, err := db.Owner(b).Exec(ctx, `analyze`); err != nil {
		b.Fatal(err)
	}
	for _, query := range []string{"ade gra", "a", "ad", "07700 900123", "123", "gra 1985", "1985", "3 apr", "5/5/85", "p77@", "grant 0123"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				search(b, db, s, d, query)
			}
		})
	}
}
