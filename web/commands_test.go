package main

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
	"anteroom/handlers"
)

// office is a clinic with an operator at its terminal.
type office struct {
	*tenancytest.Database
	at     tenancy.Scope
	vault  *privacy.Vault
	master []byte
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db := tenancytest.New(t)
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	return &office{Database: db, at: db.Clinic(t, "Northside", "Europe/London"), vault: vault, master: key}
}

// command runs the program itself, beside this office's database.
func (o *office) command(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(testContext(t), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgramEnv+"=1", "DATABASE_URL="+o.OwnerDSN, "ANTEROOM_APP_DATABASE_URL="+o.AppDSN, "ANTEROOM_DATA_DIR="+testDir(t),
		"ANTEROOM_MASTER_KEY="+base64.StdEncoding.EncodeToString(o.master), "ANTEROOM_CONTEXT_KEY="+base64.StdEncoding.EncodeToString(tenancytest.Secret))
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (o *office) must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := o.command(t, stdin, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (o *office) events(t *testing.T, action string) (n int) {
	t.Helper()
	ctx := context.Background()
	err := o.WithClinic(ctx, o.at, func(tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select count(*)::int from audit_events where action = $1`, action).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatAProgramSignsInWithIsIssuedListedAndRevoked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clinic := "--clinic=" + o.at.Clinic.String()
	issued := strings.Fields(o.must(t, "", "keys", "vapi", clinic))
	if len(issued) != 2 || !strings.HasPrefix(issued[1], calls.SecretPrefix) {
		t.Fatalf("keys vapi printed %q", issued)
	}
	id, secret := issued[0], issued[1]
	key := strings.Fields(o.must(t, "", "keys", "issue", clinic, "--name=Lab"))
	known := func() error {
		board := calls.NewSwitchboard(o.DB, o.vault, nil, nil) // a new one: it remembers nothing
		_, err := board.Authenticate(testContext(t), calls.Presented{Header: func(name string) string {
			return map[string]string{"X-Vapi-Secret": secret}[name]
		}})
		return err
	}
	if err := known(); err != nil {
		t.Errorf("the issued secret: %v", err)
	}
	list := o.must(t, "", "keys", "list", clinic)
	if !strings.Contains(list, id) || !strings.Contains(list, key[0]) || strings.Contains(list, "revoked") || strings.Contains(list, secret) || strings.Contains(list, key[1]) {
		t.Errorf("keys list printed %s", list)
	}
	o.must(t, "", "keys", "revoke-vapi", clinic, id)
	o.must(t, "", "keys", "revoke", clinic, key[0])
	if err := known(); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the revoked secret: %v", err)
	}
	if list := o.must(t, "", "keys", "list", clinic); strings.Count(list, "revoked") != 2 {
		t.Errorf("after revoking, keys list printed %s", list)
	}
	if out, err := o.command(t, "", "keys", "revoke-vapi", clinic, id); err == nil || !strings.Contains(out, "revoked already") {
		t.Errorf("revoking again: %v %s", err, out)
	}
	if i, r := o.events(t, "webhook-secret.issued"), o.events(t, "webhook-secret.revoked"); i != 1 || r != 1 {
		t.Errorf("%d issues and %d revocations are recorded", i, r)
	}
}

func TestPeopleAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clinic := "--clinic=" + o.at.Clinic.String()
	for email, role := range map[string]string{"rowan@northside.example": "admin", "imogen@northside.example": "frontdesk"} {
		said := o.must(t, "a long enough password\n", "users", "add", clinic, "--email="+email, "--name=Somebody", "--role="+role, "--may-overbook="+strconv.FormatBool(role == "frontdesk"))
		if !strings.Contains(said, email+" can sign in with this password") {
			t.Errorf("adding %s said %q", email, said)
		}
	}
	overbook := func(want int, args ...string) {
		if args != nil {
			o.must(t, "", append([]string{"users", "overbook", clinic}, args...)...)
		}
		if list := o.must(t, "", "users", "list", clinic); strings.Count(list, "may overbook") != want {
			t.Errorf("%d people may overbook, says %s", want, list)
		}
	}
	overbook(1)
	overbook(2, "--email=Rowan@northside.example")
	overbook(1, "--email=rowan@northside.example", "--end")
	o.must(t, "", "users", "remove", clinic, "--email=Imogen@northside.example ")
	ctx := testContext(t)
	err := o.WithClinic(ctx, o.at, func(tx *tenancy.Tx) error {
		team, err := identity.Team(ctx, tx)
		for _, m := range team {
			if gone := m.Email == "imogen@northside.example"; gone != (m.EndedAt != nil) {
				t.Errorf("%s has left: %v", m.Email, m.EndedAt)
			}
		}
		if len(team) != 2 {
			t.Errorf("%d people", len(team))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for email, why := range map[string]string{"rowan@northside.example": "needs an admin", "imogen@northside.example": "nobody with the e-mail", "eve@elsewhere.example": "nobody with the e-mail"} {
		if out, err := o.command(t, "", "users", "remove", clinic, "--email="+email); err == nil || !strings.Contains(out, why) {
			t.Errorf("removing %s: %v %s", email, err, out)
		}
	}
	if list := o.must(t, "", "users", "list", clinic); strings.Count(list, "left ") != 1 {
		t.Errorf("users list printed %s", list)
	}
	if n := o.events(t, "member.removed"); n != 1 {
		t.Errorf("%d removals are recorded", n)
	}
	again := o.must(t, "another long password\n", "users", "add", clinic, "--email=imogen@northside.example", "--name=Other", "--role=frontdesk")
	if !strings.Contains(again, "has an account already") || strings.Contains(again, "can sign in with this password") {
		t.Errorf("adding somebody who has an account said %q", again)
	}
}

// serve answers the address of a server for this office, which Vapi calls with the demo's secret; a surgeon works at every hour.
func (o *office) serve(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	err := o.WithClinic(ctx, o.at, func(tx *tenancy.Tx) error {
		if _, err := calls.IssueSecret(ctx, tx, northside.secret); err != nil {
			return err
		}
		if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Ava", Direction: calls.Inbound}); err != nil {
			return err
		}
		return openForBooking(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	app := handlers.New(handlers.Deps{DB: o.DB, Vault: o.vault, PublicURL: url, Version: "test", Stop: ctx, Log: slog.New(slog.DiscardHandler)})
	served := make(chan error, 1)
	go func() { served <- app.Listener(l) }()
	t.Cleanup(func() {
		stop()
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return url
}

func openForBooking(ctx context.Context, tx *tenancy.Tx) error {
	service, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "rhinoplasty", Name: "Rhinoplasty consultation", DurationMinutes: 45, Active: true})
	if err != nil {
		return err
	}
	surgeon, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr Okafor", Active: true})
	if err != nil {
		return err
	}
	performs := scheduling.PractitionerServicesInput{Practitioner: surgeon.ID, Services: []uuid.UUID{service.ID}}
	if _, err := scheduling.SetPractitionerServices(ctx, tx, performs); err != nil {
		return err
	}
	week := scheduling.WeekInput{Practitioner: surgeon.ID}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week.Hours = append(week.Hours, scheduling.WeeklyHours{Weekday: day, Starts: hm(8, 0), Ends: hm(18, 0)})
	}
	_, err = scheduling.SetWeek(ctx, tx, week)
	return err
}

func TestASimulatedCallIsBookedOrMissed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	server := o.serve(t)
	for _, c := range []struct{ outcome, name, status, reason string }{
		{"booked", "Rosalind Whitcombe", scheduling.Booked, "assistant-ended-call"},
		{"missed", "Walter Prescott", scheduling.Cancelled, "customer-ended-call"},
	} {
		out := o.must(t, "", "simulate", "call", "--server="+server, "--outcome="+c.outcome, "--name="+c.name, "--number=+447700900123", "--pace=1ms")
		if !strings.Contains(out, ": "+c.outcome+".\n") {
			t.Errorf("%s printed %s", c.outcome, out)
		}
		id := strings.Fields(out)[1]
		ctx := testContext(t)
		err := o.WithClinic(ctx, o.at, func(tx *tenancy.Tx) error {
			var status, reason string
			err := tx.QueryRow(ctx, `select a.status, c.ended_reason from appointments a join calls c on c.vapi_call_id = a.call_id where a.call_id = $1`, id).Scan(&status, &reason)
			if status != c.status || reason != c.reason {
				t.Errorf("%s: the appointment is %q and the call ended as %q", c.outcome, status, reason)
			}
			if err != nil {
				return err
			}
			found, more, err := patients.New(o.vault).Search(ctx, tx, c.name, 1)
			if booked := c.status == scheduling.Booked; more || (len(found) == 1) != booked {
				t.Errorf("%s: %d patients are known by the name", c.outcome, len(found))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if out, err := o.command(t, "", "simulate", "call", "--server="+server, "--secret=vs_wrong", "--pace=1ms"); err == nil || !strings.Contains(out, "answered 401") {
		t.Errorf("with a wrong secret: %v %s", err, out)
	}
}
