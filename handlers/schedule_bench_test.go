package handlers

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// BenchmarkHugeDay asks for a day of twelve practitioners and 400 appointments, as a whole page and as what an open page asks for.
func BenchmarkHugeDay(b *testing.B) {
	f := newFront(b)
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		consult, err := scheduling.GetService(ctx, tx, "check")
		must(b, err)
		people := make([]uuid.UUID, 200)
		for i := range people {
			p, err := patients.New(f.vault).Create(ctx, tx, patients.Details{Name: fmt.Sprintf("Patient Number%d", i), Phone: fmt.Sprintf("+447700900%03d", i)})
			must(b, err)
			people[i] = p.ID
		}
		day, booked := frontDay.AddDate(0, 0, 1), 0
		for i := range 12 {
			who, err := scheduling.CreatePractitioner(ctx, tx, scheduling.PractitionerInput{Name: fmt.Sprintf("Dr Number %d", i), Room: fmt.Sprintf("Room %d", i), Position: i})
			must(b, err)
			_, err = scheduling.SetPractitionerServices(ctx, tx, scheduling.PractitionerServicesInput{Practitioner: who.ID, Services: []uuid.UUID{consult.ID}})
			must(b, err)
			for n := range 36 {
				slot := f.addSlot(tx, who.ID, day.Add(time.Duration(n)*15*time.Minute))
				if n%18 == i || booked == 400 {
					continue
				}
				_, err := f.desk.Book(ctx, tx, scheduling.BookInput{SlotID: slot, Service: "check", PatientID: people[(i*36+n)%len(people)], Source: scheduling.ByStaff})
				must(b, err)
				booked++
			}
		}
		return nil
	})
	desk := f.as(f.Scope, identity.FrontDesk)
	for name, address := range map[string]string{"page": "/schedule?date=2025-03-11", "grid": "/schedule/grid?date=2025-03-11"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				size = len(desk.get(address).want(b, 200, "Dr Number 11").Body)
			}
			b.ReportMetric(float64(size)/1000, "kB")
		})
	}
}
