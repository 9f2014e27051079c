package tenancy

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The roles of the database. Roles belong to the cluster, so they are made here and not in a migration.
const (
	OwnerRole  = "anteroom_owner"
	AppRole    = "anteroom_app"
	LookupRole = "anteroom_lookup"
)

// Prepare makes the roles, closes the database to everybody else and gives the program's role its password. The connection must be
// a superuser's, or that of a role that owns the database and may create roles. It may run any number of times.
func Prepare(ctx context.Context, owner *pgx.Conn, appPassword string) error {
	for _, role := range []struct{ name, attributes string }{
		{OwnerRole, "nologin nosuperuser nobypassrls"},
		{LookupRole, "nologin nosuperuser nobypassrls noinherit nocreatedb nocreaterole"},
		{AppRole, "login nosuperuser nobypassrls noinherit nocreatedb nocreaterole"},
	} {
		if err := ensureRole(ctx, owner, role.name, role.attributes); err != nil {
			return err
		}
	}
	// The password travels as a bound parameter: format() quotes it inside the server.
	var alter string
	if err := owner.QueryRow(ctx, `select format('alter role %I password %L', $1::text, $2::text)`, AppRole, appPassword).Scan(&alter); err != nil {
		return fmt.Errorf("prepare the program's password: %w", err)
	}
	if err := again(func() error { _, err := owner.Exec(ctx, alter); return err }); err != nil {
		return errors.New("set the program's password: refused by the database")
	}
	return grantDatabase(ctx, owner)
}

func ensureRole(ctx context.Context, owner *pgx.Conn, name, attributes string) error {
	var exists bool
	if err := owner.QueryRow(ctx, `select exists (select from pg_roles where rolname = $1)`, name).Scan(&exists); err != nil {
		return fmt.Errorf("look for role %s: %w", name, err)
	}
	if exists {
		return nil
	}
	_, err := owner.Exec(ctx, "create role "+name+" "+attributes)
	if hasCode(err, "42710") || IsUnique(err) { // another runner was faster
		return nil
	}
	if err != nil {
		return fmt.Errorf("create role %s: %w", name, err)
	}
	return nil
}

func grantDatabase(ctx context.Context, owner *pgx.Conn) error {
	var me, database string
	var version int
	err := owner.QueryRow(ctx, `select current_user::text, quote_ident(current_database()), current_setting('server_version_num')::int`).Scan(&me, &database, &version)
	if err != nil {
		return fmt.Errorf("ask for the database: %w", err)
	}
	member := func(role, to, inherit string) string {
		if version >= 160000 {
			return "grant " + role + " to " + to + " with set true, inherit " + inherit
		}
		return "grant " + role + " to " + to
	}
	grants := []string{
		"revoke all on database " + database + " from public",
		"grant connect on database " + database + " to " + AppRole,
		"grant connect, create on database " + database + " to " + OwnerRole,
		"revoke create on schema public from public",
		"grant usage, create on schema public to " + OwnerRole,
		// So that functions can be given to it, and so that a migration can then still revoke them from PUBLIC: without INHERIT that is
		// only a warning since PostgreSQL 16.
		member(LookupRole, OwnerRole, "true"),
	}
	if me != OwnerRole {
		grants = append(grants, member(OwnerRole, pgx.Identifier{me}.Sanitize(), "false"))
	}
	for _, sql := range grants {
		if err := again(func() error { _, err := owner.Exec(ctx, sql); return err }); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// again repeats a catalog change that met a concurrent one ("tuple concurrently updated", XX000), as several runners do at the start.
func again(fn func() error) error {
	var err error
	for range 20 {
		err = fn()
		var pg *pgconn.PgError
		if err == nil || !errors.As(err, &pg) || pg.Code != "XX000" {
			return err
		}
	}
	return err
}

// InstallContextKey puts the signer's key into the database, where only app.current_clinic() reads it. The connection is the owner's.
func InstallContextKey(ctx context.Context, owner *pgx.Conn, s *Signer) error {
	ipad, opad := s.pads()
	_, err := owner.Exec(ctx, `insert into app.context_keys (kid, ipad, opad) values ($1, $2, $3) on conflict (kid) do nothing`, s.kid, ipad, opad)
	if err != nil {
		return fmt.Errorf("install the context key: %w", err)
	}
	return nil
}

// RetireContextKeys removes every context key but the signer's, and answers how many. Servers that still sign with one of them see no
// rows from then on: it is the last step of a rotation, when all of them have the new key.
func RetireContextKeys(ctx context.Context, ownerDSN string, s *Signer) (int64, error) {
	owner, err := pgx.Connect(ctx, ownerDSN)
	if err != nil {
		return 0, fmt.Errorf("connect as the owner: %w", err)
	}
	defer owner.Close(ctx)
	if _, err := owner.Exec(ctx, "set role "+OwnerRole); err != nil {
		return 0, fmt.Errorf("become the owner: %w", err)
	}
	tag, err := owner.Exec(ctx, `delete from app.context_keys where kid <> $1`, s.kid)
	if err != nil {
		return 0, fmt.Errorf("retire context keys: %w", err)
	}
	return tag.RowsAffected(), nil
}

// AppDSN is the owner's address with the program's role and password in it.
func AppDSN(ownerDSN, appPassword string) (string, error) {
	u, err := url.Parse(ownerDSN)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "", errors.New("the database address must have the form postgres://user:password@host:port/database")
	}
	u.User = url.UserPassword(AppRole, appPassword)
	return u.String(), nil
}
