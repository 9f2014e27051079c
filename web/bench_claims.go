package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

func listenLoopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// recorder remembers the statements of a transaction, so that the bare loop replays exactly what the product sends.
type recorder struct {
	mu   sync.Mutex
	on   bool
	sent []recorded
}

type recorded struct {
	sql  string
	args []any
}

func (r *recorder) note(sql string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.sent = append(r.sent, recorded{sql, args})
	}
}

// TraceQueryStart is pgx's.
func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.note(d.SQL, d.Args)
	return ctx
}

// TraceQueryEnd is pgx's.
func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is pgx's.
func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery is pgx's.
func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	r.note(d.SQL, d.Args)
}

// TraceBatchEnd is pgx's.
func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// record answers the statements that fn sent inside clinics' transactions.
func (r *recorder) record(fn func() error) ([]recorded, error) {
	r.mu.Lock()
	r.on, r.sent = true, nil
	r.mu.Unlock()
	err := fn()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	var inside []recorded
	within := false
	for _, q := range r.sent {
		switch {
		case q.sql == "begin":
			within = true
		case q.sql == "commit":
			within = false
		case within && !strings.Contains(q.sql, "set_config"):
			inside = append(inside, q)
		}
	}
	return inside, err
}

// bare is a connection of the weak role, outside the product.
type bare struct {
	conn    *pgx.Conn
	context string
	signed  time.Time
}

// freshContext asks the product for a signed context from time to time: it lives for a minute.
func (s *bench) freshContext(ctx context.Context, b *bare) error {
	if time.Since(b.signed) < 20*time.Second {
		return nil
	}
	b.signed = time.Now()
	return s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error {
		return tx.QueryRow(ctx, `select current_setting('app.context')`).Scan(&b.context)
	})
}

// replay sends the statements in one round trip, as fast as they can be sent, and reads every row.
func (b *bare) replay(ctx context.Context, statements []recorded) error {
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue(`select set_config('app.context', $1, true)`, b.context)
	for _, q := range statements {
		batch.Queue(q.sql, q.args...)
	}
	batch.Queue("commit")
	return b.conn.SendBatch(ctx, batch).Close()
}

func (s *bench) bares(ctx context.Context, n int) ([]*bare, error) {
	cfg, err := pgx.ParseConfig(s.appDSN)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["search_path"] = tenancy.SearchPath
	list := make([]*bare, n)
	for i := range list {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return nil, err
		}
		list[i] = &bare{conn: conn}
		if err := s.freshContext(ctx, list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

const manySlots = 10_000

// claims measures one hot slot, and many slots that are claimed once each.
func (s *bench) claims(ctx context.Context) error {
	if err := s.seedSlots(ctx, 2*manySlots); err != nil {
		return err
	}
	rows, err := s.super.Query(ctx, `select id from slots where clinic_id = $1 order by practitioner_id, starts_at`, s.scope.Clinic)
	if err != nil {
		return err
	}
	slots, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	hot, slots := slots[len(slots)-1], slots[:2*manySlots]
	statement, err := s.recordClaim(ctx, hot)
	if err != nil {
		return err
	}
	clients, err := s.bares(ctx, s.Clients)
	if err != nil {
		return err
	}
	fmt.Printf("Claims, %d connections\n%-22s %12s %12s %7s   %s\n", s.Clients, "", "HTTP /s", "bare /s", "ratio", "p50, p95, p99 ms: HTTP | bare")
	var overHTTP, direct [2]loadResult
	for range 2 { // in turns, so that a machine that grows slower slows both
		a, err := load(s.Clients, s.For/2, func(_, _ int) (bool, error) { return true, s.claimHTTP(hot, 409) })
		if err != nil {
			return err
		}
		b, err := load(s.Clients, s.For/2, func(c, _ int) (bool, error) { return true, s.claimBare(ctx, clients[c], statement, hot) })
		if err != nil {
			return err
		}
		overHTTP[0], direct[0] = overHTTP[0].add(a), direct[0].add(b)
	}
	for turn := range 2 {
		half := manySlots / 2
		mine, theirs := slots[turn*2*half:][:half], slots[turn*2*half+half:][:half]
		a, err := s.each(mine, func(_ int, slot uuid.UUID) error { return s.claimHTTP(slot, 200) })
		if err != nil {
			return err
		}
		b, err := s.each(theirs, func(c int, slot uuid.UUID) error { return s.claimBare(ctx, clients[c], statement, slot) })
		if err != nil {
			return err
		}
		overHTTP[1], direct[1] = overHTTP[1].add(a), direct[1].add(b)
	}
	for i, name := range []string{"one hot slot", "10,000 slots, once each"} {
		a, b := overHTTP[i], direct[i]
		fmt.Printf("%-22s %12.0f %12.0f %7.2f   %s, %s, %s | %s, %s, %s\n", name, a.rate(), b.rate(), a.rate()/b.rate(),
			ms(a.quantile(.5)), ms(a.quantile(.95)), ms(a.quantile(.99)), ms(b.quantile(.5)), ms(b.quantile(.95)), ms(b.quantile(.99)))
	}
	fmt.Println()
	for _, c := range clients {
		_ = c.conn.Close(ctx)
	}
	return s.noOverlap(ctx)
}

// each gives every slot to one client.
func (s *bench) each(slots []uuid.UUID, claim func(client int, slot uuid.UUID) error) (loadResult, error) {
	var next atomic.Int64
	return load(s.Clients, 0, func(c, _ int) (bool, error) {
		i := int(next.Add(1)) - 1
		if i >= len(slots) {
			return false, nil
		}
		return true, claim(c, slots[i])
	})
}

func (s *bench) recordClaim(ctx context.Context, hot uuid.UUID) (recorded, error) {
	in := scheduling.ClaimInput{SlotID: hot, Service: "quarter", Caller: scheduling.Caller{Name: "Bench Caller", Phone: "+447700900123"}, HoldSeconds: 300, Source: scheduling.ByAPI}
	if _, err := s.desk.ClaimNow(ctx, s.db, s.scope, in); err != nil {
		return recorded{}, err
	}
	_, _ = s.desk.ClaimNow(ctx, s.db, s.scope, in) // the clinic's keys, made by the first, are known from here on
	sent, _ := s.recorder.record(func() error { _, err := s.desk.ClaimNow(ctx, s.db, s.scope, in); return err })
	if len(sent) != 1 {
		return recorded{}, fmt.Errorf("a claim is %d statements; it was to be one", len(sent))
	}
	return sent[0], nil
}

func (s *bench) claimHTTP(slot uuid.UUID, want int) error {
	status, err := s.post("/api/slots/"+slot.String()+"/claim", `{"service":"quarter","patient":{"name":"Bench Caller","phone":"+447700900123"},"call_id":"bench","hold_seconds":300}`)
	if err == nil && status != want {
		err = fmt.Errorf("a claim answered %d, not %d", status, want)
	}
	return err
}

func (s *bench) claimBare(ctx context.Context, b *bare, claim recorded, slot uuid.UUID) error {
	if err := s.freshContext(ctx, b); err != nil {
		return err
	}
	args := append([]any(nil), claim.args...)
	ids := 0
	for i, a := range args { // the arguments in the statement's order: the slot, then the new appointment
		if id, ok := a.(uuid.UUID); ok && id != uuid.Nil {
			ids++
			args[i] = map[int]uuid.UUID{1: slot, 2: tenancy.NewID()}[ids]
		}
	}
	return b.replay(ctx, []recorded{{claim.sql, args}})
}

// noOverlap counts the holds of all loops together, and ends them.
func (s *bench) noOverlap(ctx context.Context) error {
	var overlaps, held int
	err := s.super.QueryRow(ctx, `select count(*) filter (where exists (select from appointments b where b.practitioner_id = a.practitioner_id and b.id <> a.id
		and b.starts_at < a.ends_at and a.starts_at < b.ends_at and b.status = 'pending')), count(*) from appointments a where a.status = 'pending'`).Scan(&overlaps, &held)
	if err != nil {
		return err
	}
	fmt.Printf("%d holds, %d overlaps\n\n", held, overlaps)
	// The pages that are measured next show a clinic at work, not one with as many callers; and nobody can read the callers of the bare loop.
	_, err = s.super.Exec(ctx, `update slots set status = 'free', appointment_id = null, hold_expires_at = null where status = 'busy-tentative';
		update appointments set status = 'cancelled', hold_expires_at = null, caller = null where status = 'pending'`)
	if err == nil { // as autovacuum would, which has no time here
		_, err = s.super.Exec(ctx, `vacuum analyze slots, appointments`)
	}
	return err
}

// seedSlots makes quarter-hour slots far in the future, 1,000 to a practitioner, and one more to be the hot one.
func (s *bench) seedSlots(ctx context.Context, n int) error {
	_, err := s.super.Exec(ctx, `
with p as (insert into practitioners (clinic_id, id, name, position) select $1, app.uuidv7(), 'Practitioner ' || i, i from generate_series(1, $2 / 1000 + 1) i returning id),
ps as (insert into practitioner_services (clinic_id, practitioner_id, service_id) select $1, p.id, s from p, unnest($3::uuid[]) s)
insert into slots (clinic_id, practitioner_id, starts_at, ends_at)
select $1, p.id, t, t + interval '15 minutes' from p, generate_series(date_trunc('day', now()) + interval '30 days', date_trunc('day', now()) + interval '30 days' + interval '15 minutes' * 999, interval '15 minutes') t`,
		s.scope.Clinic, n, s.services)
	if err == nil {
		_, err = s.super.Exec(ctx, `analyze clinics, services, practitioners, practitioner_services, slots`) // an empty table that is analysed is believed to stay empty
	}
	return err
}
