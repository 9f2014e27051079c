package patients

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

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
 order by p.created_at, p.id limit 1`

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
	return found[0], false, audit.Record(ctx, tx, audit.Event{
		Action: "patient.viewed", SubjectKind: "patient", SubjectID: found[0].ID, Patients: []uuid.UUID{found[0].ID}, Reason: "found by name and phone",
	})
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

const (
	maxQuery  = 200 // bytes
	maxTerms  = 32
	maxFound  = 100
	someFound = 20
	tooLong   = "is too long"
)

// A patient is found when every term of the query has one of its tokens: each term is a bit, and all bits must be there.
const selectFound = `
with wanted as (select w.bit, w.kind, w.token from unnest(@bits::bigint[], @kinds::text[], @tokens::bytea[]) as w (bit, kind, token)),
found as (
  select t.patient_id from wanted w
    join patient_tokens t on t.clinic_id = @clinic and t.kind = w.kind and t.token = w.token
   group by t.patient_id having bit_or(w.bit) = @all::bigint)
select ` + columns + `
  from found f join patients p on p.clinic_id = @clinic and p.id = f.patient_id
 order by p.updated_at desc, p.id desc limit @most`

// Search finds patients by what people at a desk type: beginnings of names in any order, a phone number in any form or its last three
// digits and more, a whole e-mail address, a birth date; every part must match. The last changed come first, at most limit (20 when it
// is not positive, never more than 100); more says that there are others. Audited as patient.searched with the ids found, never the query.
func (d *Directory) Search(ctx context.Context, tx *tenancy.Tx, text string, limit int) (found []Patient, more bool, err error) {
	if len(text) > maxQuery {
		return nil, false, fault.BadField("query", tooLong)
	}
	if limit <= 0 {
		limit = someFound
	}
	limit = min(limit, maxFound)
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return nil, false, err
	}
	terms := parseQuery(strings.ToValidUTF8(text, ""), clinic.Country)
	if len(terms) > maxTerms {
		return nil, false, fault.BadField("query", tooLong)
	}
	if len(terms) == 0 {
		return nil, false, nil
	}
	args := searchArgs(keys, terms)
	args["clinic"], args["most"] = tx.Clinic(), limit+1
	if found, err = query(ctx, tx, keys, selectFound, args); err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	return found, more, recordSearch(ctx, tx, found)
}

func searchArgs(keys *privacy.ClinicKeys, terms []term) tenancy.Args {
	var bits []int64
	var kinds []string
	var tokens [][]byte
	for n, t := range terms {
		for _, i := range t {
			bits, kinds, tokens = append(bits, 1<<n), append(kinds, i.kind), append(tokens, keys.Token(i.kind, i.value))
		}
	}
	return tenancy.Args{"bits": bits, "kinds": kinds, "tokens": tokens, "all": int64(1)<<len(terms) - 1}
}

func recordSearch(ctx context.Context, tx *tenancy.Tx, found []Patient) error {
	ids := make([]uuid.UUID, len(found))
	for i, p := range found {
		ids[i] = p.ID
	}
	return audit.Record(ctx, tx, audit.Event{Action: "patient.searched", SubjectKind: "patient", Patients: ids})
}
