// Package patients is the directory of a clinic's patients. Every personal field is ciphertext under the patient's own key; people are found
// through keyed blind indexes.
package patients

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// ErasedName is shown for a patient whose key has been destroyed.
const ErasedName = "Erased patient"

// Details are what the clinic knows of a patient. Create, Update and FindOrCreate put them into their normal form.
type Details struct {
	Name      string     // 1 to 120 characters, with single spaces
	Phone     string     // E.164; given in any form used in the clinic's country; may be empty
	Email     string     // may be empty
	BirthDate *time.Time // midnight UTC of the date; nil when unknown
	Address   string
	Notes     string
}

// Patient is one person in one clinic.
type Patient struct {
	ID uuid.UUID
	Details
	Erased     bool       // the key is destroyed: Name is ErasedName, and the rest is empty for ever
	MergedInto *uuid.UUID // the patient whose record this one became a part of
	Version    int        // counts the changes, so that a form can tell that it is stale
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Directory finds and changes patients.
type Directory struct {
	vault *privacy.Vault
	facts *expirable.LRU[uuid.UUID, clinicFacts]
}

// Facts of a clinic are remembered: they are chosen once, with the clinic.
const (
	factsKept = 10_000
	factsLife = time.Minute
)

// New makes a directory over the vault that keeps the patients' keys.
func New(v *privacy.Vault) *Directory {
	return &Directory{vault: v, facts: expirable.NewLRU[uuid.UUID, clinicFacts](factsKept, nil, factsLife)}
}

// record is a patient as stored.
type record struct {
	ID         uuid.UUID
	WrappedKey []byte
	sealed
	MergedInto *uuid.UUID
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// sealed are the personal fields as ciphertext; an empty one is NULL. Their random nonces salt the audit's digest.
type sealed struct {
	Name, Phone, Email, BirthDate, Address, Notes []byte
}

const columns = `p.id, p.wrapped_key, p.name, p.phone, p.email, p.birth_date, p.address, p.notes, p.merged_into, p.version, p.created_at, p.updated_at`

// clinicFacts are what the rules for a patient's details depend on.
type clinicFacts struct{ Country, Zone, Locale string }

const selectClinic = `select country, zone, locale from clinics where clinic_id = @clinic`

// begin reads the clinic's keys and facts; usually both are remembered.
func (d *Directory) begin(ctx context.Context, tx *tenancy.Tx) (*privacy.ClinicKeys, clinicFacts, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, clinicFacts{}, err
	}
	if facts, ok := d.facts.Get(tx.Clinic()); ok {
		return keys, facts, nil
	}
	rows, err := tx.Query(ctx, selectClinic, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, clinicFacts{}, fmt.Errorf("read the clinic: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[clinicFacts])
	if err != nil {
		return nil, clinicFacts{}, fmt.Errorf("read the clinic: %w", err)
	}
	d.facts.Add(tx.Clinic(), c)
	return keys, c, nil
}

const insertPatient = `
insert into patients (clinic_id, id, wrapped_key, name, phone, email, birth_date, address, notes, created_at, updated_at)
values (@clinic, @id, @wrapped, @name, @phone, @email, @birth_date, @address, @notes, @now, @now)`

// Create adds a patient, even when one with the same name and phone is there. Every bad field is named in one fault. Audited as patient.created.
func (d *Directory) Create(ctx context.Context, tx *tenancy.Tx, in Details) (Patient, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return Patient{}, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Patient{}, err
	}
	details, err := in.normal(clinic, now)
	if err != nil {
		return Patient{}, err
	}
	return insert(ctx, tx, keys, details, now)
}

func insert(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, details Details, now time.Time) (Patient, error) {
	p := Patient{ID: tenancy.NewID(), Details: details, Version: 1, CreatedAt: now, UpdatedAt: now}
	wrapped, key, err := keys.NewPatientKey(p.ID)
	if err != nil {
		return Patient{}, err
	}
	s, err := seal(key, p.ID, details)
	if err != nil {
		return Patient{}, err
	}
	args := s.args(tx.Clinic(), p.ID, now)
	args["wrapped"] = wrapped
	b := &pgx.Batch{}
	b.Queue(insertPatient, args)
	queueTokens(b, tx.Clinic(), p.ID, keys, []Details{details})
	if err := tx.LaterAll(b); err != nil {
		return Patient{}, fmt.Errorf("insert a patient: %w", err)
	}
	return p, record1(ctx, tx, "patient.created", p.ID, nil, s)
}

// A change of the fields leaves alone who only refers to the patient; a merge locks harder (lockPair), and waits for those.
const selectForUpdate = `select ` + columns + ` from patients p where p.clinic_id = @clinic and p.id = @id for no key update`

const updatePatient = `
update patients set name = @name, phone = @phone, email = @email, birth_date = @birth_date, address = @address, notes = @notes, updated_at = @now,
       version = version + 1
 where clinic_id = @clinic and id = @id`

const deleteTokens = `delete from patient_tokens where clinic_id = @clinic and patient_id = any(@ids::uuid[])`

// Update is Edit by a verb that has just read the patient in the same transaction.
func (d *Directory) Update(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, in Details) (Patient, error) {
	return d.Edit(ctx, tx, EditInput{ID: id, Details: in})
}

// EditInput is a change of a patient's details by somebody who saw them.
type EditInput struct {
	ID      uuid.UUID
	Details Details
	Seen    int // the Version that was seen; 0: not checked
}

// Edit replaces all details of a patient. An erased or merged patient is a Conflict; so is one that was changed since it was seen
// ("changed-meanwhile", with the Patient as it is now). Audited as patient.updated with digests of before and after.
func (d *Directory) Edit(ctx context.Context, tx *tenancy.Tx, in EditInput) (Patient, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return Patient{}, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Patient{}, err
	}
	details, err := in.Details.normal(clinic, now)
	if err != nil {
		return Patient{}, err
	}
	old, err := one(ctx, tx, selectForUpdate, in.ID)
	if err != nil {
		return Patient{}, err
	}
	if err := old.mustStand(); err != nil {
		return Patient{}, err
	}
	if in.Seen != 0 && in.Seen != old.Version {
		return Patient{}, changedMeanwhile(keys, old)
	}
	key, err := keys.Patient(in.ID, old.WrappedKey)
	if err != nil {
		return Patient{}, err
	}
	s, err := seal(key, in.ID, details)
	if err != nil {
		return Patient{}, err
	}
	also, err := aliases(ctx, tx, key, in.ID)
	if err != nil {
		return Patient{}, err
	}
	b := &pgx.Batch{}
	b.Queue(updatePatient, s.args(tx.Clinic(), in.ID, now))
	b.Queue(deleteTokens, tenancy.Args{"clinic": tx.Clinic(), "ids": []uuid.UUID{in.ID}})
	queueTokens(b, tx.Clinic(), in.ID, keys, append(also, details))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Patient{}, fmt.Errorf("update a patient: %w", err)
	}
	p := Patient{ID: in.ID, Details: details, Version: old.Version + 1, CreatedAt: old.CreatedAt, UpdatedAt: now}
	return p, record1(ctx, tx, "patient.updated", in.ID, old.sealed, s)
}

// mustStand refuses a record that cannot be changed any more.
func (r record) mustStand() error {
	switch {
	case r.WrappedKey == nil:
		return fault.New(fault.Conflict, "patient-erased", "This patient has been erased and cannot be changed.")
	case r.MergedInto != nil:
		return fault.New(fault.Conflict, "patient-merged", "This record was merged into another one. Change that one instead.").With(*r.MergedInto)
	}
	return nil
}

func changedMeanwhile(keys *privacy.ClinicKeys, r record) error {
	p, err := r.open(keys)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "changed-meanwhile", "Somebody else changed this record while you were typing.").With(p)
}

const selectOne = `select ` + columns + ` from patients p where p.clinic_id = @clinic and p.id = @id`

// Get answers one patient, and records patient.viewed. An erased one is answered as such. Of one that was merged only the id of the patient
// it was merged into is answered.
func (d *Directory) Get(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (Patient, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return Patient{}, err
	}
	r, err := one(ctx, tx, selectOne, id)
	if err != nil {
		return Patient{}, err
	}
	if r.MergedInto != nil {
		return Patient{ID: r.ID, MergedInto: r.MergedInto, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}, nil
	}
	p, err := r.open(keys)
	if err != nil {
		return Patient{}, err
	}
	return p, record1(ctx, tx, "patient.viewed", id, nil, nil)
}

func one(ctx context.Context, tx *tenancy.Tx, sql string, id uuid.UUID) (record, error) {
	rows, err := tx.Query(ctx, sql, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return record{}, fmt.Errorf("read a patient: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[record])
	if errors.Is(err, pgx.ErrNoRows) {
		return record{}, fault.New(fault.NotFound, "no-patient", "There is no such patient.")
	}
	if err != nil {
		return record{}, fmt.Errorf("read a patient: %w", err)
	}
	return r, nil
}

const selectMany = `select ` + columns + ` from patients p where p.clinic_id = @clinic and p.id = any(@ids)`

// Many answers the patients with these ids, for a page that shows many; unknown ids are left out. One query. It records nothing: the page
// records one event with all ids.
func (d *Directory) Many(ctx context.Context, tx *tenancy.Tx, ids []uuid.UUID) (map[uuid.UUID]Patient, error) {
	out := make(map[uuid.UUID]Patient, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	b := &pgx.Batch{}
	if err := d.QueueMany(ctx, tx, b, ids, out); err != nil {
		return nil, err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read patients: %w", err)
	}
	return out, nil
}

// QueueMany is Many as a part of a batch: found is filled when the batch's results are closed.
func (d *Directory) QueueMany(ctx context.Context, tx *tenancy.Tx, b *pgx.Batch, ids []uuid.UUID, found map[uuid.UUID]Patient) error {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return err
	}
	b.Queue(selectMany, tenancy.Args{"clinic": tx.Clinic(), "ids": ids}).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			r, err := pgx.RowToStructByName[record](rows)
			if err != nil {
				return fmt.Errorf("read patients: %w", err)
			}
			if found[r.ID], err = r.open(keys); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return nil
}

func query(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, sql string, args tenancy.Args) ([]Patient, error) {
	rows, err := tx.Query(ctx, sql, args)
	if err != nil {
		return nil, fmt.Errorf("read patients: %w", err)
	}
	return collect(rows, keys)
}

func collect(rows pgx.Rows, keys *privacy.ClinicKeys) ([]Patient, error) {
	records, err := pgx.CollectRows(rows, pgx.RowToStructByName[record])
	if err != nil {
		return nil, fmt.Errorf("read patients: %w", err)
	}
	out := make([]Patient, len(records))
	for i, r := range records {
		if out[i], err = r.open(keys); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// record1 records an event about one patient. before and after are sealed fields: their nonces keep digests from being guessed.
func record1(ctx context.Context, tx *tenancy.Tx, action string, id uuid.UUID, before, after any) error {
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "patient", SubjectID: id, Patients: []uuid.UUID{id}, Before: before, After: after})
}
