package calls_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Whoever was found before a merge and is kept something for after it is the one who was kept: erasing them erases that as well.
func TestWhatComesForAMergedPatientIsTheKeptOnes(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	gone := c.addPatient(patients.Details{Name: "Ada King", Phone: "+447700900111"})
	kept := c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: "+447700900222"})
	c.must(c.call("call-1", caller).report(talk, metrics))
	c.work(r)
	call := c.only(r)
	var list []scheduling.WaitEntry
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		if _, err := patients.New(c.vault).Merge(ctx, tx, patients.MergeInput{Keep: kept, Merge: gone}); err != nil {
			return err
		}
		var service uuid.UUID
		if err := tx.QueryRow(ctx, `select id from services where clinic_id = $1 and slug = 'mole-check'`, tx.Clinic()).Scan(&service); err != nil {
			return err
		}
		if _, err := c.desk.JoinWaitlist(ctx, tx, scheduling.WaitInput{Service: service, PatientID: gone, Caller: scheduling.Caller{Name: "Ada King", Phone: "+447700900111"}}); err != nil {
			return err
		}
		if err := r.AttachPatient(ctx, tx, call.ID, gone); err != nil {
			return err
		}
		var err error
		list, err = c.desk.Waitlist(ctx, tx)
		return err
	})
	if len(list) != 1 || *list[0].PatientID != kept || list[0].Caller.Name != "Ada King" {
		t.Errorf("who waits: %+v", list)
	}
	if call = c.only(r); *call.PatientID != kept || call.Caller == "" {
		t.Errorf("the call: %+v", call.Call)
	}
	if n := c.ask(`select count(*)::int from call_spans where patient_id = $1`, kept); n == 0 {
		t.Error("what was taken out of the call is not under the kept one's key")
	}
}

// Whose call it is can be said while it goes on: it is still among those that go on, with its number.
func TestACallThatGoesOnCanBeSomebodys(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	ada := c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: caller})
	c.must(`{"message":{"type":"status-update","status":"in-progress","call":` + c.call("call-live", caller).about() + `}}`)
	var on []calls.InProgress
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		if on, err = c.board.OnThePhone(ctx, tx); err != nil {
			return err
		}
		if err := r.AttachPatient(ctx, tx, on[0].ID, ada); err != nil {
			return err
		}
		on, err = c.board.OnThePhone(ctx, tx)
		return err
	})
	if len(on) != 1 || on[0].Number != caller {
		t.Errorf("on the phone: %+v", on)
	}
}

// However many strangers have rung since, a call finds its patient.
func TestCallsOfStrangersAreAdoptedHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	r := c.archive()
	c.must(c.call("call-1", caller).report(talk, metrics))
	c.work(r)
	first := c.only(r)
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		keys, err := c.vault.Clinic(ctx, tx)
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		for i := range 250 {
			id := tenancy.NewID()
			number, err := keys.Seal(privacy.Field{Table: "calls", Column: "caller", Row: id}, fmt.Appendf(nil, "+447700900%03d", 200+i))
			if err != nil {
				return err
			}
			b.Queue(`insert into calls (clinic_id, id, vapi_call_id, started_at, ended_at, recorded_at, caller) values ($1, $2, $3, $4, $4, $4, $5)`, tx.Clinic(), id, id.String(),
				thursday.Add(-time.Duration(i/2)*time.Microsecond), number)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	namesake := c.addPatient(patients.Details{Name: "Somebody Else", Phone: "+447700900201"})
	ada := c.addPatient(patients.Details{Name: "Ada Lovelace", Phone: caller})
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		if n, err := r.AdoptCalls(ctx, tx); n != 2 || err != nil {
			t.Errorf("%d adopted, %v", n, err)
		}
		return nil
	})
	if n := c.ask(`select count(*)::int from calls where id = $1 and patient_id = $2`, first.ID, ada); n != 1 {
		t.Error("the oldest call has not found its patient")
	}
	if n := c.ask(`select count(*)::int from calls where patient_id = $1`, namesake); n != 1 {
		t.Errorf("%d calls found the other one", n)
	}
}
