package handlers

import (
	"encoding/json"
	"fmt"
	"time"
)

// sessionCodec writes a session as JSON: its values are texts. scs's own codec, gob, takes twenty times as long to read one, at every request.
type sessionCodec struct{}

type storedSession struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	s := storedSession{Deadline: deadline, Values: make(map[string]string, len(values))}
	for key, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("a session holds texts, and its %s is a %T", key, v)
		}
		s.Values[key] = text
	}
	return json.Marshal(s)
}

// Decode reads what Encode wrote. What it cannot read, as an older version wrote it, is a session of nobody that has ended.
func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var s storedSession
	if err := json.Unmarshal(b, &s); err != nil {
		return time.Time{}, map[string]any{}, nil
	}
	values := make(map[string]any, len(s.Values))
	for key, text := range s.Values {
		values[key] = text
	}
	return s.Deadline, values, nil
}
