package tenancy

import (
	"context"
	"slices"
	"strings"
)

// The tenant rule as PostgreSQL prints it. Anything else, however similar, is not the rule.
const tenantRule = "(clinic_id = ( SELECT app.current_clinic() AS current_clinic))"

// The commands of policies and the privileges they answer to.
var commands = []struct{ code, privilege, letter string }{
	{"r", "SELECT", "s"}, {"a", "INSERT", "i"}, {"w", "UPDATE", "u"}, {"d", "DELETE", "d"},
}

func (p *probe) checkTables(context.Context) error {
	for _, t := range p.catalog.tables {
		p.checkKind(t)
		p.checkOwner(t)
		p.checkGrants(t)
		switch {
		case t.Clinic && t.stored():
			p.checkPolicies(t)
			p.checkKeys(t)
			p.checkColumns(t)
		case !t.Clinic && t.stored():
			p.checkPlatform(t)
		}
		p.checkForeignKeys(t)
	}
	return nil
}

func (p *probe) checkKind(t *table) {
	switch t.Kind {
	case "m":
		p.find("materialised-view", t.Name, "a materialised view keeps rows outside of every policy")
	case "f":
		p.find("foreign-table", t.Name, "policies do not bind a foreign table")
	case "v":
		if !slices.ContainsFunc(t.Options, isInvoker) {
			p.find("view", t.Name, "the view is not security_invoker: it reads with its owner's rights")
		}
	default:
		if t.Rules {
			p.find("rule", t.Name, "a rewrite rule changes what statements on this table do")
		}
	}
}

func isInvoker(option string) bool {
	name, value, _ := strings.Cut(option, "=")
	return name == "security_invoker" && slices.Contains([]string{"true", "on", "1", "yes"}, value)
}

func (p *probe) checkOwner(t *table) {
	switch {
	case t.OwnerStrong:
		p.find("owner", t.Name, "owned by %s, a superuser or a role that passes policies", t.Owner)
	case t.Owner == p.roles.app || t.Owner == p.roles.lookup:
		p.find("owner", t.Name, "owned by %s, which could take its policies away", t.Owner)
	}
}

func (p *probe) checkGrants(t *table) {
	for _, g := range t.grants {
		where := ""
		if g.Column != "" {
			where = " on column " + g.Column
		}
		plain := slices.Contains([]string{"SELECT", "INSERT", "UPDATE", "DELETE"}, g.Privilege)
		switch {
		case g.Grantee == "PUBLIC":
			p.find("grant-public", t.Name, "%s is granted to PUBLIC%s", g.Privilege, where)
		case g.Grantee != p.roles.app && g.Grantee != p.roles.lookup:
			p.find("grant", t.Name, "%s is granted to %s%s, a role that the program does not know", g.Privilege, g.Grantee, where)
		case !plain:
			p.find("grant", t.Name, "%s is granted to %s%s: no policy binds it", g.Privilege, g.Grantee, where)
		case g.Grantable:
			p.find("grant", t.Name, "%s may pass %s on to others%s", g.Grantee, g.Privilege, where)
		case t.Partition && g.Grantee == p.roles.app:
			p.find("partition-grant", t.Name, "%s is granted to %s on a partition: only the parent's policies are meant to be asked", g.Privilege, g.Grantee)
		case t.Clinic && g.Grantee == p.roles.lookup && g.Privilege != "SELECT":
			p.find("grant", t.Name, "%s is granted to %s, whose questions only read clinics' tables", g.Privilege, g.Grantee)
		}
	}
}

func (p *probe) checkPolicies(t *table) {
	if !t.RLS {
		p.find("row-security", t.Name, "row level security is not enabled")
	}
	if !t.Forced {
		p.find("row-security-forced", t.Name, "row level security is not forced: it does not bind the owner")
	}
	covered := map[string]bool{}
	for _, o := range t.policies {
		if !o.Permissive {
			continue // it only takes away
		}
		for _, role := range o.Roles {
			switch role {
			case p.roles.app:
				covered[o.Command] = true
				p.checkRule(t, o)
			case p.roles.lookup:
				if o.Command != "r" {
					p.find("policy-role", t.Name, "policy %s lets %s do more than SELECT", o.Name, role)
				}
			default:
				p.find("policy-role", t.Name, "policy %s is for %s", o.Name, role)
			}
		}
	}
	for _, c := range commands {
		if t.mayDo(p.roles.app, c.privilege) && !covered[c.code] && !covered["*"] {
			p.find("policy-per-command", t.Name, "no policy for %s though %s is granted", c.privilege, c.privilege)
		}
	}
}

func (p *probe) checkRule(t *table, o policy) {
	reads, writes := o.Command != "a", o.Command == "a"
	if reads && o.Using != tenantRule {
		p.find("policy-rule", t.Name, "policy %s lets rows through by %s", o.Name, o.Using)
	}
	// UPDATE without a check of its own takes the other expression for it.
	if (writes || o.WithCheck != "") && o.WithCheck != tenantRule {
		p.find("policy-rule", t.Name, "policy %s lets rows in by %s", o.Name, or(o.WithCheck, "nothing"))
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (p *probe) checkKeys(t *table) {
	if !leads(t.primary()) {
		p.find("primary-key", t.Name, "the primary key does not lead with clinic_id")
	}
	for _, i := range t.indexes {
		if i.IsUnique && !i.IsPrimary && !leads(i.Columns) {
			p.find("unique-key", t.Name, "unique index %s does not lead with clinic_id: it tells one clinic what another has", i.Name)
		}
		if i.Exclusion {
			if !leads(i.Columns) || len(i.Operators) == 0 || i.Operators[0] != "=" {
				p.find("exclusion", t.Name, "exclusion constraint %s does not lead with clinic_id WITH =", i.Name)
			}
			continue // checked past the policies, by the constraint itself
		}
		if slices.Contains(i.Columns, "") {
			p.find("index-leakproof", t.Name, "index %s is over an expression, which is no index condition behind a policy", i.Name)
		}
		for _, kind := range i.Leaky {
			p.find("index-leakproof", t.Name, "index %s is over %s, whose operators are not leakproof: behind a policy it is not used", i.Name, kind)
		}
	}
}

func (p *probe) checkColumns(t *table) {
	if c := t.column("clinic_id"); c.Type != "uuid" || !c.NotNull {
		p.find("clinic-column", t.Name, "clinic_id must be uuid and NOT NULL")
	}
	for _, c := range t.columns {
		if c.Enum {
			p.find("enum", t.Name, "column %s is an ENUM: use text with a CHECK", c.Name)
		}
	}
}

func (p *probe) checkForeignKeys(t *table) {
	for _, k := range t.keys {
		parent := p.catalog.byOID[k.Parent]
		switch {
		case parent == nil || !parent.Clinic:
		case !t.Clinic:
			p.find("foreign-key", t.Name, "foreign key %s points at %s from a table without a clinic", k.Name, parent.Name)
		case !leads(k.Columns) || !leads(k.ParentColumns):
			p.find("foreign-key", t.Name, "foreign key %s to %s does not lead with clinic_id: it crosses clinics", k.Name, parent.Name)
		}
	}
}

// checkPlatform: no clinic_id means no wall, so the table must be listed with its reason and with what the program may do to it.
func (p *probe) checkPlatform(t *table) {
	listed, ok := platform(t.Name)
	if !ok {
		p.find("no-wall", t.Name, "a table without a wall: it has no clinic_id, and is not listed as the platform's with a reason")
		return
	}
	for _, c := range commands {
		if t.mayDo(p.roles.app, c.privilege) && !strings.Contains(listed.app, c.letter) {
			p.find("platform-grant", t.Name, "%s is granted to %s, which is more than is listed for it", c.privilege, p.roles.app)
		}
	}
}
