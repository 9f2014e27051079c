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
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	took := r.FinishedAt.Sub(r.StartedAt).Round(time.Millisecond)
	fmt.Fprintf(out, "Isolation of clinics, %s, PostgreSQL %s, %s\n\n", r.StartedAt.Format(time.RFC3339), r.Server, took)
	fmt.Fprintln(out, "TABLE\tKIND\tATTACKS\tANSWERS")
	for _, t := range r.Tables {
		kind := t.Kind
		if kind == ClinicTable && !t.Rows {
			kind += ", empty"
		}
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\n", t.Name, kind, t.Attacks, answers(t.Verbs))
	}
	fmt.Fprintln(out, "\nQUESTION\t\tATTACKS\tANSWERS")
	for _, f := range r.Functions {
		fmt.Fprintf(out, "%s\t\t%d\t%s\n", f.Name, f.Attacks, f.Answer)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, f := range r.Warnings {
		fmt.Fprintf(w, "\nwarning  %s  %s: %s", f.Check, f.Object, f.Problem)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "\nFAILED   %s  %s: %s", f.Check, f.Object, f.Problem)
	}
	last := "Every wall holds."
	if !r.OK() {
		last = fmt.Sprintf("%d things do not hold.", len(r.Findings))
	}
	_, err := fmt.Fprintf(w, "\n%d tables, %d questions, %d attacks. %s\n", len(r.Tables), len(r.Functions), r.Attacks, last)
	return err
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
