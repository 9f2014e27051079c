package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Job is what a worker is told: ids only, since job arguments stand in the clear in the job tables. Kind names it.
type Job interface{ Kind() string }

// newInserter makes the side of River that only adds jobs: workers are the program's own.
func newInserter(pool *pgxpool.Pool) (*river.Client[pgx.Tx], error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: JobSchema})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return client, nil
}

// Enqueue adds a job that begins once the transaction has committed, and never if it has not. A time in the future makes it wait.
func (tx *Tx) Enqueue(ctx context.Context, job Job, at time.Time) error {
	if err := tx.ready(); err != nil {
		return err
	}
	if !tx.begun {
		if err := tx.begin(ctx); err != nil {
			return err
		}
	}
	if _, err := tx.db.jobs.InsertTx(ctx, riverTx{tx}, job, &river.InsertOpts{ScheduledAt: at}); err != nil {
		return fmt.Errorf("enqueue %s: %w", job.Kind(), err)
	}
	return nil
}

// riverTx lets River write inside a Tx. What would end the transaction, or open one inside it, is not offered.
type riverTx struct{ tx *Tx }

var errNotOffered = errors.New("tenancy: jobs are added inside a transaction that is not theirs to end")

// Exec runs a statement of River's.
func (r riverTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := r.tx.ready(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return r.tx.conn.Exec(ctx, sql, args...)
}

// Query runs a statement of River's.
func (r riverTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return r.tx.Query(ctx, sql, args...)
}

// QueryRow runs a statement of River's for one row.
func (r riverTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return r.tx.QueryRow(ctx, sql, args...)
}

// Conn tells River how the connection talks.
func (r riverTx) Conn() *pgx.Conn { return r.tx.conn.Conn() }

// SendBatch sends statements of River's.
func (r riverTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return r.tx.SendBatch(ctx, b)
}

// The rest of pgx.Tx, which nobody is offered here.

// Begin is not offered.
func (riverTx) Begin(context.Context) (pgx.Tx, error) { return nil, errNotOffered }

// Commit is not offered.
func (riverTx) Commit(context.Context) error { return errNotOffered }

// Rollback is not offered.
func (riverTx) Rollback(context.Context) error { return errNotOffered }

// CopyFrom is not offered.
func (riverTx) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, errNotOffered
}

// LargeObjects is not offered.
func (riverTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare is not offered.
func (riverTx) Prepare(context.Context, string, string) (*pgconn.StatementDescription, error) {
	return nil, errNotOffered
}
