package patients

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

const lockPhone = `select pg_advisory_xact_lock(@lock)`

const selectSame = `
select ` + columns + `
  from patient_tokens byphone
  join patient_tokens byname on byname.clinic_id = @clinic and byname.kind = 'name' and byname.token = @name and byname.patient_id = byphone.patient_id
  join patients p on p.clinic_id = @clinic and p.id = byphone.patient_id
 where byphone.clinic_id = @clinic and byphone.kind = 'phone' and byphone.token = @phone
 order by p.created_at, p.id limit 1
   for key share of p` // until the transaction ends, the patient cannot be merged away

// FindOrCreate answers the patient with this phone and this name, whatever its accents, case, hyphens and spaces; when there is none, it makes
// one. Two transactions at once with one phone wait for each other, so that they end with one patient. A family may share a phone.
// The phone must not be empty. Audited as patient.viewed or patient.created.
func (d *Directory) FindOrCreate(ctx context.Context, tx *tenancy.Tx, name, phone string) (p Patient, created bool, err error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return Patient{}, false, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return Patient{}, false, err
	}
	details, err := Details{Name: name, Phone: phone}.normal(clinic, now)
	if err != nil {
		return Patient{}, false, err
	}
	if details.Phone == "" {
		return Patient{}, false, fault.BadField("phone", badPhone)
	}
	found, err := lockAndFind(ctx, tx, keys, details)
	if err != nil {
		return Patient{}, false, err
	}
	if len(found) == 0 {
		p, err = insert(ctx, tx, keys, details, now)
		return p, err == nil, err
	}
	if p, err = standing(ctx, tx, keys, found[0]); err != nil {
		return Patient{}, false, err
	}
	return p, false, audit.Record(ctx, tx, audit.Event{
		Action: "patient.viewed", SubjectKind: "patient", SubjectID: p.ID, Patients: []uuid.UUID{p.ID}, Reason: "found by name and phone",
	})
}

const selectShared = `select ` + columns + ` from patients p where p.clinic_id = @clinic and p.id = @id for key share`

// standing answers the record that p became a part of while it was being looked for.
func standing(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, p Patient) (Patient, error) {
	for p.MergedInto != nil {
		r, err := one(ctx, tx, selectShared, *p.MergedInto)
		if err != nil {
			return Patient{}, err
		}
		if p, err = r.open(keys); err != nil {
			return Patient{}, err
		}
	}
	return p, nil
}

// Standing answers the patient who stands for this one: the same, or the one whose record it became a part of. Until the transaction ends they cannot be
// merged away. Whoever keeps something under a patient's key asks first: what is kept for somebody while they are being merged would stay behind.
func (d *Directory) Standing(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (uuid.UUID, error) {
	for {
		r, err := one(ctx, tx, selectShared, id)
		if err != nil {
			return uuid.Nil, err
		}
		if r.MergedInto == nil {
			return r.ID, nil
		}
		id = *r.MergedInto
	}
}

// lockAndFind is one round trip. The second statement sees what the lock's last holder committed, since each has its own snapshot.
func lockAndFind(ctx context.Context, tx *tenancy.Tx, keys *privacy.ClinicKeys, details Details) ([]Patient, error) {
	phone := keys.Token(kindPhone, details.Phone)
	b := &pgx.Batch{}
	b.Queue(lockPhone, tenancy.Args{"lock": int64(binary.BigEndian.Uint64(phone))}) // #nosec G115 -- any 64 bits will do
	b.Queue(selectSame, tenancy.Args{"clinic": tx.Clinic(), "phone": phone, "name": keys.Token(kindName, nameKey(details.Name))})
	br := tx.SendBatch(ctx, b)
	found, err := readSame(br, keys)
	if err = errors.Join(err, br.Close()); err != nil {
		return nil, fmt.Errorf("find a patient by phone and name: %w", err)
	}
	return found, nil
}

func readSame(br pgx.BatchResults, keys *privacy.ClinicKeys) ([]Patient, error) {
	if _, err := br.Exec(); err != nil {
		return nil, err
	}
	rows, err := br.Query()
	if err != nil {
		return nil, err
	}
	return collect(rows, keys)
}

const selectByPhone = `
select ` + columns + `
  from patient_tokens t join patients p on p.clinic_id = @clinic and p.id = t.patient_id
 where t.clinic_id = @clinic and t.kind = 'phone' and t.token = @phone
 order by p.created_at, p.id`

// ByPhone answers everyone with this phone, the longest known first. Audited as patient.searched with their ids.
func (d *Directory) ByPhone(ctx context.Context, tx *tenancy.Tx, phone string) ([]Patient, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return nil, err
	}
	e164, ok := parsePhone(phone, clinic.Country)
	if !ok {
		return nil, fault.BadField("phone", badPhone)
	}
	found, err := query(ctx, tx, keys, selectByPhone, tenancy.Args{"clinic": tx.Clinic(), "phone": keys.Token(kindPhone, e164)})
	if err != nil {
		return nil, err
	}
	return found, recordSearch(ctx, tx, found)
}
