package handlers

import (
	"context"
	"time"
)

// kept is what the store holds of a session.
type kept struct {
	deadline time.Time
	values   map[string]any
}

func (s *site) read(b *browser) (k kept) {
	s.t.Helper()
	var data []byte
	err := s.db.Owner(s.t).QueryRow(context.Background(), `select data from sessions where token = $1`, storeKey(b.cookies["anteroom"])).Scan(&data)
	if err != nil {
		s.t.Fatal(err)
	}
	if k.deadline, k.values, err = (sessionCodec{}).Decode(data); err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *site) deadline(b *browser) time.Time { s.t.Helper(); return s.read(b).deadline }

// rewrite changes what the store holds, as time would.
func (s *site) rewrite(b *browser, change func(*kept)) {
	s.t.Helper()
	k := s.read(b)
	change(&k)
	data, err := sessionCodec{}.Encode(k.deadline, k.values)
	if err != nil {
		s.t.Fatal(err)
	}
	s.exec(`update sessions set data = $2 where token = $1`, storeKey(b.cookies["anteroom"]), data)
}
