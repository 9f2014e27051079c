package calls

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

// messageTopics are what a message can be about.
var messageTopics = []string{"call-back", "appointment", "results", "prescription", "billing", "other"}

// LeftMessage is what a caller asked the agent to pass on.
type LeftMessage struct {
	ID        uuid.UUID
	CallID    uuid.UUID
	PatientID *uuid.UUID // when number and name are a patient's
	About     string
	Urgent    bool
	CreatedAt time.Time
	Left      Left `db:"-"`
}

// Left is the sealed part of a message.
type Left struct {
	Name  string `json:"name"` // empty when none was said
	Phone string `json:"phone"`
	Words string `json:"words"`
}

type leftRow struct {
	LeftMessage
	Sealed []byte
}

const selectLeft = `select id, call_id, patient_id, about, urgent, created_at, body as sealed from call_messages where clinic_id = @clinic and state = 'open'`

const insertLeft = `insert into call_messages (clinic_id, id, patient_id, call_id, about, urgent, body, created_at)
values (@clinic, @id, @patient, @call, @about, @urgent, @body, @now)`

func leftField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "call_messages", Column: "body", Row: id}
}

// leave keeps a message once: the same words in the same call are the same message.
func (s *Switchboard) leave(ctx context.Context, tx *tenancy.Tx, m LeftMessage) error {
	before, err := s.leftBy(ctx, tx, ` and call_id = @call`, tenancy.Args{"call": m.CallID})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(o LeftMessage) bool { return o.Left == m.Left }) {
		return nil
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	m.ID = tenancy.NewID()
	if m.PatientID != nil {
		standing, err := s.patients.Standing(ctx, tx, *m.PatientID)
		if err != nil {
			return err
		}
		m.PatientID = &standing
	}
	plain, err := json.Marshal(m.Left)
	if err != nil {
		return err
	}
	key, err := s.leftKey(ctx, tx, m.PatientID)
	if err != nil {
		return err
	}
	body, err := key.Seal(leftField(m.ID), plain)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, insertLeft, tenancy.Args{"clinic": tx.Clinic(), "id": m.ID, "patient": m.PatientID, "call": m.CallID, "about": m.About, "urgent": m.Urgent, "body": body, "now": now})
	if err != nil {
		return fmt.Errorf("keep a message: %w", err)
	}
	tx.Announce("messages", m.ID)
	return audit.Record(ctx, tx, audit.Event{Action: "message.taken", SubjectKind: "message", SubjectID: m.ID, Patients: patientsOf(m)})
}

// Messages answers what was left and is not done, the urgent ones first, then the longest waiting, at most 200, and records the view.
func (s *Switchboard) Messages(ctx context.Context, tx *tenancy.Tx) ([]LeftMessage, error) {
	list, err := s.leftBy(ctx, tx, ` order by urgent desc, created_at, id limit 200`, tenancy.Args{})
	if err != nil {
		return nil, err
	}
	return list, audit.Record(ctx, tx, audit.Event{Action: "messages.viewed", SubjectKind: "messages", Patients: patientsOf(list...)})
}

func (s *Switchboard) leftBy(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) ([]LeftMessage, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, selectLeft+where, args)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[leftRow])
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	list := make([]LeftMessage, len(found))
	for i, r := range found {
		list[i] = r.LeftMessage
		key, err := s.leftKey(ctx, tx, r.PatientID)
		if fault.Is(err, fault.Conflict) {
			list[i].Left.Name = patients.ErasedName
			continue
		}
		if err != nil {
			return nil, err
		}
		plain, err := key.Open(leftField(r.ID), r.Sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &list[i].Left); err != nil {
			return nil, fmt.Errorf("read a message: %w", err)
		}
	}
	return list, nil
}

const endLeft = `update call_messages set state = 'done', done_at = @now where clinic_id = @clinic and id = @id and state = 'open'`

// DoneWith ends a message: somebody has dealt with it. Doing it again changes nothing.
func DoneWith(ctx context.Context, tx *tenancy.Tx, message uuid.UUID) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, endLeft, tenancy.Args{"clinic": tx.Clinic(), "id": message, "now": now})
	if err != nil || n == 0 {
		return err
	}
	tx.Announce("messages", message)
	return audit.Record(ctx, tx, audit.Event{Action: "message.done", SubjectKind: "message", SubjectID: message})
}

type sealer interface {
	Seal(privacy.Field, []byte) ([]byte, error)
	Open(privacy.Field, []byte) ([]byte, error)
}

func (s *Switchboard) leftKey(ctx context.Context, tx *tenancy.Tx, patient *uuid.UUID) (sealer, error) {
	if patient != nil {
		return s.patients.Key(ctx, tx, *patient)
	}
	return s.vault.Clinic(ctx, tx)
}

func patientsOf(list ...LeftMessage) (ids []uuid.UUID) {
	for _, m := range list {
		if m.PatientID != nil {
			ids = append(ids, *m.PatientID)
		}
	}
	return ids
}

// CountLeft is how many messages are not done. It is a number alone, and records nothing.
func CountLeft(ctx context.Context, tx *tenancy.Tx) (n int, err error) {
	if err = tx.QueryRow(ctx, `select count(*)::int from (select from call_messages where clinic_id = @clinic and state = 'open' limit 200) m`, tenancy.Args{"clinic": tx.Clinic()}).Scan(&n); err != nil {
		return 0, fmt.Errorf("count messages: %w", err)
	}
	return n, nil
}
