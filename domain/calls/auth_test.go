package calls_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func headers(pairs ...string) func(string) string {
	return func(asked string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.EqualFold(asked, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func (c *clinic) issue(in calls.NewCredential) (issued calls.IssuedSecret) {
	c.t.Helper()
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		issued, err = c.board.Issue(ctx, tx, in)
		return err
	})
	return issued
}

func (c *clinic) shutOut(what string, in calls.Presented) {
	c.t.Helper()
	if a, err := c.board.Authenticate(context.Background(), in); !fault.Is(err, fault.Unauthenticated) {
		c.t.Errorf("%s: admitted %+v (%v)", what, a, err)
	}
}

func (c *clinic) admitted(what string, in calls.Presented) calls.Admission {
	c.t.Helper()
	a, err := c.board.Authenticate(context.Background(), in)
	if err != nil || a.Scope.Clinic != c.admin.Clinic {
		c.t.Errorf("%s: %+v %v", what, a, err)
	}
	return a
}

func TestABearerTokenStandsInTheClinicsHeader(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	b := c.issue(calls.NewCredential{Style: calls.StyleBearer, Settings: calls.Settings{Header: "x-clinic-key", Prefix: "Token "}})
	named := headers("X-Clinic-Key", "Token "+b.Secret, calls.CredentialHeader, b.ID.String())
	c.admitted("named by a header", calls.Presented{Header: named})
	c.admitted("named by the address", calls.Presented{Header: headers("X-Clinic-Key", "token "+b.Secret), Credential: b.ID.String()})
	for what, in := range map[string]calls.Presented{
		"not named":         {Header: headers("X-Clinic-Key", "Token "+b.Secret)},
		"without prefix":    {Header: headers("X-Clinic-Key", b.Secret), Credential: b.ID.String()},
		"in another header": {Header: headers("X-Vapi-Secret", b.Secret, "Authorization", "Bearer "+b.Secret), Credential: b.ID.String()},
		"by another's name": {Header: headers("X-Vapi-Secret", c.secret), Credential: b.ID.String()},
		"empty":             {Header: headers("X-Clinic-Key", "Token "), Credential: b.ID.String()},
		"named by nonsense": {Header: headers("X-Vapi-Secret", c.secret, calls.CredentialHeader, "x")},
		"named by nobody's": {Header: headers("X-Vapi-Secret", c.secret), Credential: tenancy.NewID().String()},
	} {
		c.shutOut(what, in)
	}
	plain := c.issue(calls.NewCredential{Style: calls.StyleBearer, Settings: calls.DefaultSettings(calls.StyleBearer)})
	c.admitted("in Authorization", calls.Presented{Header: headers("Authorization", "Bearer "+plain.Secret)})
	c.shutOut("in X-Vapi-Secret", calls.Presented{Header: headers("X-Vapi-Secret", plain.Secret)})

	// Authorization with another word than Bearer: there it is not looked for, so it must be named, and the page says so.
	odd := c.issue(calls.NewCredential{Style: calls.StyleBearer, Settings: calls.Settings{Header: "Authorization", Prefix: "Token "}})
	if plain.MustBeNamed || !odd.MustBeNamed {
		t.Errorf("must be named: %t with Bearer, %t with Token", plain.MustBeNamed, odd.MustBeNamed)
	}
	c.admitted("after Token", calls.Presented{Header: headers("Authorization", "Token "+odd.Secret), Credential: odd.ID.String()})
}

// sign is what Vapi does.
func sign(newHash func() hash.Hash, key, payload string, encode func([]byte) string) string {
	h := hmac.New(newHash, []byte(key))
	h.Write([]byte(payload))
	return encode(h.Sum(nil))
}

func TestASignatureIsGoodOnceAndWhileItIsFresh(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.issue(calls.NewCredential{Style: calls.StyleHMAC, Settings: calls.DefaultSettings(calls.StyleHMAC)})
	const body = `{"message":{"type":"hang","said":"{timestamp} {body}"}}`
	signed := func(stamp, key, over string) calls.Presented {
		s := sign(sha256.New, key, stamp+"."+over, hex.EncodeToString)
		return calls.Presented{Header: headers("X-Signature", s, "X-Timestamp", stamp, calls.CredentialHeader, k.ID.String()), Body: []byte(body)}
	}
	at := func(d time.Duration) time.Time { return thursday.Add(d) }
	stamps := map[string]string{
		"seconds": fmt.Sprint(at(0).Unix()), "milliseconds": fmt.Sprint(at(0).UnixMilli()), "with a fraction": fmt.Sprintf("%d.25", at(0).UnixMilli()),
		"microseconds": fmt.Sprint(at(0).UnixMicro()), "ISO": at(0).Format(time.RFC3339), "old but fresh": fmt.Sprint(at(-299 * time.Second).Unix()), "a clock ahead": fmt.Sprint(at(299 * time.Second).Unix()),
	}
	for what, stamp := range stamps {
		in := signed(stamp, k.Secret, body)
		c.admitted(what, in)
		c.shutOut("a replay, in "+what, in)
	}
	upper := signed(fmt.Sprint(at(time.Second).Unix()), k.Secret, body)
	c.admitted("once", upper)
	h := upper.Header
	upper.Header = func(n string) string {
		if n == "X-Signature" {
			return strings.ToUpper(h(n))
		}
		return h(n)
	}
	c.shutOut("a replay in capitals", upper)

	now := fmt.Sprint(at(2 * time.Second).Unix())
	good := signed(now, k.Secret, body)
	for what, in := range map[string]calls.Presented{
		"stale":                signed(fmt.Sprint(at(-301*time.Second).Unix()), k.Secret, body),
		"from the future":      signed(fmt.Sprint(at(301*time.Second).Unix()), k.Secret, body),
		"another key":          signed(now, "vs_other", body),
		"an empty key":         signed(now, "", body),
		"another body":         signed(now, k.Secret, body+" "),
		"no time":              signed("", k.Secret, body),
		"no number":            signed("NaN", k.Secret, body),
		"the year 1970":        signed("1", k.Secret, body),
		"no name":              {Header: headers("X-Signature", good.Header("X-Signature"), "X-Timestamp", now), Body: good.Body},
		"the key as a secret":  {Header: headers("X-Vapi-Secret", k.Secret)},
		"the key, and a name":  {Header: headers("X-Vapi-Secret", k.Secret, calls.CredentialHeader, k.ID.String())},
		"no signature":         {Header: headers("X-Timestamp", now, calls.CredentialHeader, k.ID.String()), Body: good.Body},
		"half of a signature":  {Header: headers("X-Timestamp", now, "X-Signature", good.Header("X-Signature")[:32], calls.CredentialHeader, k.ID.String()), Body: good.Body},
		"what is no hex":       {Header: headers("X-Timestamp", now, "X-Signature", "zz", calls.CredentialHeader, k.ID.String()), Body: good.Body},
		"a name with a prefix": {Header: headers("X-Timestamp", now, "X-Signature", good.Header("X-Signature"), calls.CredentialHeader, "urn:uuid:"+k.ID.String()), Body: good.Body},
	} {
		c.shutOut(what, in)
	}
	a := c.admitted("after all of that", good)
	if err := c.board.Withdraw(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	c.admitted("again, after a failure of ours", good)

	c.Clock.Advance(20 * time.Minute)
	c.admitted("twenty minutes later", signed(fmt.Sprint(at(20*time.Minute).Unix()), k.Secret, body))
	if n := c.ask(`select count(*)::int from vapi_signatures`); n != 1 {
		t.Errorf("%d signatures are remembered; those that are stale anyway were to go", n)
	}
}

func TestOneOfManyReplaysAtOnceIsAdmitted(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	k := c.issue(calls.NewCredential{Style: calls.StyleHMAC, Settings: calls.DefaultSettings(calls.StyleHMAC)})
	stamp := fmt.Sprint(thursday.Unix())
	in := calls.Presented{Body: []byte("{}"), Credential: k.ID.String(),
		Header: headers("X-Signature", sign(sha256.New, k.Secret, stamp+".{}", hex.EncodeToString), "X-Timestamp", stamp)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	admitted := 0
	for range 16 {
		wg.Go(func() {
			_, err := c.board.Authenticate(context.Background(), in)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				admitted++
			} else if !fault.Is(err, fault.Unauthenticated) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if admitted != 1 {
		t.Errorf("%d of 16 were admitted", admitted)
	}
}

func TestSignaturesAreOfTheClinicsKind(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	hashes := map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New, "sha1": sha1.New}
	encodings := map[string]func([]byte) string{"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString}
	for algorithm, newHash := range hashes {
		for encoding, encode := range encodings {
			st := calls.Settings{Header: "X-Hub-Signature", Prefix: algorithm + "=", Algorithm: algorithm, TimestampHeader: "X-Sent", IDHeader: "X-Message-Id",
				Payload: "v0:{id}:{timestamp}:{body}", Encoding: encoding, ToleranceSeconds: 60}
			k := c.issue(calls.NewCredential{Style: calls.StyleHMAC, Settings: st})
			stamp := fmt.Sprint(thursday.UnixMilli())
			value := algorithm + "=" + sign(newHash, k.Secret, "v0:msg_1:"+stamp+":body", encode)
			h := []string{"X-Hub-Signature", value, "X-Sent", stamp, "X-Message-Id", "msg_1"}
			c.admitted(algorithm+" in "+encoding, calls.Presented{Header: headers(h...), Credential: k.ID.String(), Body: []byte("body")})
			c.shutOut("another message's id", calls.Presented{Header: headers("X-Hub-Signature", value, "X-Sent", stamp, "X-Message-Id", "msg_2"), Credential: k.ID.String(), Body: []byte("body")})
			c.shutOut("without its prefix", calls.Presented{Header: headers("X-Hub-Signature", strings.TrimPrefix(value, algorithm+"="), "X-Sent", stamp, "X-Message-Id", "msg_1"), Credential: k.ID.String(), Body: []byte("body")})
		}
	}
}

func TestSettingsThatCouldNotHoldAreRefused(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	for what, change := range map[string]func(*calls.Settings){
		"payload":           func(s *calls.Settings) { s.Payload = "{body}" },
		"payload ":          func(s *calls.Settings) { s.Payload = "{timestamp}" },
		"id_header":         func(s *calls.Settings) { s.Payload = "{id}.{timestamp}.{body}" },
		"header":            func(s *calls.Settings) { s.Header = "" },
		"header ":           func(s *calls.Settings) { s.Header = "Cookie" },
		"timestamp_header":  func(s *calls.Settings) { s.TimestampHeader = "a b" },
		"algorithm":         func(s *calls.Settings) { s.Algorithm = "md5" },
		"encoding":          func(s *calls.Settings) { s.Encoding = "" },
		"tolerance_seconds": func(s *calls.Settings) { s.ToleranceSeconds = 86400 },
		"prefix":            func(s *calls.Settings) { s.Prefix = "é" },
	} {
		st := calls.DefaultSettings(calls.StyleHMAC)
		change(&st)
		ctx := context.Background()
		err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error {
			_, err := c.board.Issue(ctx, tx, calls.NewCredential{Style: calls.StyleHMAC, Settings: st})
			return err
		})
		if f := fault.As(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != strings.TrimSpace(what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAClientGetsATokenForAnHour(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClinic(t)
	client := c.issue(calls.NewCredential{Style: calls.StyleOAuth})
	scope, err := c.board.AuthenticateClient(ctx, client.ID.String(), client.Secret, "")
	if err != nil || scope.Clinic != c.admin.Clinic {
		t.Fatal(scope, err)
	}
	var token string
	if err := c.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) { token, err = calls.IssueToken(ctx, tx); return err }); err != nil {
		t.Fatal(err)
	}
	shown := calls.Presented{Header: headers("Authorization", "Bearer "+token)}
	c.admitted("the token", shown)
	c.admitted("the token, and a name", calls.Presented{Header: shown.Header, Credential: client.ID.String()})
	c.shutOut("the client's secret itself", calls.Presented{Header: headers("Authorization", "Bearer "+client.Secret)})
	c.shutOut("the client's secret, named", calls.Presented{Header: headers("Authorization", "Bearer "+client.Secret), Credential: client.ID.String()})
	for what, pair := range map[string][2]string{"another secret": {client.ID.String(), c.secret}, "another id": {tenancy.NewID().String(), client.Secret}, "nothing": {client.ID.String(), ""},
		"a token": {client.ID.String(), token}, "no id": {"", client.Secret}} {
		if _, err := c.board.AuthenticateClient(ctx, pair[0], pair[1], ""); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c.Clock.Advance(calls.TokenLife - time.Second)
	c.admitted("just before the hour", shown)
	c.Clock.Advance(time.Second)
	c.shutOut("after the hour", shown)

	if err := c.WithClinic(ctx, scope, func(tx *tenancy.Tx) (err error) { token, err = calls.IssueToken(ctx, tx); return err }); err != nil {
		t.Fatal(err)
	}
	if n := c.ask(`select count(*)::int from vapi_tokens`); n != 1 {
		t.Errorf("%d tokens are kept; the one that ended was to go", n)
	}
	c.in(func(ctx context.Context, tx *tenancy.Tx) error { return calls.RevokeSecret(ctx, tx, client.ID) })
	c.board.Changed(tenancy.Change{Clinic: c.admin.Clinic, Topic: "agents"})
	c.shutOut("a token of a revoked client", calls.Presented{Header: headers("Authorization", "Bearer "+token)})
}

func TestRotatingKeepsBothForAWhile(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	first := c.issue(calls.NewCredential{Style: calls.StyleSecret, Name: "Vapi"})
	show := func(s calls.IssuedSecret) calls.Presented {
		return calls.Presented{Header: headers("X-Vapi-Secret", s.Secret)}
	}
	c.admitted("before", show(first)) // remembered from here on
	var second calls.IssuedSecret
	c.in(func(ctx context.Context, tx *tenancy.Tx) (err error) {
		second, err = c.board.Rotate(ctx, tx, first.ID, time.Hour)
		return err
	})
	c.board.Changed(tenancy.Change{Clinic: c.admin.Clinic, Topic: "agents"})
	c.admitted("the old one", show(first))
	c.admitted("the new one", show(second))
	ctx := context.Background()
	err := c.WithClinic(ctx, c.admin, func(tx *tenancy.Tx) error { _, err := c.board.Rotate(ctx, tx, first.ID, time.Hour); return err })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("rotating twice: %v", err)
	}
	c.Clock.Advance(time.Hour)
	c.shutOut("the old one, after the hour", show(first))
	c.admitted("the new one, after the hour", show(second))
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		list, err := calls.ListSecrets(ctx, tx)
		for _, s := range list {
			if s.ID == second.ID && (s.Name != "Vapi" || s.UsedAt == nil || !s.Live(c.Clock.Now())) || s.ID == first.ID && s.Live(c.Clock.Now()) {
				t.Errorf("%+v", s)
			}
		}
		return err
	})
}

func TestOnlyFromVapisAddressesWhenTheClinicSaysSo(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	from := func(address string) calls.Presented {
		return calls.Presented{Header: headers("X-Vapi-Secret", c.secret), Address: address}
	}
	c.admitted("from anywhere", from("203.0.113.7"))
	c.in(func(ctx context.Context, tx *tenancy.Tx) error {
		return calls.SaveAccount(ctx, tx, calls.AccountInput{OnlyVapiAddresses: true})
	})
	c.board.Changed(tenancy.Change{Clinic: c.admin.Clinic, Topic: "agents"})
	for _, in := range []string{"167.150.224.0", "167.150.225.255", "::ffff:167.150.224.9"} {
		c.admitted(in, from(in))
	}
	for _, out := range []string{"203.0.113.7", "167.150.223.255", "167.150.226.0", "", "nonsense"} {
		c.shutOut(out, from(out))
	}
}

// The clinic has not told which assistants are its own, but another has told that this one is.
func TestAnotherClinicsAssistantIsRefusedFromOneThatHasNone(t *testing.T) {
	t.Parallel()
	db, v := tenancytest.NewWithClock(t, thursday), newVault(t)
	one, two := addClinic(t, db, v, "vs_test_one"), addClinic(t, db, v, "vs_test_two")
	two.in(func(ctx context.Context, tx *tenancy.Tx) error {
		_, err := calls.AddAgent(ctx, tx, calls.Agent{Name: "Mia", Direction: calls.Inbound, VapiAssistantID: "assistant-2", VapiPhoneID: "phone-2"})
		return err
	})
	for _, body := range []string{`{"message":{"type":"status-update","status":"in-progress","call":{"id":"call-1","assistantId":"assistant-2"}}}`,
		`{"message":{"type":"assistant-request","call":{"id":"call-1","phoneNumberId":"phone-2"}}}`} {
		if _, err := one.send(body); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", body, err)
		}
		two.must(body)
	}
	one.must(`{"message":{"type":"status-update","status":"in-progress","call":{"id":"call-2","assistantId":"nobodys"}}}`)
}
