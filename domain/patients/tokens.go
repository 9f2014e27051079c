package patients

import (
	"maps"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// The kinds of blind index in patient_tokens.
const (
	kindName       = "name"        // the whole name, in order
	kindNamePrefix = "name-prefix" // the first 1 to 12 letters of each word
	kindPhone      = "phone"       // E.164
	kindPhoneEnd   = "phone-end"   // the last 3 to 7 digits
	kindEmail      = "email"       // lower case; and as far as its @
	kindBirthDate  = "birth-date"  // yyyy-mm-dd

	maxPrefix   = 12
	minPhoneEnd = 3
	maxPhoneEnd = 7
)

// index is one value to look up, or to be found by.
type index struct{ kind, value string }

// folds are letters that Unicode does not take apart but that people type with the plain ones. Case is folded before.
var folds = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ð", "d", "æ", "ae", "œ", "oe", "þ", "th", "ħ", "h", "ŧ", "t", "ı", "i", "ŋ", "n")

// plain folds case and takes accents off: José, JOSE and jose are one. ß becomes ss.
func plain(s string) string {
	s = cases.Fold().String(norm.NFKD.String(s)) // a Caser keeps state: each use has its own
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
	return folds.Replace(s)
}

// nameParts are the words of a chunk without spaces, split at hyphens, apostrophes and all else that is no letter or digit.
func nameParts(chunk string) []string {
	return strings.FieldsFunc(plain(chunk), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) })
}

// nameKey is the whole name without what is between the words: O'Brien, O’Brien and OBrien are one person on one phone.
func nameKey(name string) string { return strings.Join(nameParts(name), "") }

// SameName says whether two names are one person's on one phone, as FindOrCreate sees it. Nothing is not a name.
func SameName(a, b string) bool { return nameKey(a) != "" && nameKey(a) == nameKey(b) }

// nameWords are the words a name is found by: O'Brien-Smith by o, brien, smith, and obriensmith.
func nameWords(name string) []string {
	var words []string
	for _, chunk := range strings.Fields(name) {
		parts := nameParts(chunk)
		words = append(words, parts...)
		if len(parts) > 1 {
			words = append(words, strings.Join(parts, ""))
		}
	}
	return words
}

// indexes are all that a patient is found by, each once.
func (d Details) indexes() map[index]struct{} {
	out := map[index]struct{}{}
	add := func(kind, value string) { out[index{kind, value}] = struct{}{} }
	add(kindName, nameKey(d.Name))
	for _, w := range nameWords(d.Name) {
		letters := []rune(w)
		for n := 1; n <= min(maxPrefix, len(letters)); n++ {
			add(kindNamePrefix, string(letters[:n]))
		}
	}
	if d.Phone != "" {
		add(kindPhone, d.Phone)
		all := digits(d.Phone)
		for n := minPhoneEnd; n <= min(maxPhoneEnd, len(all)); n++ {
			add(kindPhoneEnd, all[len(all)-n:])
		}
	}
	if d.Email != "" {
		add(kindEmail, strings.ToLower(d.Email))
		add(kindEmail, mailbox(strings.ToLower(d.Email)))
	}
	if d.BirthDate != nil {
		add(kindBirthDate, d.BirthDate.Format(time.DateOnly))
	}
	return out
}

const insertTokens = `
insert into patient_tokens (clinic_id, kind, token, patient_id)
select @clinic, t.kind, t.token, @id from unnest(@kinds::text[], @tokens::bytea[]) as t (kind, token)`

// queueTokens makes a patient be found by these details: the patient's own, and those of the records that became a part of this one.
func queueTokens(b *pgx.Batch, clinic, id uuid.UUID, keys *privacy.ClinicKeys, by []Details) {
	all := map[index]struct{}{}
	for _, d := range by {
		maps.Copy(all, d.indexes())
	}
	kinds, tokens := make([]string, 0, len(all)), make([][]byte, 0, len(all))
	for i := range all {
		kinds, tokens = append(kinds, i.kind), append(tokens, keys.Token(i.kind, i.value))
	}
	b.Queue(insertTokens, tenancy.Args{"clinic": clinic, "id": id, "kinds": kinds, "tokens": tokens})
}
