package privacy

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// RotatePatient gives one patient a new key and seals anew, in this one transaction, all that the old one sealed. Whoever is about to seal
// something of theirs waits. Admins and the operator only. Recorded as keys.patient-rotated.
func (v *Vault) RotatePatient(ctx context.Context, tx *tenancy.Tx, patient uuid.UUID) (resealed int, err error) {
	if err := mustHoldKeys(tx); err != nil {
		return 0, err
	}
	keys, err := v.Clinic(ctx, tx)
	if err != nil {
		return 0, err
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "id": patient}
	// A call is locked before its patient, here as everywhere.
	if _, err := tx.Exec(ctx, `select 1 from calls where clinic_id = @clinic and patient_id = @id order by id for no key update`, args); err != nil {
		return 0, fmt.Errorf("lock a patient's calls: %w", err)
	}
	var wrapped []byte
	err = tx.QueryRow(ctx, `select wrapped_key from patients where clinic_id = @clinic and id = @id for update`, args).Scan(&wrapped)
	switch {
	case tenancy.IsNone(err):
		return 0, fault.New(fault.NotFound, "no-patient", "There is no such patient.")
	case err != nil:
		return 0, fmt.Errorf("lock a patient: %w", err)
	case wrapped == nil:
		return 0, fault.New(fault.Conflict, "patient-erased", "This patient has been erased; there is no key to change.")
	}
	old, err := keys.Patient(patient, wrapped)
	if err != nil {
		return 0, err
	}
	wrapped, fresh, err := keys.NewPatientKey(patient)
	if err != nil {
		return 0, err
	}
	for _, c := range sealedColumns {
		if c.patient == "" {
			continue
		}
		values, err := c.read(ctx, tx, ` and `+c.patient+` = @patient and (`+c.under+`) for update`, tenancy.Args{"patient": patient})
		if err != nil {
			return 0, err
		}
		if err := c.reseal(ctx, tx, values, old, fresh); err != nil {
			return 0, err
		}
		resealed += len(values)
	}
	args["wrapped"], args["resealed"], args["rotation"] = wrapped, resealed, tenancy.NewID()
	if _, err := tx.Exec(ctx, `update patients set wrapped_key = @wrapped where clinic_id = @clinic and id = @id`, args); err != nil {
		return 0, fmt.Errorf("change a patient's key: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into key_rotations (clinic_id, id, kind, patient_id, looked, resealed, finished_at)
values (@clinic, @rotation, 'patient', @id, @resealed, @resealed, clock_timestamp())`, args); err != nil {
		return 0, fmt.Errorf("note a key rotation: %w", err)
	}
	return resealed, audit.Record(ctx, tx, audit.Event{Action: "keys.patient-rotated", SubjectKind: "patient", SubjectID: patient, Patients: []uuid.UUID{patient}})
}

// Rewrap wraps the clinic's keys with the newest master key. It answers how many another one had wrapped until then. For the operator; recorded as
// keys.rewrapped when there was something to do.
func (v *Vault) Rewrap(ctx context.Context, tx *tenancy.Tx) (int, error) {
	if err := mustHoldKeys(tx); err != nil {
		return 0, err
	}
	rows, err := readKeys(ctx, tx, selectKeys+` for update`)
	if err != nil {
		return 0, err
	}
	master, n := v.masterNow(), 0
	for _, r := range rows {
		if len(r.Wrapped) == 0 || master.wrappedNow(r, tx.Clinic()) {
			continue
		}
		wrapped, err := master.rewrap(r, tx.Clinic())
		if err != nil {
			return n, fmt.Errorf("clinic %s, key %s: %w", tx.Clinic(), r.ID, ErrMasterKey)
		}
		if _, err := tx.Exec(ctx, `update clinic_keys set wrapped = @wrapped where clinic_id = @clinic and id = @id`,
			tenancy.Args{"clinic": tx.Clinic(), "id": r.ID, "wrapped": wrapped}); err != nil {
			return n, fmt.Errorf("wrap a clinic's key anew: %w", err)
		}
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, audit.Record(ctx, tx, audit.Event{Action: "keys.rewrapped", SubjectKind: "clinic", SubjectID: tx.Clinic()})
}
