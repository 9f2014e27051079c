package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
)

// request is what the core knows about the request that is being answered.
type request struct {
	id      string // ours: none is accepted from outside
	address string
	scope   tenancy.Scope // zero on public routes
	session *session      // nil without one
	member  identity.Membership
	clinics []identity.Membership
	pre     string // the CSRF token of a form before there is a session
}

type requestKey struct{}

// of is the request's; requests that fasthttp refused before any route get theirs here.
func of(c *fiber.Ctx) *request {
	if r, ok := c.Locals(requestKey{}).(*request); ok {
		return r
	}
	r := &request{id: tenancy.NewID().String(), address: c.IP()}
	c.Locals(requestKey{}, r)
	return r
}

// around is what happens to every request: an id, headers, recovery, one line in the log.
func (a *app) around(c *fiber.Ctx) error {
	start := time.Now()
	r := of(c)
	err := error(nil)
	if len(c.Request().Body()) > bodyLimit {
		err = fiber.ErrRequestEntityTooLarge
	} else if e := c.Get(fiber.HeaderContentEncoding); e != "" && e != "identity" {
		err = httpError(fiber.StatusUnsupportedMediaType, "encoded-body", "Send the body as it is, without a Content-Encoding.") // a small one can unpack to any size
	} else {
		err = safely(c)
	}
	if err != nil {
		if err := a.fail(c, err); err != nil {
			return err
		}
	}
	a.secure(c)
	if err := pack(c); err != nil {
		return err
	}
	level := slog.LevelInfo
	if c.Route().Path == "/healthz" || c.Route().Path == "/static/*" {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", c.Method()),
		slog.String("route", pattern(c)), // never the path: ids in it are somebody's
		slog.Int("status", c.Response().StatusCode()),
		slog.Float64("ms", float64(time.Since(start).Microseconds())/1000),
		slog.String("request", r.id),
		slog.String("address", r.address),
	}
	if r.scope.Clinic != uuid.Nil {
		attrs = append(attrs, slog.String("clinic", r.scope.Clinic.String()), slog.String("actor", r.scope.Actor.String()))
	}
	a.Log.LogAttrs(context.Background(), level, "request", attrs...)
	return nil
}

// pattern is the route as the table has it; what matched none is not repeated.
func pattern(c *fiber.Ctx) string {
	if p := c.Route().Path; p != "/" || c.Path() == "/" {
		return p
	}
	return "none"
}

// safely turns a panic into an error. The value of a panic may quote data: its type and the stack say enough, except for the runtime's own.
func safely(c *fiber.Ctx) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			err = &panicked{words: p.Error(), stack: debug.Stack()}
		case string:
			err = &panicked{words: p, stack: debug.Stack()} // our own panics, about the program
		default:
			err = &panicked{words: fmt.Sprintf("a %T", p), stack: debug.Stack()}
		}
	}()
	return c.Next()
}

type panicked struct {
	words string
	stack []byte
}

func (p *panicked) Error() string { return "panic: " + p.words }

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

// secure sets the headers of every answer. The referrer policy is same-origin: no address of ours goes elsewhere, and browsers then
// still name the origin of a form, which no-referrer turns into "null".
func (a *app) secure(c *fiber.Ctx) {
	set := func(name, value string) {
		if len(c.Response().Header.Peek(name)) == 0 {
			c.Set(name, value)
		}
	}
	set("Content-Security-Policy", policy)
	set("X-Content-Type-Options", "nosniff")
	set("Referrer-Policy", "same-origin")
	set("Cross-Origin-Opener-Policy", "same-origin")
	set("Cross-Origin-Resource-Policy", "same-origin")
	set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()")
	set("X-Frame-Options", "DENY")
	set("Cache-Control", "no-store")
	set("X-Request-Id", of(c).id)
	if a.Secure {
		set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}
