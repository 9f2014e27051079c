package tenancy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// findVictims reads one row of every table as the clinic that owns it: the program signs for each clinic anyway, so the proof needs no
// door of its own. It stops at the first clinic that has one; a table that is empty in every clinic has nothing to steal.
func (p *probe) findVictims(ctx context.Context) error {
	rows, err := p.conn.Query(ctx, `select id::text from app.all_clinics() id`)
	if err != nil {
		return err
	}
	if p.clinics, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	p.victims = map[string]*victim{}
	// The control: a proof whose contexts the database does not accept would find nothing anywhere.
	control := NewID().String()
	if err := p.readAs(ctx, control, nil); err != nil {
		return err
	}
	for _, clinic := range p.clinics {
		var missing []*table
		for _, t := range p.catalog.tables {
			if c := t.column("clinic_id"); t.Clinic && c.Select && p.victims[t.Name] == nil {
				missing = append(missing, t)
			}
		}
		if len(missing) == 0 {
			break
		}
		if err := p.readAs(ctx, clinic, missing); err != nil {
			return err
		}
	}
	return nil
}

func (p *probe) readAs(ctx context.Context, clinic string, tables []*table) error {
	me := guise{name: "own", context: p.sign(clinic, p.report.StartedAt), set: true}
	return p.as(ctx, me, func() error {
		b := &pgx.Batch{}
		b.Queue(`select coalesce(app.current_clinic()::text, '')`).QueryRow(func(row pgx.Row) error {
			var known string
			if err := row.Scan(&known); err != nil {
				return err
			}
			if known != clinic && len(tables) == 0 {
				p.find("control", "app.current_clinic()", "a context that this program signs is not accepted: its key is not installed, so no attack proves anything")
			}
			return nil
		})
		for _, t := range tables {
			b.Queue(victimSQL(t), clinic).Query(func(rows pgx.Rows) error {
				found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
				if err != nil || len(found) == 0 {
					return err
				}
				v := &victim{clinic: clinic}
				p.victims[t.Name] = v
				return json.Unmarshal(found[0], &v.row)
			})
		}
		return p.conn.SendBatch(ctx, b).Close()
	})
}

// victimSQL prefers a row that points at others, so that foreign keys can be attacked.
func victimSQL(t *table) string {
	var columns, links []string
	for _, c := range t.columns {
		if c.Select {
			columns = append(columns, quote(c.Name))
		}
	}
	for _, k := range t.keys {
		for _, name := range k.Columns {
			if c := t.column(name); c != nil && c.Select && name != "clinic_id" {
				links = append(links, quote(name))
			}
		}
	}
	order := ""
	if len(links) > 0 {
		order = " order by num_nonnulls(" + strings.Join(links, ", ") + ") desc"
	}
	return fmt.Sprintf(`select to_jsonb(x) from (select %s from %s where clinic_id = $1::uuid limit 200) x%s limit 1`, strings.Join(columns, ", "), t.Ident, order)
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// attackTables tries every verb on every clinic's table, under every guise.
func (p *probe) attackTables(ctx context.Context) error {
	byClinic := map[string][]*table{}
	var order []string
	for _, t := range p.catalog.tables {
		if !t.Clinic {
			continue
		}
		target := NewID().String()
		if len(p.clinics) > 0 {
			target = p.clinics[0]
		}
		r := p.result(t)
		if v := p.victims[t.Name]; v != nil {
			target, r.Rows = v.clinic, true
		}
		if byClinic[target] == nil {
			order = append(order, target)
		}
		byClinic[target] = append(byClinic[target], t)
	}
	for _, target := range order {
		for _, g := range p.guises(target) {
			err := p.as(ctx, g, func() error {
				for _, t := range byClinic[target] {
					if err := p.attackTable(ctx, t, target, g); err != nil {
						return fmt.Errorf("%s: %w", t.Name, err)
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *probe) attackTable(ctx context.Context, t *table, target string, g guise) error {
	r := p.result(t)
	attacks := reads(t, p.victims[t.Name], target, g)
	if t.stored() {
		attacks = append(attacks, writes(t, p.victims[t.Name], target, g)...)
	}
	outcomes, err := p.fire(ctx, attacks)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		met, detail := judge(attacks[i].insert, o.rows, o.refused)
		p.note(r, attacks[i].verb, g.name, met, detail)
	}
	if !g.full || !t.stored() || g.real {
		return nil // COPY has no WHERE: a real clinic would meet its own rows
	}
	return p.attackByCopy(ctx, t, r, g)
}

// reads: whatever a statement finds that is not the attacker's own is a breach.
func reads(t *table, v *victim, target string, g guise) []attack {
	from := " from " + t.Ident + " where "
	notMine := "true"
	if g.me != "" {
		notMine = "clinic_id <> '" + g.me + "'"
	}
	list := []attack{
		{verb: "select", sql: "select 1" + from + "clinic_id = $1::uuid limit 1", args: []any{target}},
		{verb: "count", sql: "select 1 where (select count(*)" + from + "clinic_id = $1::uuid) > 0", args: []any{target}},
	}
	if v != nil && t.stored() {
		list = append(list, attack{verb: "select", sql: "select 1" + from + match(t, t.primary()) + " limit 1", args: []any{v.json()}})
		if rest := without(t.primary(), "clinic_id"); len(rest) > 0 {
			list = append(list, attack{verb: "select by id", sql: "select 1" + from + match(t, rest) + " and " + notMine + " limit 1", args: []any{v.json()}})
		}
	}
	if g.full {
		list = append(list, attack{verb: "select for update", sql: "select 1" + from + "clinic_id = $1::uuid limit 1 for update", args: []any{target}})
		if t.stored() {
			list = append(list,
				attack{verb: "select by ctid", sql: "select 1" + from + "ctid = '(0,1)' and " + notMine},
				attack{verb: "statistics", sql: "select 1 from pg_catalog.pg_stats where schemaname || '.' || tablename = $1 limit 1", args: []any{t.Name}})
		}
		if !g.real {
			// A condition that fails on any row it sees, even one that the policy would leave out afterwards.
			list = append(list, attack{verb: "leak by error", sql: "select 1" + from + "(clinic_id::text || '?')::integer = 0"})
		}
	}
	return list
}

func writes(t *table, v *victim, target string, g guise) []attack {
	list := []attack{insertAttack(t, v, target, "")}
	key := "clinic_id = ($1::jsonb->>'clinic_id')::uuid"
	row := `{"clinic_id": "` + target + `"}`
	if v != nil && len(t.primary()) > 0 {
		key, row = match(t, t.primary()), v.json()
	}
	set := "clinic_id = clinic_id" // refused for want of a grant, or harmless
	for _, c := range t.columns {
		if c.Update && !c.Computed && c.Name != "clinic_id" {
			set = quote(c.Name) + " = " + quote(c.Name)
			break
		}
	}
	list = append(list,
		attack{verb: "update", sql: "update " + t.Ident + " set " + set + " where " + key, args: []any{row}},
		attack{verb: "delete", sql: "delete from " + t.Ident + " where " + key, args: []any{row}})
	if !g.full {
		return list
	}
	if len(t.primary()) > 0 {
		list = append(list, insertAttack(t, v, target, " on conflict do nothing"),
			insertAttack(t, v, target, " on conflict ("+strings.Join(quoted(t.primary()), ", ")+") do update set "+set[:strings.Index(set, " = ")]+" = excluded."+set[:strings.Index(set, " = ")]))
	}
	list = append(list,
		attack{verb: "merge", sql: "merge into " + t.Ident + " using (select 1) s on " + key + " when matched then delete", args: []any{row}},
		attack{verb: "truncate", insert: true, sql: "truncate " + t.Ident + " cascade"},
		attack{verb: "take the policies away", insert: true, sql: "alter table " + t.Ident + " disable row level security"},
		attack{verb: "take the policies away", insert: true, sql: "create policy open on " + t.Ident + " using (true)"})
	if g.me != "" {
		list = append(list, attack{verb: "move a row", sql: "update " + t.Ident + " set clinic_id = $1::uuid where clinic_id = $2::uuid", args: []any{target, g.me}})
	}
	if g.name == "no context" {
		// Without a WHERE only the policy of the command itself stands between: reading is not asked.
		constant := set[:strings.Index(set, " = ")]
		list = append(list,
			attack{verb: "blind update", sql: "update " + t.Ident + " set " + constant + " = default"},
			attack{verb: "blind delete", sql: "delete from " + t.Ident})
	}
	return list
}

// insertAttack writes a copy of the victim's row into the victim's clinic, or a bare one where there is none to copy.
func insertAttack(t *table, v *victim, target, conflict string) attack {
	verb := "insert"
	if conflict != "" {
		verb = "upsert"
	}
	if v == nil {
		return attack{verb: verb, insert: true, sql: "insert into " + t.Ident + " (clinic_id) values ($1::uuid)" + conflict, args: []any{target}}
	}
	return attack{verb: verb, insert: true, sql: insertSQL(t) + conflict, args: []any{v.json()}}
}

// insertSQL inserts the row in $1, of the columns that the program may write.
func insertSQL(t *table) string {
	var columns []string
	for _, c := range t.columns {
		if (c.Insert && c.Select || c.Name == "clinic_id") && !c.Computed {
			columns = append(columns, quote(c.Name))
		}
	}
	list := strings.Join(columns, ", ")
	return fmt.Sprintf("insert into %s (%s) select %s from jsonb_populate_record(null::%s, $1::jsonb)", t.Ident, list, list, t.Ident)
}

// match compares the columns with the row in $1.
func match(t *table, columns []string) string {
	parts := make([]string, len(columns))
	for i, name := range columns {
		parts[i] = fmt.Sprintf("%s = ($1::jsonb->>'%s')::%s", quote(name), strings.ReplaceAll(name, "'", "''"), t.column(name).Type)
	}
	return strings.Join(parts, " and ")
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(n)
	}
	return out
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

func (p *probe) attackByCopy(ctx context.Context, t *table, r *TableResult, g guise) error {
	for verb, copying := range map[string]func() (pgconn.CommandTag, error){
		"copy out": func() (pgconn.CommandTag, error) {
			return p.conn.PgConn().CopyTo(ctx, io.Discard, "copy "+t.Ident+" to stdout")
		},
		"copy in": func() (pgconn.CommandTag, error) {
			return p.conn.PgConn().CopyFrom(ctx, strings.NewReader(""), "copy "+t.Ident+" from stdin")
		},
	} {
		p.report.Attacks++
		tag, err := copying()
		var refused *pgconn.PgError
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		if err := p.raw(ctx, "rollback to savepoint attack"); err != nil {
			return err
		}
		met, detail := judge(false, tag.RowsAffected(), refused)
		if verb == "copy in" && refused == nil {
			met, detail = Breach, "COPY FROM asks no policy and was let in"
		}
		p.note(r, verb, g.name, met, detail)
	}
	return nil
}
