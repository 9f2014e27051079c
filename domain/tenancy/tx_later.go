package tenancy

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// Later runs a statement whose answer nobody waits for: it travels with the next statement, or with the commit, in the order given. That
// saves a round trip. What it fails with is the failure of what it travels with.
func (tx *Tx) Later(sql string, args ...any) error {
	b := &pgx.Batch{}
	b.Queue(sql, args...)
	return tx.LaterAll(b)
}

// LaterAll is Later for several statements. What they answer is not read.
func (tx *Tx) LaterAll(b *pgx.Batch) error {
	if err := tx.ready(); err != nil {
		return err
	}
	tx.later = append(tx.later, b.QueuedQueries...)
	return nil
}

// readEarlier reads past what was sent later than it was asked for.
func readEarlier(br pgx.BatchResults, earlier []*pgx.QueuedQuery) error {
	for range earlier {
		if _, err := br.Exec(); err != nil {
			return err
		}
	}
	return nil
}

// Savepoint runs fn so that its failure undoes only what fn did. Savepoints may stand inside each other. It costs no round trip of its own, and
// nothing at all when fn asks the database nothing.
func (tx *Tx) Savepoint(ctx context.Context, fn func() error) error {
	tx.mustBeMade()
	tx.depth++
	defer func() { tx.depth-- }()
	name := "s" + strconv.Itoa(tx.depth)
	before, sent := len(tx.later), tx.sent
	if err := tx.Later("savepoint " + name); err != nil {
		return err
	}
	err := fn()
	switch {
	case err == nil:
		return tx.Later("release savepoint " + name)
	case tx.sent == sent: // it has not begun yet
		tx.later = tx.later[:before]
		return err
	}
	tx.later = nil // what waits is from inside
	if _, undo := tx.Exec(ctx, "rollback to savepoint "+name); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}
