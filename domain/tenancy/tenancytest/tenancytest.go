// Package tenancytest gives every test a real database of its own, migrated once and copied from a template, opened as the weak role.
package tenancytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
	"anteroom/migrations"
)

// DSNEnv names the superuser's address of a throwaway server. `anteroom testdb -- go test ./...` sets it; `make test` does both.
const DSNEnv = "ANTEROOM_TEST_SUPERUSER_DSN"

const appPassword = "test-only"

// Secret is the context key that tests sign with.
var Secret = []byte("a context key that only tests use")

// Database is one test's own database.
type Database struct {
	*tenancy.DB
	OwnerDSN string // superuser, for tests that break the walls or play the owner
	AppDSN   string // the weak role
	Clock    *Clock
}

// Clock is the time of a test's transactions. The zero Clock follows the machine.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Set stops the clock at t.
func (c *Clock) Set(t time.Time) { c.mu.Lock(); c.now = t; c.mu.Unlock() }

// Advance moves a stopped clock.
func (c *Clock) Advance(d time.Duration) { c.mu.Lock(); c.now = c.now.Add(d); c.mu.Unlock() }

// Now is the test's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now.IsZero() {
		return time.Now()
	}
	return c.now
}

// New copies the template into a fresh database, which is dropped when the test ends.
func New(t testing.TB) *Database { return open(t, nil) }

// NewWithClock is New with a clock that the test moves.
func NewWithClock(t testing.TB, now time.Time) *Database {
	c := &Clock{}
	c.Set(now)
	return open(t, c)
}

func open(t testing.TB, clock *Clock) *Database {
	t.Helper()
	super := os.Getenv(DSNEnv)
	if super == "" {
		t.Fatalf("%s is not set: run the tests with `make test-go`, or through `bin/anteroom testdb -- go test ./...`", DSNEnv)
	}
	ctx := context.Background()
	template := templateName(t)
	if err := ensureTemplate(ctx, super, template); err != nil {
		t.Fatalf("template database: %v", err)
	}
	name := fmt.Sprintf("t_%s", hex.EncodeToString(tenancy.NewID().NodeID())+tenancy.NewID().String()[:8]+uuid.NewString()[:8])
	admin(t, super, fmt.Sprintf("create database %s template %s strategy file_copy", name, template))
	t.Cleanup(func() { admin(t, super, fmt.Sprintf("drop database %s with (force)", name)) })
	owner := withDatabase(super, name)
	if err := prepare(ctx, owner); err != nil { // the rights on a database are not copied with it
		t.Fatalf("prepare: %v", err)
	}
	app, err := tenancy.AppDSN(owner, appPassword)
	if err != nil {
		t.Fatal(err)
	}
	db := Open(t, app, clock)
	return &Database{DB: db, OwnerDSN: owner, AppDSN: app, Clock: clock}
}

// Open opens another handle on a test's database, as a second process would.
func Open(t testing.TB, appDSN string, clock *Clock) *tenancy.DB {
	t.Helper()
	opt := tenancy.Options{MaxConns: 20}
	if clock != nil {
		opt.Clock = clock.Now
	}
	db, err := tenancy.Open(context.Background(), appDSN, Signer(t), opt)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// Signer signs contexts that the test databases accept.
func Signer(t testing.TB) *tenancy.Signer {
	t.Helper()
	s, err := tenancy.NewSigner(Secret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Owner is a connection that passes every wall, to look behind them or to break them.
func (d *Database) Owner(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), d.OwnerDSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// App is a bare connection as the weak role, without any context, as injected SQL would have it.
func (d *Database) App(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), d.AppDSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Clinic makes an empty clinic and answers a scope of its admin.
func (d *Database) Clinic(t testing.TB, name, zone string) tenancy.Scope {
	t.Helper()
	s := tenancy.Scope{Clinic: tenancy.NewID(), Actor: tenancy.Actor{Kind: tenancy.User, ID: tenancy.NewID(), Role: "admin", Address: "127.0.0.1", RequestID: "test"}}
	err := d.WithClinic(context.Background(), s, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(context.Background(), `insert into clinics (clinic_id, slug, name, zone, country) values ($1, $2, $3, $4, 'GB')`,
			s.Clinic, "c-"+s.Clinic.String()[24:], name, zone)
		return err
	})
	if err != nil {
		t.Fatalf("make clinic: %v", err)
	}
	return s
}

var templates sync.Map

// templateName follows from the migrations' content, so that a changed migration makes a new template.
func templateName(t testing.TB) string {
	t.Helper()
	h := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.FS, p)
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return "anteroom_template_" + hex.EncodeToString(h.Sum(nil)[:8])
}

// ensureTemplate migrates the template once for all test processes of a server: an advisory lock makes the others wait.
func ensureTemplate(ctx context.Context, super, name string) error {
	once, _ := templates.LoadOrStore(name, sync.OnceValue(func() error {
		conn, err := pgx.Connect(ctx, super)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, `select pg_advisory_lock(82150)`); err != nil {
			return err
		}
		var ready bool
		err = conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1 and datistemplate)`, name).Scan(&ready)
		if err != nil || ready {
			return err
		}
		if _, err := conn.Exec(ctx, "drop database if exists "+name+" with (force)"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "create database "+name); err != nil {
			return err
		}
		signer, err := tenancy.NewSigner(Secret)
		if err != nil {
			return err
		}
		if err := tenancy.Migrate(ctx, withDatabase(super, name), appPassword, migrations.FS, signer); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "alter database "+name+" is_template true")
		return err
	}))
	return once.(func() error)()
}

func prepare(ctx context.Context, owner string) error {
	conn, err := pgx.Connect(ctx, owner)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return tenancy.Prepare(ctx, conn, appPassword)
}

func admin(t testing.TB, super, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, super)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func withDatabase(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn
	}
	u.Path = "/" + name
	return u.String()
}
