package privacy

// findOrganizations finds names that end like one, and where a doctor or an agent says they call from.
func (d *doc) findOrganizations() {
	for i := 0; i < len(d.toks); i++ {
		if d.enter(i); !d.cased {
			continue
		}
		t := &d.toks[i]
		if t.kind != word || t.is(claimed) || !t.is(capital) {
			continue
		}
		if !t.has(orgEnd) || t.is(opens) {
			if d.firm(i) {
				end := i + 1
				for d.at(end).kind == word && (d.at(end).is(capital) && !d.at(end).is(opens) || d.oneOf(end, "at", "of") && d.at(end+1).is(capital)) && !d.at(end).is(claimed) && end-i < 6 {
					end++
				}
				d.add(i, end, Organization, 0.6)
				i = end - 1
			}
			continue
		}
		first := i
		for first > 0 && i-first < 5 && d.at(first-1).kind == word && !d.at(first-1).is(claimed) && (d.at(first-1).is(capital) && !(d.at(first-1).is(opens) && d.at(first-1).has(function)) || d.oneOf(first-1, "and", "of", "for", "'s") && d.at(first-2).is(capital)) {
			first--
		}
		if first < i {
			d.add(first, i+1, Organization, 0.7)
		}
	}
}

// firm: "I'm Doctor Jacob from Babylon", "welcome to Babylon", "calling from Acme".
func (d *doc) firm(i int) bool {
	t := d.at(i)
	if t.is(opens) || t.has(function|month|weekday|anyGiven|title|medical|people|acronym|city|country) {
		return false
	}
	b := i - 1
	switch {
	case d.oneOf(b, "to") && d.is(b-1, "welcome"), d.oneOf(b, "from") && d.oneOf(b-1, "calling", "speaking"), d.is(b, "at") && d.oneOf(b-1, "here", "doctors", "nurses", "work", "works", "worked", "working"):
		return true
	case d.oneOf(b, "from", "at"):
		for k := b - 1; k > b-5; k-- {
			if d.at(k).kind != word {
				break
			}
			if d.at(k).has(title) {
				return true
			}
		}
	}
	return false
}
