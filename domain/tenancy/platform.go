package tenancy

import (
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// SessionStore keeps sessions in the database, under hashed tokens and with ids only. With a cleanup interval above zero it removes what
// ran out that often, until StopCleanup.
func (db *DB) SessionStore(cleanup time.Duration) *pgxstore.PostgresStore {
	return pgxstore.NewWithCleanupInterval(db.pool, cleanup)
}

// JobDriver is River's way to the database: its tables hold ids only, and belong to no clinic.
func (db *DB) JobDriver() *riverpgxv5.Driver { return riverpgxv5.New(db.pool) }
