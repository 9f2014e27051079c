package calls_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

// process is one of two servers on one database, each with its own memory of the keys.
func (c *clinic) process(master []byte) *clinic {
	c.t.Helper()
	v, err := privacy.NewVault(master)
	if err != nil {
		c.t.Fatal(err)
	}
	other := *c
	other.vault = v.Remembering(150 * time.Millisecond)
	directory := patients.New(other.vault)
	other.desk = scheduling.NewDesk(other.vault, directory)
	other.board = calls.NewSwitchboard(c.DB, other.vault, other.desk, directory)
	return &other
}

// Keys of every kind are changed while two servers take calls, book, record and reveal: nothing that was said or booked becomes unreadable, and
// nothing stays under an old key.
func TestKeysAreChangedWhileCallsGoOn(t *testing.T) {
	t.Parallel()
	master, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	c := addClinic(t, tenancytest.NewWithClock(t, thursday), newVault(t), "vs_unused") // its vault makes no keys that stay
	if _, err := c.Owner(t).Exec(ctx, `delete from clinic_keys`); err != nil {
		t.Fatal(err)
	}
	servers := [2]*clinic{c.process(master), c.process(master)}
	var stop atomic.Bool
	var booked, recorded atomic.Int64
	finished := make(chan struct{}, 10_000)
	var wg sync.WaitGroup
	for i, s := range servers {
		for w := range 2 {
			wg.Go(func() {
				for n := 0; !stop.Load(); n++ {
					s.wholeCall(fmt.Sprintf("call-%d-%d-%d", i, w, n), i*2+w, n, &booked, &recorded)
					finished <- struct{}{}
				}
			})
		}
	}
	wait := func(more int) {
		for len(finished) > 0 {
			<-finished
		}
		for range more {
			<-finished
		}
	}
	wait(3)
	in := func(s *clinic, fn func(tx *tenancy.Tx) error) {
		if err := s.WithClinic(ctx, tenancy.Scope{Clinic: c.admin.Clinic, Actor: system}, fn); err != nil {
			t.Error(err)
		}
	}
	for round := range 2 {
		var r privacy.Rotation
		in(servers[round], func(tx *tenancy.Tx) (err error) { r, err = servers[round].vault.StartRotation(ctx, tx); return err })
		steps := 0
		for done := false; !done && !t.Failed(); {
			var pause time.Duration
			in(servers[round], func(tx *tenancy.Tx) (err error) {
				pause, done, err = servers[round].vault.Advance(ctx, tx, r.ID)
				return err
			})
			<-time.After(pause)
			if steps++; steps%4 > 0 {
				continue
			}
			for _, id := range c.somePatients(2) {
				in(servers[1-round], func(tx *tenancy.Tx) error { _, err := servers[1-round].vault.RotatePatient(ctx, tx, id); return err })
			}
		}
		wait(3)
	}
	stop.Store(true)
	wg.Wait()
	c.everythingOpens(c.process(master), booked.Load(), recorded.Load())
}

// wholeCall is a call from hello to its record, by a caller of whom there are few, so that patients come again.
func (c *clinic) wholeCall(id string, worker, n int, booked, recorded *atomic.Int64) {
	who := fmt.Sprintf("Ada Lovelace%c", 'A'+rune(n%5))
	k := &call{c: c, id: id, number: fmt.Sprintf("+4477009001%02d", worker*10+n%5)}
	slot := worker*32/4 + n%8
	at := 9*60 + slot*15
	body := k.body("call_1", "book_appointment", fmt.Sprintf(`{"service":"mole-check","starts_at":"2026-11-24T%02d:%02d","name":%q,"practitioner":"%s"}`, at/60, at%60, who,
		[]string{"Okafor", "Lindqvist"}[n/8%2]))
	scope := tenancy.Scope{Clinic: c.admin.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: uuid.New(), Role: "agent"}}
	for _, body := range []string{body, k.report(talk, metrics)} {
		m, err := calls.Parse([]byte(body))
		if err != nil {
			c.t.Error(err)
			return
		}
		reply, broken, err := c.board.Receive(ctx, scope, m)
		if err != nil || broken != nil {
			c.t.Errorf("%v %v", err, broken)
			return
		}
		if len(reply.Results) == 1 && reply.Results[0].Error == "" && len(reply.Results[0].Result) > 6 && reply.Results[0].Result[:6] == "Booked" {
			booked.Add(1)
		}
	}
	r := c.archive()
	var span uuid.UUID
	err := c.WithClinic(ctx, tenancy.Scope{Clinic: c.admin.Clinic, Actor: system}, func(tx *tenancy.Tx) error {
		var message uuid.UUID
		if err := tx.QueryRow(ctx, `select id from call_inbox where vapi_call_id = $1 and kind = 'end-of-call-report'`, id).Scan(&message); err != nil {
			return err
		}
		if err := r.Digest(ctx, tx, message); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select s.id from call_spans s join calls c on c.id = s.call_id where c.vapi_call_id = $1 and s.kind = 'CONDITION' limit 1`, id).Scan(&span)
	})
	if err != nil {
		c.t.Errorf("digest: %v", err)
		return
	}
	recorded.Add(1)
	if got, err := c.reveal(r, "admin", span); err != nil || got.Words != "asthma" {
		c.t.Errorf("revealed %q: %v", got.Words, err)
	}
}

func (c *clinic) somePatients(n int) (ids []uuid.UUID) {
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, `select id from patients order by random() limit $1`, n)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	return ids
}

func (c *clinic) everythingOpens(fresh *clinic, booked, recorded int64) {
	c.t.Helper()
	r := fresh.archive()
	fresh.as("admin", func(tx *tenancy.Tx) error {
		n, spans := int64(0), 0
		for after := ""; ; {
			page, err := r.List(ctx, tx, calls.ListInput{Limit: 200, After: after})
			if err != nil {
				return err
			}
			for _, call := range page.Calls {
				rec, err := r.Get(ctx, tx, call.ID)
				if err != nil {
					return err
				}
				n++
				for _, turn := range rec.Turns {
					for _, s := range turn.Spans {
						if _, err := r.Reveal(ctx, tx, s.ID, calls.Reason{Code: calls.ForQuality}); err != nil {
							return err
						}
						spans++
					}
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
		if n != recorded || spans != int(recorded)*7 {
			c.t.Errorf("%d calls with %d spans, %d were recorded", n, spans, recorded)
		}
		if _, _, err := patients.New(fresh.vault).Search(ctx, tx, "ada", 100); err != nil {
			return err
		}
		var kept int64
		if err := tx.QueryRow(ctx, `select count(*) from tool_calls where not failed`).Scan(&kept); err != nil {
			return err
		}
		if kept < booked || booked == 0 {
			c.t.Errorf("%d bookings, %d answers", booked, kept)
		}
		return nil
	})
	if n := c.ask(`select count(*)::int from clinic_keys where purpose = 'data' and wrapped <> ''`); n != 1 {
		c.t.Errorf("%d data keys are left", n)
	}
	if n := c.ask(`select count(*)::int from key_rotations where kind = 'patient'`); n == 0 {
		c.t.Error("no patient's key was changed")
	}
	c.t.Logf("%d calls, %d bookings, %d values sealed anew, %d patients' keys changed", recorded, booked, c.ask(`select sum(resealed)::int from key_rotations where kind = 'clinic'`),
		c.ask(`select count(*)::int from key_rotations where kind = 'patient'`))
}
