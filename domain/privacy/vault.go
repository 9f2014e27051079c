// Package privacy keeps personal data unreadable at rest. A master key, kept outside the database, wraps the keys of each clinic; those wrap
// a key for each patient. Every sealed value is bound to its clinic, table, column and row: copied anywhere else, it does not open.
package privacy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// cacheLife is how long a process trusts the keys it has read. A rotation adds the new key, waits this long, and only then makes it primary:
// by then every process can open what the new key seals.
const cacheLife = time.Minute

// ErrMasterKey says that a clinic's keys exist and that this master key does not open them.
var ErrMasterKey = errors.New("the master key does not open this clinic's keys: it is not the key they were wrapped with, or the row was changed")

// Vault opens the keys of clinics, and remembers them for a minute. It is safe for use by many goroutines.
type Vault struct {
	master masters
	read   func() ([]byte, error) // the master key as it is written now; nil: it does not change
	life   time.Duration          // how long keys are trusted
	clock  func() time.Time       // the machine's: the life of a cache has nothing to do with the transaction's time
	mu     sync.RWMutex
	cache  map[uuid.UUID]cached
}

// cached holds the opened keys together with the rows they came from, so that an unchanged row is not unwrapped again.
type cached struct {
	keys  *ClinicKeys
	rows  []keyRow
	until time.Time
}

func newVault(m masters) *Vault {
	return &Vault{master: m, life: cacheLife, clock: time.Now, cache: map[uuid.UUID]cached{}}
}

// Cached answers the clinic's keys when this process has read them within the last minute.
func (v *Vault) Cached(clinic uuid.UUID) (*ClinicKeys, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	c, ok := v.cache[clinic]
	if !ok || !v.clock().Before(c.until) {
		return nil, false
	}
	return c.keys, true
}

type keyRow struct {
	ID      uuid.UUID
	Purpose string
	Wrapped []byte
	Current bool
	Settled bool // committed before this transaction looked, as far as can be told
}

// A row that this very transaction made carries its now(). Its keys must not be remembered: the transaction may yet be undone, and
// what others sealed with them would be lost.
const selectKeys = `
select id, purpose, wrapped, retired_at is null as current, created_at <> now() as settled
  from clinic_keys where clinic_id = @clinic order by retired_at desc nulls first, id desc`

// Two transactions that both find no keys both insert; the second waits for the first on clinic_keys_current, then does nothing.
const insertKeys = `
insert into clinic_keys (clinic_id, id, purpose, wrapped) values (@clinic, @data, 'data', @wrapped_data), (@clinic, @index, 'index', @wrapped_index)
on conflict (clinic_id, purpose) where retired_at is null do nothing`

// Clinic answers the opened keys of the transaction's clinic, and makes them on first use. Remembered keys cost no round trip, others one,
// the first use two. A master key that does not fit is ErrMasterKey; new keys are never made over old ones.
func (v *Vault) Clinic(ctx context.Context, tx *tenancy.Tx) (*ClinicKeys, error) {
	clinic := tx.Clinic()
	if keys, ok := v.Cached(clinic); ok {
		return keys, nil
	}
	rows, err := readKeys(ctx, tx, selectKeys)
	if err != nil {
		return nil, err
	}
	if !complete(rows) {
		if rows, err = v.create(ctx, tx); err != nil {
			return nil, err
		}
	}
	return v.open(clinic, rows)
}

// fresh answers the keys as they are now, whatever is remembered.
func (v *Vault) fresh(ctx context.Context, tx *tenancy.Tx) (*ClinicKeys, error) {
	rows, err := readKeys(ctx, tx, selectKeys)
	if err != nil {
		return nil, err
	}
	return v.open(tx.Clinic(), rows)
}

func readKeys(ctx context.Context, tx *tenancy.Tx, sql string) ([]keyRow, error) {
	found, err := tx.Query(ctx, sql, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("read the clinic's keys: %w", err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fmt.Errorf("read the clinic's keys: %w", err)
	}
	return rows, nil
}

func complete(rows []keyRow) bool {
	has := func(purpose string) bool {
		return slices.ContainsFunc(rows, func(r keyRow) bool { return r.Current && r.Purpose == purpose })
	}
	return has(purposeData) && has(purposeIndex)
}

func (v *Vault) create(ctx context.Context, tx *tenancy.Tx) ([]keyRow, error) {
	clinic, dataID, indexID, master := tx.Clinic(), tenancy.NewID(), tenancy.NewID(), v.masterNow()
	wrappedData, err := newDataKey(master, clinic, dataID)
	if err != nil {
		return nil, err
	}
	wrappedIndex, err := newIndexKey(master, clinic, indexID)
	if err != nil {
		return nil, err
	}
	b := &pgx.Batch{}
	b.Queue(insertKeys, tenancy.Args{"clinic": clinic, "data": dataID, "wrapped_data": wrappedData, "index": indexID, "wrapped_index": wrappedIndex})
	b.Queue(selectKeys, tenancy.Args{"clinic": clinic})
	br := tx.SendBatch(ctx, b)
	rows, err := readCreated(br)
	if err = errors.Join(err, br.Close()); err != nil {
		return nil, fmt.Errorf("make the clinic's keys: %w", err)
	}
	return rows, nil
}

func readCreated(br pgx.BatchResults) ([]keyRow, error) {
	if _, err := br.Exec(); err != nil {
		return nil, err
	}
	found, err := br.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByName[keyRow])
}

// open unwraps the rows unless the very same ones have been unwrapped before.
func (v *Vault) open(clinic uuid.UUID, rows []keyRow) (*ClinicKeys, error) {
	v.mu.RLock()
	old, ok := v.cache[clinic]
	v.mu.RUnlock()
	keys := old.keys
	if !ok || !slices.EqualFunc(old.rows, rows, sameKey) {
		var err error
		keys, err = unwrapClinic(v.masterKnown(), clinic, rows)
		if errors.Is(err, ErrMasterKey) && v.read != nil { // perhaps it was changed since
			keys, err = unwrapClinic(v.masterNow(), clinic, rows)
		}
		if err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(rows, func(r keyRow) bool { return !r.Settled }) {
		return keys, nil
	}
	v.mu.Lock()
	v.cache[clinic] = cached{keys: keys, rows: rows, until: v.clock().Add(v.life)}
	v.mu.Unlock()
	return keys, nil
}

func sameKey(a, b keyRow) bool {
	return a.ID == b.ID && a.Purpose == b.Purpose && a.Current == b.Current && bytes.Equal(a.Wrapped, b.Wrapped)
}
