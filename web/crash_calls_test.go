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
