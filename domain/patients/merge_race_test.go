package patients_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

// atOnce runs each in a transaction of its own; all are open before the first one goes on.
func (w *two) atOnce(each ...func(tx *tenancy.Tx) error) []error {
	w.t.Helper()
	var ready, done sync.WaitGroup
	ready.Add(len(each))
	errs := make([]error, len(each))
	for i, fn := range each {
		done.Go(func() {
			var once sync.Once
			errs[i] = w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) error {
				if _, err := tx.Exec(ctx, `select 1`); err != nil {
					once.Do(ready.Done)
					return err
				}
				once.Do(ready.Done) // a deadlock is tried again; the others are gone by then
				ready.Wait()
				return fn(tx)
			})
		})
	}
	done.Wait()
	return errs
}

// Two merges at once, in every way that two can meet: one happens, and the other is told.
func TestTwoMergesAtOnce(t *testing.T) {
	t.Parallel()
	for words, c := range map[string]func(w *two, third uuid.UUID) [2]patients.MergeInput{
		"the same twice": func(w *two, _ uuid.UUID) [2]patients.MergeInput {
			return [2]patients.MergeInput{{Keep: w.keep.ID, Merge: w.dup.ID}, {Keep: w.keep.ID, Merge: w.dup.ID}}
		},
		"each into the other": func(w *two, _ uuid.UUID) [2]patients.MergeInput {
			return [2]patients.MergeInput{{Keep: w.keep.ID, Merge: w.dup.ID}, {Keep: w.dup.ID, Merge: w.keep.ID}}
		},
		"one into two": func(w *two, third uuid.UUID) [2]patients.MergeInput {
			return [2]patients.MergeInput{{Keep: w.keep.ID, Merge: w.dup.ID}, {Keep: third, Merge: w.dup.ID}}
		},
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			w := newTwo(t)
			third := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Third"})
			theirs := w.appointment(w.dup.ID, nil)
			both := c(w, third.ID)
			errs := w.atOnce(
				func(tx *tenancy.Tx) error { _, err := w.d.Merge(ctx, tx, both[0]); return err },
				func(tx *tenancy.Tx) error { _, err := w.d.Merge(ctx, tx, both[1]); return err },
			)
			slices.SortFunc(errs, func(a, b error) int { return len(code(a)) - len(code(b)) })
			if errs[0] != nil || code(errs[1]) != "already-merged" {
				t.Fatalf("%v", errs)
			}
			if n := w.recorded("patient.merged"); n != 1 {
				t.Errorf("%d merges are recorded", n)
			}
			var standing int
			must(t, w.db.Owner(t).QueryRow(ctx, `select count(*) from patients p join appointments a on a.patient_id = p.id where a.id = $1 and p.merged_into is null`, theirs).Scan(&standing))
			if standing != 1 {
				t.Error("the appointment is nobody's who stands")
			}
		})
	}
}

// A chain that grows at both ends at once: everything ends with the one that stands.
func TestAMergeOfARecordThatIsBeingMergedInto(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	third := create(t, w.db, w.s, w.d, patients.Details{Name: "Adele Third"})
	theirs := w.appointment(w.dup.ID, nil)
	errs := w.atOnce(
		func(tx *tenancy.Tx) error {
			_, err := w.d.Merge(ctx, tx, patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
			return err
		},
		func(tx *tenancy.Tx) error {
			_, err := w.d.Merge(ctx, tx, patients.MergeInput{Keep: third.ID, Merge: w.keep.ID})
			return err
		},
	)
	if errs[1] != nil || errs[0] != nil && code(errs[0]) != "already-merged" {
		t.Fatal(errs)
	}
	want := third.ID
	if errs[0] != nil {
		want = w.dup.ID // the second came first, and the first was refused
	}
	if got := w.patientOf(theirs); got != want {
		t.Errorf("the appointment is %v's, want %v's", got, want)
	}
}

func TestTwoUndosAtOnce(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	m, err := w.merge(patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
	must(t, err)
	undo := func(tx *tenancy.Tx) error { _, err := w.d.Unmerge(ctx, tx, m.ID); return err }
	errs := w.atOnce(undo, undo, undo)
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case code(err) != "merge-undone":
			t.Error(err)
		}
	}
	if done != 1 || w.recorded("patient.unmerged") != 1 {
		t.Errorf("undone %d times", done)
	}
}

// Bookings, notes, edits and callers while two records become one: nothing is left with the record that is gone, and nobody is made anew.
func TestEverythingAtOnceWithAMerge(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	var all []func(tx *tenancy.Tx) error
	for i := range 4 {
		at := mergeDay.AddDate(1, 0, i)
		book := func(tx *tenancy.Tx, patient uuid.UUID, at time.Time) error {
			_, err := tx.Exec(ctx, `insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source) values ($1, $2, $1, $1, $3, 'booked', $4, $5, 'staff')`,
				w.s.Clinic, tenancy.NewID(), patient, at, at.Add(15*time.Minute))
			return err
		}
		all = append(all,
			func(tx *tenancy.Tx) error { return book(tx, w.dup.ID, at) },
			func(tx *tenancy.Tx) error {
				p, created, err := w.d.FindOrCreate(ctx, tx, "Adele O'Brien", "07700 900777")
				if created {
					t.Error("the patient was made again")
				}
				if err != nil {
					return err
				}
				details := p.Details
				details.Email = "new@example.com"
				if _, err := w.d.Update(ctx, tx, p.ID, details); err != nil {
					return err
				}
				return book(tx, p.ID, at.Add(time.Hour))
			},
			func(tx *tenancy.Tx) error {
				return w.d.AddNote(ctx, tx, w.dup.ID, patients.DeskNote, "Note "+string(rune('a'+i)))
			})
	}
	all = append(all, func(tx *tenancy.Tx) error {
		_, err := w.d.Merge(ctx, tx, patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID})
		return err
	})
	for i, err := range w.atOnce(all...) {
		if err != nil && !fault.Is(err, fault.Conflict) {
			t.Errorf("%d: %v", i, err)
		}
		if err != nil {
			t.Errorf("%d was refused: %v", i, err)
		}
	}
	for table, want := range map[string]int{"appointments": 8, "patient_notes": 4} {
		var left, there int
		must(t, w.db.Owner(t).QueryRow(ctx, `select count(*) filter (where patient_id = $1), count(*) filter (where patient_id = $2) from `+table, w.dup.ID, w.keep.ID).Scan(&left, &there))
		if left != 0 || there != want {
			t.Errorf("%s: %d with the merged record and %d with the kept one, want 0 and %d", table, left, there, want)
		}
	}
	if got := w.notes(w.keep.ID); len(got) != 4 {
		t.Errorf("the notes are %q", got)
	}
	if got := w.found("adele"); !slices.Equal(got, []uuid.UUID{w.keep.ID}) {
		t.Errorf("a search finds %v", got)
	}
}

// A booking that was waiting for the merge to end goes to the record that was kept.
func TestABookingThatWaitsForAMerge(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	owner, id := w.db.Owner(t), tenancy.NewID()
	booked := make(chan error, 1)
	must(t, w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) error {
		if _, err := w.d.Merge(ctx, tx, patients.MergeInput{Keep: w.keep.ID, Merge: w.dup.ID}); err != nil {
			return err
		}
		go func() {
			booked <- w.db.WithClinic(ctx, w.s, func(tx *tenancy.Tx) error {
				_, err := tx.Exec(ctx, `insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source) values ($1, $2, $1, $1, $3, 'booked', $4, $5, 'staff')`,
					w.s.Clinic, id, w.dup.ID, mergeDay, mergeDay.Add(15*time.Minute))
				return err
			})
		}()
		for waits := 0; waits == 0; { // until it stands before the lock
			if err := owner.QueryRow(ctx, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waits); err != nil {
				return err
			}
			select {
			case err := <-booked:
				t.Fatalf("it did not wait: %v", err)
			default:
			}
		}
		return nil
	}))
	must(t, <-booked)
	if got := w.patientOf(id); got != w.keep.ID {
		t.Errorf("the booking is %v's, want the kept one's", got)
	}
}
