package handlers

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// A thousand callers want one slot at the same instant, over real connections: one has it, and every other is told where to turn.
func TestAPIOneSlotOnePatient(t *testing.T) {
	const callers = 1000
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.app.Listener(listener) }()
	t.Cleanup(func() { _ = w.app.Shutdown() })
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	t.Cleanup(client.CloseIdleConnections)

	slot := k.slot()
	request := func(i int) *http.Request {
		body := fmt.Sprintf(`{"service":"check","patient":{"name":"Claimant Number%d","phone":"+4477009%05d"}}`, i, i)
		return apiRequest(k.key, "POST", "/api/slots/"+slot.String()+"/claim", body)
	}
	replies := make([]*http.Response, callers)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			req := request(i)
			req.URL.Scheme, req.URL.Host, req.RequestURI = "http", listener.Addr().String(), "" // httptest makes requests as a server reads them
			<-start
			res, err := client.Do(req)
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
				return
			}
			replies[i] = res
		})
	}
	close(start)
	all.Wait()
	if t.Failed() {
		return
	}

	statuses := map[int]int{}
	var won uuid.UUID
	for i, res := range replies {
		r := readReply(t, request(i), res)
		statuses[r.status]++
		switch r.status {
		case 200:
			won = r.Hold.ID
		case 409:
			if len(r.NextAvailable) == 0 {
				t.Errorf("caller %d is not told where to turn: %s", i, r.raw)
			}
			for _, next := range r.NextAvailable {
				if next.ID == slot || next.Practitioner == "" {
					t.Errorf("caller %d is sent to %+v", i, next)
				}
			}
		}
		if strings.Contains(r.raw, "Claimant") || strings.Contains(r.raw, "77009") {
			t.Errorf("caller %d is told of a patient: %s", i, r.raw)
		}
	}
	if statuses[200] != 1 || statuses[409] != callers-1 {
		t.Fatalf("statuses: %v", statuses)
	}
	var holds, slots int
	var appointment uuid.UUID
	err = w.db.Owner(t).QueryRow(context.Background(), `select (select count(*) from appointments), (select count(*) from slots where status <> 'free'),
		(select appointment_id from slots where id = $1)`, slot).Scan(&holds, &slots, &appointment)
	if err != nil || holds != 1 || slots != 1 || appointment != won {
		t.Errorf("%d holds and %d slots that are not free; the slot is of %s, and %s won (%v)", holds, slots, appointment, won, err)
	}
}

// A service that needs two slots takes both or none; claims that overlap by one of them cannot both win.
func TestAPIOverlappingClaims(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	api := w.as(k)
	var all sync.WaitGroup
	won := make([]bool, 39)
	for i := range won {
		all.Go(func() {
			won[i] = api.call(t, "POST", "/api/slots/"+k.slots[i].String()+"/claim", claimBody("consult")).status == 200
		})
	}
	all.Wait()
	for i := 1; i < len(won); i++ {
		if won[i-1] && won[i] {
			t.Errorf("claims %d and %d overlap, and both won", i-1, i)
		}
	}
	var held, holds int
	err := w.db.Owner(t).QueryRow(context.Background(), `select (select count(*) from slots where status = 'busy-tentative'), (select count(*) from appointments)`).Scan(&held, &holds)
	if err != nil || holds == 0 || held != 2*holds {
		t.Errorf("%d holds have %d slots (%v)", holds, held, err)
	}
}

func TestAPIIdempotency(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	k := w.clinic(t, "Europe/London")
	api := w.as(k)
	same := func(t *testing.T, first, later apiReply) {
		t.Helper()
		if later.status != first.status || later.raw != first.raw || later.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("first %d %s\nthen %d %s", first.status, first.raw, later.status, later.raw)
		}
		if first.header.Get("Idempotency-Replayed") != "" || later.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("replayed: first %q, then %q", first.header.Get("Idempotency-Replayed"), later.header.Get("Idempotency-Replayed"))
		}
	}
	claim := func(slot uuid.UUID, key string) apiReply {
		return api.call(t, "POST", "/api/slots/"+slot.String()+"/claim", claimBody("check"), "Idempotency-Key: "+key)
	}

	t.Run("claim", func(t *testing.T) {
		slot := k.slot()
		first := claim(slot, "claim").want(t, 200)
		same(t, first, claim(slot, "claim"))
		respelt := fmt.Sprintf("{ \"call_id\": \"call-1\",\n\"patient\": {\"phone\": %q, \"name\": %q}, \"service\": \"check\" }", apiPhone, apiName)
		same(t, first, api.call(t, "POST", "/api/slots/"+slot.String()+"/claim", respelt, "Idempotency-Key: claim"))
		for _, other := range []apiReply{
			api.call(t, "POST", "/api/slots/"+slot.String()+"/claim", `{"service":"check"}`, "Idempotency-Key: claim"),
			claim(k.slot(), "claim"),
			api.call(t, "POST", "/api/holds/"+first.Hold.ID.String()+"/confirm", "", "Idempotency-Key: claim"),
		} {
			if other.want(t, 422); other.Type != "/problems/idempotency-key-reused" {
				t.Errorf("reused: %s", other.raw)
			}
		}
	})
	t.Run("at once", func(t *testing.T) {
		slot := k.slot()
		replies := make([]apiReply, 20)
		var all sync.WaitGroup
		for i := range replies {
			all.Go(func() { replies[i] = claim(slot, "at once") })
		}
		all.Wait()
		fresh := 0
		for _, r := range replies {
			if r.status != 200 || r.Hold.ID != replies[0].Hold.ID {
				t.Errorf("one of them was answered %d %s", r.status, r.raw)
			}
			if r.header.Get("Idempotency-Replayed") == "" {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("%d of them were carried out", fresh)
		}
	})
	t.Run("refusal", func(t *testing.T) {
		slot := k.slot()
		hold := claim(slot, "holder").want(t, 200).Hold.ID
		lost := claim(slot, "loser").want(t, 409)
		api.call(t, "DELETE", "/api/holds/"+hold.String(), "").want(t, 204)
		same(t, lost, claim(slot, "loser")) // it was refused, and stays so, though the slot is free now
		claim(slot, "another try").want(t, 200)
		missing := api.call(t, "POST", "/api/holds/"+uuid.Nil.String()+"/confirm", "", "Idempotency-Key: missing").want(t, 404)
		same(t, missing, api.call(t, "POST", "/api/holds/"+uuid.Nil.String()+"/confirm", "", "Idempotency-Key: missing"))
	})
	t.Run("confirm and cancel", func(t *testing.T) {
		id := api.hold(t, k).String()
		confirm := func() apiReply {
			return api.call(t, "POST", "/api/holds/"+id+"/confirm", "", "Idempotency-Key: confirm")
		}
		same(t, confirm().want(t, 201), confirm())
		cancel := func() apiReply {
			return api.call(t, "POST", "/api/appointments/"+id+"/cancel", "", "Idempotency-Key: cancel")
		}
		same(t, cancel().want(t, 200), cancel())
	})
	t.Run("extend", func(t *testing.T) {
		id := api.hold(t, k).String()
		extend := func() apiReply {
			return api.call(t, "POST", "/api/holds/"+id+"/extend", "", "Idempotency-Key: extend")
		}
		same(t, extend().want(t, 200), extend())
	})
	t.Run("of another clinic", func(t *testing.T) {
		other := w.clinic(t, "Europe/London")
		w.as(other).call(t, "POST", "/api/slots/"+other.slot().String()+"/claim", claimBody("check"), "Idempotency-Key: claim").want(t, 200)
	})
	t.Run("what is kept", func(t *testing.T) {
		var personal int
		err := w.db.Owner(t).QueryRow(context.Background(), `select count(*) from idempotency_keys where convert_from(body, 'UTF8') ~ 'Zebediah|Quillfeather|900987'`).Scan(&personal)
		if err != nil || personal != 0 {
			t.Errorf("%d kept answers hold a patient's data (%v)", personal, err)
		}
	})
}

func TestAPIOtherClinic(t *testing.T) {
	t.Parallel()
	w := newAPIWorld(t)
	mine, theirs := w.clinic(t, "Europe/London"), w.clinic(t, "Europe/London")
	intruder := w.as(mine)
	held, booked := w.as(theirs).hold(t, theirs), w.as(theirs).booked(t, theirs)
	for _, id := range []uuid.UUID{held, booked} {
		for _, o := range apiOperations(theirs.slots[10], id) {
			if strings.Contains(o.path, id.String()) || strings.Contains(o.path, theirs.slots[10].String()) {
				reply := intruder.call(t, o.method, o.path, o.body).want(t, 404)
				nobody := intruder.call(t, o.method, strings.NewReplacer(id.String(), uuid.NewString(), theirs.slots[10].String(), uuid.NewString()).Replace(o.path), o.body)
				if reply.Type != nobody.Type || reply.Detail != nobody.Detail {
					t.Errorf("%s %s: theirs is answered %q, nobody's %q", o.method, o.path, reply.Detail, nobody.Detail)
				}
			}
		}
	}
	if slots := intruder.call(t, "GET", "/api/slots?practitioner="+theirs.first.ID.String(), "").want(t, 200).Slots; len(slots) != 0 {
		t.Errorf("another clinic's practitioner has slots: %+v", slots)
	}
	for _, s := range intruder.call(t, "GET", "/api/slots?limit=500", "").want(t, 200).Slots {
		if s.PractitionerID != mine.first.ID && s.PractitionerID != mine.second.ID {
			t.Errorf("another clinic's slot: %+v", s)
		}
	}
	if status := w.as(theirs).call(t, "GET", "/api/appointments/"+held.String(), "").want(t, 200).Appointment.Status; status != "pending" {
		t.Errorf("the hold is %q after the attempts", status)
	}
}
