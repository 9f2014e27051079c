package patients

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// The lock keeps the key from being changed under what is about to be sealed with it.
const lockKey = `select wrapped_key from patients where clinic_id = $1 and id = $2 for share`

// Key opens a patient's key, for other tables that hold something of this patient: destroyed with the patient, it leaves them unreadable too.
// Of an erased patient it is a Conflict. The caller records the view or the change.
func (d *Directory) Key(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (*privacy.PatientKey, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, err
	}
	var wrapped []byte
	err = tx.QueryRow(ctx, lockKey, tx.Clinic(), id).Scan(&wrapped)
	switch {
	case tenancy.IsNone(err):
		return nil, fault.New(fault.NotFound, "no-patient", "There is no such patient.")
	case err != nil:
		return nil, fmt.Errorf("read a patient's key: %w", err)
	case wrapped == nil:
		return nil, fault.New(fault.Conflict, "patient-erased", "This patient has been erased and cannot be changed.")
	}
	return keys.Patient(id, wrapped)
}
