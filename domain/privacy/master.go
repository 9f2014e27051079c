package privacy

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// Master wraps the keys of the clinics: the key of the data folder now; a cloud's key service has the same two methods.
type Master interface {
	Encrypt(plaintext, associatedData []byte) ([]byte, error)
	Decrypt(ciphertext, associatedData []byte) ([]byte, error)
}

// masters are the newest master key, which wraps, and those before it, which only unwrap.
type masters struct {
	newest Master
	older  []Master
}

// Encrypt wraps with the newest.
func (m masters) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	return m.newest.Encrypt(plaintext, associatedData)
}

// Decrypt unwraps with whichever fits.
func (m masters) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	plain, err := m.newest.Decrypt(ciphertext, associatedData)
	for _, old := range m.older {
		if err == nil {
			break
		}
		plain, err = old.Decrypt(ciphertext, associatedData)
	}
	return plain, err
}

var errBadMaster = errors.New("the master key cannot be read: it must be 32 bytes, or a Tink AEAD keyset in JSON")

// parseMaster takes 32 bytes, or a keyset: its primary key is the newest, its others are older. The error never quotes the key.
func parseMaster(key []byte) (masters, error) {
	if len(key) == 32 {
		m, err := subtle.NewAESGCM(key)
		if err != nil {
			return masters{}, errBadMaster
		}
		return masters{newest: m}, nil
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(key)))
	if err != nil {
		return masters{}, errBadMaster // the parser's error may hold a part of the key
	}
	whole, err := aead.New(handle)
	if err != nil {
		return masters{}, errBadMaster
	}
	primary, err := onlyPrimary(handle)
	if err != nil {
		return masters{}, errBadMaster
	}
	newest, err := aead.New(primary)
	if err != nil {
		return masters{}, errBadMaster
	}
	return masters{newest: newest, older: []Master{whole}}, nil
}

func onlyPrimary(handle *keyset.Handle) (*keyset.Handle, error) {
	all := insecurecleartextkeyset.KeysetMaterial(handle)
	one := &tinkpb.Keyset{PrimaryKeyId: all.PrimaryKeyId}
	for _, k := range all.Key {
		if k.KeyId == all.PrimaryKeyId {
			one.Key = append(one.Key, k)
		}
	}
	return insecurecleartextkeyset.Read(&keyset.MemReaderWriter{Keyset: one})
}

// NewMasterKey makes a master key: a Tink keyset in clear JSON with one AES-256-GCM key. It is a secret for the data folder or, as
// base64, for ANTEROOM_MASTER_KEY. Being a keyset, it can hold an older and a newer key at once: see AddMasterKey.
func NewMasterKey() ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a master key: %w", err)
	}
	return clearJSON(handle)
}

func clearJSON(handle *keyset.Handle) ([]byte, error) {
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, fmt.Errorf("write the master key: %w", err)
	}
	return out.Bytes(), nil
}

// AddMasterKey answers the keyset with a new key in it, which wraps from now on; what the others have wrapped still opens.
func AddMasterKey(master []byte) ([]byte, error) {
	m, err := manage(master)
	if err != nil {
		return nil, err
	}
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return nil, fmt.Errorf("add a master key: %w", err)
	}
	handle, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("add a master key: %w", err)
	}
	return clearJSON(handle)
}

// RetireMasterKeys answers the keyset with its newest key only: the last step, once nothing is wrapped by another. It answers how many are gone.
func RetireMasterKeys(master []byte) ([]byte, int, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(master)))
	if err != nil {
		return nil, 0, errNoKeyset
	}
	primary, err := onlyPrimary(handle)
	if err != nil {
		return nil, 0, errNoKeyset
	}
	out, err := clearJSON(primary)
	return out, handle.Len() - 1, err
}

var errNoKeyset = errors.New("this master key is 32 bytes and no keyset: give the new one as ANTEROOM_MASTER_KEY and this one as ANTEROOM_MASTER_KEY_OLD")

func manage(master []byte) (*keyset.Manager, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(master)))
	if err != nil {
		return nil, errNoKeyset
	}
	return keyset.NewManagerFromHandle(handle), nil
}

// NewVault takes a keyset that NewMasterKey made, or 32 random bytes for AES-256-GCM; and, while the master key is being changed, the ones before it.
// The error never quotes them.
func NewVault(master []byte, older ...[]byte) (*Vault, error) {
	m, err := allMasters(master, older)
	if err != nil {
		return nil, err
	}
	return newVault(m), nil
}

func allMasters(master []byte, older [][]byte) (masters, error) {
	m, err := parseMaster(master)
	if err != nil {
		return masters{}, err
	}
	for _, o := range older {
		old, err := parseMaster(o)
		if err != nil {
			return masters{}, err
		}
		m.older = append(append(m.older, old.newest), old.older...)
	}
	return m, nil
}

// Watch makes the vault read the master key again, with read, whenever it is about to make keys or cannot open some: so that a key which is added to
// the data folder needs no restart.
func (v *Vault) Watch(read func() ([]byte, error)) *Vault {
	v.read = read
	return v
}

// Remembering is the vault with another memory than a minute: tests of a key change cannot wait for that.
func (v *Vault) Remembering(d time.Duration) *Vault {
	v.life = d
	return v
}

// masterNow is the master key as it is written now. One that cannot be read leaves the one before.
func (v *Vault) masterNow() masters {
	if v.read != nil {
		if key, err := v.read(); err == nil {
			if m, err := parseMaster(key); err == nil {
				v.mu.Lock()
				v.master = m
				v.mu.Unlock()
			}
		}
	}
	return v.masterKnown()
}

func (v *Vault) masterKnown() masters {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.master
}

// wrappedNow says whether the newest master key has wrapped this row.
func (m masters) wrappedNow(r keyRow, clinic uuid.UUID) bool {
	_, err := unwrapClinic(m.newest, clinic, []keyRow{r})
	return err == nil
}

// rewrap wraps a row with the newest.
func (m masters) rewrap(r keyRow, clinic uuid.UUID) ([]byte, error) {
	place := keyPlace(clinic, r.ID)
	if r.Purpose == purposeIndex {
		plain, err := m.Decrypt(r.Wrapped, place)
		if err != nil {
			return nil, err
		}
		return m.Encrypt(plain, place)
	}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(r.Wrapped)), m, place)
	if err != nil {
		return nil, err
	}
	return wrapDataKey(m, clinic, r.ID, handle)
}
