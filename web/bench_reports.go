package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/calls"
	"anteroom/domain/tenancy"
)

// reportWorkers is how many digest at once, as the jobs do.
const reportWorkers = 4

// benchTalk is a talk of twelve turns with nine things to hide in it.
var benchTalk = func() string {
	var turns []string
	for i, said := range []string{"Hello, you have reached the clinic. May I have your full name?", "Yes, it's Rosalind Whitcombe.", "And your date of birth?", "The fourteenth of March nineteen seventy nine.",
		"Thank you. What is it about?", "I have asthma, and I take salbutamol. I'd like to come in before work if I can.", "What is your phone number?", "oh seven seven double oh nine hundred one two three",
		"And your e-mail address?", "rosalind at example dot com, and I live at nine Alder Grove, Leeds", "Thank you, we will ring you back this afternoon.", "Lovely, thank you, bye."} {
		turns = append(turns, fmt.Sprintf(`{"role":%q,"message":%q,"secondsFromStart":%d,"duration":2100}`, []string{"bot", "user"}[i%2], said, i*5))
	}
	return strings.Join(turns, ",")
}()

// reports measures how many ends of calls a second are taken (answered and kept), and made into calls: redacted, sealed, stored and indexed. Beside it stands
// what a bare connection writes of the same shape: a call, its turns, its spans, its words.
func (s *bench) reports(ctx context.Context) error {
	board, records := calls.NewSwitchboard(s.db, s.vault, s.desk, s.patients), calls.NewRecords(s.vault, s.patients)
	taken, err := load(reportWorkers, s.For, func(client, n int) (bool, error) {
		m, err := calls.Parse(fmt.Appendf(nil, `{"message":{"type":"end-of-call-report","endedReason":"customer-ended-call","call":{"id":"report-%d-%d","customer":{"number":"+4477009%05d"}},"artifact":{"messages":[%s]}}}`,
			client, n, client*10_000+n%10_000, benchTalk))
		if err != nil {
			return false, err
		}
		_, broken, err := board.Receive(ctx, s.scope, m)
		return true, errors.Join(broken, err)
	})
	if err != nil {
		return err
	}
	rows, err := s.super.Query(ctx, `select id from call_inbox where kind = 'end-of-call-report' and body is not null order by id`)
	if err != nil {
		return err
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	digested, err := load(reportWorkers, s.For, func(client, n int) (bool, error) {
		i := n*reportWorkers + client
		if i >= len(kept) {
			return false, nil
		}
		return true, s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error { return records.Digest(ctx, tx, kept[i]) })
	})
	if err != nil {
		return err
	}
	bare, err := s.bareRecords(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("End reports, %d at once, a talk of 12 turns\n", reportWorkers)
	for _, r := range []struct {
		name string
		loadResult
	}{{"taken and kept", taken}, {"made into a call", digested}, {"bare inserts of one", bare}} {
		fmt.Printf("%-22s %8.0f a second %24s\n", r.name, r.rate(), fmt.Sprintf("ms %s, %s, %s", ms(r.quantile(.5)), ms(r.quantile(.95)), ms(r.quantile(.99))))
	}
	fmt.Println()
	return nil
}

const bareRecord = `with c as (insert into calls (clinic_id, id, vapi_call_id, started_at) values ($1, $2::uuid, $2::uuid::text, now()) returning id),
t as (insert into call_turns (clinic_id, call_id, seq, speaker, text) select $1, $2::uuid, i, 'caller', repeat('words ', 10) from generate_series(1, 12) i),
s as (insert into call_spans (clinic_id, id, call_id, seq, starts, ends, kind, size, rule_set, route, sealed)
  select $1, gen_random_uuid(), $2::uuid, i, 0, 17, 'PERSON', 'medium', 'bench', 'vault', decode(repeat('ab', 48), 'hex') from generate_series(1, 9) i)
insert into call_search (clinic_id, call_id, words) select $1, $2::uuid, strip(to_tsvector('simple', $3))`

func (s *bench) bareRecords(ctx context.Context) (loadResult, error) {
	conns := make([]*pgx.Conn, reportWorkers)
	for i := range conns {
		var err error
		if conns[i], err = pgx.Connect(ctx, s.local.SuperuserDSN()); err != nil {
			return loadResult{}, err
		}
		defer conns[i].Close(ctx)
	}
	return load(reportWorkers, s.For, func(client, _ int) (bool, error) {
		_, err := conns[client].Exec(ctx, bareRecord, s.scope.Clinic, tenancy.NewID(), benchTalk)
		return true, err
	})
}
