package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// earlierName is the rule set under which some of the demo's calls were recorded.
const earlierName = "2026.10-2"

// earlierRules stand for what a rule set of a month ago would have found: no numbers of patients yet, every birth date as any date, and too many
// places. The rules of today go over these calls as soon as the program runs.
func earlierRules(in privacy.RedactInput) []privacy.Span {
	var found []privacy.Span
	for _, s := range privacy.Redact(in) {
		switch s.Kind {
		case privacy.NationalID, privacy.RecordNumber:
			continue
		case privacy.DateOfBirth:
			s.Kind = privacy.Date
		}
		found = append(found, s)
	}
	const place = "behind the building"
	if at := strings.Index(in.Text, place); at >= 0 {
		end := at + len(place)
		if !slices.ContainsFunc(found, func(s privacy.Span) bool { return s.Start < end && at < s.End }) {
			found = append(found, privacy.Span{Start: at, End: end, Kind: privacy.Location, Score: 0.7})
		}
	}
	slices.SortFunc(found, func(a, b privacy.Span) int { return a.Start - b.Start })
	return found
}

// reviews are what people did with the calls of the demo's past: marks, readings, emergencies. Each step is one of a person's, at its own time, and so is each
// transaction; where the program is stopped in between, there are fewer of them.
func (s *seeder) reviews(ctx context.Context) error {
	records := calls.NewRecords(s.vault, s.patients)
	var all []calls.Record
	err := s.db.WithClinic(ctx, s.scope(), func(tx *tenancy.Tx) error {
		page, err := records.List(ctx, tx, calls.ListInput{Limit: demoCalls})
		for _, c := range page.Calls {
			r, wrong := records.Get(ctx, tx, c.ID)
			if err = wrong; err != nil {
				return err
			}
			all = append(all, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	d := demoReviews{seeder: s, records: records, all: all}
	for _, step := range []func(context.Context) error{d.mark, d.read, d.emergencies} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.arriveAtNow(ctx, nil)
}

type demoReviews struct {
	*seeder
	records *calls.Records
	all     []calls.Record // the newest first
}

// at runs fn as one of the staff, so long ago.
func (d demoReviews) at(ctx context.Context, ago time.Duration, role string, fn func(tx *tenancy.Tx) error) error {
	d.mu.Lock()
	d.clock = time.Now().Add(-ago)
	d.mu.Unlock()
	scope := d.scope()
	scope.Actor = tenancy.Actor{Kind: tenancy.User, ID: d.staff[role], Role: role, RequestID: "demo"}
	return d.db.WithClinic(ctx, scope, fn)
}

// saying are the calls in which these words can be read.
func (d demoReviews) saying(words string) (list []calls.Record, at []calls.MissInput) {
	for _, r := range d.all {
		for _, t := range r.Turns {
			if i := strings.Index(t.Text, words); i >= 0 && r.RuleSet == privacy.RuleSet {
				list, at = append(list, r), append(at, calls.MissInput{CallID: r.ID, Seq: t.Seq, Starts: i, Ends: i + len(words), Seen: words})
				break
			}
		}
	}
	return list, at
}

// mark hides what the rules had left: where somebody works.
func (d demoReviews) mark(ctx context.Context) error {
	_, at := d.saying("the airport")
	for i, in := range at[:min(len(at), 2)] {
		in.Kind = privacy.Location
		if err := d.at(ctx, time.Duration(5+9*i)*time.Hour, identity.FrontDesk, func(tx *tenancy.Tx) error {
			_, err := d.records.MarkMiss(ctx, tx, in)
			return err
		}); err != nil {
			return fmt.Errorf("mark a miss: %w", err)
		}
	}
	return nil
}

// read says of some calls that nothing was missed.
func (d demoReviews) read(ctx context.Context) error {
	list, _ := d.saying("before the")
	for i, r := range list[:min(len(list), 3)] {
		if err := d.at(ctx, time.Duration(3+7*i)*time.Hour, identity.Admin, func(tx *tenancy.Tx) error { return d.records.MarkReviewed(ctx, tx, r.ID) }); err != nil {
			return fmt.Errorf("read a call: %w", err)
		}
	}
	return nil
}

// emergency is a time when somebody opened everything.
type emergency struct {
	ago     time.Duration
	role    string
	patient bool // all calls of the patient
	reveals int
	reason  calls.Reason
	verdict string // empty: owed
	words   string
}

var demoEmergencies = []emergency{
	{ago: 3 * 24 * time.Hour, role: identity.Clinician, reveals: 2, reason: calls.Reason{Code: calls.ForEmergency, Words: "Chest pain on the phone, then silence. We had to know whom to send help to."}, verdict: calls.Justified},
	{ago: 50 * time.Hour, role: identity.FrontDesk, reveals: 3, reason: calls.Reason{Code: calls.ForOther, Words: "Wanted to know what it was about before ringing back."}, verdict: calls.NotJustified, words: "A call back needs the number, which the desk may see anyway."},
	{ago: 27 * time.Hour, role: identity.Clinician, reveals: 1, reason: calls.Reason{Code: calls.ForTreatment, Words: "A colleague is away, and the caller asked about a medicine of theirs."}},
	{ago: 4 * time.Hour, role: identity.Clinician, patient: true, reason: calls.Reason{Code: calls.ForEmergency, Words: "Collapsed in the waiting room; we looked for what was said about medicines before."}},
}

func (d demoReviews) emergencies(ctx context.Context) error {
	for i, e := range demoEmergencies {
		r, found := d.subject(i, e.patient)
		if !found {
			continue
		}
		if err := d.emergency(ctx, e, r); err != nil {
			return fmt.Errorf("an emergency: %w", err)
		}
	}
	return nil
}

// subject is a call with enough in it.
func (d demoReviews) subject(nth int, patient bool) (calls.Record, bool) {
	for _, r := range d.all {
		if r.Spans >= 3 && (r.PatientID != nil) == patient {
			if nth--; nth < 0 || patient {
				return r, true
			}
		}
	}
	return calls.Record{}, false
}

func (d demoReviews) emergency(ctx context.Context, e emergency, r calls.Record) error {
	in := calls.GlassInput{CallID: r.ID, Reason: e.reason}
	if e.patient {
		in = calls.GlassInput{PatientID: *r.PatientID, Reason: e.reason}
	}
	var g calls.GlassBreak
	err := d.at(ctx, e.ago, e.role, func(tx *tenancy.Tx) (err error) {
		if g, err = d.records.BreakGlass(ctx, tx, in); err != nil {
			return err
		}
		n := 0
		for _, t := range r.Turns {
			for _, s := range t.Spans {
				if n++; n > e.reveals {
					return nil
				}
				if _, err := d.records.Reveal(ctx, tx, s.ID, calls.Reason{Code: e.reason.Code, Words: e.reason.Words}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil || e.verdict == "" {
		return err
	}
	return d.at(ctx, e.ago-2*time.Hour, identity.Admin, func(tx *tenancy.Tx) error { return d.records.ReviewBreakGlass(ctx, tx, g.ID, e.verdict, e.words) })
}
