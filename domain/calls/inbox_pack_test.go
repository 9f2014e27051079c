package calls

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"
)

// TestAMessageIsPackedAsIfItWereTheFirst: packers are used again, and a message of one clinic must leave nothing in another's.
func TestAMessageIsPackedAsIfItWereTheFirst(t *testing.T) {
	words := strings.Repeat(`{"role":"user","message":"My name is Imogen Archer, born on the third of May"}`, 40)
	bodies := [][]byte{[]byte(words), []byte(words[:300]), nil, []byte(words)}
	for i, body := range bodies {
		got, err := pack(body)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		w, err := flate.NewWriter(&want, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("body %d packs into %d bytes, %d by a new packer: not the same", i, len(got), want.Len())
		}
		if plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(got))); err != nil || !bytes.Equal(plain, body) {
			t.Errorf("body %d is %d bytes once unpacked, want %d; %v", i, len(plain), len(body), err)
		}
	}
}
