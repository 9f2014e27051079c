package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"anteroom/domain/calls"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// The jobs. Arguments hold ids only: they stand in the clear in the job tables.

// SweepHolds ends the holds that ran out, in every clinic that has one.
type SweepHolds struct{}

// Kind names the job.
func (SweepHolds) Kind() string { return "sweep_holds" }

// RollHorizon makes the slots of the days that come into view, and forgets old answers.
type RollHorizon struct{}

// Kind names the job.
func (RollHorizon) Kind() string { return "roll_horizon" }

// ProbeWalls attacks the walls between clinics and stores what it found.
type ProbeWalls struct{}

// Kind names the job.
func (ProbeWalls) Kind() string { return "probe_walls" }

type sweeper struct {
	river.WorkerDefaults[SweepHolds]
	db *tenancy.DB
}

func (w *sweeper) Work(ctx context.Context, _ *river.Job[SweepHolds]) error {
	clinics, err := w.db.ClinicsWithEndedHolds(ctx, nil)
	if err != nil {
		return err
	}
	return eachClinic(ctx, w.db, clinics, func(tx *tenancy.Tx) error {
		_, err := scheduling.Sweep(ctx, tx)
		return err
	})
}

type roller struct {
	river.WorkerDefaults[RollHorizon]
	db *tenancy.DB
}

func (w *roller) Timeout(*river.Job[RollHorizon]) time.Duration { return 10 * time.Minute }

func (w *roller) Work(ctx context.Context, _ *river.Job[RollHorizon]) error {
	clinics, err := w.db.AllClinics(ctx)
	if err != nil {
		return err
	}
	return eachClinic(ctx, w.db, clinics, func(tx *tenancy.Tx) error {
		if _, err := scheduling.Roll(ctx, tx); err != nil {
			return err
		}
		_, err := scheduling.ForgetAnswers(ctx, tx)
		return err
	})
}

type prober struct {
	river.WorkerDefaults[ProbeWalls]
	db      *tenancy.DB
	version string
}

func (w *prober) Timeout(*river.Job[ProbeWalls]) time.Duration { return 10 * time.Minute }

func (w *prober) Work(ctx context.Context, _ *river.Job[ProbeWalls]) error {
	report, err := w.db.Verify(ctx, w.version)
	if err != nil {
		return err
	}
	if err := w.db.StoreRun(ctx, report); err != nil {
		return err
	}
	if !report.OK() {
		return fmt.Errorf("the walls do not hold: %d findings, shown on the Isolation page", len(report.Findings))
	}
	return nil
}

// eachClinic runs fn in a transaction of its own for each clinic; one clinic's failure does not stop the others.
func eachClinic(ctx context.Context, db *tenancy.DB, clinics []uuid.UUID, fn func(tx *tenancy.Tx) error) error {
	var failed []error
	for _, id := range clinics {
		scope := tenancy.Scope{Clinic: id, Actor: tenancy.Actor{Kind: tenancy.System, Role: "system"}}
		if err := db.WithClinic(ctx, scope, fn); err != nil {
			failed = append(failed, fmt.Errorf("clinic %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// jobTime is what a job may take that does not say otherwise.
const jobTime = 30 * time.Second

// newWorker makes the job runner. River elects one node that schedules, and each job is made once a period; a slow run may be joined by the
// next one, which every job here bears.
func newWorker(db *tenancy.DB, vault *privacy.Vault, records *calls.Records, version string, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &sweeper{db: db})
	river.AddWorker(workers, &roller{db: db})
	river.AddWorker(workers, &prober{db: db, version: version})
	river.AddWorker(workers, &digester{db: db, records: records})
	river.AddWorker(workers, &inboxSweeper{db: db, records: records})
	river.AddWorker(workers, &ruleKeeper{db: db, records: records})
	river.AddWorker(workers, &rotator{db: db, vault: vault})
	every := func(d time.Duration, args river.JobArgs, atStart bool) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByPeriod: d}}
		}, &river.PeriodicJobOpts{RunOnStart: atStart})
	}
	client, err := river.NewClient(db.JobDriver(), &river.Config{
		Schema:  tenancy.JobSchema,
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		Workers: workers,
		Logger:  slog.New(quietBelow{log.Handler(), slog.LevelWarn}),
		PeriodicJobs: []*river.PeriodicJob{
			every(5*time.Second, SweepHolds{}, true),
			every(time.Hour, RollHorizon{}, true),
			every(time.Hour, SweepInbox{}, false),
			every(10*time.Minute, CatchUpRules{}, true),
			every(24*time.Hour, ProbeWalls{}, true),
		},
		// A job whose process was killed is begun again after this, and not after River's hour: a call is waiting to be made of what was kept.
		JobTimeout:                  jobTime,
		RescueStuckJobsAfter:        jobTime + 5*time.Second,
		CompletedJobRetentionPeriod: time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return client, nil
}

// quietBelow passes only what is at least as loud: River tells of every start and stop at info.
type quietBelow struct {
	slog.Handler
	level slog.Level
}

func (q quietBelow) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= q.level && q.Handler.Enabled(ctx, l)
}

func (q quietBelow) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietBelow{q.Handler.WithAttrs(attrs), q.level}
}

func (q quietBelow) WithGroup(name string) slog.Handler {
	return quietBelow{q.Handler.WithGroup(name), q.level}
}
