package handlers

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"anteroom/domain/calls/vapitest"
	"anteroom/domain/identity"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

// agentSite is a server that asks a small Vapi, with a clinic and its admin.
func agentSite(t *testing.T) (*site, tenancy.Scope, *browser, *vapitest.Server) {
	t.Helper()
	key, err := privacy.NewMasterKey()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := privacy.NewVault(key)
	if err != nil {
		t.Fatal(err)
	}
	v := vapitest.New(t, "private-key-of-northside")
	s := newSite(t, func(d *Deps) { d.Vault, d.VapiURL = vault, v.URL })
	at := s.db.Clinic(t, "Northside", "Europe/London")
	return s, at, s.as(at, identity.Admin), v
}

var (
	issuedValue = regexp.MustCompile(`<pre id="issued-(\d)"[^>]*>([^<]*)</pre>`)
	rowID       = regexp.MustCompile(`/settings/agents/secrets/([0-9a-f-]{36})/revoke`)
)

// issued reads the values of the page that shows a new secret.
func issued(t *testing.T, a answer) (values []string) {
	t.Helper()
	for _, m := range issuedValue.FindAllStringSubmatch(a.Body, -1) {
		values = append(values, strings.ReplaceAll(m[2], "&amp;", "&"))
	}
	if len(values) == 0 {
		t.Fatalf("no secret is shown: %s", a.Body)
	}
	return values
}

func TestASecretIsShownOnceAndOpensTheWebhook(t *testing.T) {
	t.Parallel()
	s, _, b, _ := agentSite(t)
	b.get("/settings/agents").want(t, 200, "nothing of Vapi comes in", "Nobody answers the phone yet")
	made := b.post("/settings/agents/secrets", "style", "secret", "name", "Vapi production").want(t, 200, "Copy it now.")
	secret := issued(t, made)[0]
	if !strings.HasPrefix(secret, "vs_") {
		t.Fatalf("%q", secret)
	}
	s.hook(hook, `{"message":{"type":"hang"}}`, "X-Vapi-Secret", secret).want(t, 200, "{}")
	list := b.get("/settings/agents").want(t, 200, "Vapi production", "just now").lacks(t, secret)
	id := rowID.FindStringSubmatch(list.Body)[1]

	second := issued(t, b.post("/settings/agents/secrets/"+id+"/rotate", "overlap", "1h").want(t, 200, "The old one is good until"))[0]
	for _, each := range []string{secret, second} {
		s.hook(hook, `{"message":{"type":"hang"}}`, "X-Vapi-Secret", each).want(t, 200)
	}
	b.get("/settings/agents").want(t, 200, "Ends in 59 min")
	b.post("/settings/agents/secrets/"+id+"/rotate", "overlap", "1h").want(t, 409, "replaced already")
	b.post("/settings/agents/secrets/"+id+"/revoke").to(t, "/settings/agents")
	b.get("/settings/agents").want(t, 200, "1 ended secret", "Nothing that shows it comes in any more.")
	if log := s.log.String(); strings.Contains(log, secret) || strings.Contains(log, second) {
		t.Error("the log holds a secret")
	}
}

func TestAnOAuthClientGetsInByItsToken(t *testing.T) {
	t.Parallel()
	s, _, b, _ := agentSite(t)
	values := issued(t, b.post("/settings/agents/secrets", "style", "oauth").want(t, 200, "Client id", "Token address"))
	secret, id := values[0], values[1]
	form := "grant_type=client_credentials"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	const urlencoded = "application/x-www-form-urlencoded"
	for name, ask := range map[string]func() answer{
		"basic": func() answer {
			return s.browser().do(http.MethodPost, "/api/oauth/token", form, "Content-Type", urlencoded, "Authorization", basic)
		},
		"form": func() answer {
			return s.browser().do(http.MethodPost, "/api/oauth/token", form+"&client_id="+id+"&client_secret="+secret, "Content-Type", urlencoded)
		},
		"JSON": func() answer {
			return s.browser().do(http.MethodPost, "/api/oauth/token", fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, id, secret), "Content-Type", "application/json")
		},
	} {
		a := ask().want(t, 200)
		var said struct {
			AccessToken string `json:"access_token"`
			TokenType   string `json:"token_type"`
			ExpiresIn   int    `json:"expires_in"`
		}
		if err := json.Unmarshal([]byte(a.Body), &said); err != nil || said.TokenType != "Bearer" || said.ExpiresIn != 3600 || a.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %s %v", name, a.Body, err)
		}
		s.hook(hook, `{"message":{"type":"hang"}}`, "Authorization", "Bearer "+said.AccessToken).want(t, 200, "{}")
	}
	s.browser().do(http.MethodPost, "/api/oauth/token", "grant_type=password", "Content-Type", urlencoded, "Authorization", basic).want(t, 400, `"error":"unsupported_grant_type"`)
	s.browser().do(http.MethodPost, "/api/oauth/token", form, "Content-Type", urlencoded).want(t, 401, `"error":"invalid_client"`)
	s.hook(hook, `{"message":{"type":"hang"}}`, "Authorization", "Bearer "+secret).want(t, 401)
}

func TestASignedRequestNamesItsCredentialInTheAddress(t *testing.T) {
	t.Parallel()
	_, _, b, _ := agentSite(t)
	b.get("/settings/agents/secrets/new?style=hmac").want(t, 200, "X-Signature", "{timestamp}.{body}")
	values := issued(t, b.post("/settings/agents/secrets", "style", "hmac", "header", "X-Signature", "algorithm", "sha256", "timestamp_header", "X-Timestamp", "payload", "{timestamp}.{body}",
		"encoding", "hex", "tolerance", "300").want(t, 200, "Signing key"))
	if !strings.Contains(values[1], "/api/webhooks/vapi?credential=") {
		t.Errorf("the address is %q", values[1])
	}
	b.post("/settings/agents/secrets", "style", "hmac", "header", "X-Signature", "algorithm", "sha256", "timestamp_header", "X-Timestamp", "payload", "{body}", "encoding", "hex", "tolerance", "300").
		want(t, 422, "No secret was made", "must hold {timestamp} and {body}")
}

func TestAnAgentIsConnectedComparedAndPushed(t *testing.T) {
	t.Parallel()
	s, at, b, v := agentSite(t)
	v.Put(t, "a1", `{"model":{"provider":"openai","model":"gpt-4.1","tools":[]},"server":{"url":"https://old.example","timeoutSeconds":20}}`)
	b.get("/settings/agents")
	b.post("/settings/agents", "name", "", "direction", "inbound").want(t, 422, "Give the agent a name")
	where := b.post("/settings/agents", "name", "Ava", "direction", "inbound").Header.Get("Location")
	b.get(where).want(t, 200, "Enter the assistant’s id first.", "&#34;name&#34;: &#34;reschedule_appointment&#34;", "/api/webhooks/vapi")
	b.post(where, "name", "Ava", "vapi_assistant_id", "a 1", "active", "1").want(t, 422, "Ids at Vapi are of letters", `value="a 1"`)
	b.post(where, "name", "Ava", "vapi_assistant_id", "a1", "active", "1").to(t, where)
	b.get(where+"/push").want(t, 200, "There is no key for Vapi yet")

	b.post("/settings/agents/account/key", "api_key", "private-key-of-northside").to(t, "/settings/agents")
	b.post("/settings/agents/account/test").to(t, "/settings/agents")
	b.get("/settings/agents").want(t, 200, "Vapi takes it", "side").lacks(t, "private-key")
	compared := b.get(where+"/push").want(t, 200, "model.tools", "server.url", "https://old.example", "changes to Vapi")
	base := regexp.MustCompile(`name="base" value="([0-9a-f]+)"`).FindStringSubmatch(compared.Body)[1]
	v.Put(t, "a1", `{"model":{"provider":"openai","model":"gpt-4o","tools":[]},"server":{"url":"https://old.example","timeoutSeconds":20}}`)
	b.post(where+"/push", "base", base).want(t, 409, "Somebody changed this assistant at Vapi while you looked")
	base = regexp.MustCompile(`name="base" value="([0-9a-f]+)"`).FindStringSubmatch(b.get(where + "/push").Body)[1]
	b.post(where+"/push", "base", base).to(t, where)
	if !strings.Contains(v.Get("a1"), "book_appointment") || !strings.Contains(v.Get("a1"), "gpt-4o") {
		t.Errorf("the assistant is %s", v.Get("a1"))
	}
	after := b.get(where).want(t, 200, "Pushed to Vapi", "before a push")
	snapshot := regexp.MustCompile(where + `/snapshots/[0-9a-f-]{36}`).FindString(after.Body)
	compared = b.get(snapshot).want(t, 200, "puts Ava back", "https://old.example")
	base = regexp.MustCompile(`name="base" value="([0-9a-f]+)"`).FindStringSubmatch(compared.Body)[1]
	b.post(snapshot, "base", base).to(t, where)
	if strings.Contains(v.Get("a1"), "book_appointment") {
		t.Error("it was not put back")
	}
	v.Fail(http.StatusTooManyRequests)
	b.get(where+"/push").want(t, 200, "Vapi asks us to wait")
	b.post("/settings/agents/account/test")
	b.get("/settings/agents").want(t, 200, "It did not work", "Vapi asked us to wait.")

	reader := s.as(at, identity.FrontDesk)
	reader.get("/settings/agents").want(t, 200, "You can look").lacks(t, "Revoke", `href="/settings/agents/secrets/new"`)
	reader.get(where).want(t, 200, "A practice admin can compare and push.", "disabled")
	reader.get(where+"/push").want(t, 403)
	reader.post("/settings/agents/secrets", "style", "secret").want(t, 403)
	other := s.as(s.db.Clinic(t, "Lakeview", "America/New_York"), identity.Admin)
	other.get(where).want(t, 404)
	other.get(snapshot).want(t, 404)
	if log := s.log.String(); strings.Contains(log, "private-key") {
		t.Error("the log holds the key")
	}
}

func TestABodyOfFiveMegabytesIsTakenAndALargerOneIsNot(t *testing.T) {
	t.Parallel()
	s, at, b, _ := agentSite(t)
	secret := issued(t, b.post("/settings/agents/secrets", "style", "secret"))[0]
	body := func(size int) string {
		head, tail := `{"message":{"type":"transcript","call":{"id":"long"},"artifact":{"prompt":"`, `"}}}`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	s.hook(hook, body(5<<20), "X-Vapi-Secret", secret).want(t, 200, "{}")
	s.hook(hook, body(5<<20+1), "X-Vapi-Secret", secret).want(t, 413, "larger than 5 MB")
	s.hook(hook, body(1000)[:900], "X-Vapi-Secret", secret).want(t, 400, "broken-json")
	if n := s.count(at, `select count(*)::int from call_inbox`); n != 1 {
		t.Errorf("%d messages are kept", n)
	}
}

func TestTheStyleOfACredentialIsFromTheList(t *testing.T) {
	t.Parallel()
	_, _, b, _ := agentSite(t)
	b.get("/settings/agents/secrets/new?style=none").want(t, 200, "Shared secret")
	b.post("/settings/agents/secrets", "style", "none").want(t, 422, "Choose how Vapi proves who it is")
}

var formID = regexp.MustCompile(`<input type="hidden" name="id" value="([0-9a-f-]{36})">`)

// TestAFormSentTwiceMakesOneSecret: the page that shows a secret is the answer to the form, and reloading it sends the form again.
func TestAFormSentTwiceMakesOneSecret(t *testing.T) {
	t.Parallel()
	s, _, b, _ := agentSite(t)
	id := formID.FindStringSubmatch(b.get("/settings/agents/secrets/new").want(t, 200).Body)
	if id == nil {
		t.Fatal("the form has no id")
	}
	form := []string{"style", "secret", "name", "Vapi production", "id", id[1]}
	issued(t, b.post("/settings/agents/secrets", form...).want(t, 200, "Copy it now."))
	b.post("/settings/agents/secrets", form...).want(t, 409, "This secret was made already")
	var n int
	must(t, s.db.Owner(t).QueryRow(t.Context(), `select count(*) from vapi_credentials where name = 'Vapi production'`).Scan(&n))
	if n != 1 {
		t.Errorf("%d secrets", n)
	}
}
