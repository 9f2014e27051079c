package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	purposeData  = "data"
	purposeIndex = "index"

	keySize   = 32 // AES-256, and a full-strength HMAC-SHA-256 key
	tokenSize = 16

	// rawKey leads every key and every value that is not in a Tink keyset: version 1 is one 32-byte key, values are AES-256-GCM with a random nonce.
	rawKey = 1
)

// errSealed is the one answer for a value that does not open. Which part was wrong is not told, and nothing of the value either.
var errSealed = errors.New("this value was not sealed with this key for this place")

// Field is the place of a sealed value: a value that is moved to another row, column, table or clinic does not open there.
type Field struct {
	Table, Column string
	Row           uuid.UUID
}

func (f Field) place(clinic uuid.UUID) []byte {
	b := make([]byte, 0, 2*36+3+len(f.Table)+len(f.Column))
	b = append(b, clinic.String()...)
	b = append(append(b, '|'), f.Table...)
	b = append(append(b, '|'), f.Column...)
	return append(append(b, '|'), f.Row.String()...)
}

// ClinicKeys are one clinic's opened keys. They are safe for use by many goroutines.
type ClinicKeys struct {
	clinic uuid.UUID
	data   []tink.AEAD // the current one first, then the retired ones, which only open
	index  []byte
}

// newDataKey makes a keyset wrapped by the master key; as a keyset it can take a further key without a new row.
func newDataKey(m Master, clinic, id uuid.UUID) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a clinic's key: %w", err)
	}
	return wrapDataKey(m, clinic, id, handle)
}

func wrapDataKey(m Master, clinic, id uuid.UUID, handle *keyset.Handle) ([]byte, error) {
	var out bytes.Buffer
	if err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), m, keyPlace(clinic, id)); err != nil {
		return nil, fmt.Errorf("wrap a clinic's key: %w", err)
	}
	return out.Bytes(), nil
}

func newIndexKey(m Master, clinic, id uuid.UUID) ([]byte, error) {
	wrapped, err := m.Encrypt(newRawKey(), keyPlace(clinic, id))
	if err != nil {
		return nil, fmt.Errorf("wrap a clinic's index key: %w", err)
	}
	return wrapped, nil
}

func newRawKey() []byte {
	key := make([]byte, 1+keySize)
	key[0] = rawKey
	_, _ = rand.Read(key[1:]) // never fails: crypto/rand ends the program instead
	return key
}

func keyPlace(clinic, id uuid.UUID) []byte {
	return Field{Table: "clinic_keys", Column: "wrapped", Row: id}.place(clinic)
}

// unwrapClinic takes the rows with the current ones first.
func unwrapClinic(m Master, clinic uuid.UUID, rows []keyRow) (*ClinicKeys, error) {
	k := &ClinicKeys{clinic: clinic}
	for _, r := range rows {
		switch {
		case len(r.Wrapped) == 0: // destroyed: nothing is sealed with it any more
		case r.Purpose == purposeData:
			handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(r.Wrapped)), m, keyPlace(clinic, r.ID))
			if err != nil {
				return nil, fmt.Errorf("clinic %s, key %s: %w", clinic, r.ID, ErrMasterKey)
			}
			a, err := aead.New(handle)
			if err != nil {
				return nil, fmt.Errorf("clinic %s, key %s: %w", clinic, r.ID, err)
			}
			k.data = append(k.data, a)
		case r.Current:
			key, err := m.Decrypt(r.Wrapped, keyPlace(clinic, r.ID))
			if err != nil || len(key) != 1+keySize || key[0] != rawKey {
				return nil, fmt.Errorf("clinic %s, key %s: %w", clinic, r.ID, ErrMasterKey)
			}
			k.index = key[1:]
		}
	}
	return k, nil
}

// Seal encrypts under the clinic's key, for what belongs to no single patient.
func (k *ClinicKeys) Seal(f Field, plain []byte) ([]byte, error) {
	sealed, err := k.data[0].Encrypt(plain, f.place(k.clinic))
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", f.Table, f.Column, err)
	}
	return sealed, nil
}

// Open decrypts what Seal made for the same field, with the current key or a retired one.
func (k *ClinicKeys) Open(f Field, sealed []byte) ([]byte, error) {
	place := f.place(k.clinic)
	for _, a := range k.data {
		if plain, err := a.Decrypt(sealed, place); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("open %s.%s of %s: %w", f.Table, f.Column, f.Row, errSealed)
}

// sealedNow says whether the current key has sealed the value.
func (k *ClinicKeys) sealedNow(f Field, sealed []byte) bool {
	_, err := k.data[0].Decrypt(sealed, f.place(k.clinic))
	return err == nil
}

// Token is a blind index: 16 bytes of HMAC-SHA-256 under the clinic's index key. Equal values of one kind have equal tokens within a
// clinic; across kinds and clinics they differ. The kind holds no zero byte.
func (k *ClinicKeys) Token(kind, normalised string) []byte {
	mac := hmac.New(sha256.New, k.index)
	mac.Write(append([]byte(kind), 0))
	mac.Write([]byte(normalised))
	return mac.Sum(make([]byte, 0, sha256.Size))[:tokenSize]
}

// PatientKey is one patient's opened key. It is safe for use by many goroutines.
type PatientKey struct {
	clinic uuid.UUID
	gcm    *subtle.AESGCM
}

// NewPatientKey makes a patient's key, and its wrapped form for patients.wrapped_key. Once every copy of the wrapped form is gone,
// nothing sealed with the key can be read again.
func (k *ClinicKeys) NewPatientKey(patient uuid.UUID) ([]byte, *PatientKey, error) {
	key := newRawKey()
	wrapped, err := k.Seal(patientKeyField(patient), key)
	if err != nil {
		return nil, nil, err
	}
	p, err := k.patientKey(key)
	return wrapped, p, err
}

// Patient opens a patient's wrapped key.
func (k *ClinicKeys) Patient(patient uuid.UUID, wrapped []byte) (*PatientKey, error) {
	key, err := k.Open(patientKeyField(patient), wrapped)
	if err != nil {
		return nil, err
	}
	return k.patientKey(key)
}

func patientKeyField(patient uuid.UUID) Field {
	return Field{Table: "patients", Column: "wrapped_key", Row: patient}
}

func (k *ClinicKeys) patientKey(key []byte) (*PatientKey, error) {
	if len(key) != 1+keySize || key[0] != rawKey {
		return nil, errors.New("this patient's key has an unknown form")
	}
	gcm, err := subtle.NewAESGCM(key[1:])
	if err != nil {
		return nil, fmt.Errorf("use a patient's key: %w", err)
	}
	return &PatientKey{clinic: k.clinic, gcm: gcm}, nil
}

// Seal encrypts under the patient's key: unreadable once that is destroyed.
func (p *PatientKey) Seal(f Field, plain []byte) ([]byte, error) {
	sealed, err := p.gcm.Encrypt(plain, f.place(p.clinic))
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", f.Table, f.Column, err)
	}
	return append([]byte{rawKey}, sealed...), nil
}

// Open decrypts what Seal made for the same field.
func (p *PatientKey) Open(f Field, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != rawKey {
		return nil, fmt.Errorf("open %s.%s of %s: %w", f.Table, f.Column, f.Row, errSealed)
	}
	plain, err := p.gcm.Decrypt(sealed[1:], f.place(p.clinic))
	if err != nil {
		return nil, fmt.Errorf("open %s.%s of %s: %w", f.Table, f.Column, f.Row, errSealed)
	}
	return plain, nil
}
