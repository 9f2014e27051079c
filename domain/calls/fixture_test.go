package calls_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// tuesday is the day on which the test clinics are open, from 9 to 17; the clock stands at nine on the Thursday before.
var (
	tuesday  = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	thursday = time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC)
)

const caller = "+447700900123"

// clinic is a clinic with two practitioners, two services, one inbound agent that is not connected yet, and a webhook secret.
type clinic struct {
	t testing.TB
	*tenancytest.Database
	admin  tenancy.Scope
	secret string
	board  *calls.Switchboard
	vault  *privacy.Vault
	desk   *scheduling.Desk
}

func newVault(t testing.TB) *privacy.Vault {
	t.Helper()
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	v, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newClinic(t testing.TB) *clinic {
	t.Helper()
	return addClinic(t, tenancytest.NewWithClock(t, thursday), newVault(t), "vs_test_one")
}

func addClinic(t testing.TB, db *tenancytest.Database, v *privacy.Vault, secret string) *clinic {
	t.Helper()
	directory := patients.New(v)
	desk := scheduling.NewDesk(v, directory)
	c := &clinic{t: t, Database: db, admin: db.Clinic(t, "Test", "Europe/London"), secret: secret, vault: v, desk: desk,
		board: calls.NewSwitchboard(db.DB, v, desk, directory)}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		if _, err := calls.IssueSecret(ctx, tx, secret); err != nil {
			return err
		}
		if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Ava", Direction: calls.Inbound}); err != nil {
			return err
		}
		return fill(ctx, tx)
	})
	return c
}

func fill(ctx context.Context, tx *tenancy.Tx) error {
	b := &pgx.Batch{}
	for _, s := range []struct {
		slug, name string
		minutes    int
	}{{"rhinoplasty", "Rhinoplasty consultation", 45}, {"mole-check", "Mole check", 15}} {
		b.Queue(`insert into services (clinic_id, id, slug, name, duration_minutes) values ($1, $2, $3, $4, $5)`, tx.Clinic(), tenancy.NewID(), s.slug, s.name, s.minutes)
	}
	for i, name := range []string{"Dr Okafor", "Dr Lindqvist"} {
		p := tenancy.NewID()
		b.Queue(`insert into practitioners (clinic_id, id, name, position) values ($1, $2, $3, $4)`, tx.Clinic(), p, name, i)
		b.Queue(`insert into practitioner_services (clinic_id, practitioner_id, service_id) select $1, $2, id from services where clinic_id = $1`, tx.Clinic(), p)
		for m := 9 * 60; m < 17*60; m += 15 {
			at := tuesday.Add(time.Duration(m) * time.Minute)
			b.Queue(`insert into slots (clinic_id, practitioner_id, starts_at, ends_at) values ($1, $2, $3, $4)`, tx.Clinic(), p, at, at.Add(15*time.Minute))
		}
	}
	return tx.SendBatch(ctx, b).Close()
}

func (c *clinic) in(fn func(ctx context.Context, tx *tenancy.Tx) error) {
	c.t.Helper()
	ctx := context.Background()
	if err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error { return fn(ctx, tx) }); err != nil {
		c.t.Fatal(err)
	}
}

// ask is one number that a query of this clinic answers.
func (c *clinic) ask(sql string, args ...any) (n int) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) })
	return n
}

func header(name, value string) func(string) string {
	return func(asked string) string {
		if strings.EqualFold(asked, name) {
			return value
		}
		return ""
	}
}

// send delivers a body as Vapi does.
func (c *clinic) send(body string) (calls.Reply, error) {
	ctx := context.Background()
	in, err := c.board.Authenticate(ctx, calls.Presented{Header: header("X-Vapi-Secret", c.secret)})
	if err != nil {
		return calls.Reply{}, err
	}
	m, err := calls.Parse([]byte(body))
	if err != nil {
		return calls.Reply{}, err
	}
	reply, broken, err := c.board.Receive(ctx, in.Scope, m)
	if broken != nil {
		return reply, broken
	}
	return reply, err
}

func (c *clinic) must(body string) calls.Reply {
	c.t.Helper()
	reply, err := c.send(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply
}

// call is one call on the line; number is empty for a web call.
type call struct {
	c      *clinic
	id     string
	number string
	tools  int
}

func (c *clinic) call(id, number string) *call { return &call{c: c, id: id, number: number} }

func (k *call) about() string {
	if k.number == "" {
		return fmt.Sprintf(`{"id":%q,"type":"webCall","status":"queued"}`, k.id)
	}
	return fmt.Sprintf(`{"id":%q,"type":"inboundPhoneCall","status":"queued","customer":{"number":%q}}`, k.id, k.number)
}

func (k *call) body(toolCallID, name, arguments string) string {
	return fmt.Sprintf(`{"message":{"timestamp":1763784228993.999,"type":"tool-calls","call":%s,"toolCallList":[{"id":%q,"type":"function","function":{"name":%q,"arguments":%s}}]}}`,
		k.about(), toolCallID, name, arguments)
}

// use calls a tool under a new id and answers what was said.
func (k *call) use(name string, arguments map[string]any) (said string, failed bool) {
	k.c.t.Helper()
	k.tools++
	raw, err := json.Marshal(arguments)
	if err != nil {
		k.c.t.Fatal(err)
	}
	return k.repeat(fmt.Sprintf("call_%d", k.tools), name, string(raw))
}

func (k *call) repeat(id, name, arguments string) (said string, failed bool) {
	k.c.t.Helper()
	reply := k.c.must(k.body(id, name, arguments))
	if len(reply.Results) != 1 || reply.Results[0].ToolCallID != id || reply.Results[0].Name != name {
		k.c.t.Fatalf("answered %+v", reply)
	}
	r := reply.Results[0]
	if (r.Result == "") == (r.Error == "") {
		k.c.t.Fatalf("neither or both of result and error: %+v", r)
	}
	if strings.ContainsAny(r.Result+r.Error, "\n\r\t") {
		k.c.t.Errorf("more than one line: %q", r.Result+r.Error)
	}
	return r.Result + r.Error, r.Error != ""
}

func (k *call) says(want string, failed bool, name string, arguments map[string]any) string {
	k.c.t.Helper()
	said, bad := k.use(name, arguments)
	if !strings.Contains(said, want) || bad != failed {
		k.c.t.Fatalf("%s said %q (failed %v), want %q (failed %v)", name, said, bad, want, failed)
	}
	return said
}

func (k *call) end() {
	k.c.t.Helper()
	k.c.must(fmt.Sprintf(`{"message":{"type":"status-update","status":"ended","endedReason":"customer-ended-call","call":%s}}`, k.about()))
}

var bracket = regexp.MustCompile(`\[(?:slot|hold|appointment) ([0-9a-f-]{36})\]`)

func (c *clinic) firstID(said string) uuid.UUID {
	c.t.Helper()
	m := bracket.FindStringSubmatch(said)
	if m == nil {
		c.t.Fatalf("no id in %q", said)
	}
	return uuid.MustParse(m[1])
}

type args = map[string]any
