package privacy

import "strings"

// chunk joins tokens that are written without a space, from i, and answers their plain reading and the end.
func (d *doc) chunk(i int) (string, int) {
	t := &d.toks[i]
	end := i + 1
	if n := d.at(end); !n.is(glued) || n.kind == line {
		return t.fold, end
	}
	var b []byte
	b = append(b, t.fold...)
	for end < len(d.toks) && end-i < 24 {
		n := &d.toks[end]
		if !n.is(glued) || n.is(claimed) {
			break
		}
		if n.kind == mark {
			after := d.at(end + 1)
			if n.sign != '-' && n.sign != '/' && n.sign != '_' && n.sign != '#' && n.sign != '.' || !after.is(glued) || after.kind == mark || n.sign == '.' && after.kind == word && len(after.fold) > 3 {
				break
			}
		} else if n.kind == line {
			break
		} else {
			b = append(b, n.fold...)
		}
		end++
	}
	return string(b), end
}

// code finds identifiers of letters and digits: by their standard's shape, or by the word beside them.
func (d *doc) code(i int) (int, Kind, float32) {
	t := &d.toks[i]
	if t.is(glued) && i > 0 && d.at(i-1).kind != mark {
		return 0, "", 0
	}
	s, end := d.chunk(i)
	if len(s) < 2 || len(s) > 64 {
		return 0, "", 0
	}
	figures := 0
	for k := range len(s) {
		if digitAtByte(s, k) {
			figures++
		}
	}
	if end2, kind := d.spaced(i, s, end); kind != "" {
		return end2, kind, 0.9
	}
	if figures == 0 || len(s) < 3 || figures == len(s) && end == i+1 {
		return 0, "", 0
	}
	if figures == len(s) { // digits with signs between: a run reads them better, unless they hold a slash or many parts
		return 0, "", 0
	}
	if d.measure(i, s, end) {
		return 0, "", 0
	}
	switch {
	case insuranceNumber(s), medicareBeneficiary(s):
		return end, NationalID, 0.95
	case ibanNumber(s):
		return end, BankAccount, 0.98
	case deaNumber(s):
		return end, OtherID, 0.9
	}
	nearest, kind := -1, Kind("")
	for _, t := range numberTopics {
		if p := d.cueBefore(t.topic, i); p > nearest && i-p <= 8 && d.at(p).turn == d.at(i).turn && !d.answered(t.topic, p, i) {
			nearest, kind = p, t.kind
		}
	}
	if p := cueInside(s); p != "" {
		nearest, kind = i, p
	}
	if kind != "" && figures >= 2 && (i-nearest <= 6 || len(s) >= 6) && kind != Phone {
		return end, kind, 0.9
	}
	letters := len(s) - figures
	switch {
	case figures >= 5 && letters >= 1 && len(s) >= 7 || figures >= 4 && len(s) >= 7 && end-i >= 3 && !d.lowWord(i):
		return end, OtherID, 0.6
	}
	return 0, "", 0
}

// cueInside reads the topic from the code itself: MRN-12345, NHS4857773456.
func cueInside(s string) Kind {
	switch {
	case strings.HasPrefix(s, "mrn"), strings.HasPrefix(s, "emr"), strings.HasPrefix(s, "ehr"), strings.HasPrefix(s, "uhid"):
		return RecordNumber
	case strings.HasPrefix(s, "ssn"), strings.HasPrefix(s, "nhs"):
		return NationalID
	}
	return ""
}

// spaced reads shapes that are written with spaces: National Insurance numbers and IBANs in groups.
func (d *doc) spaced(i int, s string, end int) (int, Kind) {
	if len(s) > 8 || !letterAtByte(s, 0) || d.at(i).kind != word || len(d.at(i).fold) != 2 || d.at(i).has(function) && !d.at(i).is(upper) { // "she's at 602…"
		return end, ""
	}
	limit := 34
	b := []byte(s)
	last, kind := end, Kind("")
	for j := end; j < len(d.toks) && len(b) < limit; j++ {
		t := &d.toks[j]
		if t.kind == mark && (t.sign == '-' || t.sign == ' ') {
			continue
		}
		if t.kind == mark || t.kind == line || len(t.fold) > 8 || t.kind == word && len(t.fold) > 4 {
			break
		}
		b = append(b, t.fold...)
		if x := string(b); len(b) == 9 && insuranceNumber(x) || len(b) == 8 && insuranceNumber(x) && kind == "" || len(b) == 9 && fits(x, "AA999999A") && d.near(aboutNational, i, 10) {
			last, kind = j+1, NationalID
		} else if len(b) >= 15 && ibanNumber(x) {
			return j + 1, BankAccount
		}
	}
	return last, kind
}

// measure tells 500mg, COVID-19, T2, IL-6 and 3rd from identifiers.
func (d *doc) measure(i int, s string, end int) bool {
	t := &d.toks[i]
	if t.kind == digits {
		if n := d.at(i + 1); n.kind == word && n.is(glued) && (units[n.fold] || n.fold == "st" || n.fold == "nd" || n.fold == "rd" || n.fold == "th" || n.fold == "s") {
			return true
		}
		if n := d.at(i + 1); n.signed('-') && (units[d.at(i+2).fold] || d.at(i+2).has(ordinary) || d.at(i+2).has(number)) {
			return true
		}
		return d.at(i+1).signed('.') || d.at(i+1).signed('/')
	}
	return t.has(medical) || len(s) <= 4 && t.kind == word || strings.HasPrefix(s, "covid")
}

func (d *doc) lowWord(i int) bool {
	return d.at(i).kind == word && d.at(i).has(ordinary) && !d.at(i).is(upper)
}
