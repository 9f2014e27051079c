package tenancy_test

import (
	"context"
	"errors"
	"testing"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

const addWord = `update clinics set name = name || $1`

func TestWhatWaitsIsDoneInOrderAndCommitted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	name := func() (name string) {
		t.Helper()
		if err := db.Once(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select name from clinics`).Scan(&name) }); err != nil {
			t.Fatal(err)
		}
		return name
	}
	boom := errors.New("boom")
	for _, c := range []struct {
		does, want string
		fn         func(tx *tenancy.Tx) error
	}{
		{"nothing but what waits", "A1", func(tx *tenancy.Tx) error { return tx.Later(addWord, "1") }},
		{"before and after a statement", "A1234", func(tx *tenancy.Tx) error {
			var seen string
			err := errors.Join(tx.Later(addWord, "2"), tx.QueryRow(ctx, addWord+` returning name`, "3").Scan(&seen), tx.Later(addWord, "4"))
			if seen != "A123" {
				t.Errorf("the statement that it travels with sees %q", seen)
			}
			return err
		}},
		{"an error undoes it", "A1234", func(tx *tenancy.Tx) error { return errors.Join(tx.Later(addWord, "x"), boom) }},
		{"a savepoint that asks nothing is undone", "A12345", func(tx *tenancy.Tx) error {
			err := tx.Later(addWord, "5")
			undone := tx.Savepoint(ctx, func() error { return errors.Join(tx.Later(addWord, "x"), boom) })
			if !errors.Is(undone, boom) {
				t.Error(undone)
			}
			return err
		}},
		{"a savepoint that asked something is undone, also what still waits", "A123456", func(tx *tenancy.Tx) error {
			err := tx.Later(addWord, "6")
			_ = tx.Savepoint(ctx, func() error {
				_, err := tx.Exec(ctx, addWord, "x")
				return errors.Join(err, tx.Later(addWord, "y"), boom)
			})
			return err
		}},
		{"savepoints inside each other", "A1234567+", func(tx *tenancy.Tx) error {
			err := tx.Savepoint(ctx, func() error {
				err := tx.Later(addWord, "7")
				_ = tx.Savepoint(ctx, func() error { return errors.Join(tx.Later(addWord, "x"), boom) })
				return err
			})
			return errors.Join(err, tx.Later(addWord, "+"))
		}},
		{"a statement that breaks inside a savepoint breaks no more", "A1234567+8", func(tx *tenancy.Tx) error {
			broke := tx.Savepoint(ctx, func() error {
				return errors.Join(tx.Later(`select 1/0`), tx.QueryRow(ctx, addWord+` returning 1`, "x").Scan(new(int)))
			})
			if broke == nil {
				t.Error("what waits failed, and nobody heard of it")
			}
			return tx.Later(addWord, "8")
		}},
	} {
		if err := db.WithClinic(ctx, a, c.fn); err != nil && !errors.Is(err, boom) {
			t.Errorf("%s: %v", c.does, err)
		}
		if got := name(); got != c.want {
			t.Errorf("%s: the name is %q, want %q", c.does, got, c.want)
		}
	}
}

func TestWhatWaitsAndFailsFailsTheTransaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	a := db.Clinic(t, "Before", "Europe/London")
	for name, fn := range map[string]func(tx *tenancy.Tx) error{
		"with the commit":  func(tx *tenancy.Tx) error { return tx.Later(`select 1/0`) },
		"with a statement": func(tx *tenancy.Tx) error { _, _ = tx.Exec(ctx, `select 1`); return tx.Later(`select 1/0`) },
	} {
		err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
			if _, err := tx.Exec(ctx, `update clinics set name = 'After'`); err != nil {
				return err
			}
			return fn(tx)
		})
		if err == nil {
			t.Errorf("%s: it is no error", name)
		}
	}
	err := db.Once(ctx, a, func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(ctx, `select 1`); err != nil {
			return err
		}
		return tx.Later(`update clinics set name = 'After'`)
	})
	if err == nil {
		t.Error("something waits for a statement that cannot come")
	}
	var got string
	if err := db.Once(ctx, a, func(tx *tenancy.Tx) error { return tx.QueryRow(ctx, `select name from clinics`).Scan(&got) }); err != nil || got != "Before" {
		t.Errorf("the name is %q: %v", got, err)
	}
}
