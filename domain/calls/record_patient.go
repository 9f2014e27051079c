package calls

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

const attachCall = `update calls set patient_id = @patient, caller = @caller, known = @known, caller_key = 'patient' where clinic_id = @clinic and id = @id`

const attachSpans = `update call_spans s set patient_id = @patient, sealed = n.sealed, suggested = n.suggested
from unnest(@ids::uuid[], @sealed::bytea[], @suggested::text[]) as n (id, sealed, suggested) where s.clinic_id = @clinic and s.id = n.id`

// AttachPatient says whose call it was, once that is known. What was sealed under the clinic's key goes under the patient's: it is unreadable when
// they are erased. A call that is another patient's is a Conflict. Recorded as call.attached.
func (r *Records) AttachPatient(ctx context.Context, tx *tenancy.Tx, call, patient uuid.UUID) error {
	c, err := lockRecord(ctx, tx, `c.id = @id for no key update`, tenancy.Args{"clinic": tx.Clinic(), "id": call})
	if err != nil {
		return err
	}
	if patient, err = r.patients.Standing(ctx, tx, patient); err != nil {
		return err
	}
	switch {
	case c.PatientID != nil && *c.PatientID == patient:
		return nil
	case c.PatientID != nil:
		return fault.New(fault.Conflict, "another-patients", "This call is another patient's.")
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	known, err := r.patients.Get(ctx, tx, patient)
	if err != nil {
		return err
	}
	key, err := patientKey(ctx, tx, r.patients, patient)
	if err != nil {
		return err
	}
	if key == nil {
		return fault.New(fault.Conflict, "patient-erased", "This patient was erased.")
	}
	k := knowledge{patient: &patient, key: key, record: known.Details}
	if err := k.attach(ctx, tx, keys, c); err != nil {
		return err
	}
	tx.Announce(callTopic, c.ID)
	return audit.Record(ctx, tx, audit.Event{Action: "call.attached", SubjectKind: "call", SubjectID: c.ID, Patients: []uuid.UUID{patient}})
}

func (k knowledge) attach(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": c.ID, "patient": k.patient}
	var err error
	if args["caller"], err = reseal(callerField(c.ID), c.Caller, keys, k.key); err != nil {
		return err
	}
	if args["known"], err = reseal(knownField(c.ID), c.Known, keys, k.key); err != nil {
		return err
	}
	// Retired spans too: whatever is left of the words goes with the patient.
	rows, err := tx.Query(ctx, `select s.id, t.speaker, s.kind, s.sealed from call_spans s
  join call_turns t on t.clinic_id = @clinic and t.call_id = s.call_id and t.seq = s.seq
 where s.clinic_id = @clinic and s.call_id = @id and s.patient_id is null for update of s`, args)
	if err != nil {
		return fmt.Errorf("read what was taken out: %w", err)
	}
	type loose struct {
		ID      uuid.UUID
		Speaker string
		Kind    string
		Sealed  []byte
	}
	spans, err := pgx.CollectRows(rows, pgx.RowToStructByName[loose])
	if err != nil {
		return fmt.Errorf("read what was taken out: %w", err)
	}
	ids, sealed, suggested := make([]uuid.UUID, len(spans)), make([][]byte, len(spans)), make([]string, len(spans))
	for i, s := range spans {
		words, err := keys.Open(spanField(s.ID), s.Sealed)
		if err != nil {
			return err
		}
		if ids[i] = s.ID; k.suggests(s.Speaker, hidden{kind: privacy.Kind(s.Kind), words: string(words)}) {
			suggested[i] = SuggestionOpen
		}
		if sealed[i], err = k.key.Seal(spanField(s.ID), words); err != nil {
			return err
		}
	}
	args["ids"], args["sealed"], args["suggested"] = ids, sealed, suggested
	b := &pgx.Batch{}
	b.Queue(attachCall, args)
	b.Queue(attachSpans, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("attach the call: %w", err)
	}
	return nil
}

const selectOrphans = lockForRecord + `c.patient_id is null and c.caller is not null and c.recorded_at is not null and c.started_at > @since
and (c.started_at, c.id) < (@before, @id) order by c.started_at desc, c.id desc limit @most`

// orphansAtOnce is how many calls of nobody are read at once.
const orphansAtOnce = 200

// AdoptCalls gives calls of the last thirty days to the patient who has had their number since: somebody who rang first and came to be known later.
// It answers how many.
func (r *Records) AdoptCalls(ctx context.Context, tx *tenancy.Tx) (int, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return 0, err
	}
	keys, err := r.vault.Clinic(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("clinic keys: %w", err)
	}
	adopted := 0
	args := tenancy.Args{"clinic": tx.Clinic(), "since": now.Add(-30 * 24 * time.Hour), "before": now.Add(time.Hour), "id": uuid.Nil, "most": orphansAtOnce}
	for {
		rows, err := tx.Query(ctx, selectOrphans, args)
		if err != nil {
			return adopted, fmt.Errorf("find calls of nobody: %w", err)
		}
		orphans, err := pgx.CollectRows(rows, pgx.RowToStructByName[callRow])
		if err != nil {
			return adopted, fmt.Errorf("find calls of nobody: %w", err)
		}
		for _, c := range orphans {
			args["before"], args["id"] = c.StartedAt, c.ID
			one, err := r.parentOf(ctx, tx, keys, c)
			if err == nil && one != uuid.Nil {
				adopted++
				err = r.AttachPatient(ctx, tx, c.ID, one)
			}
			if err != nil {
				return adopted, err
			}
		}
		if len(orphans) < orphansAtOnce {
			return adopted, nil
		}
	}
}

// parentOf is the one patient who has the number of a call, if a name that was said on it is theirs; else uuid.Nil. Nobody sees anything of them, so no
// view is recorded: it is asked again every hour.
func (r *Records) parentOf(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, c callRow) (uuid.UUID, error) {
	number, err := r.callerNumber(ctx, tx, keys, c)
	if err != nil {
		return uuid.Nil, err
	}
	one, err := r.patients.OnlyByPhone(ctx, tx, number)
	if err != nil || one == uuid.Nil {
		return uuid.Nil, err
	}
	t, err := r.remember(ctx, tx, keys, c)
	if err != nil || len(t.Names) == 0 {
		return one, err
	}
	known, err := r.patients.Many(ctx, tx, []uuid.UUID{one})
	if err != nil || alone([]patients.Patient{known[one]}, t.Names) == nil {
		return uuid.Nil, err
	}
	return one, nil
}

// ClinicalNote says that something medical was said on a call: what kind, how often, and where it can be read.
type ClinicalNote struct {
	CallID    uuid.UUID
	StartedAt time.Time
	Kinds     []string // CONDITION, MEDICATION, PROCEDURE
	Count     int
}

// ClinicalNotes are a patient's calls on which something medical was said, the newest first. The page that shows them records the view.
func ClinicalNotes(ctx context.Context, tx *tenancy.Tx, patient uuid.UUID) ([]ClinicalNote, error) {
	return references[ClinicalNote](ctx, tx, `select s.call_id, c.started_at, array_agg(distinct s.kind) as kinds, count(*)::int as count
  from call_spans s join calls c on c.clinic_id = @clinic and c.id = s.call_id
 where s.clinic_id = @clinic and s.patient_id = @patient and s.route = 'notes' and s.retired_at is null group by s.call_id, c.started_at order by c.started_at desc`, patient)
}

func references[T any](ctx context.Context, tx *tenancy.Tx, sql string, patient uuid.UUID) ([]T, error) {
	rows, err := tx.Query(ctx, sql, tenancy.Args{"clinic": tx.Clinic(), "patient": patient})
	if err != nil {
		return nil, fmt.Errorf("read what calls refer to: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("read what calls refer to: %w", err)
	}
	return list, nil
}
