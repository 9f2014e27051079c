package tenancy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Args are named arguments: @name in the SQL.
type Args = pgx.NamedArgs

var errClosed = errors.New("tenancy: this transaction has ended, or was not made by WithClinic")

const setContext = `select set_config('app.context', $1, true), now()`

// Tx is a transaction inside one clinic, for one actor, with one clock. Only WithClinic and Once make it; a zero Tx panics, a kept one
// answers errClosed. It is opened together with its first statement, which saves a round trip.
type Tx struct {
	db     *DB
	conn   *pgxpool.Conn
	scope  Scope
	once   bool // the first statement is the only one: commit travels with it
	begun  bool
	spent  bool
	closed bool
	now    time.Time
	later  []*pgx.QueuedQuery // what travels with the next statement, or with the commit
	sent   int                // round trips so far
	depth  int                // of savepoints
	topics []Change
}

// Clinic is the clinic this transaction is inside.
func (tx *Tx) Clinic() uuid.UUID { tx.mustBeMade(); return tx.scope.Clinic }

// Actor is who does it.
func (tx *Tx) Actor() Actor { tx.mustBeMade(); return tx.scope.Actor }

// Now is the transaction's time: the database's, or the test's. The first call may open the transaction.
func (tx *Tx) Now(ctx context.Context) (time.Time, error) {
	tx.mustBeMade()
	if tx.db.clock != nil {
		return tx.db.clock().UTC(), nil
	}
	if !tx.begun {
		if err := tx.begin(ctx); err != nil {
			return time.Time{}, err
		}
	}
	return tx.now, nil
}

// Clock is what SQL functions take as p_now: nil means the database's own now().
func (tx *Tx) Clock() *time.Time {
	tx.mustBeMade()
	if tx.db.clock == nil {
		return nil
	}
	t := tx.db.clock().UTC()
	return &t
}

// Announce tells every open page of this clinic, after the commit, that something of this kind changed. Ids only.
func (tx *Tx) Announce(topic string, id uuid.UUID) {
	tx.mustBeMade()
	tx.topics = append(tx.topics, Change{Clinic: tx.scope.Clinic, Topic: topic, ID: id})
}

func (tx *Tx) mustBeMade() {
	if tx == nil || tx.db == nil {
		panic("tenancy: a Tx that WithClinic did not make")
	}
}

func (tx *Tx) ready() error {
	tx.mustBeMade()
	if tx.closed || tx.spent {
		return errClosed
	}
	return nil
}

func (tx *Tx) begin(ctx context.Context) error {
	b := &pgx.Batch{}
	tx.queueBegin(b)
	br := tx.conn.SendBatch(ctx, b)
	err := tx.readBegin(br)
	return errors.Join(err, br.Close())
}

func (tx *Tx) queueBegin(b *pgx.Batch) {
	b.Queue("begin")
	b.Queue(setContext, tx.db.signer.sign(tx.scope, time.Now()))
}

func (tx *Tx) readBegin(br pgx.BatchResults) error {
	tx.begun = true
	if _, err := br.Exec(); err != nil {
		return err
	}
	return br.QueryRow().Scan(nil, &tx.now)
}

// SendBatch sends the statements in one round trip. Read the results in order and close them.
func (tx *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return tx.send(ctx, b, tx.once)
}

// SendLast is SendBatch for a transaction's last statements: the commit travels with them, which saves a round trip. A later statement
// fails, and what is read here stays committed whatever becomes of it: it is for pages, whose only change is the record of the view.
func (tx *Tx) SendLast(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return tx.send(ctx, b, true)
}

func (tx *Tx) send(ctx context.Context, b *pgx.Batch, last bool) pgx.BatchResults {
	if err := tx.ready(); err != nil {
		return failedBatch{err: err}
	}
	tx.sent++
	if tx.begun && !last && len(tx.later) == 0 {
		return tx.conn.SendBatch(ctx, b)
	}
	whole := &pgx.Batch{}
	opens, earlier := !tx.begun, tx.later
	tx.later = nil
	if opens {
		tx.queueBegin(whole)
	}
	whole.QueuedQueries = slices.Concat(whole.QueuedQueries, earlier, b.QueuedQueries)
	if last {
		whole.Queue("commit")
		tx.spent = true
	}
	br := tx.conn.SendBatch(ctx, whole)
	err := error(nil)
	if opens {
		err = tx.readBegin(br)
	}
	if err == nil {
		err = readEarlier(br, earlier)
	}
	if err != nil {
		_ = br.Close()
		return failedBatch{err: err}
	}
	return br
}

// Query runs one statement; close the rows (pgx.CollectRows does).
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	if tx.begun && len(tx.later) == 0 {
		tx.sent++
		return tx.conn.Query(ctx, sql, args...)
	}
	b := &pgx.Batch{}
	b.Queue(sql, args...)
	br := tx.SendBatch(ctx, b)
	rows, err := br.Query()
	if err != nil {
		return nil, errors.Join(err, br.Close())
	}
	return &batchRows{Rows: rows, br: br}, nil
}

// QueryRow runs one statement for one row.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := tx.Query(ctx, sql, args...)
	return oneRow{rows, err}
}

// Exec runs one statement and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := tx.ready(); err != nil {
		return 0, err
	}
	if tx.begun && len(tx.later) == 0 {
		tx.sent++
		tag, err := tx.conn.Exec(ctx, sql, args...)
		return tag.RowsAffected(), err
	}
	b := &pgx.Batch{}
	b.Queue(sql, args...)
	br := tx.SendBatch(ctx, b)
	tag, err := br.Exec()
	return tag.RowsAffected(), errors.Join(err, br.Close())
}

func (tx *Tx) commit(ctx context.Context) error {
	switch {
	case tx.spent, !tx.begun && len(tx.later) == 0:
		return nil
	case len(tx.later) > 0:
		return tx.send(ctx, &pgx.Batch{}, true).Close()
	}
	tag, err := tx.conn.Exec(ctx, "commit")
	if err == nil && tag.String() == "ROLLBACK" { // a failed statement was swallowed: COMMIT then rolls back and says so only here
		return pgx.ErrTxCommitRollback
	}
	return err
}

func (tx *Tx) rollback() {
	if tx.conn.Conn().IsClosed() || tx.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := tx.conn.Exec(ctx, "rollback"); err != nil {
		_ = tx.conn.Conn().Close(ctx)
	}
}

type batchRows struct {
	pgx.Rows
	br  pgx.BatchResults
	err error
}

func (r *batchRows) Close() {
	r.Rows.Close()
	if r.br != nil {
		r.err = r.br.Close()
		r.br = nil
	}
}

func (r *batchRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *batchRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

type oneRow struct {
	rows pgx.Rows
	err  error
}

func (r oneRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

type failedBatch struct {
	pgx.BatchResults
	err error
}

func (f failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, f.err }
func (f failedBatch) Query() (pgx.Rows, error)         { return nil, f.err }
func (f failedBatch) QueryRow() pgx.Row                { return oneRow{nil, f.err} }
func (f failedBatch) Close() error                     { return f.err }
