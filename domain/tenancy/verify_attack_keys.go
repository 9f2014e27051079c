package tenancy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// attackKeys looks past the policies, where PostgreSQL checks unique and foreign keys. It opens a clinic of its own, inside a transaction that
// is undone, and copies one row of each table into it: that must work whatever other clinics have. Then it points the copies at the rows
// of other clinics, which must be refused exactly as a row that does not exist is.
func (p *probe) attackKeys(ctx context.Context) error {
	clinic := NewID().String()
	g := guise{name: "a new clinic's context", context: p.sign(clinic, time.Now()), set: true, me: clinic}
	return p.as(ctx, g, func() error {
		m := &mirror{probe: p, clinic: clinic, under: g.name, copies: map[uint32]map[string]json.RawMessage{}}
		for _, t := range inOrder(p.catalog.tables) {
			if p.victims[t.Name] == nil || !t.stored() {
				continue
			}
			if err := m.table(ctx, t); err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
		}
		return nil
	})
}

// mirror is the new clinic and the copies in it.
type mirror struct {
	*probe
	clinic string
	under  string
	copies map[uint32]map[string]json.RawMessage
}

func (m *mirror) table(ctx context.Context, t *table) error {
	row := m.copyOf(t)
	for _, k := range t.keys {
		if err := m.point(ctx, t, k, row); err != nil {
			return err
		}
	}
	m.report.Attacks++
	_, err := m.conn.Exec(ctx, insertSQL(t), pgx.QueryExecModeExec, encode(row))
	if err == nil {
		// It stays, for the tables that point at it: the savepoint moves behind it.
		m.note(m.result(t), "share a key", m.under, NothingFound, "")
		m.copies[t.OID] = row
		return m.raw(ctx, "release savepoint attack; savepoint attack")
	}
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return err
	}
	met, detail := met(refused), ""
	if refused.Code == "23505" || refused.Code == "23P01" {
		met, detail = Breach, "constraint "+refused.ConstraintName+" tells that another clinic has this value"
	}
	m.note(m.result(t), "share a key", m.under, met, detail)
	return m.raw(ctx, "rollback to savepoint attack")
}

// met: not granted, or refused by a rule of the table that a copy does not meet.
func met(refused *pgconn.PgError) string {
	if refused.Code == "42501" && refused.Routine == "aclcheck_error" {
		return NotGranted
	}
	return Refused
}

// copyOf is the victim's row with the new clinic, new ids, and its links led to the new clinic's own rows.
func (m *mirror) copyOf(t *table) map[string]json.RawMessage {
	row := maps.Clone(m.victims[t.Name].row)
	row["clinic_id"] = encodeText(m.clinic)
	linked := map[string]bool{"clinic_id": true}
	for _, k := range t.keys {
		parent := m.copies[k.Parent]
		for i, name := range k.Columns {
			if linked[name] {
				continue
			}
			linked[name] = true
			switch {
			case k.Parent == t.OID:
				row[name] = json.RawMessage("null")
			case parent != nil && !null(row[name]):
				row[name] = parent[k.ParentColumns[i]]
			}
		}
	}
	for _, name := range t.primary() {
		if c := t.column(name); c.Type == "uuid" && !linked[name] {
			row[name] = encodeText(NewID().String())
		}
	}
	return row
}

// point leads one foreign key to another clinic's row, and then to one that does not exist.
func (m *mirror) point(ctx context.Context, t *table, k foreignKey, row map[string]json.RawMessage) error {
	parent := m.catalog.byOID[k.Parent]
	if parent == nil || m.victims[parent.Name] == nil {
		return nil
	}
	real, invented := maps.Clone(row), maps.Clone(row)
	pointed := false
	for i, name := range k.Columns {
		c := t.column(name)
		if name == "clinic_id" || c == nil || !c.Insert || c.Type != "uuid" {
			continue
		}
		if null(m.victims[t.Name].row[name]) && k.Parent != t.OID {
			continue // the row's own rules may want it empty
		}
		real[name], invented[name] = m.victims[parent.Name].row[k.ParentColumns[i]], encodeText(uuid.NewString())
		pointed = true
	}
	if !pointed {
		return nil
	}
	outcomes, err := m.fire(ctx, []attack{
		{verb: "point at another's row", sql: insertSQL(t), args: []any{encode(real)}},
		{verb: "point at nobody's row", sql: insertSQL(t), args: []any{encode(invented)}},
	})
	if err != nil {
		return err
	}
	theirs, nobodys := outcomes[0].refused, outcomes[1].refused
	answer, detail := Refused, ""
	switch {
	case theirs == nil:
		answer, detail = Breach, "a row can point at another clinic's "+parent.Name+" by "+k.Name
	case nobodys == nil || theirs.Code != nobodys.Code || theirs.ConstraintName != nobodys.ConstraintName:
		answer, detail = Breach, k.Name+" tells another clinic's row from one that does not exist"
	case theirs.Code != "23503":
		answer = met(theirs)
	}
	m.note(m.result(t), "point at another's row", m.under, answer, detail)
	return nil
}

// inOrder puts every table after the clinics' tables it points at; circles are left as they come.
func inOrder(tables []*table) []*table {
	var out []*table
	seen := map[uint32]bool{}
	byOID := map[uint32]*table{}
	for _, t := range tables {
		byOID[t.OID] = t
	}
	var visit func(*table)
	visit = func(t *table) {
		if t == nil || seen[t.OID] {
			return
		}
		seen[t.OID] = true
		for _, k := range t.keys {
			visit(byOID[k.Parent])
		}
		out = append(out, t)
	}
	for _, t := range tables {
		visit(t)
	}
	return slices.DeleteFunc(out, func(t *table) bool { return !t.Clinic })
}

func null(value json.RawMessage) bool { return len(value) == 0 || string(value) == "null" }

func encode(row map[string]json.RawMessage) string { return (&victim{row: row}).json() }

func encodeText(s string) json.RawMessage { return json.RawMessage(`"` + s + `"`) }
