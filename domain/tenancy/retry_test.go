package tenancy_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// TestWhoGivesWayComesBack: a transaction that was chosen to end a deadlock is tried again, and not for ever.
func TestWhoGivesWayComesBack(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	scope := db.Clinic(t, "Northside", "Europe/London")
	deadlock, other := &pgconn.PgError{Code: "40P01"}, &pgconn.PgError{Code: "23505"}
	for name, c := range map[string]struct {
		fails int
		with  error
		tried int
		ok    bool
	}{
		"four deadlocks":  {4, deadlock, 5, true},
		"five deadlocks":  {5, deadlock, 5, false},
		"another failure": {1, other, 1, false},
	} {
		tried := 0
		err := db.WithClinic(context.Background(), scope, func(tx *tenancy.Tx) error {
			if tried++; tried <= c.fails {
				return c.with
			}
			return nil
		})
		if tried != c.tried || (err == nil) != c.ok || err != nil && !errors.Is(err, c.with) {
			t.Errorf("%s: tried %d times, %v", name, tried, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	tried := 0
	err := db.WithClinic(ctx, scope, func(*tenancy.Tx) error { tried++; cancel(); return deadlock })
	if tried != 1 || err == nil {
		t.Errorf("nobody waits any more: tried %d times, %v", tried, err)
	}
}
