package tenancy

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// JobSchema is where River keeps its tables: they hold ids only, and belong to no clinic.
const JobSchema = "river"

// Migrate prepares the roles, applies every migration once (any number of runners may try at the same time) and installs the context key.
func Migrate(ctx context.Context, ownerDSN, appPassword string, files fs.FS, s *Signer) error {
	cfg, err := pgx.ParseConfig(ownerDSN)
	if err != nil {
		return fmt.Errorf("the owner's database address cannot be read")
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect as the owner: %w", err)
	}
	defer conn.Close(ctx)
	if err := Prepare(ctx, conn, appPassword); err != nil {
		return err
	}
	cfg.RuntimeParams["role"] = OwnerRole // tables belong to the owner, whoever runs the migration
	if err := migrateTables(ctx, cfg, files); err != nil {
		return err
	}
	if err := migrateJobs(ctx, cfg); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "set role "+OwnerRole); err != nil {
		return fmt.Errorf("become the owner: %w", err)
	}
	return InstallContextKey(ctx, conn, s)
}

func migrateTables(ctx context.Context, cfg *pgx.ConnConfig, files fs.FS) error {
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	p, err := provider(db, files)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func provider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("migration lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

func migrateJobs(ctx context.Context, cfg *pgx.ConnConfig) error {
	poolCfg, err := pgxpool.ParseConfig(cfg.ConnString())
	if err != nil {
		return fmt.Errorf("the owner's database address cannot be read")
	}
	poolCfg.ConnConfig.RuntimeParams["role"] = OwnerRole
	poolCfg.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(ctx, poolCfg)
	if err != nil {
		return fmt.Errorf("connect for the job tables: %w", err)
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "create schema if not exists "+JobSchema); err != nil && !IsUnique(err) {
		return fmt.Errorf("create the job schema: %w", err)
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: JobSchema})
	if err != nil {
		return fmt.Errorf("job migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job tables: %w", err)
	}
	_, err = pool.Exec(ctx, `grant usage on schema river to anteroom_app;
		grant select, insert, update, delete on all tables in schema river to anteroom_app;
		grant usage, select on all sequences in schema river to anteroom_app;
		revoke all on river.river_migration from anteroom_app;
		grant select on river.river_migration to anteroom_app;
		alter function river.river_job_state_in_bitmask set search_path = pg_catalog, pg_temp;
		revoke execute on all functions in schema river from public;
		grant execute on all functions in schema river to anteroom_app`)
	if err != nil {
		return fmt.Errorf("grant the job tables: %w", err)
	}
	return nil
}

// SchemaVersion is the number of the newest migration applied, and NewestMigration the newest one that this program knows.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) {
	var v int64
	err := db.pool.QueryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&v)
	if hasCode(err, "42P01") { // no such table: never migrated
		return 0, nil
	}
	return v, err
}

// NewestMigration is the highest number among files.
func NewestMigration(files fs.FS) (int64, error) {
	sources, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, name := range sources {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", name, err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}
