package tenancy

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Text writes the report for a person: each table with what the attacks met, then what does not hold.
func (r Report) Text(w io.Writer) error {
	lines := []string{"TABLE\tKIND\tATTACKS\tANSWERS"}
	for _, t := range r.Tables {
		kind := t.Kind
		if kind == ClinicTable && !t.Rows {
			kind += ", empty"
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\t%d\t%s", t.Name, kind, t.Attacks, answers(t.Verbs)))
	}
	lines = append(lines, "", "QUESTION\t\tATTACKS\tANSWERS")
	for _, f := range r.Functions {
		lines = append(lines, fmt.Sprintf("%s\t\t%d\t%s", f.Name, f.Attacks, f.Answer))
	}
	lines = append(lines, "")
	for _, f := range r.Warnings {
		lines = append(lines, fmt.Sprintf("warning  %s  %s: %s", f.Check, f.Object, f.Problem))
	}
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("FAILED   %s  %s: %s", f.Check, f.Object, f.Problem))
	}
	last := "Every wall holds."
	if !r.OK() {
		last = fmt.Sprintf("What does not hold: %d.", len(r.Findings))
	}
	lines = append(lines, fmt.Sprintf("%d tables, %d questions, %d attacks in %s on PostgreSQL %s. %s", len(r.Tables), len(r.Functions), r.Attacks,
		r.FinishedAt.Sub(r.StartedAt).Round(time.Millisecond), r.Server, last))
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if _, err := io.WriteString(out, strings.Join(lines, "\n")+"\n"); err != nil {
		return err
	}
	return out.Flush()
}

// answers groups the verbs by what they met, worst first.
func answers(verbs map[string]string) string {
	by := map[string][]string{}
	for _, verb := range slices.Sorted(maps.Keys(verbs)) {
		by[verbs[verb]] = append(by[verbs[verb]], verb)
	}
	var parts []string
	for _, answer := range []string{Breach, Unfinished, NothingFound, Refused, NotGranted} {
		if len(by[answer]) > 0 {
			parts = append(parts, answer+": "+strings.Join(by[answer], ", "))
		}
	}
	return strings.Join(parts, "; ")
}
