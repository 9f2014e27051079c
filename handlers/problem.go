package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"anteroom/domain/fault"
)

// statuses is the one map from kinds of failure to HTTP.
var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Expired:         http.StatusGone,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

var titles = map[int]string{
	400: "That could not be read",
	401: "Not signed in",
	403: "Not allowed",
	404: "Not found",
	405: "Method not allowed",
	409: "Conflict",
	410: "It has ended",
	413: "Too large",
	415: "Not JSON",
	422: "Some of that is not right",
	429: "Too many tries",
	500: "Our mistake",
	503: "Not available just now",
}

// problem is a failure on its way out.
type problem struct {
	status int
	fault  *fault.Fault
	cause  error // logged; nil when a person caused it and can mend it
}

// httpError is a failure that only HTTP knows: it has a status of its own.
func httpError(status int, code, words string) error {
	return &problem{status: status, fault: fault.New("", code, words)}
}

func (p *problem) Error() string { return p.fault.Words }

const apology = "Something failed on our side. Nothing was changed, and it has been logged."

// problemOf sorts an error. What is not a fault is internal, except that a database which does not answer is "try again".
func problemOf(err error) *problem {
	var p *problem
	var fe *fiber.Error
	f := fault.As(err)
	switch {
	case errors.As(err, &p):
		return p
	case f != nil:
		status, ok := statuses[f.Kind]
		if !ok {
			return &problem{status: 500, fault: fault.New("", "internal", apology), cause: err}
		}
		p = &problem{status: status, fault: f}
		if status >= 500 {
			p.cause = err
		}
		return p
	case errors.As(err, &fe):
		return ofFiber(fe)
	case isOutage(err):
		return &problem{status: 503, fault: fault.New(fault.Unavailable, "unavailable", "The database does not answer just now. Nothing was changed. Please try again."), cause: err}
	}
	return &problem{status: 500, fault: fault.New("", "internal", apology), cause: err}
}

// ofFiber gives words of ours to what the server refused by itself: its own may quote the request.
func ofFiber(e *fiber.Error) *problem {
	switch e.Code {
	case 404:
		return &problem{status: 404, fault: fault.New(fault.NotFound, "not-found", "There is nothing at this address.")}
	case 405:
		return &problem{status: 405, fault: fault.New("", "method-not-allowed", "This address does not take that kind of request.")}
	case 413:
		return &problem{status: 413, fault: fault.New("", "too-large", "What was sent is larger than 5 MB. Nothing was saved.")}
	}
	if e.Code >= 400 && e.Code < 500 {
		return &problem{status: e.Code, fault: fault.New("", "bad-request", "The request could not be read.")}
	}
	return &problem{status: 500, fault: fault.New("", "internal", apology), cause: e}
}

// isOutage: no connection, one that broke, a server that starts or stops (57P01 to 57P03), is full (53300), or took too long.
func isOutage(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) { // whatever the server's reason
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "57P0") || strings.HasPrefix(pg.Code, "08") || pg.Code == "53300" || pg.Code == "57014"
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// fail is where every error of every request ends.
func (a *app) fail(c *fiber.Ctx, err error) error {
	if errors.Is(err, errOtherWindow) {
		c.Set("HX-Refresh", "true")
		a.secure(c)
		return c.SendStatus(http.StatusOK)
	}
	p := problemOf(err)
	a.logProblem(c, p)
	a.secure(c)
	if w, ok := p.fault.Detail.(interface{ RetryAfter() time.Duration }); ok {
		setRetryAfter(c, w.RetryAfter())
	} else if p.status == 503 || p.status == 429 {
		setRetryAfter(c, 5*time.Second)
	}
	switch {
	case strings.HasPrefix(c.Path(), "/api/"), p.status == 413 && !strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML):
		return sendProblem(c, p) // of a chunked body that is too large not even the path is known: who asks for no page is a program
	case strings.HasPrefix(c.Path(), "/static/") || c.Path() == "/healthz" || c.Path() == "/readyz":
		return c.Status(p.status).SendString(p.fault.Words)
	}
	return a.errorPage(c, p)
}

func setRetryAfter(c *fiber.Ctx, d time.Duration) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

func (a *app) logProblem(c *fiber.Ctx, p *problem) {
	if p.cause == nil {
		return
	}
	r := of(c)
	attrs := []slog.Attr{slog.String("request", r.id), slog.String("route", pattern(c)), slog.String("error", withoutValues(p.cause))}
	var pg *pgconn.PgError
	if errors.As(p.cause, &pg) {
		attrs = append(attrs, slog.String("sqlstate", pg.Code), slog.String("table", pg.TableName), slog.String("constraint", pg.ConstraintName))
	}
	var panicked *panicked
	if errors.As(p.cause, &panicked) {
		attrs = append(attrs, slog.String("stack", string(panicked.stack)))
	}
	a.Log.LogAttrs(context.Background(), slog.LevelError, "request failed", attrs...)
}

// withoutValues is the text of an error without the database's message, which may quote what somebody typed.
func withoutValues(err error) string {
	words := err.Error()
	if f := fault.As(err); f != nil && f.Unwrap() != nil {
		words += ": " + withoutValues(f.Unwrap())
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Message != "" {
		words = strings.ReplaceAll(words, pg.Message, "…")
	}
	return words
}

// problemDocument is what a program is told: RFC 9457. A fault's detail may add members of its own, which programs read beside the standard ones.
func problemDocument(c *fiber.Ctx, p *problem) map[string]any {
	body := map[string]any{}
	if d, ok := p.fault.Detail.(interface{ ProblemMembers() map[string]any }); ok {
		for k, v := range d.ProblemMembers() {
			body[k] = v
		}
	}
	body["type"] = "/problems/" + p.fault.Code
	body["title"] = titleOf(p.status)
	body["status"] = p.status
	body["detail"] = p.fault.Words
	body["instance"] = "urn:uuid:" + of(c).id
	if len(p.fault.Fields) > 0 {
		body["errors"] = p.fault.Fields
	}
	return body
}

func sendProblem(c *fiber.Ctx, p *problem) error {
	if p.status == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	b, err := json.Marshal(problemDocument(c, p))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(p.status).Send(b)
}

func titleOf(status int) string {
	if t, ok := titles[status]; ok {
		return t
	}
	return http.StatusText(status)
}
