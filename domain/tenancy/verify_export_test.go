package tenancy

import "context"

// VerifyAs judges other roles than the program's: roles belong to the whole server, so a test must not make anteroom_app itself strong.
func (db *DB) VerifyAs(ctx context.Context, app, lookup string) (Report, error) {
	return db.verify(ctx, "test", roleNames{app: app, lookup: lookup})
}
