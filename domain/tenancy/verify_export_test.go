package tenancy

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// VerifyCatalog is the part of Verify that reads the catalog, on a connection that sees what its own transaction has changed: so one
// database serves for many changes, each undone. It can judge other roles than the program's: roles belong to the whole server, so a
// test must not make anteroom_app itself strong.
func VerifyCatalog(ctx context.Context, conn *pgx.Conn, app, lookup string) (Report, error) {
	p := &probe{conn: conn, roles: roleNames{app: app, lookup: lookup}}
	for _, step := range []func(context.Context) error{p.readCatalog, p.checkTables, p.checkFunctions, p.checkRoles} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	return p.finish(), nil
}
