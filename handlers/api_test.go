package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// Answers are in UTC wherever the program runs: here it runs where nobody does.
func init() { time.Local = time.FixedZone("elsewhere", 3*60*60+30*60) }

// apiNow is a Monday; the slots of a clinic are on the Monday after it.
var apiNow = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// apiWorld is the program on a database of its own, with a clock.
type apiWorld struct {
	db    *tenancytest.Database
	vault *privacy.Vault
	app   *fiber.App
}

func newAPIWorld(t *testing.T) *apiWorld {
	t.Helper()
	master, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := privacy.NewVault(master)
	if err != nil {
		t.Fatal(err)
	}
	w := &apiWorld{db: tenancytest.NewWithClock(t, apiNow), vault: vault}
	w.app = apiApp(t, w.db.DB, vault)
	return w
}

func apiApp(t *testing.T, db *tenancy.DB, vault *privacy.Vault, change ...func(*Deps)) *fiber.App {
	t.Helper()
	stop, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	d := Deps{DB: db, Vault: vault, Log: slog.New(slog.DiscardHandler), PublicURL: "http://127.0.0.1", Version: "test", Stop: stop}
	for _, c := range change {
		c(&d)
	}
	return New(d)
}

// apiClinic has two practitioners and two services: "consult" takes two slots and both perform it, "check" takes one and only the first
// does. Each practitioner has 40 slots from 09:00 UTC on the Monday, and one that has passed.
type apiClinic struct {
	scope        tenancy.Scope
	key          string
	first        scheduling.Practitioner
	second       scheduling.Practitioner
	slots        []uuid.UUID // of the first, in order
	past         uuid.UUID
	consult      scheduling.Service
	check        scheduling.Service
	given        int
	practitioner map[uuid.UUID]bool
}

func (w *apiWorld) clinic(t *testing.T, zone string) *apiClinic {
	t.Helper()
	k := &apiClinic{scope: w.db.Clinic(t, "Clinic", zone)}
	ctx := context.Background()
	var err error
	must := func(e error) {
		t.Helper()
		if e != nil {
			t.Fatal(e)
		}
	}
	must(w.db.WithClinic(ctx, k.scope, func(tx *tenancy.Tx) error {
		issued, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: "test"})
		k.key = issued.Token
		return err
	}))
	must(w.db.WithClinic(ctx, k.scope, func(tx *tenancy.Tx) error {
		k.first, err = scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr Ada Brown", Position: 1})
		must(err)
		k.second, err = scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: "Dr Bo Chen", Position: 2})
		must(err)
		k.consult, err = scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "consult", Name: "Consultation", DurationMinutes: 30})
		must(err)
		k.check, err = scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: "check", Name: "Check", DurationMinutes: 15})
		must(err)
		_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: k.first.ID, Services: []uuid.UUID{k.consult.ID, k.check.ID}})
		must(err)
		_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: k.second.ID, Services: []uuid.UUID{k.consult.ID}})
		must(err)
		k.past = addSlot(t, tx, k.first.ID, apiNow.Add(-time.Hour))
		for i := range 40 {
			at := apiNow.AddDate(0, 0, 7).Add(time.Duration(i) * 15 * time.Minute)
			k.slots = append(k.slots, addSlot(t, tx, k.first.ID, at))
			addSlot(t, tx, k.second.ID, at)
		}
		return nil
	}))
	return k
}

func addSlot(t *testing.T, tx *tenancy.Tx, practitioner uuid.UUID, at time.Time) uuid.UUID {
	t.Helper()
	id := tenancy.NewID()
	_, err := tx.Exec(context.Background(), `insert into slots (clinic_id, id, practitioner_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)`,
		tx.Clinic(), id, practitioner, at, at.Add(15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// slot is one that no earlier call was given.
func (k *apiClinic) slot() uuid.UUID {
	k.given++
	return k.slots[k.given-1]
}

// The patient of every test; nothing that this clinic's keys are answered may hold any of it.
const (
	apiName  = "Zebediah Quillfeather"
	apiPhone = "+44 7700 900987"
)

var (
	apiSecrets = []string{"Zebediah", "Quillfeather", "900987"}
	notUTC     = regexp.MustCompile(`"(starts_at|ends_at|expires_at)":"[^"]*[^Z]"`)
)

func claimBody(service string) string {
	return fmt.Sprintf(`{"service":%q,"patient":{"name":%q,"phone":%q},"call_id":"call-1"}`, service, apiName, apiPhone)
}

// apiReply is an answer, with whatever it may hold.
type apiReply struct {
	status int
	header http.Header
	raw    string

	Slots         []apiSlot         `json:"slots"`
	Hold          apiHold           `json:"hold"`
	Appointment   apiAppointment    `json:"appointment"`
	Services      []apiService      `json:"services"`
	Practitioners []apiPractitioner `json:"practitioners"`

	Type          string                `json:"type"`
	Detail        string                `json:"detail"`
	Errors        []fault.Field         `json:"errors"`
	NextAvailable []scheduling.FreeSlot `json:"next_available"`
}

// apiCaller sends requests with a key, and holds every answer against the document.
type apiCaller struct {
	app *fiber.App
	key string
}

func (w *apiWorld) as(k *apiClinic) apiCaller { return apiCaller{app: w.app, key: k.key} }

// call answers what the API answers. Headers are "Name: value"; a body is JSON unless they say otherwise.
func (a apiCaller) call(t *testing.T, method, path, body string, headers ...string) apiReply {
	t.Helper()
	res, err := a.app.Test(apiRequest(a.key, method, path, body, headers...), -1)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return readReply(t, apiRequest(a.key, method, path, body, headers...), res)
}

func apiRequest(key, method, path, body string, headers ...string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, path, reader)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return req
}

// readReply reads an answer and checks what is true of all of them: the document describes it, its times are in UTC, and it says nothing of a
// patient. req is not the request that was sent but one like it: the body of that one was read.
func readReply(t *testing.T, req *http.Request, res *http.Response) apiReply {
	t.Helper()
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := apiReply{status: res.StatusCode, header: res.Header, raw: string(raw)}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatalf("%s %s: %d is not JSON: %s", req.Method, req.URL.Path, r.status, raw)
		}
	}
	spec.hold(t, req, r)
	if at := notUTC.FindString(r.raw); at != "" {
		t.Errorf("%s %s: %s is not in UTC", req.Method, req.URL.Path, at)
	}
	for _, secret := range apiSecrets {
		if strings.Contains(r.raw, secret) || strings.Contains(fmt.Sprint(r.header), secret) {
			t.Errorf("%s %s: the answer holds %q of the patient: %s", req.Method, req.URL.Path, secret, r.raw)
		}
	}
	return r
}

// want stops the test when the status is another.
func (r apiReply) want(t *testing.T, status int) apiReply {
	t.Helper()
	if r.status != status {
		t.Fatalf("answered %d instead of %d: %s", r.status, status, r.raw)
	}
	return r
}

// hold claims a fresh slot for a check.
func (a apiCaller) hold(t *testing.T, k *apiClinic) uuid.UUID {
	t.Helper()
	return a.call(t, "POST", "/api/slots/"+k.slot().String()+"/claim", claimBody("check")).want(t, 200).Hold.ID
}

// booked is hold, confirmed.
func (a apiCaller) booked(t *testing.T, k *apiClinic) uuid.UUID {
	t.Helper()
	return a.call(t, "POST", "/api/holds/"+a.hold(t, k).String()+"/confirm", "").want(t, 201).Appointment.ID
}
