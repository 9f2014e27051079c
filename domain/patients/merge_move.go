package patients

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// moved names the rows that a merge moved, by table.
type moved map[string][]uuid.UUID

// move gives what belongs to from to another patient. only names the rows that are meant, of all tables, with what came of them since; nil
// means all rows.
func (p pair) move(ctx context.Context, tx *tenancy.Tx, from, to uuid.UUID, fromKey, toKey *privacy.PatientKey, only moved) (moved, error) {
	done := moved{}
	for _, b := range belongings {
		args := tenancy.Args{"clinic": tx.Clinic(), "from": from, "to": to, "all": only == nil, "ids": only[b.table]}
		rows, err := ids(ctx, tx, b.update(), args)
		if err != nil {
			return nil, err
		}
		for _, column := range b.sealed {
			if err := b.sealAgain(ctx, tx, column, rows, fromKey, toKey); err != nil {
				return nil, err
			}
		}
		done[b.table] = rows
	}
	return done, nil
}

func (b belonging) update() string {
	of := `unnest(@ids::uuid[])`
	if b.follow != "" {
		of = fmt.Sprintf(`(with recursive came as (
    select unnest(@ids::uuid[]) as id
    union select x.id from %s x join came on x.%s = came.id where x.clinic_id = @clinic) select id from came) came`, b.table, b.follow)
	}
	return fmt.Sprintf(`update %s set patient_id = @to where clinic_id = @clinic and patient_id = @from and (@all::bool or id in (select * from %s)) returning id`, b.table, of)
}

func (b belonging) sealAgain(ctx context.Context, tx *tenancy.Tx, column string, rows []uuid.UUID, fromKey, toKey *privacy.PatientKey) error {
	if len(rows) == 0 {
		return nil
	}
	sql := fmt.Sprintf(`select id, %s as value from %s where clinic_id = @clinic and id = any(@ids::uuid[]) and %s is not null`, column, b.table, column)
	if b.when != "" {
		sql += " and " + b.when
	}
	found, err := tx.Query(ctx, sql, tenancy.Args{"clinic": tx.Clinic(), "ids": rows})
	if err != nil {
		return fmt.Errorf("read %s: %w", b.table, err)
	}
	type sealedValue struct {
		ID    uuid.UUID
		Value []byte
	}
	values, err := pgx.CollectRows(found, pgx.RowToStructByName[sealedValue])
	if err != nil {
		return fmt.Errorf("read %s: %w", b.table, err)
	}
	which, again := make([]uuid.UUID, len(values)), make([][]byte, len(values))
	for i, v := range values {
		place := privacy.Field{Table: b.table, Column: column, Row: v.ID}
		plain, err := fromKey.Open(place, v.Value)
		if err != nil {
			return err
		}
		if again[i], err = toKey.Seal(place, plain); err != nil {
			return err
		}
		which[i] = v.ID
	}
	_, err = tx.Exec(ctx, strings.NewReplacer("TABLE", b.table, "COLUMN", column).Replace(
		`update TABLE t set COLUMN = v.value from unnest(@ids::uuid[], @values::bytea[]) as v (id, value) where t.clinic_id = @clinic and t.id = v.id`),
		tenancy.Args{"clinic": tx.Clinic(), "ids": which, "values": again})
	if err != nil {
		return fmt.Errorf("seal %s again: %w", b.table, err)
	}
	return nil
}
