package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"anteroom/domain/calls"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

const (
	callsAtOnce = 50
	callRounds  = 30
)

// toolCalls measures the tools of 50 calls that speak at the same instant, again and again: each asks for times, holds one, and books it. Beside the
// lookup stand its own statements on as many bare connections. "own" is the time that the server itself measured and keeps with each tool call.
func (s *bench) toolCalls(ctx context.Context) error {
	if err := s.seedSlots(ctx, callsAtOnce*callRounds); err != nil {
		return err
	}
	err := s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error {
		if _, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Ava", Direction: calls.Inbound}); err != nil {
			return err
		}
		_, err := calls.IssueSecret(ctx, tx, benchSecret)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := s.tool(benchCall{id: "warm", number: "+447700900000"}, "find_slots", map[string]any{"service": "quarter"}); err != nil {
		return err
	}
	fmt.Printf("Tool calls, %d calls at once\n%-22s %36s %30s\n", callsAtOnce, "", "HTTP ms p50, p95, p99 (most)", "bare ms p50, p95, p99")
	took := map[string]*loadResult{"find_slots": {}, "claim_slot": {}, "confirm_booking": {}}
	for round := range callRounds {
		if err := s.conversations(round, took); err != nil {
			return err
		}
	}
	direct, err := s.bareLookups(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{"find_slots", "claim_slot", "confirm_booking"} {
		r := took[name]
		slices.Sort(r.latencies)
		beside := ""
		if name == "find_slots" {
			beside = fmt.Sprintf("%s, %s, %s", ms(direct.quantile(.5)), ms(direct.quantile(.95)), ms(direct.quantile(.99)))
		}
		fmt.Printf("%-22s %36s %30s\n", name, fmt.Sprintf("%s, %s, %s (%s)", ms(r.quantile(.5)), ms(r.quantile(.95)), ms(r.quantile(.99)), ms(r.quantile(1))), beside)
	}
	return s.ownTime(ctx)
}

const benchSecret = "vs_bench_only_for_this_run"

type benchCall struct{ id, number, slot string }

// conversations lets every call take its next turn at the same instant.
func (s *bench) conversations(round int, took map[string]*loadResult) error {
	talking := make([]benchCall, callsAtOnce)
	for i := range talking {
		talking[i] = benchCall{id: fmt.Sprintf("bench-%d-%d", round, i), number: fmt.Sprintf("+4477009%05d", round*callsAtOnce+i)}
	}
	err := s.atOnce(talking, took["find_slots"], func(i int, c benchCall) error {
		said, err := s.tool(c, "find_slots", map[string]any{"service": "quarter", "from": "in 30 days"})
		if err == nil && !strings.HasPrefix(said, "Free times for ") {
			err = fmt.Errorf("find_slots said %q", said)
		}
		return err
	})
	if err != nil {
		return err
	}
	slots, err := s.freeSlots(callsAtOnce)
	if err != nil {
		return err
	}
	err = s.atOnce(talking, took["claim_slot"], func(i int, c benchCall) error {
		said, err := s.tool(c, "claim_slot", map[string]any{"service": "quarter", "slot_id": slots[i]})
		if err == nil && !strings.HasPrefix(said, "Held for ") {
			err = fmt.Errorf("claim_slot said %q", said)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.atOnce(talking, took["confirm_booking"], func(i int, c benchCall) error {
		said, err := s.tool(c, "confirm_booking", map[string]any{"name": "Bench Caller " + c.id})
		if err == nil && !strings.HasPrefix(said, "Booked: ") {
			err = fmt.Errorf("confirm_booking said %q", said)
		}
		return err
	})
}

func (s *bench) atOnce(talking []benchCall, into *loadResult, turn func(i int, c benchCall) error) error {
	var wg sync.WaitGroup
	each, failed := make([]time.Duration, len(talking)), make([]error, len(talking))
	for i, c := range talking {
		wg.Go(func() {
			begun := time.Now()
			failed[i] = turn(i, c)
			each[i] = time.Since(begun)
		})
	}
	wg.Wait()
	into.latencies = append(into.latencies, each...)
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
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
	return json.Marshal(map[string]any{"message": map[string]any{"type": "tool-calls", "timestamp": millis(time.Now()), "call": map[string]any{"id": c.id, "type": "inboundPhoneCall"},
		"customer":     map[string]any{"number": c.number},
		"toolCallList": []any{map[string]any{"id": "call_" + name, "type": "function", "function": map[string]any{"name": name, "arguments": arguments}}}}})
}

var resultIn = regexp.MustCompile(`"(?:result|error)":"((?:[^"\\]|\\.)*)"`)

func (s *bench) tool(c benchCall, name string, arguments map[string]any) (string, error) {
	body, err := toolBody(c, name, arguments)
	if err != nil {
		return "", err
	}
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI("http://" + s.addr + "/api/webhooks/vapi")
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("X-Vapi-Secret", benchSecret)
	req.SetBody(body)
	if err := loadClient.Do(req, res); err != nil {
		return "", err
	}
	m := resultIn.FindSubmatch(res.Body())
	if res.StatusCode() != fasthttp.StatusOK || m == nil {
		return "", fmt.Errorf("%s answered %d", name, res.StatusCode())
	}
	return string(m[1]), nil
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
	everyone := make([]benchCall, callsAtOnce)
	for range callRounds {
		if err := s.atOnce(everyone, &r, func(i int, _ benchCall) error { return clients[i].replay(ctx, anotherTurn(sent, s.scope.Clinic)) }); err != nil {
			return r, err
		}
	}
	slices.Sort(r.latencies)
	for _, c := range clients {
		_ = c.conn.Close(ctx)
	}
	return r, nil
}

// anotherTurn makes a recorded tool call into another one: else all of them would wait for each other's row.
func anotherTurn(sent []recorded, clinic uuid.UUID) []recorded {
	known, fresh := map[any]int{}, map[any]any{}
	for _, q := range sent {
		if strings.Contains(q.sql, "tool_calls") {
			for _, a := range q.args {
				if id, ok := a.(uuid.UUID); ok && id != clinic {
					known[id]++
				}
			}
		}
	}
	for id, n := range known {
		if n > 1 { // it stands in the insert and in the update: the tool call's own
			fresh[id] = tenancy.NewID()
		}
	}
	fresh["call_find_slots"] = "call_" + tenancy.NewID().String()
	out := make([]recorded, 0, len(sent))
	for _, q := range sent {
		if strings.Contains(q.sql, "savepoint") {
			continue
		}
		args := slices.Clone(q.args)
		for i, a := range args {
			switch a.(type) {
			case uuid.UUID, string:
				if other, ok := fresh[a]; ok {
					args[i] = other
				}
			}
		}
		out = append(out, recorded{strings.Replace(q.sql, " for no key update", "", 1), args})
	}
	return out
}

// ownTime is what the server measured of itself.
func (s *bench) ownTime(ctx context.Context) error {
	rows, err := s.super.Query(ctx, `select name, count(*), percentile_cont(0.5) within group (order by took_micros) / 1000, percentile_cont(0.99) within group (order by took_micros) / 1000
from tool_calls where took_micros is not null group by name order by name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int
		var p50, p99 float64
		if err := rows.Scan(&name, &n, &p50, &p99); err != nil {
			return err
		}
		fmt.Printf("own  %-17s p50 %.2f ms, p99 %.2f ms of %d\n", name, p50, p99, n)
	}
	fmt.Println()
	return rows.Err()
}
