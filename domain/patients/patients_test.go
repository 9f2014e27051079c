package patients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

var ctx = context.Background()

func vault(t testing.TB) *privacy.Vault {
	t.Helper()
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	v, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// in runs fn inside the clinic and fails the test when it fails.
func in[T any](t testing.TB, db *tenancytest.Database, s tenancy.Scope, fn func(tx *tenancy.Tx) (T, error)) (out T) {
	t.Helper()
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) { out, err = fn(tx); return err })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func date(y int, m time.Month, d int) *time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return &t
}

func create(t testing.TB, db *tenancytest.Database, s tenancy.Scope, d *patients.Directory, details patients.Details) patients.Patient {
	t.Helper()
	return in(t, db, s, func(tx *tenancy.Tx) (patients.Patient, error) { return d.Create(ctx, tx, details) })
}

func get(t testing.TB, db *tenancytest.Database, s tenancy.Scope, d *patients.Directory, id uuid.UUID) patients.Patient {
	t.Helper()
	return in(t, db, s, func(tx *tenancy.Tx) (patients.Patient, error) { return d.Get(ctx, tx, id) })
}

var adele = patients.Details{
	Name: "  Adèle   O’Brien-Grant ", Phone: "07700 900418", Email: "Adele.Grant@Example.com", BirthDate: date(1985, time.April, 3),
	Address: "14 Harbour Terrace\nWhitby", Notes: "Prefers mornings",
}

var adeleKept = patients.Details{
	Name: "Adèle O’Brien-Grant", Phone: "+447700900418", Email: "Adele.Grant@Example.com", BirthDate: date(1985, time.April, 3),
	Address: "14 Harbour Terrace\nWhitby", Notes: "Prefers mornings",
}

func TestDetailsComeBackInTheirNormalForm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	db := tenancytest.NewWithClock(t, now)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))

	made := create(t, db, a, d, adele)
	want := patients.Patient{ID: made.ID, Details: adeleKept, Version: 1, CreatedAt: now, UpdatedAt: now}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("Create answers\n%+v, want\n%+v", made, want)
	}
	if got := get(t, db, a, d, made.ID); !same(got, want) {
		t.Errorf("Get answers\n%+v, want\n%+v", got, want)
	}

	db.Clock.Advance(time.Hour)
	updated := in(t, db, a, func(tx *tenancy.Tx) (patients.Patient, error) {
		return d.Update(ctx, tx, made.ID, patients.Details{Name: "Adele Grant"})
	})
	want.Details, want.UpdatedAt, want.Version = patients.Details{Name: "Adele Grant"}, now.Add(time.Hour), 2
	if !same(updated, want) {
		t.Errorf("Update answers\n%+v, want\n%+v", updated, want)
	}
	many := in(t, db, a, func(tx *tenancy.Tx) (map[uuid.UUID]patients.Patient, error) {
		return d.Many(ctx, tx, []uuid.UUID{made.ID, made.ID, tenancy.NewID()})
	})
	if len(many) != 1 || !same(many[made.ID], want) {
		t.Errorf("Many answers %+v, want only\n%+v", many, want)
	}
	for _, gone := range []string{"07700900418", "obrien", "adele.grant@example.com", "1985-04-03"} {
		if found := search(t, db, a, d, gone); len(found) != 0 {
			t.Errorf("still found by %q after the update", gone)
		}
	}
	if found := search(t, db, a, d, "grant"); len(found) != 1 {
		t.Error("not found by the new name")
	}
}

// same compares times by instant, since the database answers its own location.
func same(a, b patients.Patient) bool {
	ok := a.CreatedAt.Equal(b.CreatedAt) && a.UpdatedAt.Equal(b.UpdatedAt)
	a.CreatedAt, a.UpdatedAt, b.CreatedAt, b.UpdatedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return ok && reflect.DeepEqual(a, b)
}

func TestBadDetailsAreNamed(t *testing.T) {
	t.Parallel()
	// 00:30 on the 2nd of June in London, still the 1st in UTC.
	db := tenancytest.NewWithClock(t, time.Date(2026, 6, 1, 23, 30, 0, 0, time.UTC))
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	base := patients.Details{Name: "Adele Grant"}
	with := func(change func(*patients.Details)) patients.Details { x := base; change(&x); return x }

	for want, bad := range map[string][]patients.Details{
		"name": {{}, {Name: " \t "}, {Name: "…"}, {Name: strings.Repeat("a", 121)}, {Name: "\xff\x00"}},
		"phone": {
			with(func(d *patients.Details) { d.Phone = "418" }), with(func(d *patients.Details) { d.Phone = "hello" }),
			with(func(d *patients.Details) { d.Phone = "900418" }), with(func(d *patients.Details) { d.Phone = "+44 7700 900418 900418" }),
			with(func(d *patients.Details) { d.Phone = strings.Repeat("0", 10_000) }),
		},
		"email": {
			with(func(d *patients.Details) { d.Email = "adele" }), with(func(d *patients.Details) { d.Email = "a b@example.com" }),
			with(func(d *patients.Details) { d.Email = "Adele <adele@example.com>" }),
		},
		"birth_date": {
			with(func(d *patients.Details) { d.BirthDate = date(2026, time.June, 3) }), with(func(d *patients.Details) { d.BirthDate = date(85, time.April, 3) }),
		},
		"address": {with(func(d *patients.Details) { d.Address = strings.Repeat("a", 501) })},
		"notes":   {with(func(d *patients.Details) { d.Notes = strings.Repeat("a", 4001) })},
	} {
		for _, details := range bad {
			err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := d.Create(ctx, tx, details); return err })
			f := fault.As(err)
			if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != want {
				t.Errorf("%.60s: got %v %+v, want a fault of %s only", fmt.Sprint(details), err, f, want)
			}
		}
	}
	for _, good := range []patients.Details{
		{Name: strings.Repeat("é", 120)}, {Name: "李小龙"}, {Name: "A", BirthDate: date(2026, time.June, 2)}, {Name: "A", Phone: "+1 (415) 555-0132"},
	} {
		create(t, db, a, d, good)
	}
}

func TestUnknownAndForeignPatientsAreNotFound(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	d := patients.New(vault(t))
	p := create(t, db, a, d, adele)

	for _, id := range []uuid.UUID{p.ID, tenancy.NewID()} {
		for verb, do := range map[string]func(tx *tenancy.Tx) error{
			"Get":    func(tx *tenancy.Tx) error { _, err := d.Get(ctx, tx, id); return err },
			"Update": func(tx *tenancy.Tx) error { _, err := d.Update(ctx, tx, id, adele); return err },
		} {
			if err := db.WithClinic(ctx, b, do); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s from another clinic: %v, want not found", verb, err)
			}
		}
	}
	for _, q := range []string{"adele", "07700900418", "418", "Adele.Grant@example.com", "3/4/1985"} {
		if found := search(t, db, b, d, q); len(found) != 0 {
			t.Errorf("another clinic finds %d by %q", len(found), q)
		}
		if found := search(t, db, a, d, q); len(found) != 1 {
			t.Errorf("its own clinic finds %d by %q", len(found), q)
		}
	}
	byPhone := in(t, db, b, func(tx *tenancy.Tx) ([]patients.Patient, error) { return d.ByPhone(ctx, tx, adele.Phone) })
	many := in(t, db, b, func(tx *tenancy.Tx) (map[uuid.UUID]patients.Patient, error) {
		return d.Many(ctx, tx, []uuid.UUID{p.ID})
	})
	other := in(t, db, b, func(tx *tenancy.Tx) (patients.Patient, error) {
		p, _, err := d.FindOrCreate(ctx, tx, adele.Name, adele.Phone)
		return p, err
	})
	if len(byPhone) != 0 || len(many) != 0 || other.ID == p.ID {
		t.Errorf("another clinic sees %v, %v, %v", byPhone, many, other.ID)
	}
}

func TestNothingPersonalIsStoredInPlain(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	p := create(t, db, a, d, adele)
	in(t, db, a, func(tx *tenancy.Tx) (patients.Patient, error) { return d.Update(ctx, tx, p.ID, adele) })
	search(t, db, a, d, "adele 418")

	for _, table := range []string{"patients", "patient_tokens", "audit_events"} {
		dump := dumpOf(t, db, table)
		if len(dump) == 0 {
			t.Fatalf("%s: the dump is empty", table)
		}
		lower := bytes.ToLower(dump)
		for _, secret := range []string{"Adèle", "adele", "O’Brien", "brien", "grant", "7700900418", "900418", "example.com", "Harbour", "Whitby", "mornings", "1985-04-03"} {
			if bytes.Contains(lower, []byte(strings.ToLower(secret))) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}
}

// dumpOf is every column of every row as the superuser reads it: bytes as they are, all else as JSON.
func dumpOf(t *testing.T, db *tenancytest.Database, table string) []byte {
	t.Helper()
	rows, err := db.Owner(t).Query(ctx, "select * from "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var dump []byte
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			switch v := v.(type) {
			case []byte:
				dump = append(dump, v...)
			case [16]byte, time.Time: // random digits, and dates of today, are nobody's phone or birth date
			default:
				b, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				dump = append(dump, b...)
			}
			dump = append(dump, '\n')
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return dump
}

func TestACopiedRowDoesNotDecrypt(t *testing.T) {
	t.Parallel()
	for what, sql := range map[string]string{
		"one field to another patient": `update patients set notes = (select notes from patients where id = $1) where id = $2`,
		"all fields and the key to another patient": `update patients t set (wrapped_key, name, phone, email, birth_date, address, notes) =
			(select wrapped_key, name, phone, email, birth_date, address, notes from patients s where s.id = $1) where id = $2`,
		"one field to another column": `update patients set notes = address where id = $2 and $1::uuid is not null`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			db := tenancytest.New(t)
			a := db.Clinic(t, "A", "Europe/London")
			d := patients.New(vault(t))
			victim, thief := create(t, db, a, d, adele), create(t, db, a, d, patients.Details{Name: "Thief", Address: "Here"})
			exec(t, db, sql, victim.ID, thief.ID)
			mustNotOpen(t, db, a, d, thief.ID)
			get(t, db, a, d, victim.ID)
		})
	}
	t.Run("to another clinic", func(t *testing.T) {
		t.Parallel()
		db := tenancytest.New(t)
		a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
		d := patients.New(vault(t))
		p := create(t, db, a, d, adele)
		exec(t, db, `insert into patients select $2, id, wrapped_key, name, phone, email, birth_date, address, notes from patients where id = $1`, p.ID, b.Clinic)
		mustNotOpen(t, db, b, d, p.ID)
	})
}

func exec(t *testing.T, db *tenancytest.Database, sql string, args ...any) {
	t.Helper()
	tag, err := db.Owner(t).Exec(ctx, sql, args...)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%s: %v, %v", sql, tag, err)
	}
}

func mustNotOpen(t *testing.T, db *tenancytest.Database, s tenancy.Scope, d *patients.Directory, id uuid.UUID) {
	t.Helper()
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { _, err := d.Get(ctx, tx, id); return err })
	if err == nil || fault.As(err) != nil {
		t.Errorf("Get of the copy: %v, want an internal error", err)
	}
	err = db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { _, err := d.Many(ctx, tx, []uuid.UUID{id}); return err })
	if err == nil {
		t.Error("Many opens the copy")
	}
}

func TestAnErasedPatientIsShownAsErased(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	p := create(t, db, a, d, adele)
	exec(t, db, `update patients set wrapped_key = null where id = $1`, p.ID)

	got := get(t, db, a, d, p.ID)
	many := in(t, db, a, func(tx *tenancy.Tx) (map[uuid.UUID]patients.Patient, error) {
		return d.Many(ctx, tx, []uuid.UUID{p.ID})
	})
	for _, got := range []patients.Patient{got, many[p.ID]} {
		if !got.Erased || !reflect.DeepEqual(got.Details, patients.Details{Name: patients.ErasedName}) {
			t.Errorf("got %+v", got)
		}
	}
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := d.Update(ctx, tx, p.ID, adele); return err })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("Update: %v, want a conflict", err)
	}
}

func TestEveryViewAndChangeIsRecorded(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	d := patients.New(vault(t))
	p := create(t, db, a, d, adele)
	steps := []struct {
		action        string
		before, after bool
		do            func(tx *tenancy.Tx) error
	}{
		{"patient.created", false, true, func(tx *tenancy.Tx) error { return nil }},
		{"patient.updated", true, true, func(tx *tenancy.Tx) error { _, err := d.Update(ctx, tx, p.ID, adele); return err }},
		{"patient.viewed", false, false, func(tx *tenancy.Tx) error { _, err := d.Get(ctx, tx, p.ID); return err }},
		{"patient.viewed", false, false, func(tx *tenancy.Tx) error { _, _, err := d.FindOrCreate(ctx, tx, adele.Name, adele.Phone); return err }},
		{"patient.searched", false, false, func(tx *tenancy.Tx) error { _, err := d.ByPhone(ctx, tx, adele.Phone); return err }},
		{"patient.searched", false, false, func(tx *tenancy.Tx) error { _, _, err := d.Search(ctx, tx, "adele", 5); return err }},
	}
	owner := db.Owner(t)
	for i, s := range steps {
		if err := db.WithClinic(ctx, a, s.do); err != nil {
			t.Fatal(err)
		}
		var n int
		var action string
		var whose []uuid.UUID
		var before, after bool
		err := owner.QueryRow(ctx, `select count(*) over (), action, patients, before is not null, after is not null from audit_events order by at desc, id desc limit 1`).
			Scan(&n, &action, &whose, &before, &after)
		if err != nil {
			t.Fatal(err)
		}
		if n != i+1 || action != s.action || len(whose) != 1 || whose[0] != p.ID || before != s.before || after != s.after {
			t.Errorf("step %d: %d events, the last %s of %v with before %t and after %t; want %+v", i, n, action, whose, before, after, s)
		}
	}
}
