package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "anteroom/"

// rank orders the words of the business: a package imports only lower ranks, so that a rule is never known in two directions.
var rank = map[string]int{
	"fault": 0, "tenancy": 1, "audit": 2, "identity": 3, "privacy": 3, "patients": 4, "messaging": 5, "scheduling": 6, "calls": 7, "latency": 7,
	"followup": 8, "compliance": 9,
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var list []goPackage
	for dec := json.NewDecoder(out); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("only %d packages found: the test looks in the wrong place", len(list))
	}
	return list
}

func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, to := range p.Imports {
			if why := forbidden(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
}

// forbidden answers why from must not import to, or nothing.
func forbidden(from, to string) string {
	inner := strings.TrimPrefix(to, module)
	ours := inner != to
	top, _, _ := strings.Cut(from, "/")
	switch {
	case strings.HasSuffix(from, "tenancytest"):
		return "" // the tests' own way to a database
	case to == "github.com/jackc/pgx/v5/pgxpool" && from != "domain/tenancy":
		return "only tenancy sees a pool, so that no statement can run outside a clinic's transaction"
	case top == "domain" && (strings.Contains(to, "gofiber/fiber") || strings.Contains(to, "a-h/templ")):
		return "the rules do not know that there is a web"
	case top == "domain" && ours && !strings.HasPrefix(inner, "domain/") && inner != "migrations":
		return "the rules do not know the pages that show them"
	case top == "domain" && ours && strings.HasPrefix(inner, "domain/"):
		return higher(from, inner)
	case top == "handlers" && ours && strings.HasPrefix(inner, "web"):
		return "handlers are given what they need; they do not reach for the program"
	case top == "handlers" && inner == "migrations":
		return "handlers hold no SQL"
	case from == "views/ui" && ours && inner != "static":
		return "components know nothing of this product's business"
	case top == "views" && (strings.Contains(to, "jackc/pgx") || strings.Contains(to, "gofiber/fiber") || inner == "domain/tenancy" || inner == "handlers"):
		return "a view takes a typed model, never a request or a transaction"
	case top == "static" && ours, top == "migrations" && ours:
		return "it is a leaf"
	}
	return ""
}

func higher(from, to string) string {
	a, b := strings.Split(from, "/")[1], strings.Split(to, "/")[1]
	ra, known := rank[a]
	rb, alsoKnown := rank[b]
	switch {
	case !known || !alsoKnown:
		return "a new word of the business needs a rank in this test"
	case a != b && rb >= ra:
		return "a package imports only lower ranks (design: the house)"
	}
	return ""
}

// TestTenantSettingHasOneOwner: whoever can name the setting can try to set it.
func TestTenantSettingHasOneOwner(t *testing.T) {
	out, err := exec.Command("git", "-C", "..", "grep", "-l", "--untracked", "app[.]context'", "--", "*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range strings.Fields(string(out)) {
		if dir := path.Dir(file); dir != "domain/tenancy" && dir != "web" {
			t.Errorf("%s names the tenant setting: only domain/tenancy may", file)
		}
	}
}

func TestTopLevel(t *testing.T) {
	allowed := map[string]bool{}
	for _, name := range strings.Fields(`web views static handlers domain migrations go.mod go.sum tailwind.config.js package.json package-lock.json Makefile README.md LICENSE`) {
		allowed[name] = true
	}
	out, err := exec.Command("git", "-C", "..", "ls-tree", "--name-only", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		if !allowed[name] && !strings.HasPrefix(name, ".") {
			t.Errorf("%s stands at the top level: the design names what may", name)
		}
	}
}

func TestForbiddenArrowsAreSeen(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"domain/patients", "anteroom/domain/scheduling"}, {"domain/audit", "anteroom/domain/identity"}, {"domain/scheduling", "github.com/gofiber/fiber/v2"},
		{"domain/calls", "anteroom/handlers"}, {"handlers", "github.com/jackc/pgx/v5/pgxpool"}, {"views", "anteroom/domain/tenancy"},
		{"views/ui", "anteroom/domain/scheduling"}, {"static", "anteroom/domain/fault"}, {"domain/newword", "anteroom/domain/fault"},
	} {
		if forbidden(c.from, c.to) == "" {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
	for _, c := range []struct{ from, to string }{
		{"domain/calls", "anteroom/domain/scheduling"}, {"handlers", "anteroom/views"}, {"views", "anteroom/static"}, {"web", "anteroom/migrations"},
		{"domain/tenancy", "github.com/jackc/pgx/v5/pgxpool"},
	} {
		if why := forbidden(c.from, c.to); why != "" {
			t.Errorf("%s may not import %s: %s", c.from, c.to, why)
		}
	}
}
