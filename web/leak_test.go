package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// talk is a call as the platform reports it. Asterisks stand around what must not be readable afterwards.
type talk struct{ number, summary, said string }

// talks hold values of every kind of span, said as people say them. Words of everyday length are not among them: they would be found anywhere.
var talks = []talk{
	{"+447700900741", "*Theodosia Quarrington* asks about *rosacea*.", `bot: May I have your full name?
user: *Theodosia Quarrington*.
bot: And your date of birth?
user: The *seventeenth of November nineteen fifty two*.
bot: What is your phone number?
user: It's *07700 900742*.
bot: And your e-mail address?
user: *theodosia.quarrington@example.net*
bot: Where do you live?
user: At *forty one Brackenhurst Lane, Shrewsbury, SY1 3QT*.
bot: How can I help?
user: I have *rosacea* and take *doxycycline*. There is a kingfisher on our door.`},
	{"+447700900743", "", `bot: Hello, may I have your name?
user: My name is *Bartholomew Inglethorpe*.
bot: Do you have your NHS number?
user: It is *943 476 5919*.
bot: And your hospital number?
user: *MRN 88231947*.
bot: How can I help?
user: I was told I have *sarcoidosis* after the *bronchoscopy*, and I take *prednisolone*. My National Insurance number is *AB 12 34 56 C*.`},
	{"+447700900744", "", `bot: Which card would you like to use?
user: My card number is *4111 1111 1111 1111*.
bot: And for the refund?
user: IBAN *GB82 WEST 1234 5698 7654 32*.
bot: Where did you read of us?
user: On *https://thistledown-forum.example/thread/88172*, from *203.0.113.77*.
bot: Your member id, please?
user: My insurance member ID is *XQP44190072*. I am *Marigold Featherstone* and I want a *blepharoplasty*.`},
}

var starred = regexp.MustCompile(`\*([^*]+)\*`)

// secrets are the values between the asterisks, and the number of the line.
func (k talk) secrets() (list []string) {
	for _, m := range starred.FindAllStringSubmatch(k.summary+"\n"+k.said, -1) {
		list = append(list, m[1])
	}
	return append(list, k.number, strings.Replace(k.number, "+44", "0", 1))
}

func (k talk) about(n int) map[string]any {
	return map[string]any{"id": fmt.Sprintf("leak-call-%d", n), "type": "inboundPhoneCall", "customer": map[string]any{"number": k.number}}
}

func (k talk) report(n int) map[string]any {
	plain := strings.NewReplacer("*", "")
	var messages []any
	for i, line := range strings.Split(plain.Replace(k.said), "\n") {
		who, words, _ := strings.Cut(line, ": ")
		messages = append(messages, map[string]any{"role": who, "message": words, "secondsFromStart": i * 4})
	}
	return map[string]any{"type": "end-of-call-report", "endedReason": "customer-ended-call", "cost": 0.07, "call": k.about(n), "transcript": plain.Replace(k.said),
		"analysis": map[string]any{"summary": plain.Replace(k.summary), "structuredData": map[string]any{"caller": plain.Replace(k.summary)}},
		"artifact": map[string]any{"messages": messages, "recordingUrl": "https://storage.example/secret-recording.wav", "stereoRecordingUrl": "https://storage.example/secret-recording.wav"}}
}

// desk is a browser at the running program.
type desk struct {
	t    *testing.T
	p    *program
	http *http.Client
	csrf string
}

var csrfMeta = regexp.MustCompile(`<meta name="csrf" content="([^"]*)"`)

func (p *program) desk(t *testing.T, who string) *desk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, p: p, http: &http.Client{Jar: jar}}
	d.get("/sign-in")
	d.post("/sign-in", http.StatusOK, "email", who+"@"+northside.domain, "password", demoPassword)
	return d
}

func (d *desk) get(path string) string {
	d.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+d.p.addr+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.do(req, http.StatusOK)
}

// post sends a form with the token of the page that was read last, and follows where it leads.
func (d *desk) post(path string, status int, fields ...string) string {
	d.t.Helper()
	form := url.Values{"_csrf": {d.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+d.p.addr+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(req, status)
}

func (d *desk) do(req *http.Request, status int) string {
	d.t.Helper()
	res, err := d.http.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if res.StatusCode != status {
		d.t.Fatalf("%s %s: %d, want %d\n%.3000s", req.Method, req.URL.Path, res.StatusCode, status, body)
	}
	if m := csrfMeta.FindSubmatch(body); m != nil {
		d.csrf = string(m[1])
	}
	return string(body)
}

// hook delivers a message as the platform does.
func (p *program) hook(t *testing.T, status int, body string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+p.addr+"/api/webhooks/vapi", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vapi-Secret", northside.secret)
	return (&desk{t: t, p: p, http: http.DefaultClient}).do(req, status)
}

func (p *program) message(t *testing.T, m map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"message": m})
	if err != nil {
		t.Fatal(err)
	}
	return p.hook(t, http.StatusOK, string(body))
}

func (p *program) tool(t *testing.T, n int, id, name string, arguments any) string {
	t.Helper()
	return p.message(t, map[string]any{"type": "tool-calls", "call": talks[n].about(n),
		"toolCallList": []any{map[string]any{"id": id, "type": "function", "function": map[string]any{"name": name, "arguments": arguments}}}})
}

// secretive looks for secrets in every spelling.
type secretive struct {
	t         *testing.T
	when      string
	spellings map[string]string
	read      int
}

func newSecretive(t *testing.T, secrets []string, when string) *secretive {
	s := &secretive{t: t, when: when, spellings: map[string]string{}}
	for _, v := range secrets {
		for _, sp := range spelled(v) {
			s.spellings[sp] = v
		}
	}
	return s
}

func (s *secretive) search(where, text string) {
	s.t.Helper()
	s.read += len(text)
	lower := strings.ToLower(text)
	for sp, v := range s.spellings {
		in := lower
		if sp != strings.ToLower(sp) { // base 64 and the like
			in = text
		}
		if strings.Contains(in, sp) {
			s.t.Errorf("%s, %s holds %q as %q", s.when, where, v, sp)
		}
	}
}

func searchLogs(t *testing.T, secrets []string, when, logs string) {
	t.Helper()
	if !strings.Contains(logs, "/api/webhooks/vapi") {
		t.Error("the logs do not even tell of the requests: the test looks in the wrong place")
	}
	newSecretive(t, secrets, when).search("the log", logs)
}

// findSecrets reads every row of every table as a superuser, bytes as hexadecimal, and the logs.
func findSecrets(t *testing.T, conn *pgx.Conn, secrets []string, when, logs string) {
	t.Helper()
	ctx := t.Context()
	searchLogs(t, secrets, when, logs)
	s := newSecretive(t, secrets, when)
	rows, err := conn.Query(ctx, `select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p', 'm') and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 40 {
		t.Fatalf("only %d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		rows, err := conn.Query(ctx, `select t::text from `+table+` t`)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		s.search(table, strings.Join(lines, "\n"))
	}
	t.Logf("%s: %d values in %d spellings, %d tables, %d bytes of them, %d bytes of logs", when, len(secrets), len(s.spellings), len(tables), s.read, len(logs))
}

var notFigure, notPlain = regexp.MustCompile(`\D`), regexp.MustCompile(`[^\pL\pN]`)

// spelled answers what a value looks like where somebody might have kept it: as it is, in small letters, without its signs, its figures alone, in a JSON string, in
// a URL, as bytes, and inside something in base 64, where it begins at one of three places.
func spelled(s string) []string {
	quoted, _ := json.Marshal(s) //nolint:errchkjson // a string
	list := []string{strings.Trim(string(quoted), `"`)}
	for _, v := range []string{s, strings.ToLower(s)} {
		list = append(list, v, hex.EncodeToString([]byte(v)), url.QueryEscape(v), url.PathEscape(v), strings.ToLower(url.QueryEscape(v)), notPlain.ReplaceAllString(v, ""))
		for lead := range 3 {
			b := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", lead) + v))
			b = b[(lead*8+5)/6 : (lead+len(v))*8/6]
			list = append(list, b, strings.NewReplacer("+", "-", "/", "_").Replace(b))
		}
	}
	if figures := notFigure.ReplaceAllString(s, ""); len(figures) >= 8 {
		list = append(list, figures, strings.TrimPrefix(figures, "0"))
	}
	return slices.DeleteFunc(list, func(s string) bool { return len(s) < 6 })
}

// TestNothingThatWasSaidCanBeRead takes calls of every kind through the running program at debug level: tools, reports, what staff do with them, and what goes wrong.
func TestNothingThatWasSaidCanBeRead(t *testing.T) {
	p := newProgram(t)
	p.level = "debug"
	p.start(t)
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, superuserOf(t, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	one := func(sql string, into ...any) {
		t.Helper()
		if err := conn.QueryRow(ctx, sql).Scan(into...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	secrets := []string{"secret-recording", "Wolverhampstead", "Pemberlythwaite", "Ravenscroftby", "kingfisher"}
	for _, k := range talks {
		secrets = append(secrets, k.secrets()...)
	}

	var free struct{ Slots []struct{ ID string } }
	if p.api("GET", "/api/slots?service=mole-check&limit=1", "", &free) != http.StatusOK || len(free.Slots) != 1 {
		t.Fatal("no free slot")
	}
	if said := p.tool(t, 0, "tool-1", "book_appointment", map[string]any{"service": "mole-check", "slot_id": free.Slots[0].ID, "name": "Theodosia Quarrington", "phone": "07700 900742", "date_of_birth": "seventeenth of November nineteen fifty two"}); !strings.Contains(said, "Booked") {
		t.Fatal(said)
	}
	p.tool(t, 1, "tool-2", "join_waitlist", map[string]any{"service": "mole-check", "name": "Bartholomew Inglethorpe", "preferred": "Mornings, for my sarcoidosis, says Dr Pemberlythwaite"})
	p.tool(t, 2, "tool-3", "leave_message", `{"name":"Marigold Featherstone","message":"Ring Wolverhampstead about the blepharoplasty, card 4111 1111 1111 1111"}`)
	p.tool(t, 2, "tool-4", "book_for_Ravenscroftby", map[string]any{"service": "Marigold Featherstone", "starts_at": "when Wolverhampstead can"})
	p.tool(t, 2, "tool-5", "book_appointment", `{"name":"Marigold Featherstone", broken`)
	p.hook(t, http.StatusBadRequest, `{"message":{"type":"end-of-call-report","transcript":"Marigold Featherstone of Ravenscroftby`)
	for n, k := range talks {
		p.message(t, map[string]any{"type": "transcript", "transcriptType": "final", "role": "user", "transcript": "Theodosia Quarrington", "call": k.about(n)})
		p.message(t, k.report(n))
		p.message(t, k.report(n))
	}
	err = pgPoll(testContext(t), func() (bool, error) {
		var n int
		err := conn.QueryRow(ctx, `select count(*) from calls where vapi_call_id like 'leak-call-%' and recorded_at is not null and not exists (select from call_inbox i where i.vapi_call_id = calls.vapi_call_id and i.body is not null)`).Scan(&n)
		return n == len(talks), err
	})
	if err != nil {
		t.Fatal(err)
	}

	d, front := p.desk(t, "admin"), p.desk(t, "frontdesk")
	rows, err := conn.Query(ctx, `select '/calls/' || c.id || '/spans/' || s.id || '/reveal' from call_spans s join calls c on c.id = s.call_id where c.vapi_call_id like 'leak-call-%'`)
	if err != nil {
		t.Fatal(err)
	}
	reveals, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(reveals) < 20 {
		t.Fatalf("%d spans, %v", len(reveals), err)
	}
	seen := ""
	for _, path := range reveals {
		seen += d.post(path, http.StatusOK, "reason", "other", "words", "Ravenscroftby asks")
	}
	for _, v := range []string{"Quarrington", "doxycycline", "07700 900742"} {
		if !strings.Contains(seen, v) {
			t.Errorf("%q was never shown to those who may see it: the test looks at the wrong calls", v)
		}
	}
	var call, patient, text string
	var seq int
	one(`select c.id, c.patient_id, t.seq, t.text from calls c join call_turns t on t.call_id = c.id where c.vapi_call_id = 'leak-call-0' and t.text like '%kingfisher%'`, &call, &patient, &seq, &text)
	front.post("/calls/"+call+"/glass", http.StatusOK, "reason", "emergency", "words", "Ravenscroftby asks for Theodosia Quarrington")
	at := strings.Index(text, "kingfisher")
	d.post("/calls/"+call+"/misses", http.StatusOK, "kind", "ADDRESS", "seq", fmt.Sprint(seq), "starts", fmt.Sprint(at), "ends", fmt.Sprint(at+len("kingfisher")), "seen", "kingfisher")
	if _, err := conn.Exec(ctx, `update calls set rule_set = '2025.1-1' where vapi_call_id = 'leak-call-0'`); err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`name="seen" value="([^"]*)"`).FindStringSubmatch(d.get("/calls/" + call + "/rules"))
	if rules == nil {
		t.Fatal("the page has no print of what it shows")
	}
	d.post("/calls/"+call+"/rerun", http.StatusOK, "seen", rules[1], "keep", "all")
	for _, path := range []string{"/calls", "/calls/" + call, "/patients/" + patient, "/calls/reviews", "/"} {
		d.get(path)
	}
	var span string
	one(`select id from call_spans where suggested = 'open' and patient_id = '`+patient+`' and kind = 'EMAIL' limit 1`, &span)
	d.post("/patients/"+patient+"/suggestions/"+span+"/hear", http.StatusOK, "reason", "treatment")
	d.post("/patients/"+patient+"/reveal", http.StatusOK, "reason", "emergency")
	d.post("/patients/"+patient+"/notes", http.StatusOK, "note", "Theodosia Quarrington has rosacea", "kind", "desk")
	d.post("/patients/search", http.StatusOK, "q", "Theodosia Quarrington")
	d.post("/calls/search", http.StatusOK, "q", "Marigold Featherstone")
	d.post("/patients", http.StatusUnprocessableEntity, "name", "Marigold Featherstone", "email", "Ravenscroftby", "phone", "Wolverhampstead", "birth_date", "Pemberlythwaite")

	findSecrets(t, conn, secrets, "while it runs", p.out.String())
	p.stop(t)
	pgLog, err := os.ReadFile(filepath.Join(p.dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	searchLogs(t, secrets, "in the end", p.out.String()+string(pgLog))
}
