package privacy

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

var ctx = context.Background()

func masterKey(t testing.TB) []byte {
	t.Helper()
	key, err := NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func vaultWith(t testing.TB, key []byte) *Vault {
	t.Helper()
	v, err := NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func keysOf(t testing.TB, db *tenancy.DB, v *Vault, s tenancy.Scope) *ClinicKeys {
	t.Helper()
	var keys *ClinicKeys
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) { keys, err = v.Clinic(ctx, tx); return err })
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// pureKeys are keys without a database.
func pureKeys(t testing.TB, clinic uuid.UUID) *ClinicKeys {
	t.Helper()
	m := vaultWith(t, masterKey(t)).master
	data, index := tenancy.NewID(), tenancy.NewID()
	wrappedData, err := newDataKey(m, clinic, data)
	if err != nil {
		t.Fatal(err)
	}
	wrappedIndex, err := newIndexKey(m, clinic, index)
	if err != nil {
		t.Fatal(err)
	}
	k, err := unwrapClinic(m, clinic, []keyRow{{data, purposeData, wrappedData, true, true}, {index, purposeIndex, wrappedIndex, true, true}})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAValueOpensInItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	k := pureKeys(t, tenancy.NewID())
	patient := tenancy.NewID()
	wrapped, own, err := k.NewPatientKey(patient)
	if err != nil {
		t.Fatal(err)
	}
	again, err := k.Patient(patient, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := k.NewPatientKey(patient)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := *k
	elsewhere.clinic = tenancy.NewID() // the same keys, so that only the place can refuse
	patientElsewhere := *own
	patientElsewhere.clinic = elsewhere.clinic

	type sealer interface {
		Seal(Field, []byte) ([]byte, error)
		Open(Field, []byte) ([]byte, error)
	}
	f := Field{"patients", "name", patient}
	for name, c := range map[string]struct{ seal, open, foreign sealer }{
		"clinic":  {k, k, &elsewhere},
		"patient": {own, again, &patientElsewhere},
	} {
		sealed, err := c.seal.Seal(f, []byte("Adele Grant"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(sealed, []byte("Adele")) {
			t.Errorf("%s: the sealed value holds the name", name)
		}
		if plain, err := c.open.Open(f, sealed); err != nil || string(plain) != "Adele Grant" {
			t.Fatalf("%s: %q, %v", name, plain, err)
		}
		for what, bad := range map[string]Field{
			"row": {"patients", "name", tenancy.NewID()}, "column": {"patients", "notes", patient}, "table": {"turns", "name", patient},
		} {
			if _, err := c.open.Open(bad, sealed); err == nil {
				t.Errorf("%s: opens in another %s", name, what)
			}
		}
		if _, err := c.foreign.Open(f, sealed); err == nil {
			t.Errorf("%s: opens in another clinic", name)
		}
		for i := range sealed {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1
			if _, err := c.open.Open(f, bad); err == nil {
				t.Errorf("%s: opens with byte %d changed", name, i)
			}
		}
		for _, bad := range [][]byte{nil, {}, {rawKey}, sealed[:10]} {
			if _, err := c.open.Open(f, bad); err == nil {
				t.Errorf("%s: opens from %d bytes", name, len(bad))
			}
		}
		if _, err := other.Open(f, sealed); err == nil {
			t.Errorf("%s: another patient's key opens it", name)
		}
	}
	if _, err := k.Patient(tenancy.NewID(), wrapped); err == nil {
		t.Error("a patient's key opens as another patient's")
	}
	if _, err := elsewhere.Patient(patient, wrapped); err == nil {
		t.Error("a patient's key opens in another clinic")
	}
}

func TestTokensDependOnValueKindAndClinic(t *testing.T) {
	t.Parallel()
	a, b := pureKeys(t, tenancy.NewID()), pureKeys(t, tenancy.NewID())
	token := a.Token("phone", "+447700900418")
	if len(token) != 16 || !bytes.Equal(token, a.Token("phone", "+447700900418")) {
		t.Fatalf("token %x is not 16 bytes that repeat", token)
	}
	for what, other := range map[string][]byte{
		"another value": a.Token("phone", "+447700900419"), "another kind": a.Token("phone-end", "+447700900418"),
		"another clinic": b.Token("phone", "+447700900418"), "a border moved": a.Token("phone+", "447700900418"),
	} {
		if bytes.Equal(token, other) {
			t.Errorf("%s has the same token", what)
		}
	}
}

func TestBadMasterKeysAreToldNotPanicked(t *testing.T) {
	t.Parallel()
	good := string(masterKey(t))
	for _, bad := range []string{"", "{}", "x", strings.Repeat("k", 31), strings.Repeat("k", 64), `{"primaryKeyId":1,"key":[]}`, good[:len(good)/2], strings.Replace(good, "AesGcmKey", "HmacKey", 1)} {
		v, err := NewVault([]byte(bad))
		if err == nil || v != nil {
			t.Errorf("%q is taken as a master key", bad)
			continue
		}
		if !strings.Contains(err.Error(), "master key") || len(bad) > 4 && strings.Contains(err.Error(), bad) {
			t.Errorf("the error says %q", err)
		}
	}
}

func TestTheWrongMasterKeyIsToldAndMakesNoNewKeys(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	keysOf(t, db.DB, vaultWith(t, masterKey(t)), a)

	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error { _, err := vaultWith(t, masterKey(t)).Clinic(ctx, tx); return err })
	if !errors.Is(err, ErrMasterKey) {
		t.Errorf("got %v, want ErrMasterKey", err)
	}
	if n := count(t, db, a); n != 2 {
		t.Errorf("%d key rows, want 2", n)
	}
}

func TestKeysCopiedToAnotherClinicDoNotOpen(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	key := masterKey(t)
	keysOf(t, db.DB, vaultWith(t, key), a)
	if _, err := db.Owner(t).Exec(ctx, `insert into clinic_keys select $2, id, purpose, wrapped from clinic_keys where clinic_id = $1`, a.Clinic, b.Clinic); err != nil {
		t.Fatal(err)
	}
	err := db.WithClinic(ctx, b, func(tx *tenancy.Tx) error { _, err := vaultWith(t, key).Clinic(ctx, tx); return err })
	if !errors.Is(err, ErrMasterKey) {
		t.Errorf("got %v, want ErrMasterKey", err)
	}
}

func TestFirstUseByManyMakesOneSetOfKeys(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	key := masterKey(t)
	f := Field{"x", "y", tenancy.NewID()}

	const n = 8
	var start, done sync.WaitGroup
	start.Add(n)
	sealed, errs := make([][]byte, n), make([]error, n)
	for i := range n {
		done.Go(func() {
			v := vaultWith(t, key) // one vault each, as separate processes have
			errs[i] = db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
				if _, err := tx.Now(ctx); err != nil {
					return err
				}
				start.Done()
				start.Wait() // every transaction is open before the first looks for keys
				k, err := v.Clinic(ctx, tx)
				if err == nil {
					sealed[i], err = k.Seal(f, []byte("hello"))
				}
				return err
			})
		})
	}
	done.Wait()
	if rows := count(t, db, a); rows != 2 {
		t.Errorf("%d key rows, want one for data and one for the index", rows)
	}
	k := keysOf(t, db.DB, vaultWith(t, key), a)
	for i := range n {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if plain, err := k.Open(f, sealed[i]); err != nil || string(plain) != "hello" {
			t.Errorf("what transaction %d sealed: %q, %v", i, plain, err)
		}
	}
}

func TestKeysOfAnUndoneTransactionAreForgotten(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	v := vaultWith(t, masterKey(t))
	undone := errors.New("undone")
	err := db.WithClinic(ctx, a, func(tx *tenancy.Tx) error {
		for range 2 { // the second look sees the first one's rows
			if _, err := v.Clinic(ctx, tx); err != nil {
				return err
			}
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if _, ok := v.Cached(a.Clinic); ok {
		t.Error("keys that no database holds are remembered")
	}
}

func TestRememberedKeysCostNoStatementAndGrowOld(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a, b := db.Clinic(t, "A", "Europe/London"), db.Clinic(t, "B", "Europe/London")
	v := vaultWith(t, masterKey(t))
	now := time.Now()
	v.clock = func() time.Time { return now }
	keysOf(t, db.DB, v, a)
	first := keysOf(t, db.DB, v, a) // the keys are committed now, so this look is remembered

	err := db.Once(ctx, a, func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(ctx, `select 1`); err != nil {
			return err
		}
		k, err := v.Clinic(ctx, tx) // a further statement would fail here
		if err == nil && k != first {
			t.Error("other keys than the remembered ones")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := v.Cached(a.Clinic); !ok || k != first {
		t.Error("the keys are not remembered")
	}
	if _, ok := v.Cached(b.Clinic); ok {
		t.Error("another clinic's keys are remembered without a look")
	}
	now = now.Add(cacheLife)
	if _, ok := v.Cached(a.Clinic); ok {
		t.Error("the keys are remembered for ever")
	}
	if k := keysOf(t, db.DB, v, a); k != first {
		t.Error("unchanged rows were unwrapped again")
	}
}

func count(t *testing.T, db *tenancytest.Database, s tenancy.Scope) (n int) {
	t.Helper()
	if err := db.Owner(t).QueryRow(ctx, `select count(*) from clinic_keys where clinic_id = $1`, s.Clinic).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestThirtyTwoBytesAreAMasterKey(t *testing.T) {
	t.Parallel()
	if _, err := NewVault(bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Error(err)
	}
	if _, err := NewVault(bytes.Repeat([]byte{7}, 33)); err == nil {
		t.Error("33 bytes that are no keyset were taken")
	}
}
