package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// spokenSecrets are what the caller of the test below gives away, in the words in which it is said; none of it may be found anywhere afterwards.
var spokenSecrets = []string{"Perdita", "Quillfeather", "Marrowbone", "double oh nine hundred seven twelve", "perdita dot q at example dot net", "eighth of August nineteen seventy three",
	"psoriasis", "methotrexate", "four three four seven six five", "secret-recording", "tok-4711"}

func (p *program) report(n int) int {
	body := fmt.Sprintf(`{"message":{"type":"end-of-call-report","endedReason":"customer-ended-call","cost":0.05,"call":{"id":"crash-call-%d","type":"inboundPhoneCall","customer":{"number":"+4477009007%02d"}},
"phoneNumber":{"twilioAuthToken":"tok-4711"},"analysis":{"summary":"Perdita Quillfeather has psoriasis."},"artifact":{"recordingUrl":"https://storage.example/secret-recording.wav","messages":[
{"role":"bot","message":"Hello, may I have your full name?","secondsFromStart":1},{"role":"user","message":"Yes, it's Perdita Quillfeather, I live at nine Marrowbone Close, Leeds.","secondsFromStart":4},
{"role":"bot","message":"And your date of birth?","secondsFromStart":8},{"role":"user","message":"The eighth of August nineteen seventy three.","secondsFromStart":10},
{"role":"bot","message":"What is your phone number?","secondsFromStart":13},{"role":"user","message":"oh seven seven double oh nine hundred seven twelve","secondsFromStart":15},
{"role":"bot","message":"And your e-mail address?","secondsFromStart":18},{"role":"user","message":"perdita dot q at example dot net","secondsFromStart":20},
{"role":"bot","message":"How can I help?","secondsFromStart":23},{"role":"user","message":"I have psoriasis and take methotrexate. My NHS number is nine four three four seven six five nine one nine.","secondsFromStart":25}]}}}`, n, n%100)
	req, err := http.NewRequest(http.MethodPost, "http://"+p.addr+"/api/webhooks/vapi", strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vapi-Secret", northside.secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// TestNoReportIsLostAndNothingIsReadable kills the program between the answer to a report and its processing, and again in the middle of that. Every report
// that was answered becomes one call; and neither the database nor the logs hold anything of what was said that should not be read.
func TestNoReportIsLostAndNothingIsReadable(t *testing.T) {
	p := newProgram(t)
	p.args, p.level = []string{"--web"}, "debug"
	p.start(t) // answers, and processes nothing
	const reports = 60
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := w; n < reports; n += 4 {
				for range 2 { // delivered twice
					if status := p.report(n); status != http.StatusOK {
						t.Errorf("report %d was answered %d", n, status)
					}
				}
			}
		})
	}
	wg.Wait()
	p.kill(t)
	dsn, logs := superuserOf(t, p.dir), p.out.String()
	ctx := t.Context() // each wait has a limit of its own
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	count := func(sql string) (n int) {
		t.Helper()
		if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const kept = `select count(*) from call_inbox where vapi_call_id like 'crash-call-%' and body is not null`
	const recorded = `select count(*) from calls where vapi_call_id like 'crash-call-%' and recorded_at is not null`
	if n := count(kept); n != reports || count(recorded) != 0 {
		t.Fatalf("of %d reports %d are kept", reports, n)
	}
	findSecrets(t, conn, spokenSecrets, "between the answer and the processing", logs)

	p.args = nil
	p.start(t)
	if err := pgPoll(testContext(t), func() (bool, error) { return count(recorded) > 0, nil }); err != nil {
		t.Fatal(err)
	}
	p.kill(t) // in the middle
	logs += p.out.String()
	p.start(t)
	if err := pgPoll(testContext(t), func() (bool, error) { return count(recorded) == reports, nil }); err != nil {
		t.Errorf("%d of %d calls are recorded: %v", count(recorded), reports, err)
	}
	if n := count(`select count(*) from call_turns t join calls c on c.id = t.call_id where c.vapi_call_id like 'crash-call-%'`); n != reports*11 {
		t.Errorf("%d turns", n)
	}
	if err := pgPoll(testContext(t), func() (bool, error) { return count(kept) == 0, nil }); err != nil {
		t.Errorf("raw reports are left: %v", err)
	}
	p.kill(t)
	logs += p.out.String()
	rulesAreCaughtUpAfterAKill(t, p, conn)
	p.stop(t)
	logs += p.out.String()
	pgLog, err := os.ReadFile(filepath.Join(p.dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	p.start(t)
	defer p.stop(t)
	conn, err = pgx.Connect(ctx, superuserOf(t, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	findSecrets(t, conn, spokenSecrets, "in the end", logs+string(pgLog))
}

// rulesAreCaughtUpAfterAKill kills the program in the middle of going over the calls under newer rules: what was done stays, what was not is done by the
// next program, and no call has lost or doubled anything by it.
func rulesAreCaughtUpAfterAKill(t *testing.T, p *program, conn *pgx.Conn) {
	t.Helper()
	ctx := t.Context()
	ask := func(sql string, into ...any) {
		t.Helper()
		if err := conn.QueryRow(ctx, sql).Scan(into...); err != nil {
			t.Fatal(err)
		}
	}
	run := func(on *pgx.Conn, sql string) {
		t.Helper()
		if _, err := on.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	const ours = `vapi_call_id like 'crash-call-%'`
	const whole = `select md5(string_agg(t.seq || ' ' || t.text, chr(10) order by c.id, t.seq)), (select count(*) from call_spans s join calls c on c.id = s.call_id where c.` + ours + `)
from call_turns t join calls c on c.id = t.call_id where c.` + ours
	// As if ten minutes had passed: the next period has a job of its own, and nobody leads any more.
	const later = `with gone as (delete from river.river_job where kind = 'catch_up_rules') delete from river.river_leader`
	var before, after string
	var spans, left, total int
	ask(whole, &before, &spans)
	run(conn, `update calls set rule_set = '2020.01-1' where `+ours)
	run(conn, later)
	inTheWay, err := pgx.Connect(ctx, superuserOf(t, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer inTheWay.Close(context.Background())
	run(inTheWay, `begin`)
	run(inTheWay, `select from calls where id = (select id from calls where `+ours+` order by id offset 30 limit 1) for update`)
	p.start(t)
	if err := pgPoll(testContext(t), func() (stuck bool, err error) {
		err = conn.QueryRow(ctx, `select exists (select from pg_locks where not granted)`).Scan(&stuck)
		return stuck, err
	}); err != nil {
		t.Fatalf("nobody goes over the calls: %v", err)
	}
	p.kill(t)
	run(inTheWay, `rollback`)
	const owed = `select count(*) filter (where rule_set = '2020.01-1'), count(*) from calls where ` + ours
	if ask(owed, &left, &total); left != total-30 {
		t.Errorf("%d of %d calls are left, and 30 were done before the kill", left, total)
	}
	run(conn, later)
	p.start(t)
	if err := pgPoll(testContext(t), func() (bool, error) { ask(owed, &left, &total); return left == 0, nil }); err != nil {
		t.Errorf("%d calls are left under the old rules: %v", left, err)
	}
	n := 0
	if ask(whole, &after, &n); after != before || n != spans {
		t.Errorf("what the calls say has changed, or %d spans are %d", spans, n)
	}
}
