package privacy

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
)

// SealBriefly seals what leaves for a browser and comes back within minutes, without the database. Only OpenBriefly of the same purpose opens
// it, so that what was sealed for one thing cannot be handed in as another. It is no place for what is kept: no clinic's key seals it.
func (v *Vault) SealBriefly(purpose string, plaintext []byte) ([]byte, error) {
	sealed, err := v.envelope().Encrypt(plaintext, brief(purpose))
	if err != nil {
		return nil, fmt.Errorf("seal for %s: %w", purpose, err)
	}
	return sealed, nil
}

// OpenBriefly opens what SealBriefly sealed for this purpose; the error of anything else says nothing of it.
func (v *Vault) OpenBriefly(purpose string, sealed []byte) ([]byte, error) {
	plaintext, err := v.envelope().Decrypt(sealed, brief(purpose))
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s: it was changed, or sealed for something else", purpose)
	}
	return plaintext, nil
}

// envelope lets the master key, which may be a service that takes few bytes, wrap a key that seals the rest.
func (v *Vault) envelope() *aead.KMSEnvelopeAEAD {
	return aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), v.masterKnown())
}

func brief(purpose string) []byte { return []byte("anteroom|brief|" + purpose) }
