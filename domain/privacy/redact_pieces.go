package privacy

// findPieces takes a number that is dictated in pieces, a few figures to a turn while the other side says them back or says yes. No piece
// alone tells what it is; together they have seven figures or more.
func (d *doc) findPieces() {
	for n := 0; n < len(d.turns); n++ {
		first, pieces := n, 0
		var said [2]int // figures by each of two sides
		silent := 0
		for ; n < len(d.turns) && silent < 2; n++ {
			t := d.turns[n]
			figures, ok := d.figuresOnly(int(t.first), int(t.last))
			if !ok {
				break
			}
			silent++
			if figures > 0 {
				said[t.side&1] += figures
				silent = 0
				pieces++
			}
		}
		tail := -1
		if pieces > 0 && first > 0 {
			if from, figures := d.tailFigures(first - 1); figures >= 3 {
				tail = from
				said[d.turns[first-1].side&1] += figures
				pieces++
			}
		}
		if pieces >= 2 && max(said[0], said[1]) >= 7 {
			if tail >= 0 {
				d.takeFigures(tail, int(d.turns[first-1].last), d.pieceKind(tail))
			}
			for m := first; m < n; m++ {
				d.takePieces(m, d.pieceKind(int(d.turns[first].first)))
			}
		}
		n = max(first, n-1)
	}
}

// figuresOnly counts the figures of a turn that holds nothing but numbers said one by one and the small words around them.
func (d *doc) figuresOnly(i, to int) (int, bool) {
	figures := 0
	for i < to {
		t := d.at(i)
		if a, ok := d.atom(i); ok {
			if t.is(claimed) || a.ord || len(a.digits) > 6 || d.counts(int(a.last)) || d.priced(i, int(a.last)) {
				return 0, false
			}
			figures += len(a.digits)
			i = int(a.last)
			continue
		}
		if t.kind == line || t.kind == mark && t.sign != '@' || t.kind == word && (t.has(filler|backing) || smallWords[t.fold] || d.oneOf(i, "huh", "mhm", "plus")) {
			i++
			continue
		}
		return 0, false
	}
	return figures, figures != 1 && figures != 2
}

// pieceKind is what was asked for, or a telephone number.
func (d *doc) pieceKind(i int) Kind {
	best, kind := -1, Phone
	for _, n := range numberTopics {
		if p := d.cueBefore(n.topic, i); p > best && i-p < 60 {
			best, kind = p, n.kind
		}
	}
	return kind
}

// tailFigures answers where the figures begin that a turn ends with: "her direct line is four oh five".
func (d *doc) tailFigures(n int) (from, figures int) {
	first, i := int(d.turns[n].first), int(d.turns[n].last)
	for from = i; i > first && figures < 12; {
		i--
		t := d.at(i)
		if a, ok := d.atom(i); ok {
			if a.ord || t.is(claimed) || int(a.last) < from-2 {
				break
			}
			figures += len(a.digits)
			from = i
		} else if t.kind == word && !t.has(number|filler) || from-i > 4 {
			break
		}
	}
	return from, figures
}

func (d *doc) takePieces(n int, k Kind) {
	d.takeFigures(int(d.turns[n].first), int(d.turns[n].last), k)
}

func (d *doc) takeFigures(i, to int, k Kind) {
	for i < to {
		a, ok := d.atom(i)
		if !ok {
			i++
			continue
		}
		first, last := i, int(a.last)
		for j := d.gap(last); j < to; j = d.gap(last) {
			if a, ok = d.atom(j); !ok {
				break
			}
			last = int(a.last)
		}
		d.add(first, last, k, 0.6)
		i = last
	}
}
