package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/patients"
	"anteroom/domain/tenancy"
)

const (
	viewedAppointments = 10_000
	viewedPatients     = 400
	viewedWeeks        = 50
)

// pages measures the week page of a clinic with 10,000 appointments beside its own statements, while more and more other clinics share the tables.
func (s *bench) pages(ctx context.Context) error {
	practitioner, week, err := s.seedViewed(ctx)
	if err != nil {
		return err
	}
	client, err := s.signIn()
	if err != nil {
		return err
	}
	address := fmt.Sprintf("http://%s/schedule?view=week&practitioner=%s&date=%s", s.addr, practitioner, week.Format("2006-01-02"))
	fmt.Printf("Week page, %d appointments in the clinic\n%-22s %12s %12s %7s   %s\n", viewedAppointments, "", "page p50 ms", "bare p50 ms", "ratio", "p95, p99 ms: page | bare")
	have := 1
	for _, n := range s.Clinics {
		if err := s.seedOthers(ctx, n-have); err != nil {
			return err
		}
		have = max(have, n)
		if err := s.weekPage(ctx, client, address, fmt.Sprintf("%d clinics", n)); err != nil {
			return err
		}
	}
	return nil
}

func (s *bench) weekPage(ctx context.Context, client *http.Client, address, name string) error {
	var size int
	get := func() error {
		res, err := client.Get(address)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("the week page answered %d", res.StatusCode)
		}
		size = len(body)
		return err
	}
	for range 20 { // warm: statements prepared, keys unwrapped
		if err := get(); err != nil {
			return err
		}
	}
	sent, err := s.recorder.record(get)
	if err != nil {
		return err
	}
	for i, q := range sent { // the audit's row gets an id of its own each time
		if strings.Contains(q.sql, "insert into audit_events") {
			sent[i].sql = strings.Replace(q.sql, "values ($1, $2,", "values ($1, coalesce(app.uuidv7(), $2),", 1)
		}
	}
	direct, err := s.bares(ctx, 1)
	if err != nil {
		return err
	}
	defer direct[0].conn.Close(ctx)
	var page, bare loadResult
	for range 4 {
		a, err := load(1, s.For/4, func(_, _ int) (bool, error) { return true, get() })
		if err != nil {
			return err
		}
		b, err := load(1, s.For/4, func(_, _ int) (bool, error) {
			if err := s.freshContext(ctx, direct[0]); err != nil {
				return false, err
			}
			return true, direct[0].replay(ctx, sent)
		})
		if err != nil {
			return err
		}
		page, bare = page.add(a), bare.add(b)
	}
	p, q := page.quantile(.5), bare.quantile(.5)
	fmt.Printf("%-22s %12s %12s %7.2f   %s, %s | %s, %s   (%d statements, %d kB)\n", name, ms(p), ms(q), float64(p)/float64(q),
		ms(page.quantile(.95)), ms(page.quantile(.99)), ms(bare.quantile(.95)), ms(bare.quantile(.99)), len(sent), size/1000)
	return nil
}

var csrfField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

func (s *bench) signIn() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	res, err := client.Get("http://" + s.addr + "/sign-in")
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	token := csrfField.FindSubmatch(body)
	if token == nil {
		return nil, errors.New("the sign-in page has no token")
	}
	form := url.Values{"_csrf": {string(token[1])}, "email": {"bench@bench.example"}, "password": {benchPassword}}
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+s.addr)
	res, err = client.Do(req)
	if err != nil {
		return nil, err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path == "/sign-in" {
		return nil, fmt.Errorf("sign-in answered %d at %s", res.StatusCode, res.Request.URL.Path)
	}
	return client, nil
}

// seedViewed gives the clinic five practitioners, patients with real ciphertext, and 10,000 appointments over 50 weeks, 40 a week for each.
func (s *bench) seedViewed(ctx context.Context) (practitioner uuid.UUID, week time.Time, err error) {
	ids := []uuid.UUID{}
	err = s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error {
		ids = ids[:0]
		for i := range viewedPatients {
			p, err := s.patients.Create(ctx, tx, patients.Details{Name: fmt.Sprintf("Patient Number%d", i), Phone: fmt.Sprintf("+447700900%03d", i)})
			if err != nil {
				return err
			}
			ids = append(ids, p.ID)
		}
		return nil
	})
	if err != nil {
		return uuid.Nil, time.Time{}, err
	}
	now := time.Now().UTC()
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7+21, 9, 0, 0, 0, time.UTC)
	_, err = s.super.Exec(ctx, seedAppointments, s.scope.Clinic, 5, ids, s.services[0], monday, viewedWeeks)
	if err != nil {
		return uuid.Nil, time.Time{}, err
	}
	err = s.super.QueryRow(ctx, `select id from practitioners where clinic_id = $1 and name = 'Viewed 1'`, s.scope.Clinic).Scan(&practitioner)
	return practitioner, monday.AddDate(0, 0, 70), err
}

// seedAppointments: each day from nine, 16 half hours of which every second is booked, for five days of each week.
const seedAppointments = `
with p as (insert into practitioners (clinic_id, id, name, position) select $1, app.uuidv7(), 'Viewed ' || i, -i from generate_series(1, $2) i returning id),
ps as (insert into practitioner_services (clinic_id, practitioner_id, service_id) select $1, p.id, $4 from p),
t as (select p.id as p, d, n, d + interval '30 minutes' * n as at from p, generate_series(0, $6::int - 1) w, generate_series(0, 4) wd, generate_series(0, 15) n,
        lateral (select $5::timestamptz + interval '1 week' * w + interval '1 day' * wd as d) x),
booked as (insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source)
  select $1, app.uuidv7(), t.p, $4, ($3::uuid[])[1 + (random() * (cardinality($3::uuid[]) - 1))::int], 'booked', t.at, t.at + interval '30 minutes', 'staff' from t where n % 2 = 0
  returning id, practitioner_id, starts_at)
insert into slots (clinic_id, practitioner_id, starts_at, ends_at, status, appointment_id)
select $1, t.p, t.at + q, t.at + q + interval '15 minutes', case when b.id is null then 'free' else 'busy' end, b.id
from t cross join unnest(array[interval '0', interval '15 minutes']) q left join booked b on b.practitioner_id = t.p and b.starts_at = t.at`

// seedOthers adds clinics of a smaller size: 2 practitioners, 5 weeks, 400 appointments each, with ciphertext that nobody will open.
func (s *bench) seedOthers(ctx context.Context, n int) error {
	for range n {
		clinic, service := tenancy.NewID(), tenancy.NewID()
		b := &pgx.Batch{}
		b.Queue(`insert into clinics (clinic_id, slug, name, zone, country) values ($1, 'other', 'Other', 'Europe/London', 'GB')`, clinic)
		b.Queue(`insert into services (clinic_id, id, slug, name, duration_minutes) values ($1, $2, 'quarter', 'Quarter', 15)`, clinic, service)
		ids := make([]uuid.UUID, 50)
		for i := range ids {
			ids[i] = tenancy.NewID()
		}
		b.Queue(`insert into patients (clinic_id, id, wrapped_key, name, phone) select $1, i, sha256(uuid_send(i)), sha256(uuid_send(i)), sha256(uuid_send(i)) from unnest($2::uuid[]) i`, clinic, ids)
		b.Queue(seedAppointments, clinic, 2, ids, service, time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 60), 5)
		if err := s.super.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	_, err := s.super.Exec(ctx, `vacuum analyze`)
	return err
}
