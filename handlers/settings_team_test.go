package handlers

import (
	"regexp"
	"strings"
	"testing"

	"anteroom/domain/identity"
)

var shownPassword = regexp.MustCompile(`>([a-z2-7]{5}(?:-[a-z2-7]{5}){3})<`)

func TestTeamIsAdministered(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	boss := f.as(f.Scope, identity.Admin)
	f.as(f.Scope, identity.FrontDesk).get("/settings/team").want(t, 403)

	boss.get("/settings/team?add=1").want(t, 200, "Add a person", "data-open")
	added := boss.post("/settings/team", "name", "Ned New", "email", "ned@clinic.example", "role", identity.FrontDesk, "may_overbook", "1")
	added.want(t, 200, "Ned New can sign in", "Yes")
	password := shownPassword.FindStringSubmatch(added.Body)
	if password == nil {
		t.Fatal("no password is shown")
	}
	if again := boss.get("/settings/team").want(t, 200, "ned@clinic.example", "never"); strings.Contains(again.Body, password[1]) {
		t.Error("the password is shown twice")
	}
	fresh := f.browser()
	fresh.get("/sign-in")
	fresh.post("/sign-in", "email", "ned@clinic.example", "password", password[1]).to(t, "/")
	fresh.get("/").to(t, "/password")
	fresh.get("/password")
	fresh.post("/password", "current", password[1], "new", "four quiet herons", "again", "four quiet herons").to(t, "/")
	ned := func() *browser { // signs in anew: a session that is open hears of a change a moment later
		b := f.browser()
		b.get("/sign-in")
		b.post("/sign-in", "email", "ned@clinic.example", "password", "four quiet herons")
		return b
	}
	ned().get("/").to(t, "/today")
	boss.post("/settings/team", "name", "Ned New", "email", "ned@clinic.example", "role", identity.Clinician).want(t, 422, "works here already", `value="ned@clinic.example"`)

	id := regexp.MustCompile(`person=([0-9a-f-]{36})#person">Change<span class="vh"> Ned New`).FindStringSubmatch(boss.get("/settings/team").Body)
	if id == nil {
		t.Fatal("Ned cannot be changed")
	}
	boss.post("/settings/team/"+id[1], "role", identity.Compliance).to(t, "/settings/team")
	ned().get("/today").want(t, 403)
	boss.post("/settings/team/"+id[1]+"/remove").to(t, "/settings/team")
	ned().get("/isolation").to(t, "/sign-in?next=%2Fisolation")
	boss.post("/settings/team/"+id[1], "role", identity.Admin).want(t, 404) // nobody comes back by a change
	f.audited(f.Scope.Clinic, "member.removed", 1)
}

func TestLastAdminStays(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	boss := f.as(f.Scope, identity.Admin)
	own := regexp.MustCompile(`person=([0-9a-f-]{36})#person`).FindStringSubmatch(boss.get("/settings/team").Body)
	boss.post("/settings/team/"+own[1]+"/remove").want(t, 409, "needs an admin")
	boss.post("/settings/team/"+own[1], "role", identity.FrontDesk).want(t, 409, "needs an admin")
	boss.get("/settings/team").want(t, 200)
}

func TestInvitationOfAnotherClinicsAccount(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	there := f.db.Clinic(t, "Lakeview", "America/New_York")
	f.as(there, identity.Admin).post("/settings/team", "name", "Ned New", "email", "ned@clinic.example", "role", identity.Admin).want(t, 200, "Ned New can sign in")
	boss := f.as(f.Scope, identity.Admin)
	const written = `select (select count(*) from people) + (select count(*) from memberships) + (select count(*) from audit_events)`
	before := f.count(written)
	refused := boss.post("/settings/team", "name", "Ned New", "email", "ned@clinic.example", "role", identity.FrontDesk)
	refused.want(t, 422, "already has an account", "operator", `value="ned@clinic.example"`, `value="Ned New"`, `href="#f-email"`).lacks(t, "Lakeview")
	if shownPassword.MatchString(refused.Body) {
		t.Error("a password is shown")
	}
	boss.get("/settings/team").want(t, 200).lacks(t, "ned@clinic.example")
	if n := f.count(written); n != before {
		t.Errorf("%d rows were written", n-before)
	}
}
