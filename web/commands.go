package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// MigrateCmd brings the schema up to date; any number of them may run at once.
type MigrateCmd struct {
	RetireContextKeys bool `help:"Afterwards let the database believe no other ANTEROOM_CONTEXT_KEY than this one: the last step of changing it, when every server has the new one."`
}

// Run migrates. The context key that it runs with is believed from then on, beside those before it.
func (m MigrateCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{migrate: true, share: true, quiet: true})
	if err != nil {
		return err
	}
	defer h.Close()
	fmt.Println("The schema is up to date.")
	if !m.RetireContextKeys {
		return nil
	}
	n, err := tenancy.RetireContextKeys(ctx, h.ownerDSN, h.signer)
	if err == nil {
		fmt.Printf("Context keys retired: %d.\n", n)
	}
	return err
}

// DSNCmd prints where the local database is.
type DSNCmd struct{}

// Run prints the owner's connection string.
func (DSNCmd) Run(context.Context) error {
	cfg, err := loadConfig(false)
	if err != nil {
		return err
	}
	if cfg.DatabaseURL != "" {
		fmt.Println(cfg.DatabaseURL)
		return nil
	}
	dsn, err := localOwnerDSN(cfg.DataDir)
	if err == nil {
		fmt.Println(dsn)
	}
	return err
}

// TestDBCmd runs a command beside a throwaway server.
type TestDBCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// Run passes the command's exit code on.
func (c TestDBCmd) Run(ctx context.Context) error {
	if code := runWithTestDB(ctx, c.Args); code != 0 {
		os.Exit(code)
	}
	return nil
}

// VerifyCmd proves and attacks the walls.
type VerifyCmd struct {
	JSON bool `help:"Print the whole report as JSON."`
	Demo bool `help:"Make the demo clinics first, so that every table has rows to attack."`
}

// Run exits 0 only if every wall holds. The result is stored and shown on the Isolation page.
func (v VerifyCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{demo: v.Demo, share: true, quiet: true})
	if err != nil {
		return err
	}
	defer h.Close()
	if v.Demo {
		if _, err := h.seedDemo(ctx); err != nil {
			return err
		}
	}
	report, err := h.db.Verify(ctx, version)
	if err != nil {
		return err
	}
	if err := h.db.StoreRun(ctx, report); err != nil {
		return err
	}
	if v.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(report)
	} else {
		report.Text(os.Stdout)
	}
	if err == nil && !report.OK() {
		err = errors.New("the walls do not hold")
	}
	return err
}

func inOne(ctx context.Context, clinic string, fn func(tx *tenancy.Tx) error) error {
	return operate(ctx, func(h *house) error {
		id, err := h.clinicBySlug(ctx, clinic)
		if err != nil {
			return err
		}
		return h.db.WithClinic(ctx, operator(id), fn)
	})
}

// operate runs a command of the platform's operator, beside a running server or without one.
func operate(ctx context.Context, fn func(h *house) error) error {
	h, err := openHouse(ctx, openOptions{share: true, quiet: true})
	if err != nil {
		return err
	}
	return errors.Join(fn(h), h.Close())
}

func operator(clinic uuid.UUID) tenancy.Scope {
	return tenancy.Scope{Clinic: clinic, Actor: tenancy.Actor{Kind: tenancy.System, Role: "operator", RequestID: "command"}}
}

// clinicBySlug asks each clinic for its own slug: the program has no way to read them all at once.
func (h *house) clinicBySlug(ctx context.Context, slug string) (uuid.UUID, error) {
	ids, err := h.db.AllClinics(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	for _, id := range ids {
		var c scheduling.Clinic
		err := h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) (err error) { c, err = scheduling.LoadClinic(ctx, tx); return err })
		if err != nil {
			return uuid.Nil, err
		}
		if c.Slug == slug || c.ID.String() == slug {
			return id, nil
		}
	}
	return uuid.Nil, fmt.Errorf("there is no clinic %q", slug)
}
