package patients_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func TestMergeMovesEverythingAndUndoBringsItBack(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	ours, theirs := w.appointment(w.keep.ID, nil), w.appointment(w.dup.ID, nil)
	w.note(w.keep.ID, patients.DeskNote, "Called back")
	w.note(w.dup.ID, patients.ClinicalNote, "Allergic to latex")

	m, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID, Take: []string{"name", "birth_date", "address"}, BothNotes: true, KeepSeen: 1, MergeSeen: 1})
	must(t, err)
	one := get(t, w.db, w.s, w.d, w.keep.ID)
	want := patients.Details{Name: "Adele O'Brien", Phone: "+447700900418", Email: "adele@example.com", BirthDate: date(1985, 4, 3), Address: "4 Mill Lane", Notes: "Prefers mornings\nGround floor"}
	if !sameDetails(one.Details, want) || one.Version != 2 {
		t.Errorf("the kept record is %+v", one)
	}
	gone := get(t, w.db, w.s, w.d, w.dup.ID)
	if gone.MergedInto == nil || *gone.MergedInto != w.keep.ID || gone.Name != "" || gone.Phone != "" {
		t.Errorf("the merged record is %+v, want only where it went", gone)
	}
	if w.patientOf(ours) != w.keep.ID || w.patientOf(theirs) != w.keep.ID {
		t.Error("an appointment stayed behind")
	}
	if got := w.notes(w.keep.ID); !slices.Equal(got, []string{"Allergic to latex", "Called back"}) {
		t.Errorf("the notes are %q", got)
	}
	// Found by all that either record knew, once.
	for _, q := range []string{"adele grant", "obrien", "07700900418", "07700 900777", "adele@example.com", "3/4/1985", "grant 0777"} {
		if got := w.found(q); !slices.Equal(got, []uuid.UUID{w.keep.ID}) {
			t.Errorf("%q finds %v", q, got)
		}
	}
	if again := in(t, w.db, w.s, func(tx *tenancy.Tx) (patients.Patient, error) {
		p, created, err := w.d.FindOrCreate(ctx, tx, "Adele O'Brien", "07700 900777")
		if created {
			t.Error("the merged patient was made again")
		}
		return p, err
	}); again.ID != w.keep.ID {
		t.Errorf("a caller with the merged record's name and phone is %v", again.ID)
	}
	// What happens to it afterwards.
	later := w.appointment(w.keep.ID, nil)
	moved := w.appointment(w.keep.ID, &theirs)
	w.note(w.dup.ID, patients.DeskNote, "Written on a page that was open")
	if late := w.appointment(w.dup.ID, nil); w.patientOf(late) != w.keep.ID {
		t.Error("what is booked for the merged record stays with it")
	}
	edited := want
	edited.Phone = "+447700900999"
	in(t, w.db, w.s, func(tx *tenancy.Tx) (patients.Patient, error) { return w.d.Update(ctx, tx, w.keep.ID, edited) })
	if got := w.found("07700 900777"); len(got) != 1 {
		t.Errorf("after an edit the merged phone finds %v", got)
	}

	must(t, w.undo(m.ID))
	kept, back := get(t, w.db, w.s, w.d, w.keep.ID), get(t, w.db, w.s, w.d, w.dup.ID)
	if !sameDetails(kept.Details, patients.Details{Name: "Adele Grant", Phone: "+447700900999", Email: "adele@example.com", Notes: "Prefers mornings"}) {
		t.Errorf("the kept record is %+v, want it as before, with the edit", kept.Details)
	}
	if !sameDetails(back.Details, w.dup.Details) || back.MergedInto != nil {
		t.Errorf("the merged record is %+v, want it as it was", back)
	}
	for id, patient := range map[uuid.UUID]uuid.UUID{ours: w.keep.ID, later: w.keep.ID, theirs: w.dup.ID, moved: w.dup.ID} {
		if got := w.patientOf(id); got != patient {
			t.Errorf("an appointment is %v's, want %v's", got, patient)
		}
	}
	if a, b := w.notes(w.keep.ID), w.notes(w.dup.ID); !slices.Equal(a, []string{"Called back", "Written on a page that was open"}) || !slices.Equal(b, []string{"Allergic to latex"}) {
		t.Errorf("the notes are %q and %q", a, b)
	}
	for q, id := range map[string]uuid.UUID{"grant": w.keep.ID, "obrien": w.dup.ID, "900999": w.keep.ID, "0777": w.dup.ID, "1985": w.dup.ID} {
		if got := w.found(q); !slices.Equal(got, []uuid.UUID{id}) {
			t.Errorf("%q finds %v", q, got)
		}
	}
	if w.recorded("patient.merged") != 1 || w.recorded("patient.unmerged") != 1 {
		t.Error("the merge and its undo are not recorded once")
	}
	if err := w.undo(m.ID); code(err) != "merge-undone" {
		t.Errorf("undone twice: %v", err)
	}
}

func sameDetails(a, b patients.Details) bool {
	return !slices.ContainsFunc(patients.Fields, func(f string) bool { return a.Get(f) != b.Get(f) })
}

func TestMergesThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	third := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Third"})
	erased := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Gone"})
	_, err := w.db.Owner(t).Exec(ctx, `update patients set wrapped_key = null where id = $1`, erased.ID)
	must(t, err)
	elsewhere := w.db.Clinic(t, "B", "Europe/London")
	foreign := create(t, w.db, elsewhere, w.d, patients.Details{Name: "Adele Grant"})
	m, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
	must(t, err)

	for words, c := range map[string]struct {
		in   patients.MergeInput
		want string
	}{
		"with itself":           {patients.MergeInput{Keep: third.ID, Merge: third.ID}, "same-patient"},
		"an unknown field":      {patients.MergeInput{Keep: third.ID, Merge: w.keep.ID, Take: []string{"wrapped_key"}}, "invalid-field"},
		"merged before":         {patients.MergeInput{Keep: third.ID, Merge: w.dup.ID}, "already-merged"},
		"into a merged one":     {patients.MergeInput{Keep: w.dup.ID, Merge: third.ID}, "already-merged"},
		"an erased one":         {patients.MergeInput{Keep: third.ID, Merge: erased.ID}, "patient-erased"},
		"into an erased one":    {patients.MergeInput{Keep: erased.ID, Merge: third.ID}, "patient-erased"},
		"another clinic's":      {patients.MergeInput{Keep: third.ID, Merge: foreign.ID}, "no-patient"},
		"into another clinic's": {patients.MergeInput{Keep: foreign.ID, Merge: third.ID}, "no-patient"},
		"nobody":                {patients.MergeInput{Keep: third.ID, Merge: uuid.New()}, "no-patient"},
		"changed meanwhile":     {patients.MergeInput{Keep: third.ID, Merge: w.keep.ID, MergeSeen: 1}, "changed-meanwhile"},
		"no room for the notes": {patients.MergeInput{Keep: w.long(), Merge: w.long(), BothNotes: true}, "invalid-patient"},
	} {
		if _, err := w.merge(c.in); code(err) != c.want {
			t.Errorf("%s: %v, want %s", words, err, c.want)
		}
	}
	if f := fault.As(func() error { _, err := w.merge(patients.MergeInput{Keep: third.ID, Merge: w.dup.ID}); return err }()); f.Detail != w.keep.ID {
		t.Errorf("the refusal tells %v, want the record it was merged into", f.Detail)
	}
	err = w.db.WithClinic(ctx, elsewhere, func(tx *tenancy.Tx) error { _, err := w.d.Unmerge(ctx, tx, m.ID); return err })
	if code(err) != "no-merge" {
		t.Errorf("another clinic undoes it: %v", err)
	}
	if err := w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) error { _, err := w.d.Update(ctx, tx, w.dup.ID, adele); return err }); code(err) != "patient-merged" {
		t.Errorf("a merged record is changed: %v", err)
	}
}

func (w *two) long() uuid.UUID {
	w.t.Helper()
	w.n++
	return create(w.t, w.db, w.s, w.d, patients.Details{Name: "Long Notes", Notes: strings.Repeat(string(rune('a'+w.n)), 3000)}).ID
}

func TestMergesInARowAreUndoneFromTheLast(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	third := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Third", Phone: "07700 900333"})
	theirs := w.appointment(w.dup.ID, nil)
	first, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
	must(t, err)
	second, err := w.merge(patients.MergeInput{Keep: third.ID, Merge: w.keep.ID, Take: []string{"name"}})
	must(t, err)
	if gone := get(t, w.db, w.s, w.d, w.dup.ID); *gone.MergedInto != third.ID {
		t.Errorf("the first merged record leads to %v, want the one that stands", *gone.MergedInto)
	}
	for _, q := range []string{"obrien", "grant", "third", "900777", "900418", "900333"} {
		if got := w.found(q); !slices.Equal(got, []uuid.UUID{third.ID}) {
			t.Errorf("%q finds %v", q, got)
		}
	}
	if err := w.undo(first.ID); code(err) != "merged-again" {
		t.Errorf("the first is undone before the second: %v", err)
	}
	must(t, w.undo(second.ID))
	if gone := get(t, w.db, w.s, w.d, w.dup.ID); *gone.MergedInto != w.keep.ID || w.patientOf(theirs) != w.keep.ID {
		t.Error("undoing the second did not bring back the first")
	}
	if got := w.found("obrien"); !slices.Equal(got, []uuid.UUID{w.keep.ID}) {
		t.Errorf("the first merged name finds %v", got)
	}
	other, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: third.ID})
	must(t, err)
	if err := w.undo(first.ID); code(err) != "later-merge" {
		t.Errorf("the first is undone under a later one: %v", err)
	}
	must(t, w.undo(other.ID))
	w.db.Clock.Set(mergeDay.Add(patients.UndoMerge))
	if err := w.undo(first.ID); code(err) != "undo-over" {
		t.Errorf("undone after 30 days: %v", err)
	}
	w.db.Clock.Set(mergeDay.Add(patients.UndoMerge - time.Second))
	_, err = w.db.Owner(t).Exec(ctx, `update patients set wrapped_key = null where id = $1`, w.keep.ID)
	must(t, err)
	if err := w.undo(first.ID); code(err) != "patient-erased" {
		t.Errorf("undone after the erasure: %v", err)
	}
}

// A table of patients' rows that a merge does not know would leave them with a record that nobody opens any more.
func TestAMergeKnowsEveryTableOfPatients(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	rows, err := db.Owner(t).Query(ctx, `select distinct conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'public.patients'::regclass order by 1`)
	must(t, err)
	defer rows.Close()
	known := append(patients.MovedByMerge(), "patients", "patient_tokens", "patient_merges", "patient_namesakes", "key_rotations")
	n := 0
	for rows.Next() {
		var table string
		must(t, rows.Scan(&table))
		if n++; !slices.Contains(known, table) {
			t.Errorf("%s refers to patients: add it to belongings in merge.go, or here when its rows stay", table)
		}
	}
	if n < 5 {
		t.Fatalf("only %d tables refer to patients: the test looks in the wrong place", n)
	}
}

// What the patient's key seals in the tables of other packages is readable under the kept patient's key, and under the first one's again after
// the undo; what the clinic's key seals is left alone.
func TestAMergeSealsAgainWhatThePatientsKeySeals(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	seals := func(id uuid.UUID) (key interface {
		Seal(privacy.Field, []byte) ([]byte, error)
		Open(privacy.Field, []byte) ([]byte, error)
	}) {
		in(t, w.db, w.s, func(tx *tenancy.Tx) (int, error) {
			keys, err := w.v.Clinic(ctx, tx)
			key = keys
			if err != nil || id == uuid.Nil {
				return 0, err
			}
			var wrapped []byte
			if err := tx.QueryRow(ctx, `select wrapped_key from patients where clinic_id = $1 and id = $2`, w.s.Clinic, id).Scan(&wrapped); err != nil {
				return 0, err
			}
			key, err = keys.Patient(id, wrapped)
			return 0, err
		})
		return key
	}
	theirs, clinic, call, other := seals(w.dup.ID), seals(uuid.Nil), tenancy.NewID(), tenancy.NewID()
	field := func(table, column string, id uuid.UUID) privacy.Field {
		return privacy.Field{Table: table, Column: column, Row: id}
	}
	sealed := func(key interface {
		Seal(privacy.Field, []byte) ([]byte, error)
	}, f privacy.Field) []byte {
		b, err := key.Seal(f, []byte("private"))
		must(t, err)
		return b
	}
	insert := `insert into calls (clinic_id, id, vapi_call_id, patient_id, caller, caller_key) values ($1, $2, $3, $4, $5, $6)`
	w.exec(insert, w.s.Clinic, call, "one", w.dup.ID, sealed(theirs, field("calls", "caller", call)), "patient")
	w.exec(insert, w.s.Clinic, other, "two", w.dup.ID, sealed(clinic, field("calls", "caller", other)), "clinic")
	w.exec(`insert into call_messages (clinic_id, id, patient_id, call_id, about, body) values ($1, $2, $3, $2, 'other', $4)`, w.s.Clinic, call, w.dup.ID, sealed(theirs, field("call_messages", "body", call)))
	w.exec(`insert into waitlist_entries (clinic_id, id, service_id, patient_id, caller) values ($1, $2, $1, $3, $4)`, w.s.Clinic, call, w.dup.ID, sealed(theirs, field("waitlist_entries", "caller", call)))
	w.exec(`insert into call_turns (clinic_id, call_id, seq, speaker, text) values ($1, $2, 1, 'caller', '[NAME]')`, w.s.Clinic, call)
	w.exec(`insert into call_spans (clinic_id, id, call_id, seq, starts, ends, kind, size, rule_set, route, patient_id, sealed) values ($1, $2, $2, 1, 0, 6, 'PERSON', 'short', '1', 'patient', $3, $4)`,
		w.s.Clinic, call, w.dup.ID, sealed(theirs, field("call_spans", "sealed", call)))
	readable := func(whose uuid.UUID) {
		t.Helper()
		for _, c := range []struct {
			table, column string
			id, key       uuid.UUID
		}{{"calls", "caller", call, whose}, {"calls", "caller", other, uuid.Nil}, {"call_messages", "body", call, whose}, {"waitlist_entries", "caller", call, whose}, {"call_spans", "sealed", call, whose}} {
			var value []byte
			var patient uuid.UUID
			must(t, w.db.Owner(t).QueryRow(ctx, `select `+c.column+`, patient_id from `+c.table+` where id = $1`, c.id).Scan(&value, &patient))
			plain, err := seals(c.key).Open(field(c.table, c.column, c.id), value)
			if err != nil || string(plain) != "private" || patient != whose {
				t.Errorf("%s.%s is %v's and opens as %q, %v", c.table, c.column, patient, plain, err)
			}
		}
	}
	readable(w.dup.ID)
	m, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
	must(t, err)
	readable(w.keep.ID)
	must(t, w.undo(m.ID))
	readable(w.dup.ID)
}

func TestTwoPeopleAreToldApart(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	twin := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Grant", Phone: "07700 900418"})
	alike := func() int {
		return len(in(t, w.db, w.s, func(tx *tenancy.Tx) ([]patients.Duplicate, error) {
			return w.d.Duplicates(ctx, tx, twin.Details, twin.ID)
		}))
	}
	if n := alike(); n != 1 {
		t.Fatalf("%d are alike", n)
	}
	for range 2 {
		in(t, w.db, w.s, func(tx *tenancy.Tx) (int, error) { return 0, w.d.TwoPeople(ctx, tx, w.keep.ID, twin.ID) })
	}
	if n := alike(); n != 0 {
		t.Errorf("%d are alike, though they were told apart", n)
	}
}
