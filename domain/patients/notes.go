package patients

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"anteroom/domain/tenancy"
)

// AddNote puts a line at the end of a patient's notes; one that is there already is not repeated. The patient is locked before the notes are
// read, so that two at once both stay. Faults and audit as for Update.
func (d *Directory) AddNote(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, line string) error {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return err
	}
	r, err := one(ctx, tx, selectForUpdate, id)
	if err != nil {
		return err
	}
	p, err := r.open(keys)
	if err != nil {
		return err
	}
	if slices.Contains(strings.Split(p.Notes, "\n"), line) {
		return nil
	}
	details := p.Details
	details.Notes = strings.TrimSpace(details.Notes + "\n" + line)
	_, err = d.Update(ctx, tx, id, details)
	return err
}
