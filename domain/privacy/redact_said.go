package privacy

// saidCode reads an identifier said in letters, spelling words and numbers: "bravo two seven kilo nine nine", "q q one two three four five six c".
func (d *doc) saidCode(i int) (int, Kind) {
	t := d.at(i)
	if t.kind != word || len(t.fold) != 1 && !t.has(spelling|number) {
		return 0, ""
	}
	var buf [24]byte
	b := buf[:0]
	letters, figures, last := 0, 0, i
	for j := i; len(b) < 16; {
		x := d.at(j)
		if x.is(claimed) {
			break
		}
		if a, ok := d.atom(j); ok && !a.ord && len(a.digits) <= 8 {
			b = append(b, a.digits...)
			figures += len(a.digits)
			j = int(a.last)
			last = j
			continue
		}
		switch {
		case x.kind == word && len(x.fold) == 1:
			b = append(b, x.fold...)
			letters++
			j++
			if d.oneOf(j, "for", "as") {
				k := j + 1
				if d.is(k, "in") {
					k++
				}
				if w := d.at(k); w.kind == word && len(w.fold) > 1 && w.fold[0] == x.fold[0] {
					j = k + 1
				}
			}
		case x.kind == word && x.has(spelling) && (!x.has(function) || len(b) > 0) && len(x.fold) > 1:
			b = append(b, x.fold[0])
			letters++
			j++
		case len(b) > 0 && (x.kind == mark && (x.sign == ',' || x.sign == '-' || x.sign == '.' && !d.at(j+1).is(opens)) || x.kind == word && (x.has(filler) || x.fold == "dash" || x.fold == "slash")):
			j++
			continue
		default:
			j = -1
		}
		if j < 0 {
			break
		}
		last = j
	}
	if letters == 0 || figures < 2 || len(b) < 4 || letters == 1 && len(t.fold) == 1 && (t.fold == "a" || t.fold == "i") {
		return 0, ""
	}
	s := string(b)
	switch {
	case insuranceNumber(s), medicareBeneficiary(s):
		return last, NationalID
	case ibanNumber(s):
		return last, BankAccount
	}
	best, kind := -1, Kind("")
	for _, n := range numberTopics {
		if n.topic == aboutPhone {
			continue
		}
		if p := d.cueBefore(n.topic, i); p > best && (i-p <= 12 && d.at(p).turn == d.at(i).turn && !d.answered(n.topic, p, i) || d.asked(n.topic, i)) {
			best, kind = p, n.kind
		}
	}
	if p := d.cueBefore(aboutAddress, i); p > best && d.asked(aboutAddress, i) {
		if postcode(s) || looksLikePostcode(s) {
			return last, Address
		}
		return 0, ""
	}
	if kind == "" {
		return 0, ""
	}
	return last, kind
}

// feast answers where a birth date begins whose day is a feast: "Christmas Day, nineteen ninety".
func (d *doc) feast(i int) int {
	j := i - 1
	if d.at(j).signed(',') {
		j--
	}
	if d.oneOf(j, "day", "eve") && d.oneOf(j-1, "christmas", "boxing", "year's", "years", "valentine's", "valentines", "patrick's", "patricks", "mayday") {
		return j - 1
	}
	if d.oneOf(j, "halloween", "christmas") {
		return j
	}
	return i
}
