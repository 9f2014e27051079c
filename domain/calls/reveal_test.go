package calls_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// recorded is a clinic with one recorded call of a patient who has an appointment with Dr Okafor.
func recorded(t *testing.T) (*clinic, *calls.Records, calls.Record) {
	t.Helper()
	c := newClinic(t)
	r := c.archive()
	k := c.call("call-1", caller)
	k.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T09:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	c.must(k.report(talk, metrics))
	c.work(r)
	return c, r, c.only(r)
}

// person is who tries to see something. A clinician may be a practitioner.
func (c *clinic) practitioner(role, name string) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into memberships (clinic_id, person_id, role, practitioner_id)
select $1, app.ensure_person($2, $2::uuid || '@example.org', 'Person', 'none'), 'clinician', p.id from practitioners p where p.name = $3`,
			tx.Clinic(), uuid.NewSHA1(uuid.NameSpaceOID, []byte(role)), name)
		return err
	})
}

func TestWhoMayReveal(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	c.practitioner("clinician", "Dr Okafor")
	phone, condition, born := spanOf(t, rec, privacy.Phone), spanOf(t, rec, privacy.Condition), spanOf(t, rec, privacy.DateOfBirth)
	for role, may := range map[string][3]bool{
		"admin": {true, true, true}, "compliance": {true, true, true}, "clinician": {true, true, true}, "frontdesk": {true, false, false},
		"agent": {false, false, false}, "": {false, false, false},
	} {
		for i, span := range []calls.Span{phone, condition, born} {
			got, err := c.reveal(r, role, span.ID)
			switch {
			case may[i] && (err != nil || !got.Until.Equal(c.Clock.Now().Add(time.Minute))):
				t.Errorf("%s, %s: %+v %v", role, span.Kind, got, err)
			case may[i] && got.Words != [3]string{"07700 900555", "asthma", "tenth of December eighteen fifteen"}[i]:
				t.Errorf("%s, %s: %q", role, span.Kind, got.Words)
			case !may[i] && (!fault.Is(err, fault.Forbidden) || got.Words != ""):
				t.Errorf("%s, %s: %q %v", role, span.Kind, got.Words, err)
			}
		}
		if role == "" || role == "agent" {
			continue
		}
		c.as(role, func(tx *tenancy.Tx) error {
			seen, err := r.Get(ctx, tx, rec.ID)
			if spanOf(t, seen, privacy.Condition).Mine != may[1] || spanOf(t, seen, privacy.Phone).Mine != may[0] {
				t.Errorf("%s is shown another right than they have", role)
			}
			return err
		})
	}
	if n := c.ask(`select count(*)::int from audit_events where action = 'transcript.revealed' and reason = 'treatment' and patients = array[$1::uuid]`, *rec.PatientID); n != 10 {
		t.Errorf("%d reveals are in the audit", n)
	}
	if n := c.ask(`select count(*)::int from call_reveals where note is not null and position('rang' in encode(note, 'escape')) = 0 and until = at + interval '1 minute'`); n != 10 {
		t.Errorf("%d reveals are kept", n)
	}
	for _, bad := range []calls.Reason{{}, {Code: "because"}, {Code: calls.ForOther}, {Code: calls.ForLegal, Words: string(make([]byte, 301))}} {
		c.refused(fault.Invalid, "admin", func(tx *tenancy.Tx) error { _, err := r.Reveal(ctx, tx, phone.ID, bad); return err })
	}
	c.refused(fault.NotFound, "admin", func(tx *tenancy.Tx) error {
		_, err := r.Reveal(ctx, tx, tenancy.NewID(), calls.Reason{Code: calls.ForLegal})
		return err
	})
}

func TestAnotherPractitionersPatientStaysHidden(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	c.practitioner("clinician", "Dr Lindqvist")
	for _, kind := range []privacy.Kind{privacy.Phone, privacy.Condition} {
		if got, err := c.reveal(r, "clinician", spanOf(t, rec, kind).ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %+v %v", kind, got, err)
		}
	}
}

func TestBreakingTheGlass(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(calls.Record) calls.GlassInput{
		"a call":    func(rec calls.Record) calls.GlassInput { return calls.GlassInput{CallID: rec.ID} },
		"a patient": func(rec calls.Record) calls.GlassInput { return calls.GlassInput{PatientID: *rec.PatientID} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r, rec := recorded(t)
			span := spanOf(t, rec, privacy.Condition).ID
			in := of(rec)
			c.refused(fault.Invalid, "frontdesk", func(tx *tenancy.Tx) error { _, err := r.BreakGlass(ctx, tx, in); return err })
			in.Reason = calls.Reason{Code: calls.ForEmergency, Words: "Ambulance asks"}
			var g calls.GlassBreak
			break1 := func(tx *tenancy.Tx) (err error) { g, err = r.BreakGlass(ctx, tx, in); return err }
			c.as("frontdesk", break1)
			first := g.ID
			if c.as("frontdesk", break1); g.ID != first {
				t.Error("a glass that is broken was broken again")
			}
			if got, err := c.reveal(r, "frontdesk", span); err != nil || got.Words != "asthma" {
				t.Errorf("%+v %v", got, err)
			}
			if _, err := c.reveal(r, "clinician", span); !fault.Is(err, fault.Forbidden) {
				t.Errorf("one person's right is everybody's: %v", err)
			}
			c.as("frontdesk", func(tx *tenancy.Tx) error {
				seen, err := r.Get(ctx, tx, rec.ID)
				if seen.Glass == nil || !seen.Glass.Until.Equal(c.Clock.Now().Add(time.Hour)) {
					t.Errorf("the page does not know: %+v", seen.Glass)
				}
				return err
			})
			c.Clock.Advance(time.Hour)
			if _, err := c.reveal(r, "frontdesk", span); !fault.Is(err, fault.Forbidden) {
				t.Errorf("after an hour: %v", err)
			}
			if n := c.ask(`select count(*)::int from audit_events where action = 'glass.broken' and reason = 'emergency'`); n != 1 {
				t.Errorf("%d events", n)
			}
		})
	}
}

func TestWhoeverOpenedEverythingClosesItAgain(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	span := spanOf(t, rec, privacy.Condition).ID
	var g calls.GlassBreak
	c.as("frontdesk", func(tx *tenancy.Tx) (err error) {
		g, err = r.BreakGlass(ctx, tx, calls.GlassInput{PatientID: *rec.PatientID, Reason: calls.Reason{Code: calls.ForEmergency, Words: "Ambulance asks"}})
		return err
	})
	if _, err := c.reveal(r, "frontdesk", span); err != nil {
		t.Fatal(err)
	}
	closeIt := func(tx *tenancy.Tx) error { _, err := r.CloseGlass(ctx, tx, g.ID); return err }
	c.refused(fault.NotFound, "clinician", closeIt)
	c.Clock.Advance(time.Minute)
	c.as("frontdesk", closeIt)
	c.as("frontdesk", closeIt) // again changes nothing
	if _, err := c.reveal(r, "frontdesk", span); !fault.Is(err, fault.Forbidden) {
		t.Errorf("it is open still: %v", err)
	}
	c.as("compliance", func(tx *tenancy.Tx) error {
		owed, err := r.OwedReviews(ctx, tx)
		if len(owed) != 1 || owed[0].Reveals != 1 || len(owed[0].Looked) != 1 || owed[0].Looked[0] != rec.ID || owed[0].Until.Sub(owed[0].At) != time.Minute {
			t.Errorf("%+v", owed)
		}
		return err
	})
	if n := c.ask(`select count(*)::int from audit_events where action = 'glass.closed' and cardinality(patients) = 1`); n != 1 {
		t.Errorf("%d events", n)
	}
	if err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error { // past the verb, the table refuses too
		_, err := tx.Exec(ctx, `update glass_breaks set until = at + interval '2 hours'`)
		return err
	}); err == nil {
		t.Error("the table lets an hour become two")
	}
}

func TestABrokenGlassIsReviewedByAnother(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	in := calls.GlassInput{CallID: rec.ID, Reason: calls.Reason{Code: calls.ForEmergency, Words: "Ada was unwell"}}
	var mine calls.GlassBreak
	c.as("frontdesk", func(tx *tenancy.Tx) (err error) { _, err = r.BreakGlass(ctx, tx, in); return err })
	c.as("compliance", func(tx *tenancy.Tx) (err error) { mine, err = r.BreakGlass(ctx, tx, in); return err })
	if _, err := c.reveal(r, "frontdesk", spanOf(t, rec, privacy.Condition).ID); err != nil {
		t.Fatal(err)
	}
	var owed []calls.GlassBreak
	list := func(tx *tenancy.Tx) (err error) { owed, err = r.OwedReviews(ctx, tx); return err }
	c.refused(fault.Forbidden, "frontdesk", list)
	c.refused(fault.Forbidden, "clinician", list)
	c.as("compliance", list)
	if len(owed) != 2 || owed[0].Words != "Ada was unwell" || owed[0].Reveals != 1 {
		t.Fatalf("owed %+v", owed)
	}
	review := func(id uuid.UUID, verdict string) func(tx *tenancy.Tx) error {
		return func(tx *tenancy.Tx) error {
			return r.ReviewBreakGlass(ctx, tx, id, verdict, "spoke to her")
		}
	}
	theirs := owed[0].ID
	if theirs == mine.ID {
		theirs = owed[1].ID
	}
	c.refused(fault.Forbidden, "frontdesk", review(theirs, calls.Justified))
	c.refused(fault.Forbidden, "compliance", review(mine.ID, calls.Justified))
	c.refused(fault.Invalid, "compliance", review(theirs, ""))
	c.refused(fault.NotFound, "compliance", review(tenancy.NewID(), calls.Justified))
	c.as("compliance", review(theirs, calls.NotJustified))
	c.refused(fault.Conflict, "admin", review(theirs, calls.Justified))
	c.as("admin", review(mine.ID, calls.Justified))
	if c.as("admin", list); len(owed) != 0 {
		t.Errorf("still owed: %+v", owed)
	}
	if err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error { // past the verb, the table refuses too
		_, err := tx.Exec(ctx, `update glass_breaks set reviewed_by = actor`)
		return err
	}); err == nil {
		t.Error("the table lets people review themselves")
	}
}

func TestAnErasedPatientIsErasedFromTheirCalls(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	late := c.call("call-2", caller)
	late.says("Booked", false, "book_appointment", args{"service": "mole-check", "starts_at": "2026-11-24T11:00", "practitioner": "Okafor", "name": "Ada Lovelace"})
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { // what erasure does
		_, err := tx.Exec(ctx, `update patients set wrapped_key = null where id = $1`, *rec.PatientID)
		return err
	})
	c.must(late.report(talk, metrics)) // its report comes after that
	c.work(r)
	if n := c.ask(`select count(*)::int from call_turns t join calls c on c.id = t.call_id where c.vapi_call_id = 'call-2'`); n != 0 {
		t.Errorf("%d turns of an erased patient are kept", n)
	}
	if n := c.ask(`select count(*)::int from calls where vapi_call_id = 'call-2' and recorded_at is not null and caller is null and caller_token is null`); n != 1 {
		t.Error("the number of an erased patient is kept")
	}
	var seen calls.Record
	c.as("admin", func(tx *tenancy.Tx) (err error) { seen, err = r.Get(ctx, tx, rec.ID); return err })
	if seen.Caller != "" || len(seen.Turns) != 5 {
		t.Errorf("%+v", seen.Call)
	}
	for _, kind := range []privacy.Kind{privacy.Person, privacy.Phone, privacy.Condition} {
		s := spanOf(t, seen, kind)
		if !s.Erased || s.Mine {
			t.Errorf("%s: %+v", kind, s)
		}
		if got, err := c.reveal(r, "admin", s.ID); !fault.Is(err, fault.Expired) || got.Words != "" {
			t.Errorf("%s: %+v %v", kind, got, err)
		}
	}
	c.as("admin", func(tx *tenancy.Tx) error {
		page, err := r.List(ctx, tx, calls.ListInput{})
		if err != nil || len(page.Calls) != 2 || page.Calls[0].Caller+page.Calls[1].Caller != "" {
			t.Errorf("list: %+v %v", page, err)
		}
		return err
	})
	c.refused(fault.Conflict, "admin", func(tx *tenancy.Tx) error { _, err := r.Compare(ctx, tx, rec.ID); return err })
	c.must(c.call("call-1", caller).report(talk, metrics)) // delivered again
	c.work(r)
	c.call("call-1", caller).says("ended", true, "find_my_appointments", nil)
	if n := c.ask(`select count(*)::int from call_spans where patient_id is null`); n != 0 {
		t.Errorf("%d spans came back", n)
	}
}

// What is sealed opens in its own row, column, table, clinic and under its own patient only.
func TestASpanThatIsCopiedElsewhereDoesNotOpen(t *testing.T) {
	t.Parallel()
	c, r, rec := recorded(t)
	condition, phone := spanOf(t, rec, privacy.Condition).ID, spanOf(t, rec, privacy.Phone).ID
	other := c.addPatient(patients.Details{Name: "Grace Hopper", Phone: "+447700900999"})
	owner := c.Owner(t)
	for name, sql := range map[string]string{
		"to another row":      `update call_spans a set sealed = b.sealed from call_spans b where a.id = $1 and b.id = $2`,
		"to another patient":  `update call_spans set patient_id = '` + other.String() + `' where id = $1 and $2::uuid is not null`,
		"to the clinic":       `update call_spans set patient_id = null where id = $1 and $2::uuid is not null`,
		"from another column": `update call_spans a set sealed = c.caller from calls c where a.id = $1 and $2::uuid is not null`,
		"from another table":  `update call_spans a set sealed = p.name from patients p where a.id = $1 and p.id = '` + rec.PatientID.String() + `' and $2::uuid is not null`,
	} {
		tx, err := owner.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var before []byte
		var whose *uuid.UUID
		if err := tx.QueryRow(ctx, `select sealed, patient_id from call_spans where id = $1`, condition).Scan(&before, &whose); err != nil {
			t.Fatal(err)
		}
		if tag, err := tx.Exec(ctx, sql, condition, phone); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(name, err, tag)
		}
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if got, err := c.reveal(r, "admin", condition); err == nil || got.Words != "" {
			t.Errorf("%s: it opens: %+v", name, got)
		}
		if _, err := owner.Exec(ctx, `update call_spans set sealed = $2, patient_id = $3 where id = $1`, condition, before, whose); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := c.reveal(r, "admin", condition); err != nil || got.Words != "asthma" {
		t.Errorf("in its own place: %+v %v", got, err)
	}
}
