package calls_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
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
