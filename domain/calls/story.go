package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/tenancy"
)

// What a step of a call's story is.
const (
	StepMessage  = "message"  // Detail: what it is about
	StepWaitlist = "waitlist" // Detail: the service
	StepReveal   = "reveal"   // Detail: the kind of what was shown
	StepGlass    = "glass"    // Reason: why everything was opened for an hour
	StepAudit    = "audit"    // Detail: the audited action
)

// Step is something that came of a call, or that was done to what is kept of it. It holds codes and names of staff, never what was said.
type Step struct {
	What      string
	At        time.Time
	Actor     string // kind:id; empty for what the caller did
	ActorName string // a person of the clinic, or empty
	Detail    string
	Reason    string // a code, or the rule set of a second run
	Urgent    bool   // of a message
	Done      bool   // of a message and of the waitlist: somebody has dealt with it
}

// mostSteps is how many views and changes of one call are told; the audit has all of them.
const mostSteps = 100

const selectSteps = `
select x.what, x.at, x.actor, coalesce(t.name, '') as actor_name, x.detail, x.reason, x.urgent, x.done from (
  select 'message' as what, m.created_at as at, '' as actor, m.about as detail, '' as reason, m.urgent, m.state = 'done' as done
    from call_messages m where m.clinic_id = @clinic and m.call_id = @id
  union all
  select 'waitlist', w.created_at, '', s.name, '', false, w.state <> 'open'
    from waitlist_entries w join services s on s.clinic_id = @clinic and s.id = w.service_id where w.clinic_id = @clinic and w.call_id = @id
  union all
  select 'reveal', v.at, v.actor, s.kind, v.reason, false, false
    from call_spans s join call_reveals v on v.clinic_id = @clinic and v.span_id = s.id
   where s.clinic_id = @clinic and s.call_id = @id and (@views::bool or v.actor = (select app.current_actor()))
  union all
  select 'glass', g.at, g.actor, '', g.reason, false, g.reviewed_at is not null
    from glass_breaks g where g.clinic_id = @clinic and g.call_id = @id and (@views::bool or g.actor = (select app.current_actor()))
  union all
  (select 'audit', e.at, e.actor, e.action, e.reason, false, false
    from audit_events e
   where e.clinic_id = @clinic and e.subject_kind = 'call' and e.subject_id = @id
     and (e.action in ('transcript.miss-marked', 'transcript.reviewed', 'transcript.rerun', 'transcript.kept') or @views::bool and e.action = 'call.viewed')
   order by e.at desc limit @most)
) x left join app.team() t on x.actor = 'user:' || t.person_id::text
order by x.at, x.what`

// Story answers what came of a call and what was done to it, in order. Who looked at it and what others had shown is for those who oversee the
// clinic; everybody sees what they had shown themselves. It records nothing: whoever shows it has recorded the view with Get.
func (r *Records) Story(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) ([]Step, error) {
	rows, err := tx.Query(ctx, selectSteps, tenancy.Args{"clinic": tx.Clinic(), "id": call, "views": mustReview(tx) == nil, "most": mostSteps})
	if err != nil {
		return nil, fmt.Errorf("read the story of a call: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Step])
	if err != nil {
		return nil, fmt.Errorf("read the story of a call: %w", err)
	}
	return list, nil
}

// CallOf is the call that an appointment came from; nil when it came otherwise.
func CallOf(ctx context.Context, tx *tenancy.Tx, appointment uuid.UUID) (*uuid.UUID, error) {
	var id uuid.UUID
	err := tx.QueryRow(ctx, `select c.id from appointments a join calls c on c.clinic_id = @clinic and c.vapi_call_id = a.call_id
where a.clinic_id = @clinic and a.id = @id and a.call_id <> ''`, tenancy.Args{"clinic": tx.Clinic(), "id": appointment}).Scan(&id)
	if tenancy.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the call of an appointment: %w", err)
	}
	return &id, nil
}

// Hidden answers one place where something was taken out, and whether the actor may reveal it. It says no more than the call's page does, so
// that asking for a reason is no view of its own.
func (r *Records) Hidden(ctx context.Context, tx *tenancy.Tx, span uuid.UUID) (Span, error) {
	s, err := oneSpan(ctx, tx, span)
	if err != nil {
		return Span{}, err
	}
	mine, err := r.rightsTo(ctx, tx, s.CallID, s.CallerPatient)
	s.Mine = mine.may(s.Span)
	return s.Span, err
}

// CountUnread is how many calls wait for a person to read whether anything was missed. It is a number alone, and records nothing.
func CountUnread(ctx context.Context, tx *tenancy.Tx) (n int, err error) {
	if err = tx.QueryRow(ctx, `select count(*)::int from calls where clinic_id = @clinic and review = 'wanted'`, tenancy.Args{"clinic": tx.Clinic()}).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what is to be read: %w", err)
	}
	return n, nil
}

// Miss is a mark that a person set on what the rules had left in.
type Miss struct {
	CallID    uuid.UUID
	At        time.Time
	Actor     string
	ActorName string
	Kind      string
}

const selectMisses = `select e.subject_id as call_id, e.at, e.actor, coalesce(t.name, '') as actor_name, e.reason as kind
from audit_events e left join app.team() t on e.actor = 'user:' || t.person_id::text
where e.clinic_id = @clinic and e.action = 'transcript.miss-marked' order by e.at desc limit @most`

// Misses are the last marks that people set. For those who review; recorded as misses.viewed.
func (r *Records) Misses(ctx context.Context, tx *tenancy.Tx, limit int) ([]Miss, error) {
	if err := mustReview(tx); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectMisses, tenancy.Args{"clinic": tx.Clinic(), "most": limit})
	if err != nil {
		return nil, fmt.Errorf("list misses: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Miss])
	if err != nil {
		return nil, fmt.Errorf("list misses: %w", err)
	}
	return list, audit.Record(ctx, tx, audit.Event{Action: "misses.viewed", SubjectKind: "call"})
}
