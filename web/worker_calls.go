package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"anteroom/domain/calls"
	"anteroom/domain/tenancy"
)

// digester makes the calls out of the messages that were kept.
type digester struct {
	river.WorkerDefaults[calls.DigestMessage]
	db      *tenancy.DB
	records *calls.Records
}

func (w *digester) Work(ctx context.Context, job *river.Job[calls.DigestMessage]) error {
	scope := tenancy.Scope{Clinic: job.Args.Clinic, Actor: tenancy.Actor{Kind: tenancy.System, Role: "system", RequestID: fmt.Sprintf("job %d", job.ID)}}
	return unquoted(w.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) error { return w.records.Digest(ctx, tx, job.Args.Message) }))
}

// SweepInbox drops raw messages that nothing will be made of, and finds out whose the calls of strangers were.
type SweepInbox struct{}

// Kind names the job.
func (SweepInbox) Kind() string { return "sweep_inbox" }

type inboxSweeper struct {
	river.WorkerDefaults[SweepInbox]
	db      *tenancy.DB
	records *calls.Records
}

func (w *inboxSweeper) Timeout(*river.Job[SweepInbox]) time.Duration { return 10 * time.Minute }

func (w *inboxSweeper) Work(ctx context.Context, _ *river.Job[SweepInbox]) error {
	clinics, err := w.db.AllClinics(ctx)
	if err != nil {
		return err
	}
	return unquoted(eachClinic(ctx, w.db, clinics, func(tx *tenancy.Tx) error {
		if _, err := calls.SweepInbox(ctx, tx); err != nil {
			return err
		}
		_, err := w.records.AdoptCalls(ctx, tx)
		return err
	}))
}

// unquoted is an error that can stand in the job tables and the log: the database's own words may quote what somebody said.
func unquoted(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return fmt.Errorf("the database refused: %s, table %q, constraint %q", pg.Code, pg.TableName, pg.ConstraintName)
	}
	return err
}
