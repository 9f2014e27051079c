package patients

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// Who reads a note: everybody at the desk as well, or only those who treat the patient. Who may read what is decided where it is shown.
const (
	DeskNote     = "desk"
	ClinicalNote = "clinical"
)

const (
	maxNote     = 2000             // characters
	pressedOnce = 10 * time.Minute // within which the same words of the same person are one note
	mostNotes   = 500
)

// Note is what somebody wrote about a patient, and when.
type Note struct {
	ID        uuid.UUID
	Kind      string
	Text      string
	Actor     string // kind:id
	ActorName string // a person of the clinic, or empty
	At        time.Time
}

type noteRow struct {
	ID        uuid.UUID
	Kind      string
	Body      []byte
	Actor     string
	ActorName string
	At        time.Time
}

const insertNote = `insert into patient_notes (clinic_id, id, patient_id, kind, body, at) values (@clinic, @id, @patient, @kind, @body, @now)`

// AddNote adds what the actor wrote to a patient's record. The same words twice within ten minutes are one press too many. The patient is
// locked first, so that a note and a merge never miss each other: the note of a merged patient goes to the one who was kept. Audited as
// patient.noted.
func (d *Directory) AddNote(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, kind, text string) error {
	text = strings.TrimSpace(clean(text))
	switch n := utf8.RuneCountInString(text); {
	case kind != DeskNote && kind != ClinicalNote:
		return fault.BadField("kind", "must be desk or clinical")
	case n == 0:
		return fault.BadField("note", "must not be empty")
	case n > maxNote:
		return fault.BadField("note", fmt.Sprintf("must have at most %d characters", maxNote))
	}
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	r, err := lockStanding(ctx, tx, id)
	if err != nil {
		return err
	}
	key, err := keys.Patient(r.ID, r.WrappedKey)
	if err != nil {
		return err
	}
	there, err := notes(ctx, tx, key, r.ID)
	if err != nil {
		return err
	}
	me := tx.Actor().String()
	again := func(n Note) bool {
		return n.Text == text && n.Kind == kind && n.Actor == me && now.Sub(n.At) < pressedOnce
	}
	if slices.ContainsFunc(there, again) {
		return nil
	}
	note := tenancy.NewID()
	body, err := key.Seal(noteField(note), []byte(text))
	if err != nil {
		return err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": note, "patient": r.ID, "kind": kind, "body": body, "now": now}
	if _, err := tx.Exec(ctx, insertNote, args); err != nil {
		return fmt.Errorf("add a note: %w", err)
	}
	return record1(ctx, tx, "patient.noted", r.ID, nil, map[string]any{"id": note, "body": body})
}

func noteField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "patient_notes", Column: "body", Row: id}
}

// lockStanding locks a patient, or the one it was merged into.
func lockStanding(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (record, error) {
	for {
		r, err := one(ctx, tx, selectForUpdate, id)
		if err != nil {
			return record{}, err
		}
		if r.MergedInto == nil {
			return r, r.mustStand()
		}
		id = *r.MergedInto
	}
}

const selectNotes = `
select n.id, n.kind, n.body, n.actor, coalesce(t.name, '') as actor_name, n.at
  from patient_notes n left join app.team() t on n.actor = 'user:' || t.person_id::text
 where n.clinic_id = @clinic and n.patient_id = @id order by n.at desc, n.id desc limit @most`

// Notes lists what was written about a patient, newest first. Whoever shows them decides which kinds, and has recorded the view.
func (d *Directory) Notes(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) ([]Note, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, err
	}
	r, err := one(ctx, tx, selectOne, id)
	if err != nil || r.WrappedKey == nil {
		return nil, err
	}
	key, err := keys.Patient(id, r.WrappedKey)
	if err != nil {
		return nil, err
	}
	return notes(ctx, tx, key, id)
}

func notes(ctx context.Context, tx *tenancy.Tx, key *privacy.PatientKey, id uuid.UUID) ([]Note, error) {
	rows, err := tx.Query(ctx, selectNotes, tenancy.Args{"clinic": tx.Clinic(), "id": id, "most": mostNotes})
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[noteRow])
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	out := make([]Note, len(list))
	for i, n := range list {
		text, err := key.Open(noteField(n.ID), n.Body)
		if err != nil {
			return nil, err
		}
		out[i] = Note{ID: n.ID, Kind: n.Kind, Text: string(text), Actor: n.Actor, ActorName: n.ActorName, At: n.At}
	}
	return out, nil
}
