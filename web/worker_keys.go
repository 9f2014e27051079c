package main

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// rotator takes the change of a clinic's key to its end, piece by piece. One that is stopped goes on where it was.
type rotator struct {
	river.WorkerDefaults[privacy.RotateKeys]
	db    *tenancy.DB
	vault *privacy.Vault
}

func (w *rotator) Timeout(*river.Job[privacy.RotateKeys]) time.Duration { return time.Hour }

func (w *rotator) Work(ctx context.Context, job *river.Job[privacy.RotateKeys]) error {
	scope := tenancy.Scope{Clinic: job.Args.Clinic, Actor: tenancy.Actor{Kind: tenancy.System, Role: "system", RequestID: fmt.Sprintf("job %d", job.ID)}}
	for {
		var wait time.Duration
		var done bool
		err := w.db.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) {
			wait, done, err = w.vault.Advance(ctx, tx, job.Args.Rotation)
			return err
		})
		switch {
		case err != nil:
			return unquoted(err)
		case done:
			return nil
		case wait > 0:
			return river.JobSnooze(wait)
		}
	}
}
