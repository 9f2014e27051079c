package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

const (
	callsAtOnce = 50
	callRounds  = 30
	pastRounds  = 30 // calls of the past: a plan that was made for empty tables is not what a clinic has
	warmRounds  = 8  // a connection keeps its plans from the sixth time on
	ownLimit    = 50 * time.Millisecond
)

var benchTools = []string{"find_slots", "claim_slot", "confirm_booking"}

// toolCalls measures the tools of 50 calls that go on at once, and of 50 that speak in the same instant: each asks for times, holds one, and books
// it. The server has as many connections as serve gives it. "own" is from the moment at which the whole request lies in the server's socket until
// its answer is written: waiting for a processor or for a connection is in it. The caller's view adds what this program needs to read it, on the
// same processors.
func (s *bench) toolCalls(ctx context.Context) error {
	if err := s.prepareCalls(ctx); err != nil {
		return err
	}
	if err := s.pastCalls(ctx); err != nil {
		return err
	}
	line, err := s.newLine(ctx)
	if err != nil {
		return err
	}
	defer line.close()
	if _, err := s.rounds(line, pastRounds, warmRounds); err != nil {
		return err
	}
	before := processorTime()
	took, err := s.rounds(line, pastRounds+warmRounds, callRounds)
	if err != nil {
		return err
	}
	spent := (processorTime() - before) / (callRounds * callsAtOnce * time.Duration(len(benchTools)))
	going, err := s.going(line)
	if err != nil {
		return err
	}
	direct, err := s.bareLookups(ctx)
	if err != nil {
		return err
	}
	own, seen := going.own.sorted(), going.seen.sorted()
	fmt.Printf("Tool calls of %d calls at once, a turn each every %s, %d connections, 20 practitioners\n%-18s %30s %30s %30s\n", callsAtOnce, turnEvery, s.Pool, "", "own ms p50, p95, p99 (most)", "caller's ms p50, p95, p99", "limit of the own p99, ms")
	fmt.Printf("%-18s %30s %30s %30s\n", "all three", fmt.Sprintf("%s (%s)", three(own), ms(own.quantile(1))), three(seen), ms(ownLimit))
	fmt.Printf("and %d tool calls in one instant: the last waits for the work of all\n%-18s %30s %30s %30s\n", callsAtOnce, "", "", "", "bare SQL ms p50, p95, p99")
	for _, name := range benchTools {
		own, seen, beside := took[name].own.sorted(), took[name].seen.sorted(), ""
		if name == "find_slots" {
			beside = three(direct)
		}
		fmt.Printf("%-18s %30s %30s %30s\n", name, fmt.Sprintf("%s (%s)", three(own), ms(own.quantile(1))), three(seen), beside)
	}
	fmt.Printf("processor time of this program for a tool call, both sides of the line: %s ms\n\n", ms(spent))
	return nil
}

// pastCalls fills the tables, and counts them as autovacuum does.
func (s *bench) pastCalls(ctx context.Context) error {
	line, err := s.newLine(ctx)
	if err != nil {
		return err
	}
	defer line.close()
	if _, err := s.rounds(line, 0, pastRounds); err != nil {
		return err
	}
	_, err = s.super.Exec(ctx, `vacuum analyze`)
	return err
}

// rounds lets so many rounds of calls take place, each with numbers of its own, and answers each tool's times.
func (s *bench) rounds(line *benchLine, from, n int) (map[string]*turns, error) {
	took := map[string]*turns{"find_slots": {}, "claim_slot": {}, "confirm_booking": {}}
	for round := from; round < from+n; round++ {
		if err := s.conversations(line, round, took); err != nil {
			return nil, err
		}
	}
	return took, nil
}

func three(r loadResult) string {
	return fmt.Sprintf("%s, %s, %s", ms(r.quantile(.5)), ms(r.quantile(.95)), ms(r.quantile(.99)))
}

// prepareCalls gives the clinic an agent with its secret, and slots.
func (s *bench) prepareCalls(ctx context.Context) error {
	var seeded bool
	if err := s.super.QueryRow(ctx, `select exists (select from slots where clinic_id = $1)`, s.scope.Clinic).Scan(&seeded); err != nil {
		return err
	}
	if !seeded {
		if err := s.seedSlots(ctx, 2*manySlots-1); err != nil {
			return err
		}
	}
	return s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error {
		if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Ava", Direction: calls.Inbound}); err != nil {
			return err
		}
		_, err := calls.IssueSecret(ctx, tx, benchSecret)
		return err
	})
}

const benchSecret = "vs_bench_only_for_this_run"

type benchCall struct{ id, number, slot string }

// turns are a tool's times: the server's own, and as the caller sees them.
type turns struct{ own, seen loadResult }

// turn is what a call asks a tool for, and how the answer begins.
type turn struct {
	tool, begins string
	arguments    map[string]any
}

// script is what call number i says when its slot is this one.
func script(i int, slot string) []turn {
	return []turn{
		{"find_slots", "Free times for ", map[string]any{"service": []string{"quarter", "half"}[i%2], "from": "in 30 days"}},
		{"claim_slot", "Held for ", map[string]any{"service": "quarter", "slot_id": slot}},
		{"confirm_booking", "Booked: ", map[string]any{"name": fmt.Sprintf("Bench Caller %d", i)}},
	}
}

func (t turn) take(line *benchLine, c benchCall) error {
	said, err := line.tool(c, t.tool, t.arguments)
	if err == nil && !strings.HasPrefix(said, t.begins) {
		err = fmt.Errorf("%s said %q", t.tool, said)
	}
	return err
}

func callsOf(round int) []benchCall {
	talking := make([]benchCall, callsAtOnce)
	for i := range talking {
		talking[i] = benchCall{id: fmt.Sprintf("bench-%d-%d", round, i), number: fmt.Sprintf("+4477009%05d", round*callsAtOnce+i)}
	}
	return talking
}

// conversations lets every call take its next turn at the same instant.
func (s *bench) conversations(line *benchLine, round int, took map[string]*turns) error {
	talking := callsOf(round)
	slots, err := s.freeSlots(callsAtOnce)
	if err != nil {
		return err
	}
	if err := s.atOnce(len(talking), &loadResult{}, func(i int) error { return line.begin(talking[i]) }); err != nil {
		return err
	}
	for n, name := range benchTools {
		into := took[name]
		err := s.atOnce(len(talking), &into.seen, func(i int) error { return script(i, slots[i])[n].take(line, talking[i]) })
		if err != nil {
			return err
		}
		for range talking {
			into.own.latencies = append(into.own.latencies, <-line.own)
		}
	}
	return nil
}

// A caller and an agent need some ten seconds from one tool call to the next; here they need one.
const (
	turnEvery   = time.Second
	goingRounds = 4 // conversations of each call, one after the other
)

// going measures calls that go on at the same time as calls do: each in its own rhythm.
func (s *bench) going(line *benchLine) (turns, error) {
	slots, err := s.freeSlots(callsAtOnce * goingRounds)
	if err != nil {
		return turns{}, err
	}
	var all turns
	var mu sync.Mutex
	err = s.atOnce(callsAtOnce, &loadResult{}, func(i int) error {
		time.Sleep(turnEvery / callsAtOnce * time.Duration(i))
		beat := time.NewTicker(turnEvery)
		defer beat.Stop()
		for round := range goingRounds {
			talking := callsOf(pastRounds + warmRounds + callRounds + round)[i]
			if err := line.begin(talking); err != nil {
				return err
			}
			for _, t := range script(i, slots[round*callsAtOnce+i]) {
				begun := time.Now()
				if err := t.take(line, talking); err != nil {
					return err
				}
				seen, own := time.Since(begun), <-line.own
				mu.Lock()
				all.seen.latencies, all.own.latencies = append(all.seen.latencies, seen), append(all.own.latencies, own)
				mu.Unlock()
				<-beat.C
			}
		}
		return nil
	})
	return all, err
}

func (s *bench) atOnce(n int, into *loadResult, turn func(i int) error) error {
	var wg sync.WaitGroup
	each, failed := make([]time.Duration, n), make([]error, n)
	for i := range n {
		wg.Go(func() {
			begun := time.Now()
			failed[i] = turn(i)
			each[i] = time.Since(begun)
		})
	}
	wg.Wait()
	into.latencies = append(into.latencies, each...)
	return errors.Join(failed...)
}

func (s *bench) freeSlots(n int) (ids []string, err error) {
	rows, err := s.super.Query(context.Background(), `select id::text from slots where clinic_id = $1 and status = 'free' order by starts_at desc, id limit $2`, s.scope.Clinic, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func toolBody(c benchCall, name string, arguments map[string]any) ([]byte, error) {
	asked := map[string]any{"id": "call_" + name, "type": "function", "function": map[string]any{"name": name, "arguments": arguments}}
	return message("tool-calls", c, map[string]any{"toolCallList": []any{asked}})
}

// message is one of Vapi's, with what it has beside the usual fields.
func message(kind string, c benchCall, beside map[string]any) ([]byte, error) {
	m := map[string]any{"type": kind, "timestamp": millis(time.Now()), "call": map[string]any{"id": c.id, "type": "inboundPhoneCall"}, "customer": map[string]any{"number": c.number}}
	maps.Copy(m, beside)
	return json.Marshal(map[string]any{"message": m})
}

// bareLookups replays the statements of a lookup from as many bare connections at the same instants.
func (s *bench) bareLookups(ctx context.Context) (loadResult, error) {
	board := calls.NewSwitchboard(s.db, s.vault, scheduling.NewDesk(s.vault, patients.New(s.vault)), patients.New(s.vault))
	scope := tenancy.Scope{Clinic: s.scope.Clinic, Actor: tenancy.Actor{Kind: tenancy.Agent, ID: tenancy.NewID(), Role: "agent"}}
	receive := func(from string) error {
		body, err := toolBody(benchCall{id: "bench-bare", number: "+447700900001"}, "find_slots", map[string]any{"service": "quarter", "from": from})
		if err != nil {
			return err
		}
		m, err := calls.Parse(body)
		if err != nil {
			return err
		}
		_, broken, err := board.Receive(ctx, scope, m)
		return errors.Join(broken, err)
	}
	if err := receive("in 31 days"); err != nil { // opens the call, which is done once
		return loadResult{}, err
	}
	sent, err := s.recorder.record(func() error { return receive("in 30 days") })
	if err != nil {
		return loadResult{}, err
	}
	clients, err := s.bares(ctx, callsAtOnce)
	if err != nil {
		return loadResult{}, err
	}
	var r loadResult
	for range callRounds + warmRounds {
		if err := s.atOnce(callsAtOnce, &r, func(i int) error { return clients[i].replay(ctx, anotherTurn(sent)) }); err != nil {
			return r, err
		}
	}
	for _, c := range clients {
		_ = c.conn.Close(ctx)
	}
	return loadResult{latencies: r.latencies[warmRounds*callsAtOnce:]}.sorted(), nil
}

// anotherTurn makes a recorded tool call into another one: else all of them would wait for each other's row.
func anotherTurn(sent []recorded) []recorded {
	out := make([]recorded, len(sent))
	for i, q := range sent {
		out[i] = recorded{strings.Replace(q.sql, " for no key update", "", 1), q.args}
		if strings.Contains(q.sql, "insert into tool_calls") { // its id stands after the clinic's
			out[i].args = slices.Clone(q.args)
			out[i].args[1] = tenancy.NewID()
			out[i].args[slices.Index(q.args, any("call_find_slots"))] = "call_" + tenancy.NewID().String()
		}
	}
	return out
}
