package patients

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// What a duplicate has in common with the patient it may be.
const (
	ByName      = "name"
	ByPhone     = "phone"
	ByEmail     = "email"
	ByBirthDate = "birth date"
)

// Duplicate is a patient who may be the same person, and what says so.
type Duplicate struct {
	Patient
	Same []string
}

// Likely is whether two things agree: one alone may be a family's phone, or a common name.
func (d Duplicate) Likely() bool { return len(d.Same) > 1 }

const mostAlike = 50

// shared are the kinds of token by which two records are compared; each is a bit.
var shared = []struct{ kind, words string }{{kindName, ByName}, {kindPhone, ByPhone}, {kindEmail, ByEmail}, {kindBirthDate, ByBirthDate}}

// A birth date alone says nothing: a name, a phone or an address must agree as well.
const selectAlike = `
with wanted as (select w.bit, w.kind, w.token from unnest(@bits::bigint[], @kinds::text[], @tokens::bytea[]) as w (bit, kind, token)),
alike as (
  select t.patient_id, bit_or(w.bit) as bits from wanted w
    join patient_tokens t on t.clinic_id = @clinic and t.kind = w.kind and t.token = w.token
   group by t.patient_id having bit_or(w.bit) <> @birth::bigint)
select f.bits, ` + columns + `
  from alike f join patients p on p.clinic_id = @clinic and p.id = f.patient_id
 where p.id <> @except
   and not exists (select from patient_namesakes n where n.clinic_id = @clinic and n.one_id = least(p.id, @except) and n.other_id = greatest(p.id, @except))
 order by bit_count(f.bits::bit(8)) desc, p.created_at, p.id limit @most`

type alike struct {
	Bits int64
	record
}

// Duplicates answers who may already be in the directory under these details, as far as they can be read: the likeliest first. Somebody of
// the same name with another birth date is another person. except is left out: the patient whose details these are, or uuid.Nil. Audited
// as patient.searched with the ids found.
func (d *Directory) Duplicates(ctx context.Context, tx *tenancy.Tx, in Details, except uuid.UUID) ([]Duplicate, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return nil, err
	}
	phone, _ := parsePhone(in.Phone, clinic.Country)
	values := []string{nameKey(clean(in.Name)), phone, strings.ToLower(strings.TrimSpace(clean(in.Email))), dateOf(in.BirthDate)}
	terms := make([]term, len(values))
	for i, v := range values {
		if v != "" {
			terms[i] = term{{shared[i].kind, v}}
		}
	}
	args := searchArgs(keys, terms)
	args["clinic"], args["except"], args["birth"], args["most"] = tx.Clinic(), except, int64(1)<<3, mostAlike
	rows, err := tx.Query(ctx, selectAlike, args)
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[alike])
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	var out []Duplicate
	var shown []Patient
	for _, f := range found {
		p, err := f.open(keys)
		if err != nil {
			return nil, err
		}
		if f.isNamesake(in, p.Details) {
			continue
		}
		out, shown = append(out, Duplicate{Patient: p, Same: f.same()}), append(shown, p)
	}
	if len(shown) == 0 {
		return nil, nil
	}
	return out, recordSearch(ctx, tx, shown)
}

func dateOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (a alike) same() (words []string) {
	for i, s := range shared {
		if a.Bits&(1<<i) != 0 {
			words = append(words, s.words)
		}
	}
	return words
}

// isNamesake: only the name is the same, and both birth dates are known and differ.
func (a alike) isNamesake(in, other Details) bool {
	return a.Bits == 1 && in.BirthDate != nil && other.BirthDate != nil && !in.BirthDate.Equal(*other.BirthDate)
}
