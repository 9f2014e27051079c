package calls_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

var ctx = context.Background()

// simpleRules find what the tests below say, so that they are about what is kept and not about how well it is found.
func simpleRules(patterns map[privacy.Kind]string) func(privacy.RedactInput) []privacy.Span {
	var order []privacy.Kind
	var parts []string
	for kind, p := range patterns {
		order, parts = append(order, kind), append(parts, "("+p+")")
	}
	re := regexp.MustCompile(strings.Join(parts, "|"))
	return func(in privacy.RedactInput) (spans []privacy.Span) {
		for _, m := range re.FindAllStringSubmatchIndex(in.Text, -1) {
			for g, kind := range order {
				if m[2*g+2] >= 0 {
					spans = append(spans, privacy.Span{Start: m[2*g+2], End: m[2*g+3], Kind: kind, Score: 0.9})
				}
			}
		}
		return spans
	}
}

var usualRules = map[privacy.Kind]string{
	privacy.Person: `Ada Lovelace|Dr Okafor|Ada's`, privacy.Phone: `07700 900\d{3}`, privacy.Email: `ada at example dot org`, privacy.DateOfBirth: `tenth of December eighteen fifteen`,
	privacy.Condition: `asthma`, privacy.NationalID: `nine four three four seven six five nine one nine`,
}

// archive is the records of a clinic under the usual rules.
func (c *clinic) archive() *calls.Records {
	return calls.NewRecords(c.vault, patients.New(c.vault)).WithRules("test-1", simpleRules(usualRules))
}

// as runs fn as a person in a role and expects it to go well; the person is the same every time.
func (c *clinic) as(role string, fn func(tx *tenancy.Tx) error) {
	c.t.Helper()
	if err := c.try(role, fn); err != nil {
		c.t.Fatalf("as %s: %v", role, err)
	}
}

func (c *clinic) try(role string, fn func(tx *tenancy.Tx) error) error {
	s := c.admin
	s.Actor.Role = role
	s.Actor.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(role))
	return c.WithClinic(ctx, s, fn)
}

// refused expects a fault of this kind.
func (c *clinic) refused(kind fault.Kind, role string, fn func(tx *tenancy.Tx) error) {
	c.t.Helper()
	if err := c.try(role, fn); !fault.Is(err, kind) {
		c.t.Errorf("as %s: %v, want %s", role, err, kind)
	}
}

var system = tenancy.Actor{Kind: tenancy.System, Role: "system"}

// work digests every message that a job was enqueued for.
func (c *clinic) work(r *calls.Records) {
	c.t.Helper()
	for _, id := range c.jobs() {
		c.digest(r, id)
	}
}

func (c *clinic) digest(r *calls.Records, message uuid.UUID) {
	c.t.Helper()
	if err := c.WithClinic(ctx, tenancy.Scope{Clinic: c.admin.Clinic, Actor: system}, func(tx *tenancy.Tx) error { return r.Digest(ctx, tx, message) }); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) jobs() (ids []uuid.UUID) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, `select args from river.river_job where kind = 'digest_message' order by id`)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (uuid.UUID, error) {
			var raw []byte
			if err := row.Scan(&raw); err != nil {
				return uuid.Nil, err
			}
			var job map[string]string
			if err := json.Unmarshal(raw, &job); err != nil || len(job) != 2 {
				c.t.Errorf("a job holds more than ids: %s", raw)
			}
			return uuid.Parse(job["message"])
		})
		return err
	})
	return ids
}

// said is a turn of a report: who, and what.
type said [2]string

// talk is a whole talk with something of every kind in it.
var talk = []said{
	{"bot", "Hello, you have reached the clinic with Dr Okafor."},
	{"user", "Hi, this is Ada Lovelace, born tenth of December eighteen fifteen."},
	{"bot", "Thank you Ada Lovelace. What is it about?"},
	{"user", "My asthma, and my number is 07700 900555, or ada at example dot org."},
	{"user", "My NHS number is nine four three four seven six five nine one nine."},
}

func (k *call) report(turns []said, more string) string {
	k.c.t.Helper()
	type message map[string]any
	messages := []message{{"role": "system", "message": "You answer for the clinic.", "secondsFromStart": 0}}
	for i, t := range turns {
		messages = append(messages, message{"role": t[0], "message": t[1], "time": 1763784228993.5 + float64(i)*4000, "endTime": 1763784229993.5 + float64(i)*4000,
			"secondsFromStart": 1.25 + float64(i)*4, "duration": 1000.0009765625, "source": ""})
	}
	messages = append(messages,
		message{"role": "tool_calls", "message": "", "secondsFromStart": 9.5, "toolCalls": []any{map[string]any{"id": "call_1", "type": "function",
			"function": map[string]any{"name": "book_appointment", "arguments": `{"name":"Ada Lovelace","date_of_birth":"1815-12-10"}`}}}},
		message{"role": "tool_call_result", "name": "book_appointment", "result": "Booked: for nobody in particular", "toolCallId": "call_1", "secondsFromStart": 9.75})
	body, err := json.Marshal(messages)
	if err != nil {
		k.c.t.Fatal(err)
	}
	return fmt.Sprintf(`{"message":{"type":"end-of-call-report","timestamp":1763784301925,"endedReason":"customer-ended-call","startedAt":"2026-11-19T08:58:00.500Z","endedAt":"2026-11-19T08:59:30Z",
"cost":0.0394,"call":%s,"artifact":{"messages":%s,"recordingUrl":"https://storage.example/secret-recording.wav"}%s}}`, k.about(), body, more)
}

const metrics = `,"performanceMetrics":{"turnLatencies":[{"modelLatency":1221.4,"voiceLatency":0,"turnLatency":3553,"endpointingLatency":454},{"turnLatency":900}],
"modelLatencyAverage":1221.4,"turnLatencyAverage":"2226.5","numUserInterrupted":2},"analysis":{"summary":"Ada Lovelace asked about her asthma."}`

// only is the one call there is, read by an admin.
func (c *clinic) only(r *calls.Records) (rec calls.Record) {
	c.t.Helper()
	c.as("admin", func(tx *tenancy.Tx) error {
		var id uuid.UUID
		if err := tx.QueryRow(ctx, `select id from calls where clinic_id = $1`, tx.Clinic()).Scan(&id); err != nil {
			return err
		}
		var err error
		rec, err = r.Get(ctx, tx, id)
		return err
	})
	return rec
}

// span is the first that hides a value of this kind.
func spanOf(t testing.TB, rec calls.Record, kind privacy.Kind) calls.Span {
	t.Helper()
	for _, turn := range rec.Turns {
		for _, s := range turn.Spans {
			if s.Kind == string(kind) {
				return s
			}
		}
	}
	t.Fatalf("no %s in %+v", kind, rec.Turns)
	return calls.Span{}
}

func (c *clinic) reveal(r *calls.Records, role string, span uuid.UUID) (got calls.Revealed, err error) {
	err = c.try(role, func(tx *tenancy.Tx) (err error) {
		got, err = r.Reveal(ctx, tx, span, calls.Reason{Code: calls.ForTreatment, Words: "the caller rang back"})
		return err
	})
	return got, err
}

func (c *clinic) addPatient(d patients.Details) (id uuid.UUID) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		p, err := patients.New(c.vault).Create(ctx, tx, d)
		id = p.ID
		return err
	})
	return id
}

func ptr[T any](v T) *T { return &v }
