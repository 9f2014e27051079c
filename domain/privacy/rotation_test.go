package privacy

import (
	"bytes"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestRotation(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	a := db.Clinic(t, "A", "Europe/London")
	oldMaster := masterKey(t)
	old := keysOf(t, db.DB, vaultWith(t, oldMaster), a)
	f := Field{"x", "y", tenancy.NewID()}
	before, err := old.Seal(f, []byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	v := vaultWith(t, withNewPrimary(t, oldMaster))
	addClinicKey(t, db, v, a)
	rotated := keysOf(t, db.DB, v, a)
	if plain, err := rotated.Open(f, before); err != nil || string(plain) != "before" {
		t.Errorf("sealed before the rotation: %q, %v", plain, err)
	}
	after, err := rotated.Seal(f, []byte("after"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Open(f, after); err == nil {
		t.Error("the old key still seals")
	}
}

// withNewPrimary is the keyset with one more key, the new primary.
func withNewPrimary(t *testing.T, master []byte) []byte {
	t.Helper()
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(master)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(rotate(t, handle), keyset.NewJSONWriter(&out)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func rotate(t *testing.T, handle *keyset.Handle) *keyset.Handle {
	t.Helper()
	m := keyset.NewManagerFromHandle(handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		t.Fatal(err)
	}
	handle, err = m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

// addClinicKey retires nothing: it puts a new primary into the row's keyset, wrapped by the newest master key.
func addClinicKey(t *testing.T, db *tenancytest.Database, v *Vault, s tenancy.Scope) {
	t.Helper()
	err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, selectKeys, tenancy.Args{"clinic": s.Clinic})
		if err != nil {
			return err
		}
		keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
		if err != nil {
			return err
		}
		for _, r := range keys {
			if r.Purpose != purposeData {
				continue
			}
			handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(r.Wrapped)), v.master, keyPlace(s.Clinic, r.ID))
			if err != nil {
				return err
			}
			wrapped, err := wrapDataKey(v.master, s.Clinic, r.ID, rotate(t, handle))
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update clinic_keys set wrapped = $1 where id = $2`, wrapped, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
