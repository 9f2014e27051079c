package patients_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

func TestNotesAreDatedSignedAndSealed(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	w.note(w.keep.ID, patients.DeskNote, " Called back\x00 ")
	w.note(w.keep.ID, patients.DeskNote, "Called back") // a second press
	w.db.Clock.Advance(11 * time.Minute)
	w.note(w.keep.ID, patients.DeskNote, "Called back") // another call
	w.note(w.keep.ID, patients.ClinicalNote, "Allergic to latex")
	got := in(t, w.db, w.s, func(tx *tenancy.Tx) ([]patients.Note, error) { return w.d.Notes(ctx, tx, w.keep.ID) })
	me := w.s.Actor.String()
	want := []patients.Note{
		{Kind: "clinical", Text: "Allergic to latex", Actor: me, At: mergeDay.Add(11 * time.Minute)},
		{Kind: "desk", Text: "Called back", Actor: me, At: mergeDay.Add(11 * time.Minute)},
		{Kind: "desk", Text: "Called back", Actor: me, At: mergeDay},
	}
	if !slices.EqualFunc(got, want, func(g, w patients.Note) bool {
		return g.Kind == w.Kind && g.Text == w.Text && g.Actor == w.Actor && g.At.Equal(w.At)
	}) {
		t.Errorf("%+v", got)
	}
	if n := w.recorded("patient.noted"); n != 3 {
		t.Errorf("%d notes recorded", n)
	}
	var clear int
	must(t, w.db.Owner(t).QueryRow(ctx, `select (select count(*) from patient_notes where position('Called'::bytea in body) > 0) + (select count(*) from audit_events e where e::text ~ 'Called|latex')`).Scan(&clear))
	if clear != 0 {
		t.Errorf("%d notes are in clear", clear)
	}
	elsewhere := w.db.Clinic(t, "B", "Europe/London")
	for words, c := range map[string]struct {
		s          tenancy.Scope
		id         uuid.UUID
		kind, text string
		want       fault.Kind
	}{
		"nothing": {w.s, w.keep.ID, "desk", " \n", fault.Invalid}, "too much": {w.s, w.keep.ID, "desk", strings.Repeat("x", 2001), fault.Invalid}, "another kind": {w.s, w.keep.ID, "secret", "x", fault.Invalid},
		"nobody": {w.s, uuid.New(), "desk", "x", fault.NotFound}, "another clinic": {elsewhere, w.keep.ID, "desk", "x", fault.NotFound},
	} {
		err := w.db.WithClinic(ctx, c.s, func(tx *tenancy.Tx) error { return w.d.AddNote(ctx, tx, c.id, c.kind, c.text) })
		if !fault.Is(err, c.want) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// A form that was open while somebody else saved is refused with what is there now; one that was not is saved.
func TestAStaleEditIsTold(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	edit := func(name string, seen int) (patients.Patient, error) {
		var p patients.Patient
		err := w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) (err error) {
			p, err = w.d.Edit(ctx, tx, patients.EditInput{ID: w.keep.ID, Details: patients.Details{Name: name}, Seen: seen})
			return err
		})
		return p, err
	}
	if p, err := edit("First", 1); err != nil || p.Version != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err := edit("Second", 1)
	now, ok := patients.Patient{}, false
	if f := fault.As(err); f != nil {
		now, ok = f.Detail.(patients.Patient)
	}
	if code(err) != "changed-meanwhile" || !ok || now.Name != "First" || now.Version != 2 {
		t.Errorf("%v, %+v", err, now)
	}
	if _, err := edit("Third", 2); err != nil {
		t.Error(err)
	}
}
