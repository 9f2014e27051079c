package calls

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// ListInput narrows the list of calls. The zero ListInput means all of them.
type ListInput struct {
	Text      string    // beginnings of words that were said and not taken out; all must be there
	From      time.Time // started at or after
	Before    time.Time // started before
	AgentID   uuid.UUID
	PatientID uuid.UUID // not together with Text
	Outcome   string    // one of the outcomes
	HasSpans  *bool     // something was taken out, or nothing
	Review    string    // none, wanted, done
	After     string    // the Next of the page before
	Limit     int       // 50 when it is not positive, at most 200

	Renewed bool        // an open list asks again by itself: only what it has not shown yet is a view
	Shown   []uuid.UUID // what it has shown, and what a view was recorded of
}

// Page is a part of the list, the newest first.
type Page struct {
	Calls    []Call
	Excerpts map[uuid.UUID]Excerpt // of a search: where the words stand
	Next     string                // empty: this was the last
}

// Excerpt is a piece of a redacted turn around the words that were looked for.
type Excerpt struct {
	Seq     int
	Speaker string
	Text    string
}

const (
	somePage  = 50
	mostPage  = 200
	mostTerms = 12
	liveFor   = 3 * time.Hour // a call whose end was never told is not live for ever
)

const pageSQL = ` and (@since::timestamptz is null or c.started_at >= @since)
and (@before::timestamptz is null or (c.started_at, c.id) < (@before, @before_id::uuid))
and (@agent::uuid is null or c.agent_id = @agent) and (@who::uuid is null or c.patient_id = @who) and (@outcome::text is null or c.outcome = @outcome)
and (@spans::boolean is null or (c.spans > 0) = @spans) and (@review::text is null or c.review = @review)
order by c.started_at desc, c.id desc limit @most`

const saidSQL = ` and c.id = any(array(select app.calls_saying(@words, @since, @before, @before_id, @agent, @outcome, @spans, @review, @most)))
order by c.started_at desc, c.id desc`

// List answers a page of calls, and records calls.viewed with whose they are. A list that is renewed is a view of the calls that are new in it alone, and
// none when there are none: an open page would otherwise fill the audit with what nobody did.
func (r *Records) List(ctx context.Context, tx *tenancy.Tx, in ListInput) (Page, error) {
	args, terms, err := in.args()
	if err != nil {
		return Page{}, err
	}
	sql := pageSQL
	if len(terms) > 0 {
		sql = saidSQL
	}
	found, err := r.collectCalls(ctx, tx, sql, args)
	if err != nil {
		return Page{}, err
	}
	p := Page{Calls: found}
	if limit := args["most"].(int) - 1; len(found) > limit {
		p.Calls = found[:limit]
		p.Next = cursor{p.Calls[limit-1].StartedAt, p.Calls[limit-1].ID}.String()
	}
	if len(terms) > 0 {
		if p.Excerpts, err = excerpts(ctx, tx, p.Calls, terms); err != nil {
			return Page{}, err
		}
	}
	if !in.Renewed {
		return p, recordList(ctx, tx, p.Calls)
	}
	fresh := slices.DeleteFunc(slices.Clone(p.Calls), func(c Call) bool { return slices.Contains(in.Shown, c.ID) })
	if len(fresh) == 0 {
		return p, nil
	}
	return p, recordList(ctx, tx, fresh)
}

func recordList(ctx context.Context, tx *tenancy.Tx, list []Call) error {
	var whose []uuid.UUID
	for _, c := range list {
		if c.PatientID != nil && !slices.Contains(whose, *c.PatientID) {
			whose = append(whose, *c.PatientID)
		}
	}
	return audit.Record(ctx, tx, audit.Event{Action: "calls.viewed", SubjectKind: "call", Patients: whose})
}

func (in ListInput) args() (tenancy.Args, []string, error) {
	if in.Limit <= 0 {
		in.Limit = somePage
	}
	args := tenancy.Args{"most": min(in.Limit, mostPage) + 1, "since": orNil(in.From), "before": orNil(in.Before), "before_id": uuid.Nil, "agent": optional(in.AgentID),
		"who": optional(in.PatientID), "outcome": orNothing(in.Outcome), "spans": in.HasSpans, "review": orNothing(in.Review)}
	if in.After != "" {
		after, ok := parseCursor(in.After)
		if !ok {
			return nil, nil, fault.BadField("after", "This page cannot be found again. Start from the first.")
		}
		if in.Before.IsZero() || after.at.Before(in.Before) {
			args["before"], args["before_id"] = &after.at, after.id
		}
	}
	terms := strings.Fields(fold(cut(in.Text, 200)))
	if len(terms) > mostTerms {
		return nil, nil, fault.BadField("text", "Use fewer words.")
	}
	if len(terms) > 0 && in.PatientID != uuid.Nil {
		return nil, nil, fault.BadField("text", "Look for words among all calls.")
	}
	wanted := make([]string, len(terms))
	for i, t := range terms {
		wanted[i] = t + ":*" // letters and digits only: fold has seen to it
	}
	args["words"] = strings.Join(wanted, " & ")
	return args, terms, nil
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orNothing(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// cursor is where a page ended: a time and an id, nothing that could not stand in an address.
type cursor struct {
	at time.Time
	id uuid.UUID
}

// String is its form in a link.
func (c cursor) String() string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 24), uint64(c.at.UnixMicro())) // #nosec G115 -- read back as it was
	return base64.RawURLEncoding.EncodeToString(append(b, c.id[:]...))
}

func parseCursor(s string) (cursor, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 24 {
		return cursor{}, false
	}
	c := cursor{at: time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC()} // #nosec G115 -- written by String
	copy(c.id[:], b[8:])
	return c, c.at.Year() > 2000 && c.at.Year() < 3000
}

const selectSaid = `select call_id, seq, speaker, text from call_turns where clinic_id = @clinic and call_id = any(@ids) order by call_id, seq = 0, seq`

// excerpts finds, for each call, the turn with most of the words.
func excerpts(ctx context.Context, tx *tenancy.Tx, list []Call, terms []string) (map[uuid.UUID]Excerpt, error) {
	out, best := map[uuid.UUID]Excerpt{}, map[uuid.UUID]int{}
	ids := make([]uuid.UUID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	rows, err := tx.Query(ctx, selectSaid, tenancy.Args{"clinic": tx.Clinic(), "ids": ids})
	if err != nil {
		return nil, fmt.Errorf("read excerpts: %w", err)
	}
	var call uuid.UUID
	var e Excerpt
	_, err = pgx.ForEachRow(rows, []any{&call, &e.Seq, &e.Speaker, &e.Text}, func() error {
		if n := countTerms(e.Text, terms); n > best[call] {
			best[call] = n
			out[call] = Excerpt{e.Seq, e.Speaker, cutOut(e.Text, terms)}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read excerpts: %w", err)
	}
	return out, nil
}

func countTerms(text string, terms []string) (n int) {
	said := strings.Fields(fold(text))
	for _, t := range terms {
		if slices.ContainsFunc(said, func(w string) bool { return strings.HasPrefix(w, t) }) {
			n++
		}
	}
	return n
}

// excerptWords is how many words stand before and after the first that was looked for.
const excerptWords = 12

func cutOut(text string, terms []string) string {
	said := strings.Fields(text)
	at := slices.IndexFunc(said, func(w string) bool {
		return slices.ContainsFunc(strings.Fields(fold(w)), func(f string) bool {
			return slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(f, t) })
		})
	})
	from, to := max(0, at-excerptWords), min(len(said), max(at, 0)+excerptWords+1)
	piece := strings.Join(said[from:to], " ")
	if from > 0 {
		piece = "… " + piece
	}
	if to < len(said) {
		piece += " …"
	}
	if utf8.RuneCountInString(piece) > 400 {
		piece = cut(piece, 400) + " …"
	}
	return piece
}

// Live answers the calls that go on now, the newest first, and records calls.viewed.
func (r *Records) Live(ctx context.Context, tx *tenancy.Tx) ([]Call, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	list, err := r.collectCalls(ctx, tx, ` and c.ended_at is null and c.started_at > @since order by c.started_at desc, c.id desc limit 100`, tenancy.Args{"since": now.Add(-liveFor)})
	if err != nil {
		return nil, err
	}
	return list, recordList(ctx, tx, list)
}
