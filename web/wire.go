package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/migrations"
)

// version is set by the build.
var version = "dev"

// house is everything that a command needs, opened once and closed in reverse.
type house struct {
	Config
	log      *slog.Logger
	local    *LocalDB // nil beside a database of one's own
	ownerDSN string
	db       *tenancy.DB
	signer   *tenancy.Signer
	vault    *privacy.Vault
	patients *patients.Directory
	desk     *scheduling.Desk
}

type openOptions struct {
	demo    bool
	migrate bool // bring the schema up to date; always so for the local database and the demo
	share   bool // may run beside a running serve
	quiet   bool
	conns   int // at most so many connections; 0 is the default
}

// openHouse opens the database as the weak role, starting the local one when none is given.
func openHouse(ctx context.Context, opt openOptions) (*house, error) {
	cfg, err := loadConfig(opt.demo)
	if err != nil {
		return nil, err
	}
	level := cfg.level
	if opt.quiet {
		level = max(level, slog.LevelWarn)
	}
	h := &house{Config: cfg, log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))}
	slog.SetDefault(h.log)
	if err := h.open(ctx, opt); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// serveConns is how many connections a server has at most.
const serveConns = 20

func (h *house) open(ctx context.Context, opt openOptions) error {
	var err error
	if h.signer, err = tenancy.NewSigner(h.contextKey); err != nil {
		return err
	}
	if h.vault, err = privacy.NewVault(h.masterKey, h.olderMasters...); err != nil {
		return err
	}
	if path, err := h.masterFile(); err == nil && path != "" && len(h.olderMasters) == 0 {
		h.vault.Watch(func() ([]byte, error) { return readSecret("the master key", path) })
	}
	h.ownerDSN = h.DatabaseURL
	if h.ownerDSN == "" {
		if h.local, err = startLocalDB(ctx, h.DataDir, LocalDBOptions{Share: opt.share, Log: h.log}); err != nil {
			return err
		}
		h.ownerDSN = h.local.OwnerDSN()
		opt.migrate = opt.migrate || !opt.share
	}
	if opt.migrate || opt.demo {
		if err := tenancy.Migrate(ctx, h.ownerDSN, h.appPassword(), migrations.FS, h.signer); err != nil {
			return err
		}
	}
	dsn, err := h.appDSN(h.ownerDSN)
	if err != nil {
		return err
	}
	conns := opt.conns
	if conns == 0 {
		conns = serveConns
	}
	if h.db, err = tenancy.Open(ctx, dsn, h.signer, tenancy.Options{MaxConns: conns}); err != nil {
		return err
	}
	h.patients = patients.New(h.vault)
	h.desk = scheduling.NewDesk(h.vault, h.patients)
	return h.mustBeCurrent(ctx)
}

// mustBeCurrent refuses an old schema, and one newer than this program.
func (h *house) mustBeCurrent(ctx context.Context) error {
	have, err := h.db.SchemaVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	want, err := tenancy.NewestMigration(migrations.FS)
	if err != nil {
		return err
	}
	switch {
	case have < want:
		return fmt.Errorf("the database is at schema %d and this program needs %d: run `anteroom migrate` first", have, want)
	case have > want:
		return fmt.Errorf("the database is at schema %d, newer than this program's %d: use a newer program", have, want)
	}
	return nil
}

// Close closes the database handle, and stops the local server if this process started it.
func (h *house) Close() error {
	if h.db != nil {
		h.db.Close()
	}
	if h.local != nil {
		if err := h.local.Stop(); err != nil {
			return errors.Join(errors.New("stop the local database"), err)
		}
	}
	return nil
}
