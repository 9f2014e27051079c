package patients

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// OnlyByPhone answers the one patient who has this phone; uuid.Nil when there is none, or more than one. It opens nothing of them, and records
// nothing.
func (d *Directory) OnlyByPhone(ctx context.Context, tx *tenancy.Tx, phone string) (uuid.UUID, error) {
	keys, clinic, err := d.begin(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	e164, ok := parsePhone(phone, clinic.Country)
	if !ok {
		return uuid.Nil, nil
	}
	rows, err := tx.Query(ctx, `select patient_id from patient_tokens where clinic_id = @clinic and kind = 'phone' and token = @phone limit 2`,
		tenancy.Args{"clinic": tx.Clinic(), "phone": keys.Token(kindPhone, e164)})
	if err != nil {
		return uuid.Nil, fmt.Errorf("find a patient by phone: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) != 1 {
		return uuid.Nil, err
	}
	return ids[0], nil
}
