package patients

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const badPhone = "must be a phone number with its area code"

const maxPhone = 40

// parsePhone reads a number as people of this country write it, and answers E.164. Only possible lengths pass: a number without its area
// code would reach somebody else. Whether the number is in use is not known.
func parsePhone(raw, country string) (e164 string, ok bool) {
	if len(raw) > maxPhone {
		return "", false
	}
	n, err := phonenumbers.Parse(raw, country)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// IsPhone says whether somebody could be rung on this number: one that is given out, or that is as long as a country's numbers are and not one
// digit again and again. Numbers that are kept for examples are of the second kind.
func IsPhone(raw, country string) bool {
	e164, ok := parsePhone(raw, country)
	if !ok {
		return false
	}
	n, err := phonenumbers.Parse(e164, country)
	if err != nil || phonenumbers.IsValidNumber(n) {
		return err == nil
	}
	digits, region := phonenumbers.GetNationalSignificantNumber(n), phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE} {
		if like := phonenumbers.GetExampleNumberForType(region, kind); like != nil && len(digits) == len(phonenumbers.GetNationalSignificantNumber(like)) {
			return strings.Trim(digits, digits[:1]) != ""
		}
	}
	return false
}

// FormatPhone writes a number as people of this country do: the national form for their own, the international one for others.
func FormatPhone(e164, country string) string {
	n, err := phonenumbers.Parse(e164, country)
	if err != nil {
		return e164
	}
	if int(n.GetCountryCode()) == phonenumbers.GetCountryCodeForRegion(country) {
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// MaskPhone is FormatPhone with all digits but the first two and the last three hidden: 07••• •••418. What is not a number is hidden whole.
func MaskPhone(e164, country string) string {
	if e164 == "" {
		return ""
	}
	if _, err := phonenumbers.Parse(e164, country); err != nil {
		return "•••"
	}
	written := FormatPhone(e164, country)
	total, seen := len(digits(written)), 0
	return strings.Map(func(r rune) rune {
		if !isDigit(r) {
			return r
		}
		seen++
		if seen > 2 && seen <= total-3 {
			return '•'
		}
		return r
	}, written)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, s)
}
