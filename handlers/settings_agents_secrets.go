package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

var styleWords = map[string]string{calls.StyleSecret: "Shared secret", calls.StyleBearer: "Bearer token", calls.StyleHMAC: "Signature (HMAC)", calls.StyleOAuth: "OAuth 2"}

// howShown says where a credential stands in a request.
func howShown(s calls.Secret) string {
	switch s.Style {
	case calls.StyleBearer:
		return strings.TrimSpace("in " + s.Settings.Header + " after “" + strings.TrimSpace(s.Settings.Prefix) + "”")
	case calls.StyleHMAC:
		return "SHA-" + strings.TrimPrefix(s.Settings.Algorithm, "sha") + " in " + s.Settings.Header
	case calls.StyleOAuth:
		return "a token for an hour, by client id and secret"
	}
	return "in X-Vapi-Secret, or as a bearer token"
}

// secretRows parts what opens something from what does not any more.
func secretRows(all []calls.Secret, now time.Time, at *time.Location) (live, ended []views.SecretRow) {
	for _, s := range all {
		row := views.SecretRow{ID: s.ID.String(), Name: s.Name, Style: styleWords[s.Style], How: howShown(s), CreatedAt: s.CreatedAt.In(at), UsedAt: inZone(s.UsedAt, at),
			EndsAt: inZone(s.EndsAt, at), RevokedAt: inZone(s.RevokedAt, at)}
		if s.Live(now) {
			live = append(live, row)
		} else {
			ended = append(ended, row)
		}
	}
	return live, ended
}

func (a *app) newSecret(c *fiber.Ctx) error {
	style := c.Query("style", calls.StyleSecret)
	if styleWords[style] == "" {
		style = calls.StyleSecret
	}
	d := calls.DefaultSettings(style)
	return a.newSecretPage(c, http.StatusOK, views.NewSecret{Style: style, Header: d.Header, Prefix: d.Prefix, Algorithm: d.Algorithm, TimestampHeader: d.TimestampHeader, IDHeader: d.IDHeader,
		Payload: d.Payload, Encoding: d.Encoding, Tolerance: strconv.Itoa(d.ToleranceSeconds)}, nil)
}

func (a *app) newSecretPage(c *fiber.Ctx, status int, m views.NewSecret, problems []ui.Problem) error {
	m.Settings, m.ID = a.settings(c, "New secret"), tenancy.NewID().String()
	m.Settings.Problems = problems
	return page(c, status, views.NewSecretPage(m))
}

var secretFields = map[string]string{"name": "f-name", "header": "f-header", "prefix": "f-prefix", "algorithm": "f-algorithm", "timestamp_header": "f-timestamp_header",
	"id_header": "f-id_header", "payload": "f-payload", "encoding": "f-encoding", "tolerance_seconds": "f-tolerance"}

// issueSecret makes a credential and shows it in the answer itself: it is kept nowhere that could show it again.
func (a *app) issueSecret(c *fiber.Ctx) error {
	m := views.NewSecret{Style: posted(c, "style"), Name: posted(c, "name"), Header: posted(c, "header"), Prefix: posted(c, "prefix"), Algorithm: posted(c, "algorithm"),
		TimestampHeader: posted(c, "timestamp_header"), IDHeader: posted(c, "id_header"), Payload: posted(c, "payload"), Encoding: posted(c, "encoding"), Tolerance: posted(c, "tolerance")}
	in := calls.NewCredential{Name: m.Name, Style: m.Style, Settings: calls.Settings{Header: m.Header, Prefix: m.Prefix, Algorithm: m.Algorithm, TimestampHeader: m.TimestampHeader,
		IDHeader: m.IDHeader, Payload: m.Payload, Encoding: m.Encoding}}
	in.Settings.ToleranceSeconds, _ = strconv.Atoi(strings.TrimSpace(m.Tolerance))
	if form, err := uuid.Parse(posted(c, "id")); err == nil {
		in.ID = uuid.NewSHA1(scope(c).Clinic, form[:]) // nobody can choose another's
	}
	var issued calls.IssuedSecret
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		issued, err = a.calls.Issue(c.UserContext(), tx, in)
		return err
	})
	if err != nil {
		return refusedIn(err, func(status int, f *fault.Fault) error {
			return a.newSecretPage(c, status, m, problemsIn(f, secretFields))
		})
	}
	return a.issuedPage(c, issued, "")
}

// issuedPage lists what to take to Vapi.
func (a *app) issuedPage(c *fiber.Ctx, issued calls.IssuedSecret, old string) error {
	m := views.IssuedSecret{Settings: a.settings(c, "New secret"), Old: old}
	hook := strings.TrimRight(a.PublicURL, "/") + "/api/webhooks/vapi"
	row := func(label, value string, secret bool) {
		m.Rows = append(m.Rows, views.IssuedRow{Label: label, Value: value, Secret: secret})
	}
	switch issued.Style {
	case calls.StyleHMAC:
		row("Signing key", issued.Secret, true)
	case calls.StyleOAuth:
		row("Client secret", issued.Secret, true)
		row("Client id", issued.ID.String(), false)
		row("Token address", strings.TrimRight(a.PublicURL, "/")+"/api/oauth/token", false)
	default:
		row("Secret", issued.Secret, true)
	}
	if issued.MustBeNamed {
		hook += "?" + calls.CredentialQuery + "=" + issued.ID.String()
	}
	row("Server address", hook, false)
	return page(c, http.StatusOK, views.IssuedSecretPage(m))
}

func (a *app) rotateSecret(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	overlap, err := time.ParseDuration(posted(c, "overlap"))
	if err != nil {
		overlap = -1 // refused by the domain
	}
	var issued calls.IssuedSecret
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		issued, err = a.calls.Rotate(c.UserContext(), tx, id, overlap)
		return err
	})
	if err != nil {
		return err
	}
	old := "The old one has ended."
	if overlap > 0 {
		old = "The old one is good until " + time.Now().Add(overlap).In(zone(c)).Format("Mon 2 Jan, 15:04") + ". Change it at Vapi before then."
	}
	return a.issuedPage(c, issued, old)
}

func (a *app) revokeSecret(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error { return calls.RevokeSecret(c.UserContext(), tx, id) })
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Secret revoked", "Nothing that shows it comes in any more.")
	return seeOther(c, "/settings/agents")
}
