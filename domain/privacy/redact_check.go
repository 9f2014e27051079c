package privacy

import "strings"

// The checks confirm what a number is where no word says so. None is ever used to let go of a number whose word stands beside it.

// luhn is ISO/IEC 7812-1 annex B: payment cards, and NPIs with 80840 before them.
func luhn(s string) bool {
	sum, twice := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		v := int(s[i] - '0')
		if twice {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum, twice = sum+v, !twice
	}
	return len(s) > 1 && sum%10 == 0
}

// cardNumber: 13 to 19 digits whose first belong to a network, and Luhn.
func cardNumber(s string) bool {
	return len(s) >= 13 && len(s) <= 19 && strings.ContainsRune("23456", rune(s[0])) && luhn(s)
}

// nhsNumber is the NHS data dictionary's modulus 11: weights 10 to 2; 11 stands for 0, and 10 is never given out.
func nhsNumber(s string) bool {
	if len(s) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == int(s[9]-'0')
}

// socialSecurity are the numbers the SSA gives out: no area 000, 666 or 9xx, no group 00, no serial 0000.
func socialSecurity(s string) bool {
	return len(s) == 9 && s[:3] != "000" && s[:3] != "666" && s[0] != '9' && s[3:5] != "00" && s[5:] != "0000"
}

// ibanNumber is ISO 13616: four characters to the end, letters as numbers, modulus 97 is 1.
func ibanNumber(s string) bool {
	if len(s) < 15 || len(s) > 34 || !letterAtByte(s, 0) || !letterAtByte(s, 1) || letterAtByte(s, 2) || letterAtByte(s, 3) {
		return false
	}
	rest := 0
	for i := range len(s) {
		c := s[(i+4)%len(s)]
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'a' && c <= 'z':
			rest = (rest*100 + int(c-'a') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

func letterAtByte(s string, i int) bool { return i < len(s) && s[i] >= 'a' && s[i] <= 'z' }
func digitAtByte(s string, i int) bool  { return i < len(s) && s[i] >= '0' && s[i] <= '9' }

// fits matches a folded text with a pattern: a letter, 9 digit, * either; other characters stand for themselves.
func fits(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		switch pattern[i] {
		case 'A':
			if !letterAtByte(s, i) {
				return false
			}
		case '9':
			if !digitAtByte(s, i) {
				return false
			}
		case '*':
			if !letterAtByte(s, i) && !digitAtByte(s, i) {
				return false
			}
		default:
			if s[i] != pattern[i] {
				return false
			}
		}
	}
	return true
}

// insuranceNumber is HMRC's rule for National Insurance numbers (NIM39110).
func insuranceNumber(s string) bool {
	if !fits(s, "AA999999A") && !fits(s, "AA999999") {
		return false
	}
	switch s[:2] {
	case "bg", "gb", "kn", "nk", "nt", "tn", "zz":
		return false
	}
	return !strings.ContainsAny(s[:1], "dfiquv") && !strings.ContainsAny(s[1:2], "dfiquvo") && (len(s) == 8 || s[8] >= 'a' && s[8] <= 'd')
}

// medicareBeneficiary is the CMS format of an MBI: C A AN N A AN N A A N N, letters without S L O I B Z.
func medicareBeneficiary(s string) bool {
	if len(s) != 11 || s[0] < '1' || s[0] > '9' {
		return false
	}
	for i, kind := range "9A*9A*9AA99" {
		c := s[i]
		isDigit := c >= '0' && c <= '9'
		if kind == '9' && !isDigit || kind == 'A' && isDigit || !isDigit && strings.IndexByte("sloibz", c) >= 0 {
			return false
		}
	}
	return true
}

// deaNumber is the check digit of a DEA registration.
func deaNumber(s string) bool {
	if len(s) != 9 || !letterAtByte(s, 0) || !letterAtByte(s, 1) && s[1] != '9' {
		return false
	}
	d := func(i int) int { return int(s[i] - '0') }
	for i := 2; i < 9; i++ {
		if !digitAtByte(s, i) {
			return false
		}
	}
	return (d(2)+d(4)+d(6)+2*(d(3)+d(5)+d(7)))%10 == d(8)
}

// postcode is the grammar of BS 7666 for UK postcodes, without the space.
func postcode(s string) bool {
	if len(s) < 5 || len(s) > 7 {
		return false
	}
	in := s[len(s)-3:]
	if !fits(in, "9AA") || strings.ContainsAny(in[1:], "cikmov") {
		return false
	}
	out := s[:len(s)-3]
	if strings.ContainsAny(out[:1], "qvx") || len(out) > 1 && letterAtByte(out, 1) && strings.ContainsAny(out[1:2], "ijz") {
		return false
	}
	for _, p := range [...]string{"A9", "A99", "A9A", "AA9", "AA99", "AA9A"} {
		if fits(out, p) {
			return true
		}
	}
	return false
}
