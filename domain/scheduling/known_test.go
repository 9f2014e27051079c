package scheduling_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// A record that somebody saves while a booking completes it keeps what both have typed.
func TestABookingCompletesTheRecordAsItIsByThen(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	var directory *patients.Directory
	c.desk, directory = newDeskAndDirectory(t)
	said := patients.Details{Name: "Ada Lovelace", Phone: "+447700900123", Email: "ada@example.org"}
	var ada patients.Patient
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		ada, err = directory.Create(ctx, tx, patients.Details{Name: said.Name, Phone: said.Phone})
		return err
	})
	owner, booked := c.Owner(t), make(chan error, 1)
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
		typed := ada.Details
		typed.Address = "4 Mill Lane"
		if _, err := directory.Edit(ctx, tx, patients.EditInput{ID: ada.ID, Details: typed, Seen: 1}); err != nil {
			return err
		}
		go func() {
			booked <- c.try(func(ctx context.Context, tx *tenancy.Tx) error {
				_, err := c.desk.Book(ctx, tx, scheduling.BookInput{SlotID: c.slot(0, 0), Service: "s15", Source: scheduling.ByStaff, Patient: said})
				return err
			})
		}()
		for waits := 0; waits == 0; { // until the booking stands before the record
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
	})
	if err := <-booked; err != nil {
		t.Fatal(err)
	}
	c.in(t, func(ctx context.Context, tx *tenancy.Tx) (err error) {
		ada, err = directory.Get(ctx, tx, ada.ID)
		return err
	})
	if ada.Address != "4 Mill Lane" || ada.Email != "ada@example.org" {
		t.Errorf("the record is %+v", ada.Details)
	}
}

// Father and son have one name and one telephone: each is found by the birth date, however often they come.
func TestNamesakesWithOneTelephone(t *testing.T) {
	t.Parallel()
	c := newClinic(t, tenancytest.NewWithClock(t, at(8, 0)), 1)
	born := func(year int) *time.Time {
		at := time.Date(year, 3, 14, 0, 0, 0, 0, time.UTC)
		return &at
	}
	book := func(slot int, birth *time.Time) (patient uuid.UUID) {
		c.in(t, func(ctx context.Context, tx *tenancy.Tx) error {
			a, err := c.desk.Book(ctx, tx, scheduling.BookInput{SlotID: c.slot(0, slot), Service: "s15", Source: scheduling.ByStaff,
				Patient: patients.Details{Name: "Marcus Bell", Phone: "+447700900123", BirthDate: birth}})
			if err == nil {
				patient = *a.PatientID
			}
			return err
		})
		return patient
	}
	father, son := book(0, born(1950)), book(1, born(1988))
	if father == son {
		t.Fatal("they are one")
	}
	if again := book(2, born(1988)); again != son {
		t.Error("the son was made a second time")
	}
	if again := book(3, born(1950)); again != father {
		t.Error("the father was made a second time")
	}
}
