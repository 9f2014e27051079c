package views

import (
	"bytes"
	"context"
	"testing"

	"github.com/a-h/templ"
)

// BenchmarkGrid draws a practitioner's week, as somebody leafs through it, and the day of twelve.
func BenchmarkGrid(b *testing.B) {
	var days, crowd []Column
	for d := 23; d <= 28; d++ {
		days = append(days, busyDay(0, d, sceneStaff[0]))
	}
	for i, name := range sceneStaff {
		crowd = append(crowd, busyDay(i, 24, name))
	}
	for _, c := range []struct {
		name string
		page Schedule
	}{{"week", sceneSchedule(Grid{Columns: days, Week: true})}, {"day of twelve", sceneSchedule(Grid{Columns: crowd})}} {
		for _, part := range []struct {
			name string
			view templ.Component
		}{{"grid", ScheduleGrid(c.page.Grid)}, {"page", SchedulePage(c.page)}} {
			b.Run(c.name+"/"+part.name, func(b *testing.B) {
				b.ReportAllocs()
				var out bytes.Buffer
				for b.Loop() {
					out.Reset()
					if err := part.view.Render(context.Background(), &out); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(out.Len())/1000, "kB")
			})
		}
	}
}
