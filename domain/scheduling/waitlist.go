package scheduling

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Preference is when somebody could come, as codes. What is empty does not matter to them.
type Preference struct {
	Days  []string   // mon to sun
	Parts []string   // morning, afternoon, evening
	From  *time.Time // dates, midnight UTC
	Until *time.Time
	Words string // all of it as it was said back to the caller: times of day and what does not suit are not among the codes
}

func (p Preference) empty() bool {
	return len(p.Days)+len(p.Parts) == 0 && p.From == nil && p.Until == nil && p.Words == ""
}

// is says whether this is what the entry was made with.
func (p Preference) is(e WaitEntry) bool {
	same := func(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }
	return p.Words == e.Words && slices.Equal(p.Days, e.Days) && slices.Equal(p.Parts, e.Parts) && same(p.From, e.FromDate) && same(p.Until, e.UntilDate)
}

// WaitInput puts somebody on the waitlist.
type WaitInput struct {
	Service        uuid.UUID
	PractitionerID uuid.UUID // uuid.Nil: anybody
	PatientID      uuid.UUID // when the caller is known to be one
	CallID         uuid.UUID // ours; uuid.Nil when it was not on the phone
	Caller         Caller    // both name and phone
	Preference     Preference
}

// WaitEntry is somebody who would take another time.
type WaitEntry struct {
	ID             uuid.UUID
	Service        string // its name
	Practitioner   string // empty: anybody
	PractitionerID *uuid.UUID
	PatientID      *uuid.UUID
	CallID         *uuid.UUID
	Caller         Caller `db:"-"`
	Days           []string
	Parts          []string
	FromDate       *time.Time
	UntilDate      *time.Time
	Words          string `db:"-"` // of the preference; empty when there is none
	CreatedAt      time.Time
}

// sealedWait is what is sealed of an entry: whom to ring, and when they could come in words.
type sealedWait struct {
	Caller
	Words string `json:"words,omitempty"`
}

type waitRow struct {
	WaitEntry
	Sealed []byte
}

const selectWaiting = `
select w.id, s.name as service, coalesce(p.name, '') as practitioner, w.practitioner_id, w.patient_id, w.call_id, w.days, w.parts, w.from_date, w.until_date, w.created_at,
  w.caller as sealed
from waitlist_entries w join services s on s.clinic_id = @clinic and s.id = w.service_id left join practitioners p on p.clinic_id = @clinic and p.id = w.practitioner_id
where w.clinic_id = @clinic and w.state = 'open'`

const insertWaiting = `
insert into waitlist_entries (clinic_id, id, service_id, practitioner_id, patient_id, call_id, caller, days, parts, from_date, until_date, created_at)
values (@clinic, @id, @service, @practitioner, @patient, @call, @caller, @days, @parts, @from, @until, @now)`

// JoinWaitlist notes that somebody would take a time for a service. The same person asking for the same in the same call joins once,
// with what they preferred last.
func (d *Desk) JoinWaitlist(ctx context.Context, tx *tenancy.Tx, in WaitInput) (id uuid.UUID, err error) {
	if in.Caller, err = in.Caller.clean(); err != nil {
		return uuid.Nil, err
	}
	if in.Caller.Name == "" || in.Caller.Phone == "" {
		return uuid.Nil, fault.New(fault.Invalid, "invalid-patient", "The waitlist needs a name and a number.").On("patient.name", "is missing")
	}
	if in.PatientID != uuid.Nil {
		if in.PatientID, err = d.patients.Standing(ctx, tx, in.PatientID); err != nil {
			return uuid.Nil, err
		}
	}
	same, err := d.waiting(ctx, tx, ` and w.service_id = @service and (w.call_id = @call or w.patient_id = @patient)`,
		tenancy.Args{"service": in.Service, "call": in.CallID, "patient": in.PatientID})
	if err != nil {
		return uuid.Nil, err
	}
	since, err := tx.Now(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	if i := slices.IndexFunc(same, func(e WaitEntry) bool { return patients.SameName(e.Caller.Name, in.Caller.Name) }); i >= 0 {
		if in.Preference.empty() || in.Preference.is(same[i]) {
			return same[i].ID, nil
		}
		if err := d.LeaveWaitlist(ctx, tx, same[i].ID); err != nil { // what they prefer has changed; their place has not
			return uuid.Nil, err
		}
		since = same[i].CreatedAt
	}
	id = tenancy.NewID()
	plain, err := json.Marshal(sealedWait{in.Caller, in.Preference.Words})
	if err != nil {
		return uuid.Nil, err
	}
	seal, err := d.waitKey(ctx, tx, orNil(in.PatientID))
	if err != nil {
		return uuid.Nil, err
	}
	sealed, err := seal.Seal(waitField(id), plain)
	if err != nil {
		return uuid.Nil, err
	}
	_, err = tx.Exec(ctx, insertWaiting, tenancy.Args{"clinic": tx.Clinic(), "id": id, "service": in.Service, "practitioner": orNil(in.PractitionerID), "patient": orNil(in.PatientID),
		"call": orNil(in.CallID), "caller": sealed, "days": orNone(in.Preference.Days), "parts": orNone(in.Preference.Parts), "from": in.Preference.From, "until": in.Preference.Until, "now": since})
	if err != nil {
		return uuid.Nil, fmt.Errorf("join the waitlist: %w", err)
	}
	tx.Announce("waitlist", id)
	return id, audit.Record(ctx, tx, audit.Event{Action: "waitlist.joined", SubjectKind: "waitlist-entry", SubjectID: id, Patients: some(in.PatientID)})
}

// Waitlist answers who waits, the longest first, at most 200, and records the view.
func (d *Desk) Waitlist(ctx context.Context, tx *tenancy.Tx) ([]WaitEntry, error) {
	list, err := d.waiting(ctx, tx, ` order by w.created_at, w.id limit 200`, tenancy.Args{})
	if err != nil {
		return nil, err
	}
	var whose []uuid.UUID
	for _, e := range list {
		if e.PatientID != nil {
			whose = append(whose, *e.PatientID)
		}
	}
	return list, audit.Record(ctx, tx, audit.Event{Action: "waitlist.viewed", SubjectKind: "waitlist", Patients: whose})
}

func (d *Desk) waiting(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) ([]WaitEntry, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, selectWaiting+where, args)
	if err != nil {
		return nil, fmt.Errorf("read the waitlist: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[waitRow])
	if err != nil {
		return nil, fmt.Errorf("read the waitlist: %w", err)
	}
	list := make([]WaitEntry, len(found))
	for i, r := range found {
		list[i] = r.WaitEntry
		key, err := d.waitKey(ctx, tx, r.PatientID)
		if fault.Is(err, fault.Conflict) { // the patient was erased: nobody can be rung
			list[i].Caller.Name = patients.ErasedName
			continue
		}
		if err != nil {
			return nil, err
		}
		plain, err := key.Open(waitField(r.ID), r.Sealed)
		if err != nil {
			return nil, err
		}
		var wait sealedWait
		if err := json.Unmarshal(plain, &wait); err != nil {
			return nil, fmt.Errorf("read who waits: %w", err)
		}
		list[i].Caller, list[i].Words = wait.Caller, wait.Words
	}
	return list, nil
}

const endWaiting = `update waitlist_entries set state = 'done', done_at = @now where clinic_id = @clinic and id = @id and state = 'open'`

// LeaveWaitlist ends an entry: the person has a time, or wants none any more. Doing it again changes nothing.
func (d *Desk) LeaveWaitlist(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, endWaiting, tenancy.Args{"clinic": tx.Clinic(), "id": id, "now": now})
	if err != nil || n == 0 {
		return err
	}
	tx.Announce("waitlist", id)
	return audit.Record(ctx, tx, audit.Event{Action: "waitlist.left", SubjectKind: "waitlist-entry", SubjectID: id})
}

func waitField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "waitlist_entries", Column: "caller", Row: id}
}

type sealer interface {
	Seal(privacy.Field, []byte) ([]byte, error)
	Open(privacy.Field, []byte) ([]byte, error)
}

// waitKey is the patient's, so that erasing the patient erases the wish; without one it is the clinic's.
func (d *Desk) waitKey(ctx context.Context, tx *tenancy.Tx, patient *uuid.UUID) (sealer, error) {
	if patient != nil {
		return d.patients.Key(ctx, tx, *patient)
	}
	return d.vault.Clinic(ctx, tx)
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func orNone(codes []string) []string {
	if codes == nil {
		return []string{}
	}
	return codes
}

func some(id uuid.UUID) []uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return []uuid.UUID{id}
}
