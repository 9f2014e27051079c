package scheduling_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// BenchmarkFindTenDays is a page of free times: twelve practitioners, ten days, half an hour in slots of 15 minutes.
func BenchmarkFindTenDays(b *testing.B) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	p := newPractice(b, "Europe/London", now, 12)
	p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `insert into weekly_hours (clinic_id, id, practitioner_id, weekday, starts_minute, ends_minute)
			select clinic_id, app.uuidv7(), id, d, 540, 1020 from practitioners, generate_series(0, 6) d`)
		return err
	})
	p.rebuild(b)
	p.in(b, func(ctx context.Context, tx *tenancy.Tx) error { // a third of the day is taken
		_, err := tx.Exec(ctx, `update slots set status = 'busy-unavailable', availability = 'blocked' where extract(hour from starts_at)::int % 3 = 0`)
		return err
	})
	for _, limit := range []int{5, 500} {
		b.Run(fmt.Sprint(limit), func(b *testing.B) {
			for range b.N {
				p.in(b, func(ctx context.Context, tx *tenancy.Tx) error {
					list, err := scheduling.Find(ctx, tx, scheduling.FindInput{Service: "s30", To: now.AddDate(0, 0, 10), Limit: limit})
					if len(list) != limit {
						b.Fatal(len(list))
					}
					return err
				})
			}
		})
	}
}
