package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"anteroom/domain/calls"
	"anteroom/domain/tenancy"
)

// CatchUpRules goes over calls that older rules have redacted.
type CatchUpRules struct{}

// Kind names the job.
func (CatchUpRules) Kind() string { return "catch_up_rules" }

// ruleKeeper goes over the calls of every clinic that has some under older rules: a few of each in turn, so that no clinic waits for another's
// hundred thousand, and each in a transaction of its own. One that is stopped goes on with what is left; a call of which it cannot be done keeps no
// other waiting.
type ruleKeeper struct {
	river.WorkerDefaults[CatchUpRules]
	db      *tenancy.DB
	records *calls.Records
}

const (
	rulesTime   = 9 * time.Minute // the next run takes over from here
	rulesAtOnce = 25              // calls of one clinic before it is the next one's turn
	mostFailed  = 20              // that one run tells of
)

func (w *ruleKeeper) Timeout(*river.Job[CatchUpRules]) time.Duration { return rulesTime + time.Minute }

func (w *ruleKeeper) Work(ctx context.Context, job *river.Job[CatchUpRules]) error {
	clinics, err := w.db.ClinicsWithOutdatedCalls(ctx, w.records.RuleSet())
	if err != nil {
		return unquoted(err)
	}
	var failed []error
	after := map[uuid.UUID]uuid.UUID{}
	for until := time.Now().Add(rulesTime); len(clinics) > 0 && time.Now().Before(until); {
		var more []uuid.UUID
		for _, id := range clinics {
			scope := tenancy.Scope{Clinic: id, Actor: tenancy.Actor{Kind: tenancy.System, Role: "system", RequestID: fmt.Sprintf("job %d", job.ID)}}
			last, bad := w.someOf(ctx, scope, after[id])
			failed = append(failed, bad...)
			if after[id] = last; last != uuid.Nil {
				more = append(more, id)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		clinics = more
	}
	return errors.Join(failed[:min(len(failed), mostFailed)]...)
}

// someOf goes over the next calls of a clinic, and answers the last one; uuid.Nil when there are no more.
func (w *ruleKeeper) someOf(ctx context.Context, scope tenancy.Scope, after uuid.UUID) (last uuid.UUID, failed []error) {
	var ids []uuid.UUID
	err := w.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
		ids, err = w.records.Outdated(ctx, tx, after, rulesAtOnce)
		return err
	})
	if err != nil {
		return uuid.Nil, []error{fmt.Errorf("clinic %s: %w", scope.Clinic, unquoted(err))}
	}
	for _, id := range ids {
		err := w.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) error { return w.records.CatchUp(ctx, tx, id) })
		if err != nil {
			failed = append(failed, fmt.Errorf("call %s: %w", id, unquoted(err)))
		}
		last = id
	}
	if len(ids) < rulesAtOnce {
		return uuid.Nil, failed
	}
	return last, failed
}
