package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// everyOperation does what each operation is for.
func everyOperation(t *testing.T, api apiCaller, k *apiClinic) {
	if r := (apiCaller{app: api.app}).call(t, "GET", "/api/openapi.json", "").want(t, 200); r.raw != string(openAPI) {
		t.Error("the document is not the one that is held against the API")
	}
	services := api.call(t, "GET", "/api/services", "").want(t, 200).Services
	if len(services) != 2 || services[0] != (apiService{k.check.ID, "check", "Check", 15}) || services[1].Slug != "consult" {
		t.Errorf("services: %+v", services)
	}
	people := api.call(t, "GET", "/api/practitioners", "").want(t, 200).Practitioners
	if len(people) != 2 || people[0].ID != k.first.ID || strings.Join(people[0].Services, " ") != "check consult" || strings.Join(people[1].Services, " ") != "consult" {
		t.Errorf("practitioners: %+v", people)
	}

	slots := api.call(t, "GET", "/api/slots?service=consult&limit=3", "").want(t, 200).Slots
	start := apiNow.AddDate(0, 0, 7)
	if len(slots) != 3 || slots[0].ID != k.slots[0] || slots[0].Practitioner != "Dr Ada Brown" || slots[0].PractitionerID != k.first.ID || slots[0].Service != "consult" ||
		slots[0].Status != "free" || !slots[0].StartsAt.Equal(start) || !slots[0].EndsAt.Equal(start.Add(30*time.Minute)) || slots[1].PractitionerID != k.second.ID {
		t.Errorf("slots: %+v", slots)
	}

	slot := k.slot()
	hold := api.call(t, "POST", "/api/slots/"+slot.String()+"/claim", `{"service":"check","hold_seconds":60}`).want(t, 200).Hold
	if hold.SlotID != slot || !hold.StartsAt.Equal(start) || !hold.EndsAt.Equal(start.Add(15*time.Minute)) || !hold.ExpiresAt.Equal(apiNow.Add(time.Minute)) {
		t.Errorf("hold: %+v", hold)
	}
	extended := api.call(t, "POST", "/api/holds/"+hold.ID.String()+"/extend", `{"hold_seconds":300}`).want(t, 200).Hold
	if extended.ID != hold.ID || extended.SlotID != slot || !extended.ExpiresAt.Equal(apiNow.Add(5*time.Minute)) {
		t.Errorf("extended: %+v", extended)
	}
	pending := api.call(t, "GET", "/api/appointments/"+hold.ID.String(), "").want(t, 200).Appointment
	if pending.Status != "pending" {
		t.Errorf("a hold reads as %q", pending.Status)
	}
	patient := `{"patient":{"name":"` + apiName + `","phone":"` + apiPhone + `"}}`
	booked := api.call(t, "POST", "/api/holds/"+hold.ID.String()+"/confirm", patient).want(t, 201).Appointment
	want := apiAppointment{ID: hold.ID, Status: "booked", Service: "check", Practitioner: "Dr Ada Brown", PractitionerID: k.first.ID, StartsAt: start, EndsAt: start.Add(15 * time.Minute)}
	if booked != want {
		t.Errorf("booked: %+v", booked)
	}
	if again := api.call(t, "POST", "/api/holds/"+hold.ID.String()+"/confirm", "").want(t, 200).Appointment; again != want {
		t.Errorf("confirmed again: %+v", again)
	}
	if read := api.call(t, "GET", "/api/appointments/"+hold.ID.String(), "").want(t, 200).Appointment; read != want {
		t.Errorf("read: %+v", read)
	}
	want.Status = "cancelled"
	for range 2 {
		if gone := api.call(t, "POST", "/api/appointments/"+hold.ID.String()+"/cancel", `{"reason":"illness"}`).want(t, 200).Appointment; gone != want {
			t.Errorf("cancelled: %+v", gone)
		}
	}
	again := api.call(t, "POST", "/api/slots/"+slot.String()+"/claim", claimBody("check")).want(t, 200).Hold
	for range 2 {
		api.call(t, "DELETE", "/api/holds/"+again.ID.String(), "").want(t, 204)
	}
	if free := api.call(t, "GET", "/api/slots?service=check&limit=1", "").want(t, 200).Slots; free[0].ID != slot {
		t.Errorf("the slot that was given back is not free: %+v", free)
	}
}

// everyState meets holds and appointments in states that do not allow it.
func everyState(t *testing.T, w *apiWorld, api apiCaller, k *apiClinic) {
	taken := k.slot()
	api.call(t, "POST", "/api/slots/"+taken.String()+"/claim", claimBody("check")).want(t, 200)
	if r := api.call(t, "POST", "/api/slots/"+taken.String()+"/claim", claimBody("check")).want(t, 409); len(r.NextAvailable) == 0 || r.Type != "/problems/slot-taken" {
		t.Errorf("409: %s", r.raw)
	}
	if r := api.call(t, "POST", "/api/slots/"+k.past.String()+"/claim", claimBody("check")).want(t, 410); len(r.NextAvailable) == 0 || r.Type != "/problems/slot-past" {
		t.Errorf("410: %s", r.raw)
	}

	for _, id := range []string{uuid.NewString(), "not-an-id", "urn:uuid:" + k.slot().String()} {
		for _, o := range apiOperations(k.slots[0], uuid.Nil) {
			switch path := strings.Replace(strings.Replace(o.path, uuid.Nil.String(), id, 1), k.slots[0].String(), id, 1); {
			case path == o.path:
			default:
				api.call(t, o.method, path, o.body).want(t, 404)
			}
		}
	}

	booked, held := api.booked(t, k).String(), api.hold(t, k).String()
	api.call(t, "POST", "/api/holds/"+booked+"/extend", "").want(t, 409)
	api.call(t, "DELETE", "/api/holds/"+booked, "").want(t, 409)
	api.call(t, "POST", "/api/appointments/"+held+"/cancel", "").want(t, 409)
	api.call(t, "POST", "/api/holds/"+held+"/extend", "").want(t, 200)
	api.call(t, "POST", "/api/holds/"+held+"/extend", "").want(t, 409)

	w.db.Clock.Advance(10 * time.Minute)
	for _, verb := range []string{"confirm", "extend"} {
		r := api.call(t, "POST", "/api/holds/"+held+"/"+verb, "").want(t, 410)
		if len(r.NextAvailable) == 0 || r.Type != "/problems/hold-ended" {
			t.Errorf("410: %s", r.raw)
		}
	}
}

// everyBadRequest sends what cannot be used to every operation that reads something.
func everyBadRequest(t *testing.T, api apiCaller, k *apiClinic) {
	for _, o := range apiOperations(k.slot(), api.hold(t, k)) {
		if o.method != http.MethodPost {
			continue
		}
		api.call(t, "POST", o.path, `{"service":`).want(t, 400)
		api.call(t, "POST", o.path, `{"service":"check"} {}`).want(t, 400)
		api.call(t, "POST", o.path, "{\"service\":\"\xff\"}").want(t, 400)
		api.call(t, "POST", o.path, `{"x":"`+strings.Repeat("x", 70_000)+`"}`).want(t, 413)
		api.call(t, "POST", o.path, `{"service":"check"}`, "Content-Type: text/plain").want(t, 415)
		api.call(t, "POST", o.path, `{"service":"check"}`, "Content-Type: application/x-www-form-urlencoded").want(t, 415)
		api.call(t, "POST", o.path, `{"service":"check"}`, "Content-Encoding: gzip").want(t, 415)
		if r := api.call(t, "POST", o.path, `[]`).want(t, 422); r.Errors[0].Name != "body" {
			t.Errorf("%s: %s", o.path, r.raw)
		}
		api.call(t, "POST", o.path, o.body, "Idempotency-Key: "+strings.Repeat("k", 256)).want(t, 422)
	}
	slot, hold := "/api/slots/"+k.slot().String()+"/claim", api.hold(t, k).String()
	unnamed := api.call(t, "POST", slot, `{"service":"check"}`).want(t, 200).Hold.ID.String()
	open := "/api/slots/" + k.slot().String() + "/claim"
	for _, c := range []struct{ method, path, body, field string }{
		{"GET", "/api/slots?limit=many", "", "limit"},
		{"GET", "/api/slots?limit=0", "", "limit"},
		{"GET", "/api/slots?limit=501", "", "limit"},
		{"GET", "/api/slots?service=alchemy", "", "service"},
		{"GET", "/api/slots?service=%00", "", "service"},
		{"GET", "/api/slots?practitioner=Ada", "", "practitioner"},
		{"GET", "/api/slots?from=tomorrow", "", "from"},
		{"GET", "/api/slots?to=2025-02-30", "", "to"},
		{"GET", "/api/slots?from=2025-03-10&to=2025-03-09", "", "to"},
		{"POST", open, ``, "service"},
		{"POST", open, `{}`, "service"},
		{"POST", open, `{"service":null}`, "service"},
		{"POST", open, `{"service":7}`, "service"},
		{"POST", open, `{"service":"alchemy"}`, "service"},
		{"POST", open, `{"service":"a\u0000"}`, "service"},
		{"POST", open, `{"service":"check","patient":"Zed"}`, "patient"},
		{"POST", open, `{"service":"check","patient":{"name":["Zed"]}}`, "patient.name"},
		{"POST", open, `{"service":"check","patient":{"name":"a\nb"}}`, "patient.name"},
		{"POST", open, `{"service":"check","patient":{"phone":"12"}}`, "patient.phone"},
		{"POST", open, `{"service":"check","call_id":"` + strings.Repeat("c", 201) + `"}`, "call_id"},
		{"POST", open, `{"service":"check","call_id":"\u0000"}`, "call_id"},
		{"POST", open, `{"service":"check","hold_seconds":"90"}`, "hold_seconds"},
		{"POST", open, `{"service":"check","hold_seconds":1.5}`, "hold_seconds"},
		{"POST", open, `{"service":"check","hold_seconds":0}`, "hold_seconds"},
		{"POST", open, `{"service":"check","hold_seconds":-1}`, "hold_seconds"},
		{"POST", open, `{"service":"check","hold_seconds":301}`, "hold_seconds"},
		{"POST", open, `{"service":"check","hold_seconds":9223372036854775807}`, "hold_seconds"},
		{"POST", "/api/holds/" + unnamed + "/confirm", ``, "patient.name"},
		{"POST", "/api/holds/" + unnamed + "/confirm", `{"patient":{"name":"Zed Who"}}`, "patient.phone"},
		{"POST", "/api/holds/" + unnamed + "/confirm", `{"patient":{"name":"Zed Who","phone":"12345"}}`, "patient.phone"},
		{"POST", "/api/holds/" + hold + "/extend", `{"hold_seconds":301}`, "hold_seconds"},
		{"POST", "/api/appointments/" + hold + "/cancel", `{"reason":"Zed Who is pregnant"}`, "reason"},
		{"POST", "/api/appointments/" + hold + "/cancel", `{"reason":"Illness"}`, "reason"},
		{"POST", "/api/appointments/" + hold + "/cancel", `{"reason":"\u0000"}`, "reason"},
	} {
		if r := api.call(t, c.method, c.path, c.body).want(t, 422); len(r.Errors) == 0 || r.Errors[0].Name != c.field || r.Errors[0].Message == "" {
			t.Errorf("%s %s %s: the field is %q: %s", c.method, c.path, c.body, c.field, r.raw)
		}
	}
}

func TestAPIReasonsAreCodes(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	api := w.as(k)
	cancel := func(body string) apiReply {
		hold := api.call(t, "POST", "/api/slots/"+k.slot().String()+"/claim", claimBody("check")).want(t, 200).Hold
		api.call(t, "POST", "/api/holds/"+hold.ID.String()+"/confirm", `{"patient":{"name":"`+apiName+`","phone":"`+apiPhone+`"}}`).want(t, 201)
		return api.call(t, "POST", "/api/appointments/"+hold.ID.String()+"/cancel", body)
	}
	cancel("").want(t, 200)
	for _, code := range []string{"patient-request", "clinic-request", "illness", "duplicate", "other"} {
		cancel(`{"reason":"`+code+`"}`).want(t, 200)
	}
	refused := cancel(`{"reason":"Zed Who is pregnant"}`).want(t, 422)
	if len(refused.Errors) != 1 || !strings.Contains(refused.Errors[0].Message, "patient-request, clinic-request, illness, duplicate") || strings.Contains(refused.raw, "pregnant") {
		t.Errorf("refused with %s", refused.raw)
	}
	var usual, leaked int
	err := w.db.Owner(t).QueryRow(context.Background(), `select (select count(*) from audit_events where reason = 'patient-request'),
		(select count(*) from audit_events where reason ~ 'pregnant')`).Scan(&usual, &leaked)
	if err != nil || usual != 2 || leaked != 0 {
		t.Errorf("%d by request of the patient, want 2; %d with what was sent (%v)", usual, leaked, err)
	}
}

func TestAPIAddressesThatAreNot(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	api := w.as(w.clinic(t, "Europe/London"))
	api.call(t, "GET", "/api/nothing", "").want(t, 404)
	api.call(t, "POST", "/api/slots/"+uuid.NewString()+"/Claim", "{}").want(t, 404)
	for path, allow := range map[string]string{"/api/slots": "GET, HEAD", "/api/holds/" + uuid.NewString(): "DELETE", "/api/slots/" + uuid.NewString() + "/claim": "POST"} {
		r := api.call(t, "PUT", path, "{}").want(t, 405)
		if r.header.Get("Allow") != allow || r.header.Get("Content-Type") != "application/problem+json" || r.Type == "" || r.Detail == "" {
			t.Errorf("%s: Allow is %q: %s", path, r.header.Get("Allow"), r.raw)
		}
	}
}
