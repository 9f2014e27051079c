package handlers

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/views/ui"
)

// keptSite has a page with a form of every kind of control, and one whose form is nowhere.
type keptSite struct {
	*site
	north tenancy.Scope
	ann   uuid.UUID
	sent  []url.Values
}

const keptPage = `<!DOCTYPE html><html><head><title>Thing</title></head><body><main><h1>Thing</h1>
<form method="post" action="/elsewhere"><textarea name="note"></textarea></form>
<details><form id="f" method="post" action="/thing"><input type="hidden" name="_csrf" value="CSRF">
<textarea name="note">before</textarea><input name="name" value="was"><input type="checkbox" name="clinical" value="1" checked>
<select name="why"><option value="a" selected>A</option><option value="b">B</option></select>
<input type="radio" name="when" value="x"><input type="radio" name="when" value="y"><input type="password" name="pin"><button name="do" value="save">Save</button></form></details></main></body></html>`

func newKeptSite(t *testing.T) *keptSite {
	t.Helper()
	k := &keptSite{site: newSite(t)}
	k.north = k.db.Clinic(t, "Northside", "Europe/London")
	k.ann = k.member(k.north, "ann@northside.example", identity.FrontDesk)
	k.app = k.start()
	return k
}

func (k *keptSite) start() *fiber.App {
	return k.serveTable(func(a *app) {
		a.table = append(a.table,
			route{Method: get, Path: "/thing", Audience: person, Handler: func(c *fiber.Ctx) error {
				c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
				return c.SendString(strings.ReplaceAll(keptPage, "CSRF", a.csrf(c)))
			}},
			route{Method: post, Path: "/thing", Audience: person, Handler: k.save},
			route{Method: post, Path: "/lost", Audience: person, Handler: k.save})
	})
}

func (k *keptSite) save(c *fiber.Ctx) error {
	sent, err := url.ParseQuery(string(c.Body()))
	k.sent = append(k.sent, sent)
	return errors.Join(c.SendString("saved"), err)
}

const typedNote = `Sensitive to "latex" </textarea><script>alert(1)</script>`

var keptField = regexp.MustCompile(`name="kept" value="([^"]*)"`)

// ended is a browser of Ann's whose session was ended in the database.
func (k *keptSite) ended() *browser {
	k.t.Helper()
	b := k.browser()
	b.signIn("ann@northside.example")
	k.exec(`delete from person_sessions`)
	k.exec(`delete from sessions`)
	k.app = k.start() // another process: it remembers nothing of the session
	b.app = k.app
	return b
}

// sendTyped is the answer to a form that Ann's browser sends too late, and what it seals.
func (k *keptSite) sendTyped(b *browser, path string, more ...string) (sealed string, a answer) {
	k.t.Helper()
	a = b.post(path, append([]string{"note", typedNote, "why", "b", "when", "y", "left", "over", "do", "save"}, more...)...)
	if m := keptField.FindStringSubmatch(a.Body); m != nil {
		sealed = m[1]
	}
	return sealed, a
}

func (k *keptSite) signsIn(b *browser, email, kept string) answer {
	k.t.Helper()
	return b.post("/sign-in", "email", email, "password", testPassword, "next", "/thing", "kept", kept)
}

// notGiven says that signing in with this gives nothing back, and says so.
func (k *keptSite) notGiven(b *browser, email, kept string) {
	k.t.Helper()
	k.signsIn(b, email, kept).to(k.t, "/thing")
	page := b.get("/thing").want(k.t, 200)
	if strings.Contains(page.Body, "What you typed") || strings.Contains(page.Body, "latex") {
		k.t.Fatalf("it was given back:\n%s", page.Body)
	}
	b.get("/sessions").want(k.t, 200, "What was typed is not kept")
}

func TestAFormOutlivesItsSession(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.ended()
	kept, a := k.sendTyped(b, "/thing", "password", "hunter two", "current", "hunter two")
	a.want(t, 401, "What you typed is kept for ten minutes", `name="next" value="/thing"`)
	if kept == "" || strings.Contains(a.Body, "latex") || strings.Contains(a.Body, "ann@") {
		t.Fatalf("kept %q in\n%s", kept, a.Body)
	}
	if len(k.sent) != 0 {
		t.Fatal("it was saved by somebody who is not signed in")
	}
	// Wrong passwords do not lose it.
	wrong := b.post("/sign-in", "email", "ann@northside.example", "password", "no", "next", "/thing", "kept", kept).want(t, 401, "do not belong together")
	if m := keptField.FindStringSubmatch(wrong.Body); m == nil || m[1] != kept {
		t.Fatal("a wrong password lost it")
	}
	k.signsIn(b, "ann@northside.example", kept).to(t, "/thing")
	k.never("latex")
	page := b.get("/thing").want(t, 200, "What you typed is back", "Nothing was saved yet", `<details open="">`,
		`<textarea name="note">Sensitive to &#34;latex&#34; &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>`,
		`<option value="b" selected="">`, `value="y" checked=""`, `<input type="hidden" name="left" value="over"/>`, `<textarea name="note"></textarea>`)
	for _, not := range []string{"hunter", "<script>alert", `value="a" selected`, `value="1" checked`, `name="do" value="save"/>`} {
		if strings.Contains(page.Body, not) {
			t.Errorf("%q is in\n%s", not, page.Body)
		}
	}
	if again := b.get("/thing").want(t, 200); strings.Contains(again.Body, "latex") {
		t.Error("it was given back twice")
	}
	if strings.Contains(k.log.String(), "latex") {
		t.Error("the log holds what was typed")
	}
}

// never says that no session in the database holds a word.
func (k *keptSite) never(word string) {
	k.t.Helper()
	var n int
	if err := k.db.Owner(k.t).QueryRow(k.t.Context(), `select count(*) from sessions where position($1::bytea in data) > 0`, []byte(word)).Scan(&n); err != nil || n > 0 {
		k.t.Fatalf("%d sessions hold %q (%v)", n, word, err)
	}
}

func TestAFormWhosePageIsNotThereIsOfferedAsItIs(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.ended()
	kept, _ := k.sendTyped(b, "/lost")
	k.signsIn(b, "ann@northside.example", kept).to(t, "/thing")
	page := b.get("/thing").want(t, 200, "Its form is not on this page", `action="/lost"`, `name="note" value="Sensitive to &#34;latex&#34; &lt;/textarea&gt;`)
	csrf := regexp.MustCompile(`name="_csrf" value="([^"]+)"`).FindStringSubmatch(page.Body)
	if csrf == nil || csrf[1] == b.csrf {
		t.Fatal("the banner has no fresh token")
	}
	b.csrf = csrf[1]
	b.post("/lost", "note", typedNote).want(t, 200, "saved")
}

func TestAnHTMXRequestIsAnsweredWithTheWholePage(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.ended()
	a := b.do("POST", "/thing", url.Values{"note": {typedNote}}.Encode(), "Content-Type", fiber.MIMEApplicationForm, "HX-Request", "true", ui.CSRFHeader, b.csrf,
		"Referer", "http://example.com/thing?day=1").want(t, 401, "What you typed is kept", `name="next" value="/thing?day=1"`)
	for name, want := range map[string]string{"HX-Retarget": "body", "HX-Reselect": "body", "HX-Replace-Url": "/sign-in", "HX-Redirect": ""} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestAFormIsKeptForItsOwnPersonOnly(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	k.member(k.north, "bob@northside.example", identity.FrontDesk)
	b := k.ended()
	kept, _ := k.sendTyped(b, "/thing")
	k.notGiven(b, "bob@northside.example", kept)
}

// resealed is a form of Ann's with something changed by somebody who has the key, as a test of what is checked after opening.
func (k *keptSite) resealed(purpose string, change func(*keptForm)) string {
	k.t.Helper()
	form := keptForm{Person: k.ann, Clinic: k.north.Clinic, Path: "/thing", Fields: url.Values{"note": {typedNote}}, At: time.Now()}
	change(&form)
	plain, err := json.Marshal(form)
	must(k.t, err)
	sealed, err := testVault(k.t).SealBriefly(purpose, plain)
	must(k.t, err)
	return base64.StdEncoding.EncodeToString(sealed)
}

// flipped is what was sealed with one character in the middle changed.
func flipped(sealed string) string {
	b := []byte(sealed)
	if at := len(b) / 2; b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

func TestAKeptFormThatIsNotOneIsNotGivenBack(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	lake := k.db.Clinic(t, "Lakeview", "America/New_York")
	good := k.resealed(keptPurpose, func(*keptForm) {})
	for name, kept := range map[string]string{
		"changed":          flipped(good),
		"no base64":        "%%%",
		"nothing sealed":   "AAAA",
		"other purpose":    k.resealed(ownerPurpose, func(*keptForm) {}),
		"other clinic":     k.resealed(keptPurpose, func(f *keptForm) { f.Clinic = lake.Clinic }),
		"other person":     k.resealed(keptPurpose, func(f *keptForm) { f.Person = uuid.New() }),
		"too old":          k.resealed(keptPurpose, func(f *keptForm) { f.At = time.Now().Add(-keptFor) }),
		"too large":        k.resealed(keptPurpose, func(f *keptForm) { f.Fields.Set("note", strings.Repeat("latex ", keptMost)) }),
		"much too garbled": strings.Repeat("A", 200_000),
	} {
		b := k.browser()
		b.get("/sign-in")
		t.Run(name, func(t *testing.T) { k.notGiven(b, "ann@northside.example", kept) })
	}
	b := k.browser() // and what is whole is: the cases above fail for what they say
	b.get("/sign-in")
	k.signsIn(b, "ann@northside.example", good).to(t, "/thing")
	b.get("/thing").want(t, 200, "What you typed is back")
}

func TestOnlyAFormOfTheSessionThatEndedIsKept(t *testing.T) {
	t.Parallel()
	form := url.Values{"note": {typedNote}}
	for name, send := range map[string]func(k *keptSite, b *browser) answer{
		"no cookie": func(k *keptSite, b *browser) answer {
			delete(b.cookies, "anteroom-was")
			return b.post("/thing", "note", typedNote)
		},
		"changed cookie": func(k *keptSite, b *browser) answer {
			b.cookies["anteroom-was"] = flipped(b.cookies["anteroom-was"])
			return b.post("/thing", "note", typedNote)
		},
		"a kept form as the cookie": func(k *keptSite, b *browser) answer {
			b.cookies["anteroom-was"] = k.resealed(keptPurpose, func(*keptForm) {})
			return b.post("/thing", "note", typedNote)
		},
		"an old cookie": func(k *keptSite, b *browser) answer {
			plain, _ := json.Marshal(owner{Person: k.ann, Clinic: k.north.Clinic, CSRF: b.csrf, At: time.Now().Add(-2 * lifetime)})
			sealed, err := testVault(k.t).SealBriefly(ownerPurpose, plain)
			must(k.t, err)
			b.cookies["anteroom-was"] = base64.RawURLEncoding.EncodeToString(sealed)
			return b.post("/thing", "note", typedNote)
		},
		"wrong token": func(k *keptSite, b *browser) answer { b.csrf = "wrong"; return b.post("/thing", "note", typedNote) },
		"no token":    func(k *keptSite, b *browser) answer { b.csrf = ""; return b.post("/thing", "note", typedNote) },
		"another site": func(k *keptSite, b *browser) answer {
			form.Set(ui.CSRFField, b.csrf)
			return b.do("POST", "/thing", form.Encode(), "Content-Type", fiber.MIMEApplicationForm, "Sec-Fetch-Site", "cross-site")
		},
		"signing out": func(k *keptSite, b *browser) answer { return b.post("/sign-out", "note", typedNote) },
		"the clinic": func(k *keptSite, b *browser) answer {
			return b.post("/clinics/switch", "clinic", k.north.Clinic.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKeptSite(t)
			b := k.ended()
			if b.cookies["anteroom-was"] == "" {
				t.Fatal("the browser has no cookie of its last session")
			}
			send(k, b).to(t, "/sign-in")
		})
	}
}

func TestWhatCannotBeKeptIsSaidToBeLost(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.ended()
	csrf := b.csrf
	for name, fields := range map[string][]string{
		"too much":            {"note", strings.Repeat("x", keptMost)},
		"nothing":             {},
		"nothing but secrets": {"password", "hunter", "current", "h", "new", "h", "again", "h", "api_key", "h"},
	} {
		b.csrf = csrf // the page that asks for the password has another
		a := b.post("/thing", fields...).want(t, 401, "not saved and is not kept")
		if strings.Contains(a.Body, `name="kept"`) {
			t.Errorf("%s is kept", name)
		}
	}
}

func TestSigningOutForgetsWhoWasHere(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.browser()
	b.signIn("ann@northside.example")
	was := b.cookies["anteroom-was"]
	if was == "" || strings.Contains(was, k.ann.String()) {
		t.Fatalf("the cookie is %q", was)
	}
	b.post("/sign-out").to(t, "/sign-in")
	if b.cookies["anteroom-was"] != "" {
		t.Fatal("it is still there")
	}
	c := k.browser()
	c.cookies["anteroom-was"] = was
	c.get("/sessions").to(t, needSignIn) // it opens nothing
}

// What is no page, or leads elsewhere, does not use it up.
func TestAFormWaitsForItsPage(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	b := k.browser()
	b.get("/sign-in")
	k.signsIn(b, "ann@northside.example", k.resealed(keptPurpose, func(*keptForm) {})).to(t, "/thing")
	b.get("/no-such-page").want(t, 404)
	b.get("/").to(t, "/today")
	b.get("/thing").want(t, 200, "What you typed is back")
}

func TestNoFieldOfAPasswordIsKept(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../views/*.templ")
	must(t, err)
	field := regexp.MustCompile(`Name: "([^"]+)"[^}]*Type: "password"`)
	found := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		must(t, err)
		for _, m := range field.FindAllStringSubmatch(string(text), -1) {
			if found++; !slices.Contains(neverKept, m[1]) {
				t.Errorf("%s: %s would be kept", f, m[1])
			}
		}
	}
	if found < 5 {
		t.Fatalf("found %d fields of passwords", found)
	}
}

func TestAFormComesBackOnAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	k := newKeptSite(t)
	id := uuid.NewString()
	for _, x := range [][3]string{
		{"/patients/" + id + "/notes", "/patients/" + id, "/patients/" + id},
		{"/patients/" + id, "/patients/" + id + "/edit", "/patients/" + id + "/edit"},
		{"/patients/" + id, "", "/patients/" + id + "/edit"},
		{"/appointments", "/appointments/new?slot=" + id, "/appointments/new?slot=" + id},
		{"/appointments", "/schedule", "/appointments/new"},
		{"/appointments/" + id + "/cancel", "/schedule?date=2026-12-01", "/appointments/" + id},
		{"/calls/" + id + "/misses", "/calls/" + id, "/calls/" + id + "/misses/new"},
		{"/messages/" + id + "/done", "/today", "/today"},
	} {
		b := k.ended()
		header := []string{"Content-Type", fiber.MIMEApplicationForm}
		if x[1] != "" {
			header = append(header, "Referer", "http://example.com"+x[1])
		}
		b.do("POST", x[0], url.Values{ui.CSRFField: {b.csrf}, "note": {typedNote}}.Encode(), header...).want(t, 401, `name="next" value="`+x[2]+`"`)
	}
	b := k.ended()
	b.do("POST", "/thing", url.Values{ui.CSRFField: {b.csrf}, "note": {typedNote}}.Encode(), "Content-Type", fiber.MIMEApplicationForm, "Referer", "http://evil.example/patients").
		want(t, 401, `name="next" value="/thing"`)
}
