package tenancy

import (
	"context"
	"fmt"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// SessionStore keeps sessions in the database, under hashed tokens and with ids only. What ran out stays until SweepSessions: the store's
// own sweeper cannot be stopped without a data race.
func (db *DB) SessionStore() *pgxstore.PostgresStore {
	return pgxstore.NewWithCleanupInterval(db.pool, 0)
}

// SweepSessions removes the sessions that ran out.
func (db *DB) SweepSessions(ctx context.Context) error {
	if _, err := db.pool.Exec(ctx, `delete from sessions where expiry < now()`); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}

// JobDriver is River's way to the database: its tables hold ids only, and belong to no clinic.
func (db *DB) JobDriver() *riverpgxv5.Driver { return riverpgxv5.New(db.pool) }
