package handlers

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

const mondayPage = "/schedule?date=2025-03-10"

func TestScheduleShowsTheDay(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	booked := f.book(f.slots[2], "Grace Adeyemi")
	f.hold(f.slots[6])
	b := f.as(f.Scope, identity.FrontDesk)
	page := b.get(mondayPage).want(t, 200, "Mon 10 March 2025", "Grace Adeyemi", "/appointments/"+booked.ID.String(), "Dr Adaeze Okafor", "Dr Bo Chen", "Room 1, until 17:00",
		`data-from="9"`, `data-to="17"`, "/appointments/new?slot="+f.slots[0].String(), "Take over", "Release", "•••418")
	page.lacks(t, "Quillfeather", "900418", "900123", "/appointments/new?slot="+f.slots[2].String(), "/appointments/new?slot="+f.slots[6].String())
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Error("a page with patients may be stored")
	}
	for _, m := range regexp.MustCompile(`<title>[^<]*</title>|(?:href|hx-get|action)="[^"]*"`).FindAllString(page.Body, -1) {
		if strings.Contains(m, "Grace") || strings.Contains(m, "Adeyemi") {
			t.Errorf("a name in %s", m)
		}
	}
	b.get("/schedule/grid?date=2025-03-10", "HX-Request", "true", "HX-Request-Type", "partial").want(t, 200, "Grace Adeyemi", "hx-partial").lacks(t, "<html", "<title")
	b.get("/schedule").want(t, 200, "Mon 3 March 2025", `data-from="8"`, `data-to="18"`) // today, and nothing on it
	f.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := tx.Exec(ctx, `update slots set availability = 'blocked', status = 'busy-unavailable' where practitioner_id = $1`, f.chen.ID)
		must(t, err)
		_, err = tx.Exec(ctx, `insert into closures (clinic_id, id, practitioner_id, starts_at, ends_at, reason) values ($1, $2, $3, $4, $5, 'Conference')`,
			tx.Clinic(), tenancy.NewID(), f.chen.ID, frontDay.Add(-time.Hour), frontDay.Add(9*time.Hour))
		return err
	})
	b.get(mondayPage).want(t, 200, "Closed", "Conference")
}

func TestScheduleIsForTheCareTeam(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	mine, other := f.book(f.slots[2], "Grace Adeyemi"), f.book(f.others[2], "Marcus Bell")
	f.hold(f.slots[6])
	f.as(f.Scope, identity.Compliance).get(mondayPage).want(t, 403, "Your role does not open this page").lacks(t, "Grace")
	f.as(f.Scope, identity.Compliance).get("/").want(t, 303)
	f.browser().get(mondayPage).to(t, "/sign-in?next="+url.QueryEscape(mondayPage))
	f.as(f.Scope, identity.Admin).get(mondayPage).want(t, 200, "Grace Adeyemi", "Take over")

	doctor := f.doctor(f.okafor.ID)
	doctor.get(mondayPage).want(t, 200, "Grace Adeyemi").lacks(t, "Marcus Bell", "Take over", "/appointments/new")
	doctor.get(mondayPage+"&practitioner=").want(t, 200, "Grace Adeyemi", "Marcus Bell")
	doctor.get("/schedule?view=week&date=2025-03-10").want(t, 200, "Grace Adeyemi").lacks(t, "Marcus Bell")
	doctor.get("/appointments/new?slot="+f.slots[0].String()).want(t, 403)
	f.as(f.Scope, identity.Compliance).get("/appointments/"+mine.ID.String()).want(t, 403)
	doctor.get("/appointments/"+other.ID.String()).want(t, 200, "Marcus Bell", "Masked for your role").lacks(t, "900123", "900 123", "Mark as arrived")
}

func TestScheduleViewsAreRecorded(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	grace, marcus := f.book(f.slots[2], "Grace Adeyemi"), f.book(f.others[2], "Marcus Bell")
	b := f.as(f.Scope, identity.FrontDesk)
	b.get(mondayPage+"&practitioner="+f.okafor.ID.String()).want(t, 200)
	if n := f.recorded("schedule.viewed", *grace.PatientID); n != 1 {
		t.Errorf("%d views of the patient who was shown", n)
	}
	if n := f.recorded("schedule.viewed", *marcus.PatientID); n != 0 {
		t.Errorf("%d views of a patient who was not shown", n)
	}
	b.get("/appointments/"+marcus.ID.String()).want(t, 200, "Marcus Bell")
	if n := f.recorded("appointment.viewed", *marcus.PatientID); n != 1 {
		t.Errorf("%d views of an appointment", n)
	}
}

func TestScheduleRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	for _, q := range []string{"date=tomorrow", "date=2025-02-30", "date=9999-01-01", "date=2025-3-1", "practitioner=1"} {
		b.get("/schedule?"+q).want(t, 422)
	}
	b.get("/schedule?practitioner="+uuid.NewString()).want(t, 200, "No such practitioner", "Show everybody")
	b.get("/schedule?service=surgery").want(t, 200, "No such service")
	b.get(mondayPage+"&view=fortnight&service=consult").want(t, 200, "Mon 10 March 2025")
}

func TestScheduleWeek(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.book(f.slots[2], "Grace Adeyemi")
	f.book(f.others[2], "Marcus Bell")
	b := f.as(f.Scope, identity.FrontDesk)
	week := b.get("/schedule?view=week&date=2025-03-12").want(t, 200, "10 to 16 March 2025", "Grace Adeyemi", `data-day="2025-03-10"`, `data-day="2025-03-14"`)
	week.lacks(t, "Marcus Bell", `data-day="2025-03-15"`, `data-day="2025-03-09"`) // the first practitioner; weekends without anything are left out
	b.get("/schedule?view=week&date=2025-03-12&practitioner="+f.chen.ID.String()).want(t, 200, "Marcus Bell").lacks(t, "Grace Adeyemi")
	b.get("/schedule?view=week&date=2025-03-12&practitioner=").want(t, 200, "Marcus Bell", "Grace Adeyemi", `class="board"`)
	f.american()
	f.as(f.Scope, identity.FrontDesk).get("/schedule?view=week&date=2025-03-12").want(t, 200, "March 9 to 15, 2025", "Grace Adeyemi")
}

func (f *front) american() {
	_, err := f.db.Owner(f.t).Exec(context.Background(), `update clinics set locale = 'en-US', country = 'US'`)
	must(f.t, err)
}

// TestScheduleTellsTheClinicsTime: clocks go forward in London on 30 March 2025 and back on 26 October; New York is four or five hours behind.
func TestScheduleTellsTheClinicsTime(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.in(func(_ context.Context, tx *tenancy.Tx) error {
		for _, at := range []string{"2025-03-30T00:45:00Z", "2025-03-30T01:00:00Z", "2025-03-30T22:45:00Z", "2025-03-30T23:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T23:45:00Z"} {
			when, err := time.Parse(time.RFC3339, at)
			must(t, err)
			f.addSlot(tx, f.okafor.ID, when)
		}
		return nil
	})
	b := f.as(f.Scope, identity.FrontDesk)
	times := func(page answer) (list []string) {
		for _, m := range regexp.MustCompile(`data-t="([^"]*)"`).FindAllStringSubmatch(page.Body, -1) {
			list = append(list, m[1])
		}
		return list
	}
	for date, want := range map[string][]string{"2025-03-30": {"00:45", "02:00", "23:45"}, "2025-03-31": {"00:00"}, "2025-10-26": {"01:30", "01:30", "23:45"}} {
		if got := times(b.get("/schedule?date=" + date)); !slices.Equal(got, want) {
			t.Errorf("%s in London: %v, want %v", date, got, want)
		}
	}

	york := frontOn(t, f.db, f.db.DB, "America/New_York", func(*app) {})
	york.american()
	page := york.as(york.Scope, identity.FrontDesk).get(mondayPage).want(t, 200, "Mon, March 10, 2025", "EDT", `data-from="5"`, `data-to="13"`)
	if got := times(page); got[0] != "05:00" {
		t.Errorf("the first slot in New York is at %s", got[0])
	}
}

// TestSchedulePageNeedsFourRoundTrips counts what goes to the database: the session, the schedule, its patients with the audit, the commit.
func TestSchedulePageNeedsFourRoundTrips(t *testing.T) {
	t.Parallel()
	db := tenancytest.NewWithClock(t, frontNow)
	trips, dsn := countTrips(t, db.AppDSN)
	f := frontOn(t, db, tenancytest.Open(t, dsn, db.Clock), "Europe/London", func(*app) {})
	for i := range 5 {
		f.book(f.slots[i*2], fmt.Sprintf("Patient %c", 'A'+i))
	}
	f.hold(f.slots[12])
	b := f.as(f.Scope, identity.FrontDesk)
	for address, most := range map[string]int64{mondayPage: 4, "/schedule/grid?date=2025-03-10": 4, "/schedule?view=week&date=2025-03-10&practitioner=" + f.okafor.ID.String(): 4, "/schedule?view=week&date=2025-03-10": 5} {
		var fewest int64 = 100
		for range 40 { // statements are prepared once per connection, and what is known of a session is asked for again now and then
			before := trips.Load()
			b.get(address).want(t, 200, "Patient A")
			fewest = min(fewest, trips.Load()-before)
		}
		if fewest > most {
			t.Errorf("%s needs %d round trips, want %d", address, fewest, most)
		}
	}
}

// countTrips passes a connection on and counts the messages that ask the server to answer: Query and Sync.
func countTrips(t testing.TB, dsn string) (*atomic.Int64, string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(dsn)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	var trips atomic.Int64
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port)))
			if err != nil {
				client.Close()
				continue
			}
			var once sync.Once
			end := func() { once.Do(func() { client.Close(); server.Close() }) }
			go func() { defer end(); _, _ = io.Copy(client, server) }()
			go func() { defer end(); passOn(client, server, &trips) }()
		}
	}()
	u, err := url.Parse(dsn)
	must(t, err)
	u.Host = l.Addr().String()
	return &trips, u.String()
}

func passOn(client io.Reader, server io.Writer, trips *atomic.Int64) {
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4] // the startup message has no type
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if !first && (head[0] == 'Q' || head[0] == 'S') {
			trips.Add(1)
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// TestClockChangesAreSaid: both clocks, forward and back, a day without, and a week.
func TestClockChangesAreSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, date, want string }{
		{"Europe/London", "2026-03-29", "Clocks go forward at 01:00"}, {"Europe/London", "2026-10-25", "Clocks go back at 02:00"}, {"Europe/London", "2026-10-26", ""},
		{"Europe/London", "2026-03-28", ""}, {"America/New_York", "2026-03-08", "Clocks go forward at 02:00"}, {"America/New_York", "2026-11-01", "Clocks go back at 02:00"},
		{"Asia/Tokyo", "2026-03-29", ""}, {"Australia/Lord_Howe", "2026-04-05", "Clocks go back at 02:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		must(t, err)
		day, err := time.ParseInLocation(time.DateOnly, c.date, zone)
		must(t, err)
		if got := clockChange(day, midnight(day, 1), false); got != c.want {
			t.Errorf("%s on %s: %q, want %q", c.zone, c.date, got, c.want)
		}
	}
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	b.get("/schedule?date=2025-03-30").want(t, 200, "Clocks go forward at 01:00")
	b.get("/schedule?date=2025-10-22&view=week&practitioner=").want(t, 200, "Clocks go back on Sun 26 at 02:00")
	b.get(mondayPage).want(t, 200).lacks(t, "Clocks go")
}

func TestWordsOfDates(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for _, c := range []struct{ locale, date, want string }{
		{"en-GB", "2025-03-09", "2025-03-03"}, {"en-GB", "2025-03-10", "2025-03-10"}, {"en-US", "2025-03-10", "2025-03-09"}, {"en-US", "2025-03-09", "2025-03-09"},
		{"ar-EG", "2025-03-10", "2025-03-08"}, {"de-DE", "2025-03-16", "2025-03-10"},
	} {
		if got := weekStart(day(c.date), c.locale).Format(time.DateOnly); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.date, c.locale, got, c.want)
		}
	}
	for want, got := range map[string]string{
		"29 December 2025 to 4 January 2026":   weekHeading(day("2025-12-29"), day("2026-01-04"), "en-GB"),
		"27 January to 2 February 2025":        weekHeading(day("2025-01-27"), day("2025-02-02"), "en-GB"),
		"January 26 to February 1, 2025":       weekHeading(day("2025-01-26"), day("2025-02-01"), "en-US"),
		"December 28, 2025 to January 3, 2026": weekHeading(day("2025-12-28"), day("2026-01-03"), "en-US"),
		"Dr Okafor":                            shortName("Dr Adaeze Okafor"),
		"Priya Raman":                          shortName("Priya Raman"),
		"Prof. Saint-Exupéry":                  shortName("Prof. Antoine de Saint-Exupéry"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
