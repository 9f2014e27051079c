package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// RotateKeys is the job that takes a clinic's key rotation to its end.
type RotateKeys struct {
	Clinic   uuid.UUID `json:"clinic"`
	Rotation uuid.UUID `json:"rotation"`
}

// Kind names the job.
func (RotateKeys) Kind() string { return "rotate_keys" }

// Rotation is one change of a clinic's data key.
type Rotation struct {
	ID          uuid.UUID
	KeyID       *uuid.UUID
	StartedAt   time.Time
	ActivatedAt *time.Time // from here on the new key seals
	Place       int
	After       *uuid.UUID
	Looked      int64 // values looked at
	Resealed    int64 // values that the old key had sealed
	FinishedAt  *time.Time
}

const selectRotation = `select id, key_id, started_at, activated_at, place, after, looked, resealed, finished_at from key_rotations where clinic_id = @clinic`

// grace is how long the keys that a process has read may still be in use: the life of the cache, and the longest transaction on top, which is a job's
// minute. Too short, and what a slow one seals last is lost with the key that sealed it.
func (v *Vault) grace() time.Duration { return 2 * v.life }

// StartRotation makes the clinic a new data key, which only opens for now, and enqueues the job that does the rest. One that is under way already is
// answered again. Admins and the operator only. Recorded as keys.rotation-started.
func (v *Vault) StartRotation(ctx context.Context, tx *tenancy.Tx) (Rotation, error) {
	if err := mustHoldKeys(tx); err != nil {
		return Rotation{}, err
	}
	if _, err := v.Clinic(ctx, tx); err != nil { // makes the first keys, if there are none
		return Rotation{}, err
	}
	r, err := rotation(ctx, tx, ` and kind = 'clinic' and finished_at is null`, tenancy.Args{})
	if err == nil || !tenancy.IsNone(err) {
		return r, err
	}
	key, id := tenancy.NewID(), tenancy.NewID()
	wrapped, err := newDataKey(v.masterNow(), tx.Clinic(), key)
	if err != nil {
		return Rotation{}, err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": id, "key": key, "wrapped": wrapped}
	b := &pgx.Batch{}
	// It is not the current one: to open with it every process must have read it, and that takes a while.
	b.Queue(`insert into clinic_keys (clinic_id, id, purpose, wrapped, retired_at) values (@clinic, @key, 'data', @wrapped, clock_timestamp())`, args)
	b.Queue(`insert into key_rotations (clinic_id, id, kind, key_id) values (@clinic, @id, 'clinic', @key)`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Rotation{}, fmt.Errorf("start a key rotation: %w", err)
	}
	if err := tx.Enqueue(ctx, RotateKeys{Clinic: tx.Clinic(), Rotation: id}, time.Now().Add(v.grace())); err != nil {
		return Rotation{}, err
	}
	if err := audit.Record(ctx, tx, audit.Event{Action: "keys.rotation-started", SubjectKind: "clinic-key", SubjectID: key}); err != nil {
		return Rotation{}, err
	}
	return rotation(ctx, tx, ` and id = @id`, tenancy.Args{"id": id})
}

func mustHoldKeys(tx *tenancy.Tx) error {
	actor := tx.Actor()
	if actor.Kind == tenancy.System || actor.Kind == tenancy.User && actor.Role == "admin" {
		return nil
	}
	return fault.New(fault.Forbidden, "admins-only", "Only a practice admin can change the keys.")
}

func rotation(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) (Rotation, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, selectRotation+where, args)
	if err != nil {
		return Rotation{}, fmt.Errorf("read a key rotation: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Rotation])
	if err != nil {
		return Rotation{}, fmt.Errorf("read a key rotation: %w", err)
	}
	return r, nil
}

// Rotations are the clinic's, the newest first.
func Rotations(ctx context.Context, tx *tenancy.Tx) ([]Rotation, error) {
	rows, err := tx.Query(ctx, selectRotation+` and kind = 'clinic' order by started_at desc`, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("read the key rotations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Rotation])
	if err != nil {
		return nil, fmt.Errorf("read the key rotations: %w", err)
	}
	return list, nil
}

// resealBatch is how many values one transaction looks at.
const resealBatch = 500

// Advance does the next piece of a rotation, each in a transaction of its own: call it until it is done. A wait says how long to leave it alone first:
// other processes still open, or still seal, with what they have read.
func (v *Vault) Advance(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (wait time.Duration, done bool, err error) {
	r, err := rotation(ctx, tx, ` and id = @id for update`, tenancy.Args{"id": id})
	if err != nil || r.FinishedAt != nil {
		return 0, err == nil, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		return 0, false, fmt.Errorf("ask for the time: %w", err)
	}
	switch {
	case r.ActivatedAt == nil && now.Before(r.StartedAt.Add(v.grace())):
		return r.StartedAt.Add(v.grace()).Sub(now), false, nil
	case r.ActivatedAt == nil:
		return v.grace(), false, v.activate(ctx, tx, r)
	case now.Before(r.ActivatedAt.Add(v.grace())):
		return r.ActivatedAt.Add(v.grace()).Sub(now), false, nil
	case r.Place < len(sealedColumns):
		return 0, false, v.resealSome(ctx, tx, r)
	}
	return 0, true, v.finish(ctx, tx, r)
}

// activate makes the new key the one that seals.
func (v *Vault) activate(ctx context.Context, tx *tenancy.Tx, r Rotation) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": r.ID, "key": r.KeyID}
	b := &pgx.Batch{}
	b.Queue(`update clinic_keys set retired_at = clock_timestamp() where clinic_id = @clinic and purpose = 'data' and retired_at is null`, args)
	b.Queue(`update clinic_keys set retired_at = null where clinic_id = @clinic and id = @key`, args)
	b.Queue(`update key_rotations set activated_at = clock_timestamp() where clinic_id = @clinic and id = @id`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("activate a key: %w", err)
	}
	return audit.Record(ctx, tx, audit.Event{Action: "keys.activated", SubjectKind: "clinic-key", SubjectID: *r.KeyID})
}

// resealSome looks at the next values of one column. A value that is written meanwhile is left alone: whoever writes by now seals with the new key.
func (v *Vault) resealSome(ctx context.Context, tx *tenancy.Tx, r Rotation) error {
	keys, err := v.fresh(ctx, tx)
	if err != nil {
		return err
	}
	c := sealedColumns[r.Place]
	values, err := c.read(ctx, tx, ` and not (`+c.under+`) and (@after::uuid is null or `+c.row+` > @after) order by `+c.row+fmt.Sprintf(` limit %d`, resealBatch), tenancy.Args{"after": r.After})
	if err != nil {
		return err
	}
	next := tenancy.Args{"clinic": tx.Clinic(), "id": r.ID, "place": r.Place, "after": r.After, "looked": len(values), "resealed": 0}
	old := values[:0]
	for _, s := range values {
		next["after"] = s.Row
		if !keys.sealedNow(c.field(s.Row), s.Value) {
			old = append(old, s)
		}
	}
	if len(values) < resealBatch {
		next["place"], next["after"] = r.Place+1, nil
	}
	next["resealed"] = len(old)
	if err := c.reseal(ctx, tx, old, keys, keys); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update key_rotations set place = @place, after = @after, looked = looked + @looked, resealed = resealed + @resealed
where clinic_id = @clinic and id = @id`, next)
	if err != nil {
		return fmt.Errorf("note how far a key rotation is: %w", err)
	}
	return nil
}

// finish destroys the keys that nothing is sealed with any more.
func (v *Vault) finish(ctx context.Context, tx *tenancy.Tx, r Rotation) error {
	args := tenancy.Args{"clinic": tx.Clinic(), "id": r.ID}
	b := &pgx.Batch{}
	b.Queue(`update clinic_keys set wrapped = '' where clinic_id = @clinic and purpose = 'data' and retired_at is not null`, args)
	b.Queue(`update key_rotations set finished_at = clock_timestamp() where clinic_id = @clinic and id = @id`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("finish a key rotation: %w", err)
	}
	return audit.Record(ctx, tx, audit.Event{Action: "keys.rotation-finished", SubjectKind: "clinic-key", SubjectID: *r.KeyID})
}

type sealedValue struct {
	Row   uuid.UUID
	Value []byte
}

func (c sealedColumn) field(row uuid.UUID) Field {
	return Field{Table: c.table, Column: c.column, Row: row}
}

func (c sealedColumn) read(ctx context.Context, tx *tenancy.Tx, where string, args tenancy.Args) ([]sealedValue, error) {
	args["clinic"] = tx.Clinic()
	rows, err := tx.Query(ctx, `select `+c.row+` as row, `+c.column+` as value from `+c.table+` where clinic_id = @clinic and `+c.column+` is not null`+where, args)
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", c.table, c.column, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowToStructByName[sealedValue])
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", c.table, c.column, err)
	}
	return values, nil
}

type sealer interface {
	Seal(f Field, plain []byte) ([]byte, error)
	Open(f Field, sealed []byte) ([]byte, error)
}

// reseal changes a value only where it still is what was read.
func (c sealedColumn) reseal(ctx context.Context, tx *tenancy.Tx, values []sealedValue, from, to sealer) error {
	if len(values) == 0 {
		return nil
	}
	rows, before, after := make([]uuid.UUID, len(values)), make([][]byte, len(values)), make([][]byte, len(values))
	for i, s := range values {
		plain, err := from.Open(c.field(s.Row), s.Value)
		if err != nil {
			return err
		}
		rows[i], before[i] = s.Row, s.Value
		if after[i], err = to.Seal(c.field(s.Row), plain); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `update `+c.table+` t set `+c.column+` = n.after from unnest(@rows::uuid[], @before::bytea[], @after::bytea[]) as n (row, before, after)
where t.clinic_id = @clinic and t.`+c.row+` = n.row and t.`+c.column+` = n.before`, tenancy.Args{"clinic": tx.Clinic(), "rows": rows, "before": before, "after": after})
	if err != nil {
		return fmt.Errorf("seal %s.%s anew: %w", c.table, c.column, err)
	}
	return nil
}
