package calls

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// RevealLasts is how long revealed words may stay on a screen.
const RevealLasts = 60 * time.Second

// Reason is why somebody wants to see what was taken out. The code is recorded in the audit; the words, which may turn out to name a patient,
// are kept under seal and shown to those who review.
type Reason struct {
	Code  string
	Words string // at most 300 characters
}

// The codes of reasons.
const (
	ForTreatment = "treatment"
	ForBooking   = "booking"
	ForCallBack  = "call-back"
	ForComplaint = "complaint"
	ForRequest   = "data-request"
	ForQuality   = "quality-review"
	ForLegal     = "legal"
	ForEmergency = "emergency"
	ForOther     = "other" // words are needed
)

// ReasonCodes are all of them, in the order of a menu.
var ReasonCodes = []string{ForTreatment, ForBooking, ForCallBack, ForComplaint, ForRequest, ForQuality, ForLegal, ForEmergency, ForOther}

func (r Reason) check(words bool) error {
	switch {
	case !slices.Contains(ReasonCodes, r.Code):
		return fault.BadField("reason", "Say why you need to see this.")
	case (words || r.Code == ForOther) && oneLine(r.Words) == "":
		return fault.BadField("words", "Say in a few words why, without naming the patient.")
	case utf8.RuneCountInString(r.Words) > 300:
		return fault.BadField("words", "At most 300 characters.")
	}
	return nil
}

// seal answers nil for no words.
func (r Reason) seal(keys *privacy.ClinicKeys, f privacy.Field) ([]byte, error) {
	words := oneLine(r.Words)
	if words == "" {
		return nil, nil
	}
	return keys.Seal(f, []byte(words))
}

// Revealed is what was taken out, for as long as it may be shown.
type Revealed struct {
	Span  Span
	Words string
	Until time.Time
}

// rights are what a person may reveal of one call.
type rights struct {
	contact bool // names, numbers, addresses
	all     bool
	glass   *GlassBreak
}

func (r rights) may(s Span) bool {
	return !s.Erased && (r.all || r.contact && s.Route == RoutePatient)
}

const askRights = `select
  exists (select from memberships m join appointments a on a.clinic_id = @clinic and a.practitioner_id = m.practitioner_id
    where m.clinic_id = @clinic and m.person_id = @person
      and (a.patient_id = @patient or a.call_id <> '' and a.call_id = (select c.vapi_call_id from calls c where c.clinic_id = @clinic and c.id = @call)))`

// rightsTo: admins and compliance officers may see everything; clinicians what their own patients said, which is whoever has an appointment with
// them; the front desk who called and how to reach them. Whoever broke the glass may see everything for an hour.
func (r *Records) rightsTo(ctx context.Context, tx *tenancy.Tx, call uuid.UUID, patient *uuid.UUID) (rights, error) {
	actor := tx.Actor()
	if actor.Kind != tenancy.User {
		return rights{}, nil
	}
	var mine rights
	switch actor.Role {
	case "admin", "compliance":
		mine.all = true
	case "frontdesk":
		mine.contact = true
	case "clinician":
		err := tx.QueryRow(ctx, askRights, tenancy.Args{"clinic": tx.Clinic(), "person": actor.ID, "patient": patient, "call": call}).Scan(&mine.all)
		if err != nil {
			return rights{}, fmt.Errorf("ask whose patient it is: %w", err)
		}
	}
	open, err := openGlass(ctx, tx, &call, patient)
	if err != nil {
		return rights{}, err
	}
	if open != nil {
		mine.all, mine.glass = true, open
	}
	return mine, nil
}

// mark says of each span whether the viewer may reveal it.
func (r *Records) mark(ctx context.Context, tx *tenancy.Tx, rec *Record) error {
	mine, err := r.rightsTo(ctx, tx, rec.ID, rec.PatientID)
	if err != nil {
		return err
	}
	rec.Glass = mine.glass
	texts := rec.Turns
	if rec.Summary != nil {
		texts = append([]Said{*rec.Summary}, texts...)
	}
	for _, t := range texts {
		for i := range t.Spans {
			t.Spans[i].Mine = mine.may(t.Spans[i])
		}
	}
	return nil
}

const selectSpan = `select s.id, s.call_id, s.seq, s.starts, s.ends, s.kind, s.size, s.rule_set, s.route, s.suggested, s.missed, s.patient_id,
  s.patient_id is not null and p.wrapped_key is null as erased, s.sealed, p.wrapped_key, c.patient_id as caller_patient
from call_spans s join calls c on c.clinic_id = @clinic and c.id = s.call_id left join patients p on p.clinic_id = @clinic and p.id = s.patient_id
where s.clinic_id = @clinic and s.retired_at is null`

// sealedSpan is a span with its words and the key to them, read in one statement.
type sealedSpan struct {
	Span
	Sealed        []byte
	WrappedKey    []byte
	CallerPatient *uuid.UUID
}

func (s sealedSpan) open(keys *privacy.ClinicKeys) (string, error) {
	var with sealer = keys
	if s.PatientID != nil {
		key, err := keys.Patient(*s.PatientID, s.WrappedKey)
		if err != nil {
			return "", err
		}
		with = key
	}
	words, err := with.Open(spanField(s.ID), s.Sealed)
	return string(words), err
}

// Reveal shows what one span took out, for a minute, to those who may see it and say why. It is recorded as transcript.revealed with the reason's
// code. Words that an erased patient's key sealed are gone: Expired.
func (r *Records) Reveal(ctx context.Context, tx *tenancy.Tx, span uuid.UUID, why Reason) (Revealed, error) {
	if err := why.check(false); err != nil {
		return Revealed{}, err
	}
	s, err := oneSpan(ctx, tx, span)
	if err != nil {
		return Revealed{}, err
	}
	mine, err := r.rightsTo(ctx, tx, s.CallID, s.CallerPatient)
	switch {
	case err != nil:
		return Revealed{}, err
	case s.Erased:
		return Revealed{}, fault.New(fault.Expired, "patient-erased", "This patient was erased, and with them what was hidden here. Nobody can read it any more.")
	case !mine.may(s.Span):
		return Revealed{}, fault.New(fault.Forbidden, "not-yours-to-reveal", "You may not see this. In an emergency you can open the call for an hour; that is reviewed.")
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return Revealed{}, fmt.Errorf("clinic keys: %w", err)
	}
	words, err := s.open(keys)
	if err != nil {
		return Revealed{}, err
	}
	until, err := noteReveal(ctx, tx, keys, s, why)
	s.Mine = true
	return Revealed{Span: s.Span, Words: words, Until: until}, err
}

// What one person is shown twice within its minute was shown once: a button is easily pressed twice. The second statement sees what the lock's last
// holder committed, since each has its own snapshot.
const (
	lockShown    = `select pg_advisory_xact_lock(hashtextextended(@span::uuid::text || @actor, 7))`
	shownAlready = `select max(until) from call_reveals where clinic_id = @clinic and span_id = @span and actor = @actor and reason = @reason and until > @now`
)

const insertReveal = `insert into call_reveals (clinic_id, id, span_id, reason, note, at, until) values (@clinic, @id, @span, @reason, @note, @at, @until)`

func noteReveal(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, s sealedSpan, why Reason) (time.Time, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return now, err
	}
	var still *time.Time
	args := tenancy.Args{"clinic": tx.Clinic(), "span": s.ID, "actor": tx.Actor().String(), "reason": why.Code, "now": now}
	if err := tx.Later(lockShown, args); err != nil {
		return now, err
	}
	switch err = tx.QueryRow(ctx, shownAlready, args).Scan(&still); {
	case err != nil:
		return now, fmt.Errorf("look for an open reveal: %w", err)
	case still != nil:
		return *still, nil
	}
	id, until := tenancy.NewID(), now.Add(RevealLasts)
	note, err := why.seal(keys, privacy.Field{Table: "call_reveals", Column: "note", Row: id})
	if err != nil {
		return until, err
	}
	if _, err := tx.Exec(ctx, insertReveal, tenancy.Args{"clinic": tx.Clinic(), "id": id, "span": s.ID, "reason": why.Code, "note": note, "at": now, "until": until}); err != nil {
		return until, fmt.Errorf("note the reveal: %w", err)
	}
	whose := Call{PatientID: s.CallerPatient}
	return until, audit.Record(ctx, tx, audit.Event{Action: "transcript.revealed", SubjectKind: "call-span", SubjectID: s.ID, Patients: whose.patients(), Reason: why.Code})
}

func oneSpan(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (sealedSpan, error) {
	list, err := sealedSpans(ctx, tx, ` and s.id = @id`, tenancy.Args{"id": id})
	if err != nil {
		return sealedSpan{}, err
	}
	if len(list) == 0 {
		return sealedSpan{}, fault.New(fault.NotFound, "no-such-span", "There is nothing hidden here any more.")
	}
	return list[0], nil
}
