package patients

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// term is one part of a query: it matches a patient who has any of these.
type term []index

// reader knows what the meaning of a query depends on: the clinic's country and order of dates, and this year.
type reader struct {
	country    string
	monthFirst bool
	year       int
}

const firstYear = 1900 // of birth dates that are looked for without their century

var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	numericDate = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$`)
	wordyDate   = regexp.MustCompile(`^(\d{1,2})[-/.]?([a-z]{3,9})[-/.]?(\d{4}|\d{2})$`)
	dayAndMonth = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})$`)
	monthOfYear = regexp.MustCompile(`^(\d{1,2})/(\d{4})$`)
	dayOfMonth  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?$`)
	yearOnly    = regexp.MustCompile(`^(?:\d{4}|\d{2})$`)
	phonePart   = regexp.MustCompile(`^[-+()./]*\d[-+()./\d]*$`)
)

// fillers are what people type around what they look for. Alone they are looked for.
var fillers = []string{"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "born", "dob", "tel", "phone"}

// parse reads the query from left to right; each part is a date, an e-mail address, a stretch of a phone number, or a name.
func (r reader) parse(text string) []term {
	chunks := strings.Fields(strings.NewReplacer(",", " ", ";", " ").Replace(text))
	chunks = withoutFillers(chunks)
	var terms []term
	for len(chunks) > 0 {
		used := 1
		if dates, n := r.readDate(chunks); n > 0 {
			terms, used = append(terms, dates), n
		} else if month := r.monthBeforeYear(chunks); month != nil {
			terms = append(terms, append(nameTerms(chunks[0])[0], month...)) // May is a name as well
		} else if strings.Contains(chunks[0], "@") {
			terms = append(terms, emailTerm(strings.ToLower(clean(chunks[0]))))
		} else if n := r.phoneChunks(chunks); n > 0 {
			terms, used = append(terms, r.phoneTerm(strings.Join(chunks[:n], " "))), n
		} else {
			terms = append(terms, nameTerms(chunks[0])...)
		}
		chunks = chunks[used:]
	}
	return terms
}

func withoutFillers(chunks []string) []string {
	rest := slices.DeleteFunc(slices.Clone(chunks), func(c string) bool {
		return slices.Contains(fillers, strings.ToLower(strings.Trim(c, ".:")))
	})
	if len(rest) == 0 {
		return chunks
	}
	return rest
}

// emailTerm finds by the part before the @ until the rest is known as well.
func emailTerm(typed string) term {
	t := term{{kindEmail, typed}}
	if local := mailbox(typed); local != "" && local != typed {
		t = append(t, index{kindEmail, local})
	}
	return t
}

// mailbox is an address up to its @: what is remembered of it, and read out first.
func mailbox(email string) string {
	local, _, found := strings.Cut(email, "@")
	if !found || local == "" {
		return ""
	}
	return local + "@"
}

// nameTerms: each part of O'Brien must begin a word, or the whole of it must begin one word, as for those who write OBrien.
func nameTerms(chunk string) []term {
	parts := nameParts(chunk)
	terms := make([]term, 0, len(parts))
	for _, p := range parts {
		t := term{{kindNamePrefix, cut(p)}}
		if len(parts) > 1 {
			t = append(t, index{kindNamePrefix, cut(strings.Join(parts, ""))})
		}
		terms = append(terms, t)
	}
	return terms
}

func cut(word string) string {
	letters := []rune(word)
	return string(letters[:min(maxPrefix, len(letters))])
}

// phoneChunks counts the leading chunks that together are written like a phone number, up to a date.
func (r reader) phoneChunks(chunks []string) int {
	for i, c := range chunks {
		if !phonePart.MatchString(c) {
			return i
		}
		if _, n := r.readDate(chunks[i:]); n > 0 {
			return i
		}
	}
	return len(chunks)
}

// phoneTerm: a number written from its beginning is looked up whole; any other is the end of one, or both where that cannot be told.
// Four digits can be a year of birth, six and eight a birth date.
func (r reader) phoneTerm(text string) term {
	d := digits(text)
	t := term{{kindNamePrefix, cut(d)}}
	e164, whole := parsePhone(text, r.country)
	if whole {
		t = append(t, index{kindPhone, e164})
	}
	fromStart := strings.HasPrefix(text, "+") || strings.HasPrefix(d, "0")
	if len(d) >= minPhoneEnd && (len(d) <= maxPhoneEnd || !whole || !fromStart) {
		t = append(t, index{kindPhoneEnd, d[max(0, len(d)-maxPhoneEnd):]})
	}
	if d != text {
		return t
	}
	switch len(d) {
	case 4:
		t = append(t, r.days(d, time.January, time.December)...)
	case 6:
		t = append(t, r.numeric(d[:2], d[2:4], d[4:])...)
	case 8:
		t = append(append(t, r.numeric(d[:2], d[2:4], d[4:])...), readings(d[:4], d[4:6], d[6:])...)
	}
	return t
}

// readDate reads a date at the start of the chunks and answers how many it used, 0 when there is none. 3/4/1985 is the 3rd of April, or the
// 4th of March where months are written first; what is no date in the clinic's order is read in the other. 85 is 1985 and 2085.
func (r reader) readDate(chunks []string) (term, int) {
	first := strings.ToLower(chunks[0])
	if m := isoDate.FindStringSubmatch(first); m != nil {
		return used(1, readings(m[1], m[2], m[3]))
	}
	if m := numericDate.FindStringSubmatch(first); m != nil {
		return used(1, r.numeric(m[1], m[2], m[3]))
	}
	if m := wordyDate.FindStringSubmatch(first); m != nil {
		return used(1, readings(m[3], monthNumber(m[2]), m[1]))
	}
	if m := monthOfYear.FindStringSubmatch(first); m != nil {
		month, _ := strconv.Atoi(m[1])
		return used(1, r.days(m[2], time.Month(month), time.Month(month)))
	}
	if m := dayAndMonth.FindStringSubmatch(first); m != nil {
		if t := r.everyYear(r.order(m[1], m[2])); len(t) > 0 {
			return t, 1
		}
		return used(1, r.everyYear(r.order(m[2], m[1])))
	}
	return r.readSpaced(chunks)
}

// readSpaced reads 3 April 1985, April 3 1985, 3 4 1985 and 3 April.
func (r reader) readSpaced(chunks []string) (term, int) {
	if len(chunks) < 2 {
		return nil, 0
	}
	day, month := chunks[0], monthNumber(chunks[1])
	if month == "" {
		day, month = chunks[1], monthNumber(chunks[0])
	}
	m := dayOfMonth.FindStringSubmatch(strings.ToLower(day))
	whole := len(chunks) > 2 && yearOnly.MatchString(chunks[2])
	switch {
	case m != nil && month != "" && whole:
		return used(3, readings(chunks[2], month, m[1]))
	case m != nil && month != "":
		return used(2, r.everyYear(month, m[1]))
	case whole && len(chunks[2]) == 4 && len(chunks[0]) <= 2 && len(chunks[1]) <= 2 && r.isYear(chunks[2]):
		return used(3, r.numeric(chunks[0], chunks[1], chunks[2]))
	}
	return nil, 0
}

// monthBeforeYear answers the days of a month whose name stands before a year.
func (r reader) monthBeforeYear(chunks []string) term {
	if len(chunks) < 2 || len(nameParts(chunks[0])) != 1 || !r.isYear(chunks[1]) {
		return nil
	}
	n, err := strconv.Atoi(monthNumber(chunks[0]))
	if err != nil {
		return nil
	}
	return r.days(chunks[1], time.Month(n), time.Month(n))
}

func (r reader) isYear(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && len(text) == 4 && n >= firstYear && n <= r.year
}

// order answers the month and the day of two numbers as the clinic writes them.
func (r reader) order(a, b string) (month, day string) {
	if r.monthFirst {
		return a, b
	}
	return b, a
}

// numeric reads a date of three numbers.
func (r reader) numeric(a, b, year string) term {
	month, day := r.order(a, b)
	if t := readings(year, month, day); len(t) > 0 {
		return t
	}
	return readings(year, day, month)
}

// everyYear are this day's birth dates in all years that somebody alive can be born in.
func (r reader) everyYear(month, day string) term {
	var t term
	for y := firstYear; y <= r.year; y++ {
		t = append(t, readings(strconv.Itoa(y), month, day)...)
	}
	return t
}

// days are the birth dates in these months of a year; none when it is no year of birth.
func (r reader) days(year string, from, to time.Month) term {
	n, err := strconv.Atoi(year)
	if err != nil || !r.isYear(year) || from < time.January || to > time.December {
		return nil
	}
	var t term
	for day := time.Date(n, from, 1, 0, 0, 0, 0, time.UTC); day.Year() == n && day.Month() <= to; day = day.AddDate(0, 0, 1) {
		t = append(t, index{kindBirthDate, day.Format(time.DateOnly)})
	}
	return t
}

func used(n int, t term) (term, int) {
	if len(t) == 0 {
		return nil, 0
	}
	return t, n
}

// monthNumber reads the English name of a month, or its first three letters and more.
func monthNumber(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	for m := time.January; m <= time.December; m++ {
		if len(name) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), name) {
			return strconv.Itoa(int(m))
		}
	}
	return ""
}

func readings(year, month, day string) term {
	years := []string{year}
	if len(year) == 2 {
		years = []string{"19" + year, "20" + year}
	}
	var t term
	for _, y := range years {
		date, err := time.Parse("2006-1-2", y+"-"+month+"-"+day)
		if err == nil {
			t = append(t, index{kindBirthDate, date.Format(time.DateOnly)})
		}
	}
	return t
}
