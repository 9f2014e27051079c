package privacy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Older says whether rule set a came before b, by the numbers in their names. Programs of two versions run side by side while one takes the other's
// place: each goes over what older rules have redacted, and neither takes back what the other did.
func Older(a, b string) bool { return slices.Compare(numbersOf(a), numbersOf(b)) < 0 }

func numbersOf(name string) []int {
	parts := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsDigit(r) })
	list := make([]int, len(parts))
	for i, p := range parts {
		list[i], _ = strconv.Atoi(p) // names are ours, and short
	}
	return list
}
