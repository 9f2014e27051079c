// Package tenancy holds the walls between clinics: the database handle, the transaction that is always inside one clinic, the signed
// context that row level security verifies, and the few named questions that may be asked before a clinic is known.
//
// It is the only package that sees a connection pool and the only one that names the tenant setting.
package tenancy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

// DB is the database as the weak role.
type DB struct {
	pool   *pgxpool.Pool
	signer *Signer
	clock  func() time.Time
	live   *announcer
	jobs   *river.Client[pgx.Tx] // adds jobs, works none
}

// SearchPath is that of every connection, and of the functions in the schema app. PostgreSQL keeps one plan for each foreign key and connection, and makes it anew whenever
// the path is another than last time: a claim (inside a function) and a confirmation (outside of one) by turns then spend a fifth of their time on it.
const SearchPath = "pg_catalog, public, pg_temp"

// Options of Open. Zero values mean the defaults.
type Options struct {
	MaxConns int              // default: the larger of 4 and the number of processors
	Clock    func() time.Time // tests and the demo's past set it; nil means the database's clock
	Tracer   pgx.QueryTracer  // the benchmark listens to the statements of a page
}

// Open connects as the weak role and checks that it is weak: a program that could bypass the walls refuses to start.
func Open(ctx context.Context, dsn string, signer *Signer, opt Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database address cannot be read") // the parser's error may quote the password
	}
	if opt.MaxConns > 0 {
		cfg.MaxConns = int32(opt.MaxConns)
	}
	cfg.ConnConfig.Tracer = opt.Tracer
	cfg.ConnConfig.RuntimeParams["application_name"] = "anteroom"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["search_path"] = SearchPath
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		registerUUID(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db := &DB{pool: pool, signer: signer, clock: opt.Clock}
	if err := db.mustBeWeak(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	if db.jobs, err = newInserter(pool); err != nil {
		pool.Close()
		return nil, err
	}
	db.live = newAnnouncer(pool)
	return db, nil
}

func (db *DB) mustBeWeak(ctx context.Context) error {
	var user string
	var strong bool
	err := db.pool.QueryRow(ctx, `select rolname::text, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb
		from pg_roles where rolname = current_user`).Scan(&user, &strong)
	if err != nil {
		return fmt.Errorf("ask for the database role: %w", err)
	}
	if strong {
		return fmt.Errorf("the program must not run as %q: that role can pass the walls; use %s", user, AppRole)
	}
	return nil
}

// Close announces what is left, and closes every connection.
func (db *DB) Close() {
	db.live.close()
	db.pool.Close()
}

// Now is the time outside of a transaction: the machine's, or the test's. What is decided inside one takes the transaction's.
func (db *DB) Now() time.Time {
	if db.clock != nil {
		return db.clock().UTC()
	}
	return time.Now().UTC()
}

// Ping answers whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.Ping(ctx) }

// WithClinic runs fn in one transaction inside the scope's clinic. An error or a panic undoes everything. Deadlocks and
// serialization failures are tried again, four times, with a fresh Tx: fn must have no effect outside of it.
func (db *DB) WithClinic(ctx context.Context, scope Scope, fn func(tx *Tx) error) error {
	return db.run(ctx, scope, false, fn)
}

// Once is WithClinic for a verb that is a single statement: begin, context, statement and commit travel in one round trip. A second
// statement fails.
func (db *DB) Once(ctx context.Context, scope Scope, fn func(tx *Tx) error) error {
	return db.run(ctx, scope, true, fn)
}

func (db *DB) run(ctx context.Context, scope Scope, once bool, fn func(tx *Tx) error) error {
	if err := scope.validate(); err != nil {
		return err
	}
	var err error
	for n := range tries {
		if n > 0 && !pause(ctx, time.Duration(rand.Int64N(int64(maxPause<<n)))) {
			break
		}
		if err = db.try(ctx, scope, once, fn); !canRetry(err) {
			break
		}
	}
	return err
}

// Who was chosen to give way does not come back at once: those who met meet again, and the same one gives way.
const (
	tries    = 5
	maxPause = 5 * time.Millisecond
)

// pause answers whether there is still somebody who waits for the answer.
func pause(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (db *DB) try(ctx context.Context, scope Scope, once bool, fn func(tx *Tx) error) (err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("get a connection: %w", err)
	}
	defer conn.Release()
	tx := &Tx{db: db, conn: conn, scope: scope, once: once}
	defer func() {
		tx.closed = true
		tx.rollback() // does nothing after a commit; runs on error and on panic
	}()
	if err = fn(tx); err != nil {
		return err
	}
	if err = tx.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	db.live.announce(tx.topics)
	return nil
}

// canRetry: 40P01 deadlock detected, 40001 serialization failure. Both mean that nothing was done.
func canRetry(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

// IsUnique says whether err is a unique violation (23505), IsOverlap whether it is an exclusion violation (23P01).
func IsUnique(err error) bool { return hasCode(err, "23505") }

// IsOverlap says whether an exclusion constraint refused: the time is taken.
func IsOverlap(err error) bool { return hasCode(err, "23P01") }

func hasCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

// IsNone says whether a query for one row found none.
func IsNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
