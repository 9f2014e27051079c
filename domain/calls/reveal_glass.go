package calls

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// GlassLasts is how long a broken glass gives sight of everything.
const GlassLasts = time.Hour

// Verdicts of a review.
const (
	Justified    = "justified"
	NotJustified = "not-justified"
)

// GlassBreak is one time that somebody took the right to see everything of a call, or of all calls of a patient.
type GlassBreak struct {
	ID         uuid.UUID
	Actor      string // kind:id, as in the audit
	ActorName  string // a person of the clinic, or empty
	CallID     *uuid.UUID
	PatientID  *uuid.UUID
	Reason     string // the code
	Words      string `db:"-"` // the reason in words: only in OwedReviews and GlassBreaks, for those who review
	At         time.Time
	Until      time.Time
	ReviewedAt *time.Time
	ReviewedBy string      // a person of the clinic, or empty
	Verdict    string      // empty: owed
	Reveals    int         // how much was revealed under it
	Looked     []uuid.UUID // the calls of which it was revealed
}

// Open says whether it still gives sight.
func (g GlassBreak) Open(now time.Time) bool { return now.Before(g.Until) }

// GlassInput names one call, or one patient.
type GlassInput struct {
	CallID    uuid.UUID
	PatientID uuid.UUID
	Reason    Reason // words are needed
}

const selectGlass = `select g.id, g.actor, coalesce(t.name, '') as actor_name, g.call_id, g.patient_id, g.reason, g.at, g.until, g.reviewed_at, coalesce(b.name, '') as reviewed_by, g.verdict,
  (select count(*)::int from call_reveals r join call_spans s on s.clinic_id = @clinic and s.id = r.span_id join calls c on c.clinic_id = @clinic and c.id = s.call_id
    where r.clinic_id = @clinic and r.actor = g.actor and r.at >= g.at and r.at < g.until and (c.id = g.call_id or c.patient_id = g.patient_id)) as reveals,
  array(select distinct c.id from call_reveals r join call_spans s on s.clinic_id = @clinic and s.id = r.span_id join calls c on c.clinic_id = @clinic and c.id = s.call_id
    where r.clinic_id = @clinic and r.actor = g.actor and r.at >= g.at and r.at < g.until and (c.id = g.call_id or c.patient_id = g.patient_id) order by c.id) as looked, g.note
from glass_breaks g left join app.team() t on g.actor = 'user:' || t.person_id::text left join app.team() b on g.reviewed_by = 'user:' || b.person_id::text
where g.clinic_id = @clinic`

type sealedGlass struct {
	GlassBreak
	Note []byte
}

func glassNote(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "glass_breaks", Column: "note", Row: id}
}

// openGlass is the actor's own that is open now for this call or this patient; nil when there is none.
func openGlass(ctx context.Context, tx *tenancy.Tx, call, patient *uuid.UUID) (*GlassBreak, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, err
	}
	list, err := glass(ctx, tx, ` and g.actor = @actor and g.until > @now and (g.call_id = @call or g.patient_id = @patient) order by g.until desc limit 1`,
		tenancy.Args{"actor": tx.Actor().String(), "now": now, "call": call, "patient": patient})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].GlassBreak, nil
}

func glass(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) ([]sealedGlass, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, selectGlass+where, args)
	if err != nil {
		return nil, fmt.Errorf("read break-glass: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[sealedGlass])
	if err != nil {
		return nil, fmt.Errorf("read break-glass: %w", err)
	}
	return list, nil
}

const insertGlass = `insert into glass_breaks (clinic_id, id, call_id, patient_id, reason, note, at, until)
select @clinic, @id, @call, @patient, @reason, @note, @at, @until
 where exists (select from calls where clinic_id = @clinic and id = @call) or exists (select from patients where clinic_id = @clinic and id = @patient)`

// BreakGlass gives the actor sight of everything that was hidden in a call, or in all calls of a patient, for an hour. It must be reviewed by
// somebody else. One that is open already is answered again. Recorded as glass.broken.
func (r *Records) BreakGlass(ctx context.Context, tx *tenancy.Tx, in GlassInput) (GlassBreak, error) {
	if tx.Actor().Kind != tenancy.User {
		return GlassBreak{}, fault.New(fault.Forbidden, "people-only", "Only a person can do this.")
	}
	if (in.CallID == uuid.Nil) == (in.PatientID == uuid.Nil) {
		return GlassBreak{}, fault.New(fault.Invalid, "call-or-patient", "Name a call, or a patient.")
	}
	if err := in.Reason.check(true); err != nil {
		return GlassBreak{}, err
	}
	if in.PatientID != uuid.Nil {
		standing, err := r.patients.Standing(ctx, tx, in.PatientID)
		if err != nil {
			return GlassBreak{}, err
		}
		in.PatientID = standing
	}
	call, patient := optional(in.CallID), optional(in.PatientID)
	if open, err := openGlass(ctx, tx, call, patient); err != nil || open != nil {
		if err != nil {
			return GlassBreak{}, err
		}
		return *open, nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return GlassBreak{}, err
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return GlassBreak{}, fmt.Errorf("clinic keys: %w", err)
	}
	g := GlassBreak{ID: tenancy.NewID(), Actor: tx.Actor().String(), CallID: call, PatientID: patient, Reason: in.Reason.Code, At: now, Until: now.Add(GlassLasts)}
	note, err := in.Reason.seal(keys, glassNote(g.ID))
	if err != nil {
		return GlassBreak{}, err
	}
	n, err := tx.Exec(ctx, insertGlass, tenancy.Args{"clinic": tx.Clinic(), "id": g.ID, "call": call, "patient": patient, "reason": g.Reason, "note": note, "at": g.At, "until": g.Until})
	if err != nil {
		return GlassBreak{}, fmt.Errorf("break the glass: %w", err)
	}
	if n == 0 {
		return GlassBreak{}, noSuchCall()
	}
	tx.Announce(callTopic, g.ID)
	return g, audit.Record(ctx, tx, audit.Event{Action: "glass.broken", SubjectKind: "glass-break", SubjectID: g.ID, Patients: Call{PatientID: patient}.patients(), Reason: g.Reason})
}

const closeGlass = `update glass_breaks set until = @now where clinic_id = @clinic and id = @id and actor = @actor and until > @now`

// CloseGlass ends the actor's own sight of everything before its hour is over. One that has ended already stays as it is; the review is owed all the
// same. It answers which one it was. Recorded as glass.closed.
func (r *Records) CloseGlass(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (GlassBreak, error) {
	list, err := glass(ctx, tx, ` and g.id = @id and g.actor = @actor`, tenancy.Args{"id": id, "actor": tx.Actor().String()})
	if err != nil {
		return GlassBreak{}, err
	}
	if len(list) == 0 {
		return GlassBreak{}, fault.New(fault.NotFound, "no-such-glass", "There is nothing of yours to close here.")
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return GlassBreak{}, err
	}
	g := list[0].GlassBreak
	n, err := tx.Exec(ctx, closeGlass, tenancy.Args{"clinic": tx.Clinic(), "id": id, "actor": tx.Actor().String(), "now": now})
	if err != nil {
		return GlassBreak{}, fmt.Errorf("close the glass: %w", err)
	}
	if n == 0 {
		return g, nil
	}
	return g, audit.Record(ctx, tx, audit.Event{Action: "glass.closed", SubjectKind: "glass-break", SubjectID: id, Patients: Call{PatientID: g.PatientID}.patients()})
}

// Sight is what the actor may see of a patient's calls: everything by their role, and what they have opened in an emergency. It records nothing.
func (r *Records) Sight(ctx context.Context, tx *tenancy.Tx, patient uuid.UUID) (all bool, open *GlassBreak, err error) {
	mine, err := r.rightsTo(ctx, tx, uuid.Nil, &patient)
	return mine.all && mine.glass == nil, mine.glass, err
}

func optional(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func mustReview(tx *tenancy.Tx) error {
	actor := tx.Actor()
	if actor.Kind == tenancy.User && (actor.Role == "compliance" || actor.Role == "admin") {
		return nil
	}
	return fault.New(fault.Forbidden, "reviewers-only", "Only a compliance officer or a practice admin can do this.")
}

// OwedReviews are the broken glasses that nobody has reviewed yet, the oldest first. For those who review; their own are among them, for the
// other to see.
func (r *Records) OwedReviews(ctx context.Context, tx *tenancy.Tx) ([]GlassBreak, error) {
	return r.glassFor(ctx, tx, ` and g.reviewed_at is null order by g.at, g.id`)
}

// GlassBreaks are the last 200, reviewed or not, the newest first. For those who review.
func (r *Records) GlassBreaks(ctx context.Context, tx *tenancy.Tx) ([]GlassBreak, error) {
	return r.glassFor(ctx, tx, ` order by g.at desc, g.id desc limit 200`)
}

func (r *Records) glassFor(ctx context.Context, tx *tenancy.Tx, where string) ([]GlassBreak, error) {
	if err := mustReview(tx); err != nil {
		return nil, err
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("clinic keys: %w", err)
	}
	sealed, err := glass(ctx, tx, where, tenancy.Args{})
	if err != nil {
		return nil, err
	}
	list := make([]GlassBreak, len(sealed))
	for i, s := range sealed {
		list[i] = s.GlassBreak
		if s.Note != nil {
			words, err := keys.Open(glassNote(s.ID), s.Note)
			if err != nil {
				return nil, err
			}
			list[i].Words = string(words)
		}
	}
	return list, nil
}

// A review is of all that was seen: nothing more is, once it is made.
const closeReview = `update glass_breaks set reviewed_at = @now, reviewed_by = @by, verdict = @verdict, review_note = @note, until = least(until, @now)
where clinic_id = @clinic and id = @id and reviewed_at is null`

// ReviewBreakGlass says whether it was right, and ends it if its hour is not over. Compliance officers and admins only, and nobody their own.
// Recorded as glass.reviewed.
func (r *Records) ReviewBreakGlass(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, verdict, words string) error {
	if err := mustReview(tx); err != nil {
		return err
	}
	if verdict != Justified && verdict != NotJustified {
		return fault.BadField("verdict", "Say whether it was justified.")
	}
	if utf8.RuneCountInString(words) > 300 {
		return fault.BadField("words", "At most 300 characters.")
	}
	list, err := glass(ctx, tx, ` and g.id = @id`, tenancy.Args{"id": id})
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return fault.New(fault.NotFound, "no-such-glass", "There is nothing to review here.")
	case list[0].Actor == tx.Actor().String():
		return fault.New(fault.Forbidden, "own-review", "You cannot review yourself. Ask a colleague.")
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	note, err := Reason{Words: words}.seal(keys, privacy.Field{Table: "glass_breaks", Column: "review_note", Row: id})
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, closeReview, tenancy.Args{"clinic": tx.Clinic(), "id": id, "now": now, "by": tx.Actor().String(), "verdict": verdict, "note": note})
	if err != nil {
		return fmt.Errorf("review: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "reviewed-already", "Somebody has reviewed this already.")
	}
	return audit.Record(ctx, tx, audit.Event{Action: "glass.reviewed", SubjectKind: "glass-break", SubjectID: id, Reason: verdict})
}
