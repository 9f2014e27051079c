package patients

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// UndoMerge is how long a merge can be undone.
const UndoMerge = 30 * 24 * time.Hour

// The fields of a record, as a merge chooses between them.
const (
	FieldName      = "name"
	FieldPhone     = "phone"
	FieldEmail     = "email"
	FieldBirthDate = "birth_date"
	FieldAddress   = "address"
	FieldNotes     = "notes"
)

// Fields are all of them, in the order of a form.
var Fields = []string{FieldName, FieldPhone, FieldEmail, FieldBirthDate, FieldAddress, FieldNotes}

// Get is a field as it is stored.
func (d Details) Get(field string) string {
	switch field {
	case FieldName:
		return d.Name
	case FieldPhone:
		return d.Phone
	case FieldEmail:
		return d.Email
	case FieldBirthDate:
		return dateOf(d.BirthDate)
	case FieldAddress:
		return d.Address
	}
	return d.Notes
}

// take copies one field of other.
func (d *Details) take(field string, other Details) {
	switch field {
	case FieldName:
		d.Name = other.Name
	case FieldPhone:
		d.Phone = other.Phone
	case FieldEmail:
		d.Email = other.Email
	case FieldBirthDate:
		d.BirthDate = other.BirthDate
	case FieldAddress:
		d.Address = other.Address
	case FieldNotes:
		d.Notes = other.Notes
	}
}

// MergeInput makes two records one.
type MergeInput struct {
	Keep, Merge         uuid.UUID
	Take                []string // the fields that are taken from the merged record; the others stay as the kept one has them
	BothNotes           bool     // the notes of the merged record are added to those of the kept one
	KeepSeen, MergeSeen int      // the Versions that were compared; 0: not checked
}

// Merge is two records that became one, as it is kept for whoever wants to undo it.
type Merge struct {
	ID        uuid.UUID
	KeptID    uuid.UUID
	MergedID  uuid.UUID
	Actor     string // kind:id
	ActorName string
	At        time.Time
	UndoUntil time.Time
	UndoneAt  *time.Time
}

// mergedDetails are the personal fields that a merge touched, sealed under the kept patient's key.
type mergedDetails struct {
	Before Details   // of the kept record
	After  Details   // of the kept record
	Merged []Details // of the merged record, and of those that had become a part of it: the kept one is found by them
}

// belonging is a table whose rows belong to a patient. Merging moves them all in one transaction, so this package names tables of higher
// ranks; TestAMergeKnowsEveryTableOfPatients fails when one is missing.
type belonging struct {
	table  string
	sealed []string // columns under the patient's key: they are sealed anew
	when   string   // of which rows they are; the others are under the clinic's key
	follow string   // the column that names the row which this one replaces: what came of a row goes back with it
}

var belongings = []belonging{
	{table: "appointments", follow: "replaces_id"},
	{table: "patient_notes", sealed: []string{"body"}},
	{table: "calls", sealed: []string{"caller", "known"}, when: "caller_key = 'patient'"},
	{table: "call_spans", sealed: []string{"sealed"}},
	{table: "call_messages", sealed: []string{"body"}},
	{table: "waitlist_entries", sealed: []string{"caller"}},
	{table: "glass_breaks"},
}

// The rows that go over are locked before the patients: whoever changes an appointment locks that first, and asks for its patient then.
const lockAppointments = `select id from appointments where clinic_id = @clinic and patient_id = any(@ids::uuid[]) order by id for no key update`

const lockPatients = `select ` + columns + ` from patients p where p.clinic_id = @clinic and p.id = any(@ids::uuid[]) order by p.id for update`

const selectMerged = `update patients set merged_into = @kept, version = version + 1, updated_at = @now
 where clinic_id = @clinic and (merged_into = @merged or id = @merged) returning id`

const insertMerge = `
insert into patient_merges (clinic_id, id, kept_id, merged_id, at, undo_until, details, moved)
values (@clinic, @id, @kept, @merged, @now, @until, @details, @moved)`

// Merge makes one record of two: what belongs to the merged one goes to the kept one, which is found by the details of both from now on;
// the merged one only says where it went. Refused as a Conflict: an erased or merged record, and one that was changed since it was compared.
// Audited as patient.merged. UndoMerge long it can be undone.
func (d *Directory) Merge(ctx context.Context, tx *tenancy.Tx, in MergeInput) (Merge, error) {
	if in.Keep == in.Merge {
		return Merge{}, fault.New(fault.Invalid, "same-patient", "A record cannot be merged with itself.")
	}
	if i := slices.IndexFunc(in.Take, func(f string) bool { return !slices.Contains(Fields, f) }); i >= 0 {
		return Merge{}, fault.BadField("take", "names no field of a patient")
	}
	p, err := d.lockPair(ctx, tx, in.Keep, in.Merge)
	if err != nil {
		return Merge{}, err
	}
	if err := p.mustMatch(in); err != nil {
		return Merge{}, err
	}
	after := p.kept.Details
	for _, f := range in.Take {
		after.take(f, p.other.Details)
	}
	if in.BothNotes && !strings.Contains(after.Notes, p.other.Notes) {
		after.Notes = strings.TrimSpace(after.Notes + "\n" + p.other.Notes)
	}
	if after, err = after.normal(p.clinic, p.now); err != nil {
		return Merge{}, err
	}
	also, err := aliases(ctx, tx, p.otherKey, p.other.ID)
	if err != nil {
		return Merge{}, err
	}
	m := Merge{ID: tenancy.NewID(), KeptID: p.kept.ID, MergedID: p.other.ID, Actor: tx.Actor().String(), At: p.now, UndoUntil: p.now.Add(UndoMerge)}
	moved, err := p.move(ctx, tx, p.other.ID, p.kept.ID, p.otherKey, p.keptKey, nil)
	if err != nil {
		return Merge{}, err
	}
	if moved["patients"], err = ids(ctx, tx, selectMerged, tenancy.Args{"clinic": tx.Clinic(), "kept": p.kept.ID, "merged": p.other.ID, "now": p.now}); err != nil {
		return Merge{}, err
	}
	sealed, err := m.sealDetails(p.keptKey, mergedDetails{Before: p.kept.Details, After: after, Merged: append([]Details{p.other.Details}, also...)})
	if err != nil {
		return Merge{}, err
	}
	_, err = tx.Exec(ctx, insertMerge, tenancy.Args{"clinic": tx.Clinic(), "id": m.ID, "kept": m.KeptID, "merged": m.MergedID, "now": p.now, "until": m.UndoUntil,
		"details": sealed, "moved": moved})
	if err != nil {
		return Merge{}, fmt.Errorf("keep the merge: %w", err)
	}
	if err := p.write(ctx, tx, "patient.merged", after); err != nil {
		return Merge{}, err
	}
	tx.Announce("schedule", p.kept.ID)
	return m, nil
}

// pair are two records that are locked, with what their rules depend on.
type pair struct {
	keys              *privacy.ClinicKeys
	clinic            clinicFacts
	now               time.Time
	kept, other       Patient
	keptRow           record
	keptKey, otherKey *privacy.PatientKey
}

// lockPair locks both in the order of their ids, so that two merges at once wait for each other and the second one sees what the first did.
func (d *Directory) lockPair(ctx context.Context, tx *tenancy.Tx, kept, other uuid.UUID) (p pair, err error) {
	if p.keys, p.clinic, err = d.begin(ctx, tx); err != nil {
		return pair{}, err
	}
	if p.now, err = tx.Now(ctx); err != nil {
		return pair{}, err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "ids": []uuid.UUID{kept, other}}
	if _, err := ids(ctx, tx, lockAppointments, args); err != nil {
		return pair{}, err
	}
	rows, err := tx.Query(ctx, lockPatients, args)
	if err != nil {
		return pair{}, fmt.Errorf("lock two patients: %w", err)
	}
	both, err := pgx.CollectRows(rows, pgx.RowToStructByName[record])
	if err != nil {
		return pair{}, fmt.Errorf("lock two patients: %w", err)
	}
	if len(both) != 2 {
		return pair{}, fault.New(fault.NotFound, "no-patient", "There is no such patient.")
	}
	if both[0].ID != kept {
		slices.Reverse(both)
	}
	p.keptRow = both[0]
	if p.kept, p.keptKey, err = both[0].openWithKey(p.keys); err != nil {
		return pair{}, err
	}
	p.other, p.otherKey, err = both[1].openWithKey(p.keys)
	return p, err
}

// openWithKey is open for whoever seals again; of an erased patient there is no key.
func (r record) openWithKey(keys *privacy.ClinicKeys) (Patient, *privacy.PatientKey, error) {
	p, err := r.open(keys)
	if err != nil || p.Erased {
		return p, nil, err
	}
	key, err := keys.Patient(r.ID, r.WrappedKey)
	return p, key, err
}

func (p pair) mustMatch(in MergeInput) error {
	for _, one := range []struct {
		Patient
		seen int
	}{{p.kept, in.KeepSeen}, {p.other, in.MergeSeen}} {
		switch {
		case one.Erased:
			return fault.New(fault.Conflict, "patient-erased", "One of these patients has been erased, so the two cannot be made one.")
		case one.MergedInto != nil:
			return fault.New(fault.Conflict, "already-merged", "One of these records was merged meanwhile. Nothing was changed.").With(*one.MergedInto)
		case one.seen != 0 && one.seen != one.Version:
			return fault.New(fault.Conflict, "changed-meanwhile", "One of these records was changed while you compared them. Nothing was merged. Compare them again.")
		}
	}
	return nil
}

// write stores the kept record's fields, makes it be found by all that it stands for, and records what was done.
func (p pair) write(ctx context.Context, tx *tenancy.Tx, action string, details Details) error {
	s, err := seal(p.keptKey, p.kept.ID, details)
	if err != nil {
		return err
	}
	also, err := aliases(ctx, tx, p.keptKey, p.kept.ID)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(updatePatient, s.args(tx.Clinic(), p.kept.ID, p.now))
	b.Queue(deleteTokens, tenancy.Args{"clinic": tx.Clinic(), "ids": []uuid.UUID{p.kept.ID, p.other.ID}})
	queueTokens(b, tx.Clinic(), p.kept.ID, p.keys, append(also, details))
	err = audit.Queue(b, tx, audit.Event{Action: action, SubjectKind: "patient", SubjectID: p.kept.ID, Patients: []uuid.UUID{p.kept.ID, p.other.ID}, Before: p.keptRow.sealed, After: s})
	if err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("write the kept record: %w", err)
	}
	return nil
}

func mergeField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "patient_merges", Column: "details", Row: id}
}

func (m Merge) sealDetails(key *privacy.PatientKey, d mergedDetails) ([]byte, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("keep the fields of a merge: %w", err)
	}
	return key.Seal(mergeField(m.ID), plain)
}

func openDetails(key *privacy.PatientKey, id uuid.UUID, sealed []byte) (d mergedDetails, err error) {
	plain, err := key.Open(mergeField(id), sealed)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(plain, &d); err != nil {
		return d, fmt.Errorf("the fields of merge %s cannot be read", id)
	}
	return d, nil
}

const selectStanding = `select id, details from patient_merges where clinic_id = @clinic and kept_id = @id and undone_at is null`

// aliases are the details by which a patient is found besides the own ones: those of the records that became a part of this one, and those
// that this one had before.
func aliases(ctx context.Context, tx *tenancy.Tx, key *privacy.PatientKey, id uuid.UUID) ([]Details, error) {
	rows, err := tx.Query(ctx, selectStanding, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	type standing struct {
		ID      uuid.UUID
		Details []byte
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[standing])
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	var all []Details
	for _, s := range list {
		d, err := openDetails(key, s.ID, s.Details)
		if err != nil {
			return nil, err
		}
		all = append(append(all, d.Before), d.Merged...)
	}
	return all, nil
}

func ids(ctx context.Context, tx *tenancy.Tx, sql string, args tenancy.Args) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	return found, nil
}
