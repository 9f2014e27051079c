package patients

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

type mergeRow struct {
	Merge
	Details []byte
	Moved   moved
}

const mergeColumns = `m.id, m.kept_id, m.merged_id, m.actor, coalesce(t.name, '') as actor_name, m.at, m.undo_until, m.undone_at`

const selectMerge = `select ` + mergeColumns + `, m.details, m.moved
  from patient_merges m left join app.team() t on m.actor = 'user:' || t.person_id::text where m.clinic_id = @clinic and m.id = @id`

const laterMerge = `select exists (select from patient_merges where clinic_id = @clinic and kept_id = @kept and undone_at is null and (at, id) > (@at, @id))`

const markUndone = `update patient_merges set undone_at = @now where clinic_id = @clinic and id = @id and undone_at is null returning id`

// The record stands again, and so do those stand behind it that had been merged into it before.
const restorePatients = `update patients set merged_into = case when id = @merged then null else @merged::uuid end, version = version + 1, updated_at = @now
 where clinic_id = @clinic and id = any(@ids::uuid[]) and merged_into = @kept`

// Unmerge takes a merge back: every row that went over, with what came of it since, returns; what is new stays with the kept patient. A field
// of the kept record goes back to what it was unless somebody changed it after the merge. Expired ("undo-over") after UndoMerge; a Conflict
// when it was undone before, when one of the two was erased or merged again, or when another record was merged into the kept one since: that
// merge is undone first. Audited as patient.unmerged.
func (d *Directory) Unmerge(ctx context.Context, tx *tenancy.Tx, mergeID uuid.UUID) (Merge, error) {
	m, err := oneMerge(ctx, tx, mergeID)
	if err != nil {
		return Merge{}, err
	}
	p, err := d.lockPair(ctx, tx, m.KeptID, m.MergedID)
	if err != nil {
		return Merge{}, err
	}
	if m, err = oneMerge(ctx, tx, mergeID); err != nil { // as it is now that nobody else can undo it
		return Merge{}, err
	}
	if err := p.mayUnmerge(ctx, tx, m); err != nil {
		return Merge{}, err
	}
	was, err := openDetails(p.keptKey, m.ID, m.Details)
	if err != nil {
		return Merge{}, err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": m.ID, "kept": m.KeptID, "merged": m.MergedID, "now": p.now, "ids": m.Moved["patients"]}
	if _, err := ids(ctx, tx, markUndone, args); err != nil {
		return Merge{}, err
	}
	if _, err := tx.Exec(ctx, restorePatients, args); err != nil {
		return Merge{}, fmt.Errorf("restore the merged record: %w", err)
	}
	if _, err := p.move(ctx, tx, p.kept.ID, p.other.ID, p.keptKey, p.otherKey, m.Moved); err != nil {
		return Merge{}, err
	}
	if err := p.write(ctx, tx, "patient.unmerged", was.restored(p.kept.Details)); err != nil {
		return Merge{}, err
	}
	also, err := aliases(ctx, tx, p.otherKey, p.other.ID)
	if err != nil {
		return Merge{}, err
	}
	b := &pgx.Batch{}
	queueTokens(b, tx.Clinic(), p.other.ID, p.keys, append(also, p.other.Details))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return Merge{}, fmt.Errorf("find the merged record again: %w", err)
	}
	tx.Announce("schedule", p.kept.ID)
	m.UndoneAt = &p.now
	return m.Merge, nil
}

func oneMerge(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (mergeRow, error) {
	rows, err := tx.Query(ctx, selectMerge, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return mergeRow{}, fmt.Errorf("read a merge: %w", err)
	}
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[mergeRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return mergeRow{}, fault.New(fault.NotFound, "no-merge", "There is no such merge.")
	}
	if err != nil {
		return mergeRow{}, fmt.Errorf("read a merge: %w", err)
	}
	return m, nil
}

func (p pair) mayUnmerge(ctx context.Context, tx *tenancy.Tx, m mergeRow) error {
	conflict := func(code, words string) error { return fault.New(fault.Conflict, code, words) }
	switch {
	case m.UndoneAt != nil:
		return conflict("merge-undone", "This merge was undone before. Nothing was changed.")
	case !p.now.Before(m.UndoUntil):
		return fault.New(fault.Expired, "undo-over", "A merge can be undone for 30 days, and these are over.")
	case p.kept.Erased || p.other.Erased:
		return conflict("patient-erased", "The patient was erased since, so there is nothing left to take apart.")
	case p.kept.MergedInto != nil:
		return conflict("merged-again", "The kept record was itself merged into another one since. Undo that merge first.")
	}
	var later bool
	args := tenancy.Args{"clinic": tx.Clinic(), "kept": m.KeptID, "at": m.At, "id": m.ID}
	if err := tx.QueryRow(ctx, laterMerge, args).Scan(&later); err != nil {
		return fmt.Errorf("look for later merges: %w", err)
	}
	if later {
		return conflict("later-merge", "Another record was merged into this one since. Undo that merge first.")
	}
	return nil
}

// restored are the kept record's details without the merge: what was changed after it stays.
func (d mergedDetails) restored(now Details) Details {
	for _, f := range Fields {
		if now.Get(f) == d.After.Get(f) {
			now.take(f, d.Before)
		}
	}
	return now
}

const selectMergesOf = `select ` + mergeColumns + `
  from patient_merges m left join app.team() t on m.actor = 'user:' || t.person_id::text
 where m.clinic_id = @clinic and m.kept_id = @id and m.undone_at is null order by m.at desc, m.id desc`

// MergesOf lists the merges by which other records became a part of this one, the last one first. Whoever shows them has recorded the view.
func (d *Directory) MergesOf(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) ([]Merge, error) {
	rows, err := tx.Query(ctx, selectMergesOf, tenancy.Args{"clinic": tx.Clinic(), "id": id})
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Merge])
	if err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	return list, nil
}

// Compare answers two records to be made one, the first as it is to be kept; a Conflict when that cannot be done. Audited as
// patient.viewed for both.
func (d *Directory) Compare(ctx context.Context, tx *tenancy.Tx, keep, merge uuid.UUID) (kept, other Patient, err error) {
	if keep == merge {
		return kept, other, fault.New(fault.Invalid, "same-patient", "A record cannot be merged with itself.")
	}
	if kept, err = d.Get(ctx, tx, keep); err != nil {
		return kept, other, err
	}
	if other, err = d.Get(ctx, tx, merge); err != nil {
		return kept, other, err
	}
	return kept, other, pair{kept: kept, other: other}.mustMatch(MergeInput{})
}

const insertNamesakes = `insert into patient_namesakes (clinic_id, one_id, other_id) values (@clinic, least(@one::uuid, @other::uuid), greatest(@one::uuid, @other::uuid))
on conflict do nothing`

// TwoPeople notes that somebody looked at two records and that they are two people: they are no duplicates of each other from now on.
// Audited as patient.told-apart.
func (d *Directory) TwoPeople(ctx context.Context, tx *tenancy.Tx, one, other uuid.UUID) error {
	if _, _, err := d.Compare(ctx, tx, one, other); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insertNamesakes, tenancy.Args{"clinic": tx.Clinic(), "one": one, "other": other}); err != nil {
		return fmt.Errorf("tell two patients apart: %w", err)
	}
	both := []uuid.UUID{one, other}
	return recordMany(ctx, tx, "patient.told-apart", both)
}
