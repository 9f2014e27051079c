package privacy

import (
	"bytes"
	"strings"
	"testing"
)

func TestSealedBriefly(t *testing.T) {
	t.Parallel()
	key, err := NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	long := []byte(strings.Repeat("Grace Adeyemi, ", 5000))
	sealed, err := mine.SealBriefly("form", long)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("Grace")) {
		t.Error("it is readable")
	}
	if got, err := mine.OpenBriefly("form", sealed); err != nil || !bytes.Equal(got, long) {
		t.Errorf("it does not open: %v", err)
	}
	if _, err := mine.OpenBriefly("session", sealed); err == nil {
		t.Error("it opens as something else")
	}
	for _, at := range []int{0, len(sealed) / 2, len(sealed) - 1} {
		bad := bytes.Clone(sealed)
		bad[at] ^= 1
		if _, err := mine.OpenBriefly("form", bad); err == nil {
			t.Errorf("it opens with byte %d changed", at)
		}
	}
	if _, err := mine.OpenBriefly("form", nil); err == nil {
		t.Error("nothing opens")
	}
	next, err := AddMasterKey(key)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := NewVault(next)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rotated.OpenBriefly("form", sealed); err != nil || !bytes.Equal(got, long) {
		t.Errorf("after a rotation of the master key: %v", err)
	}
}
