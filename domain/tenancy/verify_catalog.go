package tenancy

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// catalog is what the database says of itself: every table in every schema that is not PostgreSQL's own, known to the program or not.
type catalog struct {
	tables    []*table
	byOID     map[uint32]*table
	functions []function
}

type table struct {
	OID         uint32
	Name        string // schema.table
	Ident       string // the same, quoted where it must be
	Kind        string // pg_class.relkind: r, p, v, m, f
	Owner       string
	OwnerStrong bool // superuser or BYPASSRLS
	RLS         bool
	Forced      bool
	Partition   bool
	Rules       bool
	Options     []string
	Clinic      bool // has a clinic_id

	columns  []column
	indexes  []index
	keys     []foreignKey
	policies []policy
	grants   []grant
}

type column struct {
	OID      uint32
	Name     string
	Type     string
	NotNull  bool
	Computed bool // generated: no statement may write it
	Enum     bool
	Select   bool // anteroom_app may
	Insert   bool
	Update   bool
}

type index struct {
	OID       uint32
	Name      string
	IsUnique  bool
	IsPrimary bool
	Exclusion bool
	Columns   []string // '' is an expression
	Operators []string // of an exclusion constraint
	Leaky     []string // types that no leakproof operator compares
}

type foreignKey struct {
	OID           uint32
	Name          string
	Columns       []string
	Parent        uint32
	ParentColumns []string
}

type policy struct {
	OID        uint32
	Name       string
	Command    string // r, a, w, d, *
	Permissive bool
	Roles      []string
	Using      string
	WithCheck  string
}

type grant struct {
	OID       uint32
	Grantee   string
	Privilege string
	Column    string // '' is the whole table
	Grantable bool
}

// ours leaves out PostgreSQL's own schemas; nobody can make another one whose name starts with pg_.
const ours = `n.nspname <> 'information_schema' and n.nspname !~ '^pg_'`

const tablesSQL = `
select c.oid, n.nspname || '.' || c.relname as name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as ident, c.relkind::text as kind,
  o.rolname::text as owner, o.rolsuper or o.rolbypassrls as owner_strong, c.relrowsecurity as rls, c.relforcerowsecurity as forced,
  c.relispartition as partition, c.relhasrules as rules, coalesce(c.reloptions, '{}') as options,
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'clinic_id' and not a.attisdropped) as clinic
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles o on o.oid = c.relowner
where c.relkind in ('r', 'p', 'v', 'm', 'f') and ` + ours + ` order by 2`

const columnsSQL = `
select a.attrelid as oid, a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
  a.attgenerated <> '' or a.attidentity = 'a' as computed,
  exists (select from pg_type e where e.typtype = 'e' and e.oid in (t.oid, t.typelem, t.typbasetype)) as enum,
  has_column_privilege(@app, a.attrelid, a.attnum, 'select') as "select",
  has_column_privilege(@app, a.attrelid, a.attnum, 'insert') as "insert",
  has_column_privilege(@app, a.attrelid, a.attnum, 'update') as "update"
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = any(@tables) and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum`

// Leaky are key columns of which an operator that the index could serve is not leakproof: PostgreSQL then never uses it as an index
// condition behind a policy.
const indexesSQL = `
select i.indrelid as oid, c.relname::text as name, i.indisunique as is_unique, i.indisprimary as is_primary, i.indisexclusion as exclusion,
  array(select coalesce(a.attname::text, '') from unnest(i.indkey::int2[]) with ordinality k(num, n)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num and k.num <> 0
    where k.n <= i.indnkeyatts order by k.n) as columns,
  array(select o.oprname::text from pg_constraint x, unnest(x.conexclop) with ordinality e(op, n) join pg_operator o on o.oid = e.op
    where x.conindid = i.indexrelid and x.contype = 'x' order by e.n) as operators,
  array(select format_type(t.opcintype, null) from unnest(i.indclass::oid[]) with ordinality k(class, n) join pg_opclass t on t.oid = k.class
    where k.n <= i.indnkeyatts and exists (
      select from pg_amop s join pg_operator o on o.oid = s.amopopr join pg_proc f on f.oid = o.oprcode
      where s.amopfamily = t.opcfamily and s.amoplefttype = t.opcintype and s.amoprighttype = t.opcintype
        and s.amoppurpose = 's' and not f.proleakproof)) as leaky
from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = any(@tables) order by 1, 2`

const keysSQL = `
select k.conrelid as oid, k.conname::text as name, k.confrelid as parent,
  array(select a.attname::text from unnest(k.conkey) with ordinality x(num, n) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.num order by x.n) as columns,
  array(select a.attname::text from unnest(k.confkey) with ordinality x(num, n) join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.num order by x.n) as parent_columns
from pg_constraint k where k.contype = 'f' and k.conrelid = any(@tables) order by 1, 2`

// Expressions are compared as PostgreSQL prints them with nothing but pg_catalog in the search path.
const policiesSQL = `
select p.polrelid as oid, p.polname::text as name, p.polcmd::text as command, p.polpermissive as permissive,
  array(select coalesce(r.rolname::text, 'PUBLIC') from unnest(p.polroles) x left join pg_roles r on r.oid = x) as roles,
  coalesce(pg_get_expr(p.polqual, p.polrelid), '') as using, coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as with_check
from pg_policy p where p.polrelid = any(@tables) order by 1, 2`

const grantsSQL = `
select g.oid, coalesce(r.rolname::text, 'PUBLIC') as grantee, g.privilege, g."column", g.grantable from (
  select c.oid, x.grantee, x.privilege_type as privilege, '' as "column", x.is_grantable as grantable, c.relowner
  from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
  union all
  select c.oid, x.grantee, x.privilege_type, a.attname::text, x.is_grantable, c.relowner
  from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) x) g
left join pg_roles r on r.oid = g.grantee
where g.oid = any(@tables) and g.grantee <> g.relowner order by 1, 2, 3, 4`

func (p *probe) readCatalog(ctx context.Context) error {
	if _, err := p.conn.Exec(ctx, `select set_config('search_path', 'pg_catalog', false)`); err != nil {
		return err
	}
	tables, err := read[table](ctx, p, tablesSQL, nil)
	if err != nil {
		return err
	}
	p.catalog = catalog{byOID: map[uint32]*table{}}
	var oids []uint32
	for i := range tables {
		t := &tables[i]
		p.catalog.tables, p.catalog.byOID[t.OID], oids = append(p.catalog.tables, t), t, append(oids, t.OID)
	}
	args := Args{"app": p.roles.app, "tables": oids}
	if err := attach(ctx, p, columnsSQL, args, func(c column) (uint32, func(*table)) {
		return c.OID, func(t *table) { t.columns = append(t.columns, c) }
	}); err != nil {
		return err
	}
	if err := attach(ctx, p, indexesSQL, args, func(i index) (uint32, func(*table)) {
		return i.OID, func(t *table) { t.indexes = append(t.indexes, i) }
	}); err != nil {
		return err
	}
	if err := attach(ctx, p, keysSQL, args, func(k foreignKey) (uint32, func(*table)) {
		return k.OID, func(t *table) { t.keys = append(t.keys, k) }
	}); err != nil {
		return err
	}
	if err := attach(ctx, p, policiesSQL, args, func(o policy) (uint32, func(*table)) {
		return o.OID, func(t *table) { t.policies = append(t.policies, o) }
	}); err != nil {
		return err
	}
	return attach(ctx, p, grantsSQL, args, func(g grant) (uint32, func(*table)) {
		return g.OID, func(t *table) { t.grants = append(t.grants, g) }
	})
}

func read[T any](ctx context.Context, p *probe, sql string, args Args) ([]T, error) {
	rows, err := p.conn.Query(ctx, sql, args)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

func attach[T any](ctx context.Context, p *probe, sql string, args Args, to func(T) (uint32, func(*table))) error {
	items, err := read[T](ctx, p, sql, args)
	for _, item := range items {
		oid, add := to(item)
		add(p.catalog.byOID[oid])
	}
	return err
}

func (t *table) column(name string) *column {
	for i := range t.columns {
		if t.columns[i].Name == name {
			return &t.columns[i]
		}
	}
	return nil
}

// primary are the columns of the primary key.
func (t *table) primary() []string {
	for _, i := range t.indexes {
		if i.IsPrimary {
			return i.Columns
		}
	}
	return nil
}

// stored says whether the table has rows of its own, so that policies can guard them.
func (t *table) stored() bool { return t.Kind == "r" || t.Kind == "p" }

func leads(columns []string) bool { return len(columns) > 0 && columns[0] == "clinic_id" }

func (t *table) mayDo(role, privilege string) bool {
	return slices.ContainsFunc(t.grants, func(g grant) bool { return g.Grantee == role && g.Privilege == privilege })
}
