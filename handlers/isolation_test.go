package handlers

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

func TestIsolationPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var inner *app
	s.app = s.serveTable(func(a *app) { inner = a })
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	boss, watcher := s.as(clinic, identity.Admin), s.as(clinic, identity.Compliance)
	boss.get("/isolation").want(t, 200, "The walls have not been tested yet", "Run it now")
	watcher.get("/isolation").want(t, 200, "The walls have not been tested yet").lacks(t, "Run it now")
	watcher.post("/isolation/run").want(t, 403)
	for _, role := range []string{identity.FrontDesk, identity.Clinician} {
		s.as(clinic, role).get("/isolation").want(t, 403)
	}
	if last, err := s.db.LastRun(context.Background()); err != nil || last != nil {
		t.Fatal("a run that nobody started", err)
	}

	boss.post("/isolation/run").to(t, "/isolation")
	waitProven(t, inner)
	last, err := s.db.LastRun(context.Background())
	must(t, err)
	if last == nil || !last.OK() || last.Version != "test" {
		t.Fatalf("stored: %+v", last)
	}
	boss.get("/isolation").want(t, 200, "Every wall holds", "public.patients", "version test", "Run now", "nothing found", "no such right", "Nobody’s", "by design").lacks(t, "unknown", "not tried", "verb-bad")
	watcher.get("/isolation").want(t, 200, "Every wall holds").lacks(t, "Run now")
	var n int
	must(t, s.db.Owner(t).QueryRow(context.Background(), `select count(*) from audit_events where action = 'isolation.run'`).Scan(&n))
	if n != 1 {
		t.Errorf("%d runs are recorded", n)
	}
}

func TestIsolationShowsWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	now := time.Now().UTC()
	broken := tenancy.Report{StartedAt: now.Add(-time.Second), FinishedAt: now, Version: "1.0", Attacks: 7,
		Tables:   []tenancy.TableResult{{Name: "public.patients", Kind: tenancy.ClinicTable, Rows: true, Verbs: map[string]string{"select": tenancy.Breach, "count": tenancy.Refused, "insert": tenancy.Unfinished, "new trick": "odd"}}},
		Findings: []tenancy.Finding{{Check: "attack", Object: "public.patients", Problem: "select: it went through"}},
		Warnings: []tenancy.Finding{{Check: "log", Object: "log_statement", Problem: "statements are logged"}}}
	must(t, s.db.StoreRun(context.Background(), broken))
	page := s.as(clinic, identity.Compliance).get("/isolation").want(t, 200, "The walls do not hold", "select: it went through", "statements are logged", "got through", "no answer", "unknown", "not tried")
	page.lacks(t, "Every wall holds")
	if n := strings.Count(page.Body, "verb verb-bad"); n != 5 { // whatever is not the answer of a wall
		t.Errorf("%d cells say that a wall does not hold", n)
	}
}

// waitProven waits until no run is under way: on a busy machine one outlives the request that began it.
func waitProven(t *testing.T, a *app) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(proofTime)
	for a.proving.Load() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the run does not end")
		}
	}
}

// One run at a time: whoever comes while one is under way is told so, and every run that was accepted is stored.
func TestIsolationRunsOneAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var inner *app
	s.app = s.serveTable(func(a *app) { inner = a })
	clinic := s.db.Clinic(t, "Northside", "Europe/London")
	boss := s.as(clinic, identity.Admin)
	inner.proving.Store(true)
	boss.post("/isolation/run").want(t, 409, "being tested right now")
	inner.proving.Store(false)

	var wait sync.WaitGroup
	answers := make([]answer, 5)
	browsers := make([]*browser, len(answers))
	for i := range browsers {
		browsers[i] = s.as(clinic, identity.Admin)
	}
	for i, b := range browsers {
		wait.Go(func() { answers[i] = b.post("/isolation/run") })
	}
	wait.Wait()
	waitProven(t, inner)
	ran := 0
	for _, a := range answers {
		switch a.Status {
		case 303:
			ran++
		case 409:
		default:
			t.Errorf("answered %d", a.Status)
		}
	}
	var stored, overlaps int
	must(t, s.db.Owner(t).QueryRow(context.Background(), `select count(*), (select count(*) from isolation_runs a join isolation_runs b
		on a.id < b.id and a.started_at < b.finished_at and b.started_at < a.finished_at) from isolation_runs`).Scan(&stored, &overlaps))
	if ran == 0 || stored != ran || overlaps != 0 {
		t.Errorf("%d accepted, %d stored, %d at the same time", ran, stored, overlaps)
	}
}

// Every verb that the probe reports has a column of its own, or is meant to stand under "other ways".
func TestEveryAttackHasItsColumn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.db.Clinic(t, "Northside", "Europe/London")
	r, err := s.db.Verify(context.Background(), "test")
	must(t, err)
	other := map[string]bool{}
	for _, table := range r.Tables {
		for verb := range table.Verbs {
			if families[len(families)-1].has(verb) {
				other[verb] = true
			}
		}
	}
	delete(other, "take the policies away")
	delete(other, "alter")
	if len(other) > 0 {
		words, _ := json.Marshal(other)
		t.Errorf("attacks without a column: %s", words)
	}
}
