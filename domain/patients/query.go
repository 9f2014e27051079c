package patients

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// term is one part of a query: it matches a patient who has any of these.
type term []index

var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$`)
	numericDate = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$`)
	dayOfMonth  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?$`)
	yearOnly    = regexp.MustCompile(`^(?:\d{4}|\d{2})$`)
	phonePart   = regexp.MustCompile(`^[-+()./]*\d[-+()./\d]*$`)
)

// parseQuery reads the query from left to right; each part is a date, an e-mail address, a stretch of a phone number, or a name.
func parseQuery(text, country string) []term {
	chunks := strings.Fields(strings.NewReplacer(",", " ", ";", " ").Replace(text))
	var terms []term
	for len(chunks) > 0 {
		used := 1
		if dates, n := readDate(chunks); n > 0 {
			terms, used = append(terms, dates), n
		} else if strings.Contains(chunks[0], "@") {
			terms = append(terms, term{{kindEmail, strings.ToLower(clean(chunks[0]))}})
		} else if n := phoneChunks(chunks); n > 0 {
			terms, used = append(terms, phoneTerm(strings.Join(chunks[:n], " "), country)), n
		} else {
			terms = append(terms, nameTerms(chunks[0])...)
		}
		chunks = chunks[used:]
	}
	return terms
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
func phoneChunks(chunks []string) int {
	for i, c := range chunks {
		if !phonePart.MatchString(c) {
			return i
		}
		if _, n := readDate(chunks[i:]); n > 0 {
			return i
		}
	}
	return len(chunks)
}

// phoneTerm: a number written from its beginning is looked up whole; any other is the end of one, or both where that cannot be told.
func phoneTerm(text, country string) term {
	d := digits(text)
	t := term{{kindNamePrefix, cut(d)}}
	e164, whole := parsePhone(text, country)
	if whole {
		t = append(t, index{kindPhone, e164})
	}
	fromStart := strings.HasPrefix(text, "+") || strings.HasPrefix(d, "0")
	if len(d) >= minPhoneEnd && (len(d) <= maxPhoneEnd || !whole || !fromStart) {
		t = append(t, index{kindPhoneEnd, d[max(0, len(d)-maxPhoneEnd):]})
	}
	return t
}

// readDate reads a date at the start of the chunks and answers how many it used, 0 when there is none. 3/4/1985 is both the 3rd of April
// and the 4th of March, whoever typed it; 85 is 1985 and 2085.
func readDate(chunks []string) (term, int) {
	if m := isoDate.FindStringSubmatch(chunks[0]); m != nil {
		return used(1, readings(m[1], m[2], m[3]))
	}
	if m := numericDate.FindStringSubmatch(chunks[0]); m != nil {
		both := readings(m[3], m[2], m[1])
		if m[1] != m[2] {
			both = append(both, readings(m[3], m[1], m[2])...)
		}
		return used(1, both)
	}
	if len(chunks) < 3 || !yearOnly.MatchString(chunks[2]) {
		return nil, 0
	}
	day, month := chunks[0], monthNumber(chunks[1])
	if month == "" {
		day, month = chunks[1], monthNumber(chunks[0])
	}
	m := dayOfMonth.FindStringSubmatch(strings.ToLower(day))
	if m == nil || month == "" {
		return nil, 0
	}
	return used(3, readings(chunks[2], month, m[1]))
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
