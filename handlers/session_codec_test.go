package handlers

import (
	"bytes"
	"encoding/gob"
	"maps"
	"testing"
	"time"
)

func TestSessionCodec(t *testing.T) {
	end := time.Date(2025, 3, 10, 9, 30, 0, 123_456_789, time.UTC)
	values := map[string]any{keyPerson: "4891f23b-1441-5d7d-9e68-11d5f9c6016b", keyFlash: "ok\nSaved\n“Zoë” <b>\n\n"}
	b, err := sessionCodec{}.Encode(end, values)
	must(t, err)
	deadline, read, err := sessionCodec{}.Decode(b)
	must(t, err)
	if !deadline.Equal(end) || !maps.Equal(read, values) {
		t.Errorf("%v and %v came back as %v and %v", end, values, deadline, read)
	}

	if _, err := (sessionCodec{}).Encode(end, map[string]any{keySeen: int64(1)}); err == nil {
		t.Error("a number was written, which would be read as nothing")
	}

	var old bytes.Buffer // as scs's own codec writes one
	must(t, gob.NewEncoder(&old).Encode(struct {
		Deadline time.Time
		Values   map[string]any
	}{end, values}))
	for _, bad := range [][]byte{nil, []byte("{"), []byte(`{"values":{"person":1}}`), old.Bytes()} {
		deadline, read, err := sessionCodec{}.Decode(bad)
		if err != nil || !deadline.IsZero() || len(read) != 0 {
			t.Errorf("%q is %v, %v, %v: it must be nobody's session", bad, deadline, read, err)
		}
	}
}
