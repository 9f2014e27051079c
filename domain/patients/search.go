package patients

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

const (
	maxQuery  = 200 // bytes
	maxTerms  = 32
	maxFound  = 100
	someFound = 20
	maxOffset = 10_000
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
 order by p.updated_at desc, p.id desc limit @most offset @skip`

// Search finds patients by what people at a desk type: beginnings of names in any order, a phone number in any form or its last three
// digits and more, an e-mail address from its start, a birth date or its year, month or day, written as in the clinic's country; every part
// must match. Who has a word just as it was typed comes first, then who was changed last; at most limit (20 when it is not positive, never
// more than 100). more says that there are others. Audited as patient.searched with the ids found, never the query.
func (d *Directory) Search(ctx context.Context, tx *tenancy.Tx, text string, limit int) (found []Patient, more bool, err error) {
	return d.SearchFrom(ctx, tx, text, 0, limit)
}

// SearchFrom is Search without the first skip patients, for a next page.
func (d *Directory) SearchFrom(ctx context.Context, tx *tenancy.Tx, text string, skip, limit int) (found []Patient, more bool, err error) {
	if len(text) > maxQuery {
		return nil, false, fault.BadField("query", tooLong)
	}
	if limit <= 0 {
		limit = someFound
	}
	limit = min(limit, maxFound)
	keys, terms, err := d.read(ctx, tx, strings.ToValidUTF8(text, ""))
	if err != nil || len(terms) == 0 {
		return nil, false, err
	}
	args := searchArgs(keys, terms)
	args["clinic"], args["most"], args["skip"] = tx.Clinic(), limit+1, min(max(0, skip), maxOffset)
	if found, err = query(ctx, tx, keys, selectFound, args); err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	asTyped := nameWords(text)
	slices.SortStableFunc(found, func(a, b Patient) int { return cmp.Compare(whole(b.Name, asTyped), whole(a.Name, asTyped)) })
	return found, more, recordSearch(ctx, tx, found)
}

// whole counts the words of a name that were typed to their end: Ann stands before Annabel.
func whole(name string, typed []string) (n int) {
	for _, w := range nameWords(name) {
		if slices.Contains(typed, w) {
			n++
		}
	}
	return n
}

// read takes the query apart as this clinic writes.
func (d *Directory) read(ctx context.Context, tx *tenancy.Tx, text string) (*privacy.ClinicKeys, []term, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return nil, nil, err
	}
	terms := reader{country: clinic.Country, monthFirst: MonthFirst(clinic.Locale), year: now.Year()}.parse(text)
	if len(terms) > maxTerms {
		return nil, nil, fault.BadField("query", tooLong)
	}
	return keys, distinct(terms), nil
}

// distinct drops what was typed twice: it costs, and finds nothing more.
func distinct(terms []term) []term {
	var out []term
	for _, t := range terms {
		if !slices.ContainsFunc(out, func(o term) bool { return slices.Equal(o, t) }) {
			out = append(out, t)
		}
	}
	return out
}

// MonthFirst is whether people of this locale write the month before the day: Americans do.
func MonthFirst(locale string) bool {
	region, _ := language.Make(locale).Region()
	return region.String() == "US"
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
	return recordMany(ctx, tx, "patient.searched", ids)
}

func recordMany(ctx context.Context, tx *tenancy.Tx, action string, ids []uuid.UUID) error {
	return audit.Record(ctx, tx, audit.Event{Action: action, SubjectKind: "patient", Patients: ids})
}
