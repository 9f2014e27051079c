package handlers

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
)

var keptField = regexp.MustCompile(`name="kept" value="([^"]*)"`)

// ended is somebody at the desk who has typed into a form, and whose session ends before it is sent.
type ended struct {
	*front
	*browser
	email, form string
	fields      []string
}

func (f *front) typing() ended {
	f.t.Helper()
	e := ended{front: f, browser: f.browser(), email: "desk@northside.example", form: "/appointments/new?service=check&slot=" + f.slots[4].String()}
	f.member(f.Scope, e.email, identity.FrontDesk)
	e.signIn(e.email)
	e.get(e.form).want(f.t, 200)
	e.fields = []string{"slot", f.slots[4].String(), "near", f.slots[4].String(), "service", "check", "name", "Zora <b>Quillfeather</b>", "phone", "07700 900111", "notes", `likes "mornings"`}
	f.exec(`delete from sessions where token = $1`, storeKey(e.cookies["anteroom"])) // as the sweep does when its time is over
	return e
}

func (e ended) send(header ...string) answer {
	e.t.Helper()
	return e.sendTo("/appointments", e.fields, header...)
}

func (e ended) sendTo(path string, fields []string, header ...string) answer {
	e.t.Helper()
	form := url.Values{"_csrf": {e.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	h := append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin", "Referer", "http://example.com" + e.form}, header...)
	return e.do(http.MethodPost, "http://example.com"+path, form.Encode(), h...)
}

func (a answer) kept(t testing.TB) string {
	t.Helper()
	m := keptField.FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("nothing is kept in %d\n%s", a.Status, a.Body)
	}
	return html.UnescapeString(m[1])
}

func TestAFormOutlivesItsSession(t *testing.T) {
	t.Parallel()
	e := newFront(t).typing()
	asked := e.send().want(t, 401, "what you typed is kept", "Sign in").lacks(t, "Quillfeather", "900111", e.email)
	sealed := asked.kept(t)
	again := e.post("/sign-in", "email", e.email, "password", "not that", "kept", sealed, "next", e.form).want(t, 401).lacks(t, "Quillfeather")
	if again.kept(t) != sealed {
		t.Error("a wrong password loses the form")
	}
	e.post("/sign-in", "email", e.email, "password", testPassword, "kept", sealed, "next", e.form).to(t, e.form)
	var readable int
	must(t, e.db.Owner(t).QueryRow(t.Context(), `select count(*) from sessions where position('Quillfeather'::bytea in data) > 0`).Scan(&readable))
	if readable != 0 {
		t.Error("the session holds the form in the clear")
	}
	e.get("/static/css/app.css")
	back := e.get(e.form).want(t, 200, "What you typed is back in its form", `value="Zora &lt;b&gt;Quillfeather&lt;/b&gt;"`, `value="07700 900111"`, `likes &#34;mornings&#34;`).lacks(t, "<b>Quillfeather")
	if n := strings.Count(back.Body, `name="slot"`); n != 1 {
		t.Errorf("the start is there %d times", n)
	}
	e.get(e.form).want(t, 200).lacks(t, "What you typed is back", "Quillfeather")
	e.post("/appointments", e.fields...).want(t, http.StatusSeeOther)
}

func TestAFormWhosePageIsAnotherIsSentAsItIs(t *testing.T) {
	t.Parallel()
	e := newFront(t).typing()
	who := e.somebody(patients.Details{Name: "Grace Adeyemi", Phone: "+447700900123"}).ID.String()
	sealed := e.sendTo("/patients/"+who+"/notes", []string{"note", "Zebra <i>crossing</i>"}, "Referer", "http://elsewhere.example/x").want(t, 401).kept(t)
	e.post("/sign-in", "email", e.email, "password", testPassword, "kept", sealed, "next", "/today").to(t, "/today")
	page := e.get("/today").want(t, 200, "Its form is not on this page", "Send what I typed", `action="/patients/`+who+`/notes"`, `value="Zebra &lt;i&gt;crossing&lt;/i&gt;"`)
	if !strings.Contains(page.Body, `value="`+e.csrf+`"`) {
		t.Error("it cannot be sent: it has no token of this session")
	}
}

func TestAWindowThatAsksByScriptGetsTheWholeDoor(t *testing.T) {
	t.Parallel()
	e := newFront(t).typing()
	a := e.send("HX-Request", "true").want(t, 401, "what you typed is kept")
	if a.Header.Get("HX-Retarget") != "body" || a.Header.Get("HX-Replace-Url") != "/sign-in" || a.kept(t) == "" {
		t.Errorf("headers %v", a.Header)
	}
}

func TestWhatIsNoFormOfOursIsNotKept(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	whole := f.typing()
	was := whole.cookies["anteroom-was"]
	sealed, err := f.vault.SealBriefly(keptPurpose, []byte(`{}`))
	must(t, err)
	for name, c := range map[string]struct {
		change func(e *ended)
		header []string
	}{
		"no cookie":                 {change: func(e *ended) { delete(e.cookies, "anteroom-was") }},
		"a changed cookie":          {change: func(e *ended) { e.cookies["anteroom-was"] = was[:40] + flip(was[40]) + was[41:] }},
		"half a cookie":             {change: func(e *ended) { e.cookies["anteroom-was"] = was[:len(was)/2] }},
		"sealed for something else": {change: func(e *ended) { e.cookies["anteroom-was"] = base64.RawURLEncoding.EncodeToString(sealed) }},
		"another site":              {header: []string{"Sec-Fetch-Site", "cross-site"}},
		"another page's token":      {change: func(e *ended) { e.csrf = "somebody-elses-token" }},
		"no token":                  {change: func(e *ended) { e.csrf = "" }},
		"too large":                 {change: func(e *ended) { e.fields = []string{"notes", strings.Repeat("x", 70_000)} }},
		"nothing typed":             {change: func(e *ended) { e.fields = nil }},
		"no text":                   {change: func(e *ended) { e.fields = []string{"notes", "\xff\xfe"} }},
	} {
		e := whole
		copied := *whole.browser
		copied.cookies = map[string]string{"anteroom": whole.cookies["anteroom"], "anteroom-was": was}
		e.browser = &copied
		if c.change != nil {
			c.change(&e)
		}
		if a := e.send(c.header...); a.Status == 401 || strings.Contains(a.Body, `name="kept"`) {
			t.Errorf("%s: %d, something is kept", name, a.Status)
		}
	}
	e := whole
	if a := e.sendTo("/password", []string{"current", "secret-1", "new", "secret-2", "again", "secret-2"}); strings.Contains(a.Body, `name="kept"`) {
		t.Error("passwords are kept")
	}
	e.signIn(e.email)
	e.post("/sign-out").to(t, "/sign-in")
	if e.cookies["anteroom-was"] != "" {
		t.Error("signing out leaves who it was")
	}
}

func TestAKeptFormIsItsPersonsOwn(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	e := f.typing()
	sealed := e.send().kept(t)
	f.member(f.Scope, "other@northside.example", identity.FrontDesk)
	raw, err := base64.StdEncoding.DecodeString(sealed)
	must(t, err)
	plain, err := f.vault.OpenBriefly(keptPurpose, raw)
	must(t, err)
	var k keptForm
	must(t, json.Unmarshal(plain, &k))
	reseal := func(purpose string, change func(*keptForm)) string {
		t.Helper()
		other := k
		change(&other)
		b, err := json.Marshal(other)
		must(t, err)
		s, err := f.vault.SealBriefly(purpose, b)
		must(t, err)
		return base64.StdEncoding.EncodeToString(s)
	}
	for name, c := range map[string]struct{ email, kept string }{
		"somebody else":   {"other@northside.example", sealed},
		"too old":         {e.email, reseal(keptPurpose, func(k *keptForm) { k.At = k.At.Add(-keptFor - time.Second) })},
		"another clinic":  {e.email, reseal(keptPurpose, func(k *keptForm) { k.Clinic = k.Person })},
		"another purpose": {e.email, reseal(ownerPurpose, func(*keptForm) {})},
		"changed":         {e.email, sealed[:40] + flip(sealed[40]) + sealed[41:]},
		"no base64":       {e.email, "<script>"},
	} {
		b := f.browser()
		b.get("/sign-in")
		b.post("/sign-in", "email", c.email, "password", testPassword, "kept", c.kept, "next", e.form).to(t, e.form)
		page := b.get(e.form)
		if page.Status != 200 || strings.Contains(page.Body, "Quillfeather") || strings.Contains(page.Body, `id="kept"`) || !strings.Contains(page.Body, "The form was not kept.") {
			t.Errorf("%s: %d, given back or not told", name, page.Status)
		}
	}
}

func flip(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

// A field that looks something up while one types sends the whole form with it, to an address of its own.
func TestAFieldThatLooksUpKeepsItsForm(t *testing.T) {
	t.Parallel()
	e := newFront(t).typing()
	sealed := e.sendTo("/patients/suggest", append([]string{"q", "Zora"}, e.fields...), "HX-Request", "true", "HX-Current-URL", "http://example.com"+e.form).want(t, 401).kept(t)
	e.post("/sign-in", "email", e.email, "password", testPassword, "kept", sealed, "next", e.form).to(t, e.form)
	e.get(e.form).want(t, 200, "What you typed is back in its form", `value="Zora &lt;b&gt;Quillfeather&lt;/b&gt;"`, `value="07700 900111"`)
}
