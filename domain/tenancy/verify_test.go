package tenancy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// two makes a database with two clinics that have a row in every table.
func two(t *testing.T) *tenancytest.Database {
	t.Helper()
	db := tenancytest.New(t)
	for _, name := range []string{"A", "B"} {
		tenancytest.Rows(t, db, db.Clinic(t, name, "Europe/London"))
	}
	return db
}

func verify(t *testing.T, db *tenancytest.Database) tenancy.Report {
	t.Helper()
	r, err := db.Verify(context.Background(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t *testing.T, r tenancy.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryWallHolds(t *testing.T) {
	t.Parallel()
	db := two(t)
	r := verify(t, db)
	if !r.OK() {
		t.Fatalf("the walls do not hold:\n%s", text(t, r))
	}
	t.Logf("%d attacks in %s", r.Attacks, r.FinishedAt.Sub(r.StartedAt))

	var tables int
	if err := db.Owner(t).QueryRow(context.Background(), `select count(*) from pg_class where relkind in ('r', 'p', 'v', 'm', 'f')
		and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if len(r.Tables) != tables {
		t.Errorf("the proof is about %d tables, the database has %d", len(r.Tables), tables)
	}
	for _, table := range r.Tables {
		if table.Kind == tenancy.ClinicTable && !table.Rows {
			t.Errorf("%s is empty in both clinics, so nothing of it was attacked: add a row to tenancytest/rows.go", table.Name)
		}
		if table.Kind == tenancy.PlatformTable && table.Reason == "" {
			t.Errorf("%s has no reason to be without a wall", table.Name)
		}
		if table.Attacks == 0 {
			t.Errorf("%s was not attacked", table.Name)
		}
	}
	for _, f := range r.Functions {
		if f.Attacks == 0 || f.Reason == "" {
			t.Errorf("question %s: %d attacks, reason %q", f.Name, f.Attacks, f.Reason)
		}
	}
}

func TestTheProofLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	db := two(t)
	count := func() (sum string) {
		t.Helper()
		err := db.Owner(t).QueryRow(context.Background(), `select string_agg(relname || ' ' ||
			(xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', c.oid::regclass), false, true, '')))[1]::text, ', ' order by c.oid)
			from pg_class c where relkind = 'r' and relnamespace::regnamespace::text in ('public', 'app')`).Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := count()
	verify(t, db)
	if after := count(); after != before {
		t.Errorf("before: %s\nafter:  %s", before, after)
	}
}

func TestTheProofNeedsNoClinics(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	if r := verify(t, db); !r.OK() {
		t.Errorf("no clinic: %s", text(t, r))
	}
	tenancytest.Rows(t, db, db.Clinic(t, "Only", "Europe/London"))
	if r := verify(t, db); !r.OK() {
		t.Errorf("one clinic: %s", text(t, r))
	}
}

func TestAStoredRunComesBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	if last, err := db.LastRun(ctx); err != nil || last != nil {
		t.Fatalf("a database that was never proven answers %v, %v", last, err)
	}
	r := verify(t, db)
	older := r
	older.FinishedAt, older.Version = r.FinishedAt.Add(-time.Hour), "older"
	older.Findings = []tenancy.Finding{{Check: "enum", Object: "public.slots", Problem: "column kind is an ENUM"}}
	for _, run := range []tenancy.Report{r, older} {
		if err := db.StoreRun(ctx, run); err != nil {
			t.Fatal(err)
		}
	}
	last, err := db.LastRun(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(r)
	got, _ := json.Marshal(last)
	if !bytes.Equal(got, want) {
		t.Errorf("stored\n%s\nread\n%s", want, got)
	}
	var failures int
	if err := db.App(t).QueryRow(ctx, `select failures from isolation_runs where version = 'older'`).Scan(&failures); err != nil || failures != 1 {
		t.Errorf("%d failures stored, %v", failures, err)
	}
}

func TestTheTextNamesWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	r := tenancy.Report{Findings: []tenancy.Finding{{Check: "policy-rule", Object: "public.slots", Problem: "policy open lets rows through by true"}}}
	if s := text(t, r); !strings.Contains(s, "public.slots: policy open lets rows through by true") || !strings.Contains(s, "What does not hold: 1.") {
		t.Error(s)
	}
}
