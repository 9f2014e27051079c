package calls

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// DigestMessage is the job that makes a kept message into what is kept of its call.
type DigestMessage struct {
	Clinic  uuid.UUID `json:"clinic"`
	Message uuid.UUID `json:"message"`
}

// Kind names the job.
func (DigestMessage) Kind() string { return "digest_message" }

const (
	conversationUpdate = "conversation-update"
	transcriptPiece    = "transcript"
	otherKind          = "other"
)

// kept are the types by which messages are kept. The name of an unknown one may be anything, so it is not.
var kept = []string{CallReport, StatusUpdate, conversationUpdate, transcriptPiece, "speech-update", "model-output", "user-interrupted", "hang", "transfer-update",
	"language-change-detected", "voice-input", "phone-call-control", "assistant.started"}

// reportPatience is how long an ended call waits for its report; then it is recorded from what was heard of it while it went on.
const reportPatience = 10 * time.Minute

const insertMessage = `insert into call_inbox (clinic_id, id, vapi_call_id, kind, dedup, body, sent_at, received_at)
values (@clinic, @id, @call, @kind, @dedup, @body, @sent, @now) on conflict (clinic_id, dedup) do `

// A report is delivered again with more in it, a conversation grows: the newest holds all of the others.
const replaceMessage = `update set id = excluded.id, body = excluded.body, sent_at = excluded.sent_at, received_at = excluded.received_at, processed_at = null
where call_inbox.sent_at <= excluded.sent_at`

// keep stores a message as ciphertext, and enqueues the job that digests it, in the transaction that answers it: once Vapi has been answered the
// message is not lost. A message that was delivered before changes nothing. Only ends are work of their own; whatever was said before is taken
// together with its call's end.
func (s *Switchboard) keep(ctx context.Context, tx *tenancy.Tx, l line, body []byte) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	m := keptMessage{ID: tenancy.NewID(), Kind: otherKind}
	if slices.Contains(kept, l.Type) {
		m.Kind = l.Type
	}
	if m.Body, err = m.seal(keys, slim(l.Type, body)); err != nil {
		return err
	}
	sent := l.At
	if sent.IsZero() || sent.After(now) {
		sent = now
	}
	otherwise := "nothing"
	if l.Type == CallReport || l.Type == conversationUpdate {
		otherwise = replaceMessage
	}
	made, err := tx.Exec(ctx, insertMessage+otherwise, tenancy.Args{"clinic": tx.Clinic(), "id": m.ID, "call": l.CallID, "kind": m.Kind,
		"dedup": keys.Token("call-message", identity(l, body)), "body": m.Body, "sent": sent, "now": now})
	if err != nil {
		return fmt.Errorf("keep the message: %w", err)
	}
	job := DigestMessage{Clinic: tx.Clinic(), Message: m.ID}
	switch {
	case made == 0 || l.CallID == "":
		return nil
	case l.Type == CallReport:
		return tx.Enqueue(ctx, job, time.Time{})
	case l.Type == StatusUpdate && l.Status == "ended":
		return tx.Enqueue(ctx, job, time.Now().Add(reportPatience))
	}
	return nil
}

// identity says which message this is, whatever else of it changes from one delivery to the next.
func identity(l line, body []byte) string {
	var w struct {
		Role, Turn, Timestamp text
	}
	_ = lenient(body, &w)
	parts := []string{l.CallID, l.Type}
	switch l.Type {
	case CallReport, conversationUpdate:
	case StatusUpdate:
		parts = append(parts, l.Status)
	default:
		parts = append(parts, string(w.Timestamp), string(w.Role), string(w.Turn))
	}
	return strings.Join(parts, "\x00")
}

// keptMessage is a message in the inbox.
type keptMessage struct {
	ID   uuid.UUID
	Kind string
	Body []byte
}

func (m keptMessage) field() privacy.Field {
	return privacy.Field{Table: "call_inbox", Column: "body", Row: m.ID}
}

// seal packs first: what is sealed cannot be packed any more.
func (m keptMessage) seal(keys *privacy.ClinicKeys, body []byte) ([]byte, error) {
	packed, err := pack(body)
	if err != nil {
		return nil, fmt.Errorf("pack a message: %w", err)
	}
	return keys.Seal(m.field(), packed)
}

// A packer is 1.2 MB, and most messages are a few hundred bytes.
var packers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a good one
	return w
}}

// pack carries nothing of an earlier message into the next: Reset forgets it.
func pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

func (m keptMessage) open(keys *privacy.ClinicKeys) ([]byte, error) {
	packed, err := keys.Open(m.field(), m.Body)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("unpack a message: %w", err)
	}
	return body, nil
}

// unneeded is what a message repeats of the platform's own settings, and where the sound is kept: nothing is made of it here.
var unneeded = []string{"assistant", "assistantOverrides", "phoneNumber", "squad", "monitor", "transport", "messagesOpenAIFormatted", "recording", "recordingUrl",
	"stereoRecordingUrl", "videoRecordingUrl", "videoRecordingStartDelaySeconds", "pcapUrl", "logUrl", "nodes", "costs"}

// slim leaves out what is not needed, and whatever carries a secret, at any depth. A body that is no object is kept as {}.
func slim(kind string, body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil {
		return []byte("{}")
	}
	if kind != CallReport { // each repeats the whole call
		delete(m, "artifact")
		delete(m, "call")
	}
	scrub(m)
	out, err := json.Marshal(m)
	if err != nil {
		return []byte("{}")
	}
	return out
}

func scrub(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if slices.Contains(unneeded, name) || secretName(name) {
				delete(v, name)
				continue
			}
			scrub(inner)
		}
	case []any:
		for _, inner := range v {
			scrub(inner)
		}
	}
}

// secretName is true of twilioAuthToken, twilioApiSecret, serverUrlSecret, authorization, apiKey and their like.
func secretName(name string) bool {
	name = key(name)
	for _, word := range []string{"secret", "token", "password", "apikey", "privatekey", "authorization", "credential"} {
		if strings.Contains(name, word) && !strings.HasSuffix(name, "tokens") { // promptTokens are a number
			return true
		}
	}
	return false
}

// Import takes the report of a call that is over into the caller's own transaction, and digests it there at once: the demo's past comes about by the
// same way as the present.
func (s *Switchboard) Import(ctx context.Context, tx *tenancy.Tx, r *Records, m Message) error {
	agents, err := ListAgents(ctx, tx)
	if err != nil {
		return err
	}
	l := line{Message: m, agents: agents, agent: only(agents)}
	if err := s.end(ctx, tx, l); err != nil {
		return err
	}
	if err := s.keep(ctx, tx, l, m.body); err != nil {
		return err
	}
	var id uuid.UUID
	if err := tx.QueryRow(ctx, `select id from call_inbox where clinic_id = $1 and vapi_call_id = $2 and kind = $3`, tx.Clinic(), m.CallID, CallReport).Scan(&id); err != nil {
		return fmt.Errorf("find the imported report: %w", err)
	}
	return r.Digest(ctx, tx, id)
}
