package calls

import (
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
)

// OpenKept opens a message of the inbox, for the test that looks at what is kept.
func OpenKept(t testing.TB, keys *privacy.ClinicKeys, id uuid.UUID, sealed []byte) string {
	t.Helper()
	body, err := keptMessage{ID: id, Body: sealed}.open(keys)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
