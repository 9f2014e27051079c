package views

import (
	"testing"
	"time"
)

func TestNearestIsOfferedFirst(t *testing.T) {
	friday := time.Date(2026, 11, 27, 12, 15, 0, 0, time.UTC)
	next := []FreeTime{{From: friday.Add(-25 * time.Hour)}, {From: friday.Add(2 * time.Hour)}, {From: friday.Add(27 * time.Hour)}}
	if got := (Clash{Next: next, Starts: friday.Format(time.RFC3339)}).nearest(); got != 1 {
		t.Errorf("wanted the time two hours later first, got %d", got)
	}
	if got := (NewAppointment{From: friday, Next: []NextFree{{From: friday.Add(-25 * time.Hour)}, {From: friday.Add(2 * time.Hour)}}}).nearest(); got != 1 {
		t.Errorf("wanted the time two hours later first, got %d", got)
	}
}

func TestNoHourLooksOutFromUnderNow(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 11, 27, h, m, 0, 0, time.UTC) }
	r := Ribbon{FromHour: 8, ToHour: 18}
	for _, c := range []struct {
		now         time.Time
		ten, eleven bool
	}{{at(10, 20), true, false}, {at(10, 40), false, false}, {at(10, 54), false, true}, {at(7, 58), false, false}} {
		if r.under(2, c.now) != c.ten || r.under(3, c.now) != c.eleven {
			t.Errorf("at %s: 10:00 %v, 11:00 %v", hm(c.now), r.under(2, c.now), r.under(3, c.now))
		}
	}
}
