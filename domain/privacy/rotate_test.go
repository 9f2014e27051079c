package privacy

import (
	"bytes"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// A column of ciphertext that a key change does not know would be unreadable after it.
func TestEverySealedColumnIsKnown(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	rows, err := db.Owner(t).Query(ctx, `select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and a.atttypid = 'bytea'::regtype
  and exists (select from pg_attribute k where k.attrelid = c.oid and k.attname = 'clinic_id') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range sealedColumns {
		known[c.table+"."+c.column] = true
	}
	for _, name := range found {
		if known[name] == hashedColumns[name] {
			t.Errorf("%s: say in sealed.go whether it is ciphertext or a hash", name)
		}
		delete(known, name)
	}
	if len(known) > 0 || len(found) < 20 {
		t.Errorf("of %d columns, these do not exist: %v", len(found), known)
	}
}

// advance plays the job of a rotation to its end.
func advance(t *testing.T, db *tenancytest.Database, v *Vault, s tenancy.Scope, r Rotation) {
	t.Helper()
	for {
		var wait time.Duration
		var done bool
		err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) { wait, done, err = v.Advance(ctx, tx, r.ID); return err })
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return
		}
		<-time.After(wait)
	}
}

func start(t *testing.T, db *tenancytest.Database, v *Vault, s tenancy.Scope) (r Rotation) {
	t.Helper()
	if err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) { r, err = v.StartRotation(ctx, tx); return err }); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAClinicsKeyIsChanged(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	master := masterKey(t)
	one, two := vaultWith(t, master).Remembering(80*time.Millisecond), vaultWith(t, master).Remembering(80*time.Millisecond) // two processes
	id, other := tenancy.NewID(), tenancy.NewID()
	f := Field{"calls", "caller", id}
	sealIn := func(s tenancy.Scope, keys *ClinicKeys, f Field) {
		sealed, err := keys.Seal(f, []byte("+447700900123"))
		if err == nil {
			err = db.WithClinic(ctx, s, func(tx *tenancy.Tx) error {
				_, err := tx.Exec(ctx, `insert into calls (clinic_id, id, vapi_call_id, caller) values ($1, $2, $2::uuid::text, $3)`, tx.Clinic(), f.Row, sealed)
				return err
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	old := keysOf(t, db.DB, one, a)
	sealIn(a, old, f)
	sealIn(b, keysOf(t, db.DB, one, b), Field{"calls", "caller", other})
	r := start(t, db, one, a)
	if again := start(t, db, two, a); again.ID != r.ID {
		t.Error("a second rotation began beside the first")
	}
	advance(t, db, one, a, r)

	read := func(s tenancy.Scope, v *Vault, f Field) ([]byte, *ClinicKeys, error) {
		var sealed, plain []byte
		var keys *ClinicKeys
		err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) {
			if keys, err = v.Clinic(ctx, tx); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `select caller from calls where id = $1`, f.Row).Scan(&sealed); err != nil {
				return err
			}
			plain, err = keys.Open(f, sealed)
			return err
		})
		if err == nil && string(plain) != "+447700900123" {
			t.Errorf("opened %q", plain)
		}
		return sealed, keys, err
	}
	for name, v := range map[string]*Vault{"the one that rotated": one, "another": two, "a new one": vaultWith(t, master)} {
		sealed, keys, err := read(a, v, f)
		if err != nil || !keys.sealedNow(f, sealed) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := old.Open(f, sealed); err == nil {
			t.Errorf("%s: the old key still opens it", name)
		}
	}
	if _, _, err := read(b, two, Field{"calls", "caller", other}); err != nil {
		t.Errorf("the other clinic: %v", err)
	}
	var destroyed, left int
	if err := db.Owner(t).QueryRow(ctx, `select count(*) filter (where wrapped = ''), count(*) filter (where wrapped <> '') from clinic_keys where clinic_id = $1 and purpose = 'data'`,
		a.Clinic).Scan(&destroyed, &left); err != nil || destroyed != 1 || left != 1 {
		t.Errorf("%d keys destroyed, %d left, %v", destroyed, left, err)
	}
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
		list, err := Rotations(ctx, tx)
		if len(list) != 1 || list[0].FinishedAt == nil || list[0].Looked != 1 || list[0].Resealed != 1 {
			t.Errorf("%+v", list)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	desk := a
	desk.Actor.Role = "frontdesk"
	if err := db.WithClinic(ctx, desk, func(tx *tenancy.Tx) error { _, err := one.StartRotation(ctx, tx); return err }); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the front desk changes keys: %v", err)
	}
	if second := start(t, db, two, a); second.ID == r.ID {
		t.Error("the finished rotation is answered again")
	}
}

// While a new key waits, whoever has not read it yet still opens and seals as before, and nobody seals with it.
func TestANewKeyWaitsUntilEverybodyKnowsIt(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	v := vaultWith(t, masterKey(t))
	before := keysOf(t, db.DB, v, a)
	r := start(t, db, v, a)
	var wait time.Duration
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) (err error) { wait, _, err = v.Advance(ctx, tx, r.ID); return err })
	if err != nil || wait < cacheLife || wait > 2*cacheLife {
		t.Errorf("waits %s, %v", wait, err)
	}
	f := Field{"x", "y", tenancy.NewID()}
	meanwhile := keysOf(t, db.DB, vaultWithMaster(v), a)
	sealed, err := meanwhile.Seal(f, []byte("meanwhile"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := before.Open(f, sealed); err != nil || string(plain) != "meanwhile" {
		t.Errorf("a process that has not read the new key: %q %v", plain, err)
	}
	if len(meanwhile.data) != 2 {
		t.Errorf("a process that has read it knows %d keys", len(meanwhile.data))
	}
}

// vaultWithMaster is another process with the same master key.
func vaultWithMaster(v *Vault) *Vault { return newVault(v.master) }

func TestTheMasterKeyIsChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(old []byte) (both, only *Vault, err error){
		"a keyset with both": func(old []byte) (both, only *Vault, err error) {
			two, err := AddMasterKey(old)
			if err != nil {
				return nil, nil, err
			}
			one, gone, err := RetireMasterKeys(two)
			if err != nil || gone != 1 {
				t.Errorf("%d keys are gone, %v", gone, err)
			}
			return vaultWith(t, two), vaultWith(t, one), nil
		},
		"two keys": func(old []byte) (both, only *Vault, err error) {
			fresh := bytes.Repeat([]byte{9}, 32)
			both, err = NewVault(fresh, old)
			return both, vaultWith(t, fresh), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := tenancytest.New(t)
			a := db.Clinic(t, "A", "Europe/London")
			master := masterKey(t)
			f := Field{"x", "y", tenancy.NewID()}
			first := keysOf(t, db.DB, vaultWith(t, master), a)
			sealed, err := first.Seal(f, []byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			both, only, err := change(master)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := only.Clinic(ctx, tx); return err }); err == nil {
				t.Error("the new key alone opens what the old one wrapped")
			}
			for want := range []int{0, 1} {
				var n int
				err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) (err error) { n, err = both.Rewrap(ctx, tx); return err })
				if err != nil || n != 2-2*want {
					t.Errorf("run %d wrapped %d keys, %v", want+1, n, err)
				}
			}
			keys := keysOf(t, db.DB, only, a)
			if plain, err := keys.Open(f, sealed); err != nil || string(plain) != "before" {
				t.Errorf("%q %v", plain, err)
			}
			if !bytes.Equal(keys.Token("phone", "1"), first.Token("phone", "1")) {
				t.Error("nobody is found any more")
			}
			if err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := vaultWith(t, master).Clinic(ctx, tx); return err }); err == nil {
				t.Error("the old key still opens")
			}
		})
	}
}

// A running server takes up a key that was added to its file: when it makes a clinic's keys, and when it cannot open some.
func TestAWatchedMasterKeyNeedsNoRestart(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	file := masterKey(t)
	server := vaultWith(t, file).Remembering(0).Watch(func() ([]byte, error) { return file, nil })
	keysOf(t, db.DB, server, a)
	var err error
	if file, err = AddMasterKey(file); err != nil {
		t.Fatal(err)
	}
	keysOf(t, db.DB, server, b) // made now, so with the new key
	if file, _, err = RetireMasterKeys(file); err != nil {
		t.Fatal(err)
	}
	keysOf(t, db.DB, vaultWith(t, file), b)
	if err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := vaultWith(t, file).Clinic(ctx, tx); return err }); err == nil {
		t.Error("retiring the old key too early was not noticed")
	}
}
