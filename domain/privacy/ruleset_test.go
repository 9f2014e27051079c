package privacy_test

import (
	"testing"

	"anteroom/domain/privacy"
)

func TestRuleSetsAreInOrder(t *testing.T) {
	t.Parallel()
	order := []string{"2025.12-9", "2026.2-1", "2026.11", "2026.11-1", "2026.11-9", "2026.11-10", "2027.1-1"}
	for i, a := range order {
		for j, b := range order {
			if got := privacy.Older(a, b); got != (i < j) {
				t.Errorf("%s is older than %s: %v", a, b, got)
			}
		}
	}
	if privacy.Older(privacy.RuleSet, privacy.RuleSet) {
		t.Error("a rule set is older than itself")
	}
}
