package tenancy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestAClinicSeesItselfOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "America/New_York")

	for _, s := range []tenancy.Scope{a, b} {
		var seen []uuid.UUID
		err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error {
			return tx.QueryRow(ctx, `select array_agg(clinic_id) from clinics`).Scan(&seen)
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != 1 || seen[0] != s.Clinic {
			t.Errorf("clinic %s sees %v", s.Clinic, seen)
		}
	}
}

func TestForgedContextsSeeNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	var signed string
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select current_setting('app.context')`).Scan(&signed)
	})
	if err != nil {
		t.Fatal(err)
	}
	app := db.App(t)
	count := func(value string) (n int) {
		t.Helper()
		tx, err := app.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(ctx)
		if _, err := tx.Exec(ctx, `select set_config('app.context', $1, true)`, value); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(ctx, `select count(*) from clinics`).Scan(&n); err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		return n
	}
	if n := count(signed); n != 1 {
		t.Fatalf("the signed context itself sees %d clinics, want 1", n)
	}
	forged := []string{
		"", "v1", "v1.....", strings.Repeat(".", 80), b.Clinic.String(),
		strings.Replace(signed, a.Clinic.String(), b.Clinic.String(), 1),
		strings.Replace(signed, "v1.", "v2.", 1),
		signed[:len(signed)-1] + "x", signed + "0", signed[:len(signed)-64] + strings.Repeat("0", 64),
		signed[:len("v1.00000000.")], signed[:len(signed)-65], signed[:len(signed)-65] + signed[len(signed)-64:], // a key that is known, and no whole signature
		signed[:len("v1.00000000.")] + strings.Repeat(".", 65), strings.ToUpper(signed), signed + " ",
	}
	for _, f := range forged {
		if n := count(f); n != 0 {
			t.Errorf("%q sees %d clinics", f, n)
		}
	}
}

func TestAKeptTransactionIsClosed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	var kept *tenancy.Tx
	if err := db.WithClinic(ctx, db.Clinic(t, "A", "Europe/London"), func(tx *tenancy.Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Exec(ctx, `select 1`); err == nil {
		t.Error("a kept Tx still answers")
	}
	defer func() {
		if recover() == nil {
			t.Error("a zero Tx does not panic")
		}
	}()
	new(tenancy.Tx).Clinic()
}

func TestAnErrorUndoesEverything(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "Before", "Europe/London")
	boom := errors.New("boom")
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(ctx, `update clinics set name = 'After'`); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	var name string
	if err := db.Once(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select name from clinics`).Scan(&name) }); err != nil {
		t.Fatal(err)
	}
	if name != "Before" {
		t.Errorf("name is %q", name)
	}
}

func TestOnceCommitsOneStatementAndNoMore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "Before", "Europe/London")
	err := db.Once(ctx, a, func(tx *tenancy.Tx) error {
		var name string
		if err := tx.QueryRow(ctx, `update clinics set name = 'After' returning name`).Scan(&name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `select 1`); err == nil {
			t.Error("a second statement was accepted")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select name from clinics`).Scan(&name) }); err != nil {
		t.Fatal(err)
	}
	if name != "After" {
		t.Errorf("name is %q: the commit did not travel with the statement", name)
	}
}

func TestTheLastBatchCommitsOrUndoesEverything(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "Before", "Europe/London")
	rename := func(to, then string) error {
		return db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
			if _, err := tx.Exec(ctx, `update clinics set name = $1`, to); err != nil {
				return err
			}
			b := &pgx.Batch{}
			b.Queue(`select 1`)
			b.Queue(then)
			if err := tx.SendLast(ctx, b).Close(); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `select 1`); err == nil {
				t.Error("a statement after the last was accepted")
			}
			return errors.New("too late to undo")
		})
	}
	name := func() (name string) {
		t.Helper()
		if err := db.Once(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select name from clinics`).Scan(&name) }); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if err := rename("After", `select 1/0`); err == nil {
		t.Error("a failing statement is no error")
	}
	if got := name(); got != "Before" {
		t.Errorf("name is %q: a failed last batch was committed", got)
	}
	if err := rename("After", `select 2`); err == nil || err.Error() != "too late to undo" {
		t.Error(err)
	}
	if got := name(); got != "After" {
		t.Errorf("name is %q: the commit did not travel with the last batch", got)
	}
}

func TestAContextKeyIsChangedWithoutDowntimeAndThenRetired(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	next, err := tenancy.NewSigner([]byte("another secret that is 32 bytes or more"))
	if err != nil {
		t.Fatal(err)
	}
	owner := db.Owner(t)
	if err := tenancy.InstallContextKey(ctx, owner, next); err != nil {
		t.Fatal(err)
	}
	renewed, err := tenancy.Open(ctx, db.AppDSN, next, tenancy.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(renewed.Close)
	sees := func(d *tenancy.DB) (n int) {
		t.Helper()
		if err := d.WithClinic(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select count(*) from clinics`).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if before, after := sees(db.DB), sees(renewed); before != 1 || after != 1 {
		t.Errorf("while both keys stand, the servers see %d and %d clinics", before, after)
	}
	n, err := tenancy.RetireContextKeys(ctx, db.OwnerDSN, next)
	if err != nil || n != 1 {
		t.Fatalf("retired %d: %v", n, err)
	}
	if before, after := sees(db.DB), sees(renewed); before != 0 || after != 1 {
		t.Errorf("after the old key was retired, the servers see %d and %d clinics", before, after)
	}
}

// The plan of a foreign key is kept for one search path: functions that write and statements of the program must have the same one.
func TestWhatWritesHasOneSearchPath(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	var path string
	var others []string
	err := db.WithClinic(ctx, db.Clinic(t, "A", "Europe/London"), func(tx *tenancy.Tx) error {
		if err := tx.QueryRow(ctx, `show search_path`).Scan(&path); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select coalesce(array_agg(f.oid::regprocedure::text), '{}') from pg_proc f where f.pronamespace = 'app'::regnamespace
			and f.prosrc ~* '\m(insert into|update public|delete from)\M' and not ('search_path=' || $1 = any(f.proconfig))`, path).Scan(&others)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(others) > 0 {
		t.Errorf("the program's path is %q, not that of %v", path, others)
	}
}
