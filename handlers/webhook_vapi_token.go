package handlers

import (
	"encoding/base64"
	"mime"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// vapiClient routes are for the voice platform, by a client's id and secret (OAuth 2, client credentials).
var vapiClient = Audience{name: "vapi", enter: (*app).enterVapiClient}

// tokenRequest is the form of RFC 6749, section 4.4; some clients send it as JSON.
type tokenRequest struct {
	GrantType    string `json:"grant_type" form:"grant_type"`
	ClientID     string `json:"client_id" form:"client_id"`
	ClientSecret string `json:"client_secret" form:"client_secret"`
}

// oauthCode adds the error code that OAuth clients read.
type oauthCode string

// ProblemMembers is read beside the standard members of a problem document.
func (e oauthCode) ProblemMembers() map[string]any { return map[string]any{"error": string(e)} }

func (a *app) enterVapiClient(c *fiber.Ctx) error {
	in := readTokenRequest(c)
	var s tenancy.Scope
	err := a.limits.credential(of(c).address, in.ClientID+"\n"+in.ClientSecret, func() (err error) {
		s, err = a.calls.AuthenticateClient(c.UserContext(), in.ClientID, in.ClientSecret, of(c).address)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Unauthenticated {
		return f.With(oauthCode("invalid_client"))
	}
	if err != nil {
		return err
	}
	of(c).act(s)
	return a.limits.admit(s.Actor.ID)
}

// readTokenRequest takes the client from the Authorization header, where it is form-encoded within base64, or from the body.
func readTokenRequest(c *fiber.Ctx) (in tokenRequest) {
	kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind == fiber.MIMEApplicationForm || kind == fiber.MIMEApplicationJSON {
		_ = c.BodyParser(&in) // what cannot be read names no client
	}
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return in
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token))
	id, secret, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok {
		return in
	}
	in.ClientID, in.ClientSecret = decoded(id), decoded(secret)
	return in
}

func decoded(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// vapiToken answers an access token for an hour. There is none to refresh: the client asks again.
func (a *app) vapiToken(c *fiber.Ctx) error {
	if readTokenRequest(c).GrantType != "client_credentials" {
		return &problem{status: fiber.StatusBadRequest, fault: fault.New("", "unsupported-grant", "Only grant_type=client_credentials is known here.").With(oauthCode("unsupported_grant_type"))}
	}
	var token string
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		token, err = calls.IssueToken(c.UserContext(), tx)
		return err
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(fiber.Map{"access_token": token, "token_type": "Bearer", "expires_in": int(calls.TokenLife.Seconds())})
}
