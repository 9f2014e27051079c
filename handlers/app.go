// Package handlers turns requests into calls of the domain and answers into pages: parse, one domain verb inside a clinic's
// transaction, render. Rules and SQL live in domain, words and markup in views.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"

	"anteroom/domain/calls"
	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Deps is what the pages need from the program.
type Deps struct {
	DB        *tenancy.DB
	Vault     *privacy.Vault
	Log       *slog.Logger
	PublicURL string // scheme://host[:port]: the address people use
	Version   string
	Secure    bool // the public address is https: cookies are Secure and __Host-, HSTS is sent
	Demo      bool // shows the demo logins and the canned states

	// Behind a proxy: the header it sets to the client's address, and the proxies that are believed. Both empty: the peer's address.
	ProxyHeader    string
	TrustedProxies []string

	VapiURL string                      // the platform's API; empty: its usual address
	KeyRate float64                     // requests a second that one API key may make; 0: 1,000
	Ready   func(context.Context) error // nil: ready when the database answers
	Stop    context.Context             // what runs beside requests (listening for changes) ends with it; nil: never
}

const (
	bodyLimit   = 5 << 20
	readLimit   = 3 * bodyLimit // so much is read of a body that is too large: a sender who is cut off earlier sees a broken connection, and no answer
	requestTime = 10 * time.Second
	readTime    = 15 * time.Second
	keepAlive   = 2 * time.Minute
	sweepEvery  = 10 * time.Minute
)

type app struct {
	Deps
	table    []route
	sessions *scs.SessionManager
	store    *pgxstore.PostgresStore
	standing *identity.Sessions
	keys     *identity.Keys
	live     *hub
	streams  *streams
	beats    *expirable.LRU[pulseKey, beat]
	limits   *limits
	desk     *scheduling.Desk
	calls    *calls.Switchboard
	remote   *calls.Remote
	records  *calls.Records
	shown    *shownCalls

	directory *patients.Directory
	proving   atomic.Bool // the walls are being attacked
}

// New makes the web application; it panics on a route table that leaves anything unsaid.
func New(d Deps) *fiber.App { return newServer(newApp(d)) }

func newServer(a *app) *fiber.App {
	f := fiber.New(fiber.Config{
		AppName:               "Anteroom",
		Immutable:             true, // values of a request are kept past it: without this they would change under us
		BodyLimit:             readLimit,
		ReadTimeout:           readTime,
		IdleTimeout:           keepAlive, // no WriteTimeout: it would end event streams
		DisableStartupMessage: true,
		ErrorHandler:          a.fail,
		StrictRouting:         true,
		CaseSensitive:         true,

		ProxyHeader:             a.ProxyHeader,
		EnableIPValidation:      a.ProxyHeader != "",
		EnableTrustedProxyCheck: true,
		TrustedProxies:          a.TrustedProxies,
	})
	f.Use(a.around)
	a.mount(f)
	go a.listen()
	go a.sweep()
	return f
}

func newApp(d Deps) *app {
	if d.Stop == nil {
		d.Stop = context.Background()
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Ready == nil {
		d.Ready = d.DB.Ping
	}
	directory := patients.New(d.Vault)
	front := scheduling.NewDesk(d.Vault, directory)
	a := &app{Deps: d, store: d.DB.SessionStore(), standing: identity.NewSessions(d.DB), keys: identity.NewKeys(d.DB), live: newHub(), streams: newStreams(), beats: newPulses(),
		limits: newLimits(d.KeyRate),
		desk:   front, calls: calls.NewSwitchboard(d.DB, d.Vault, front, directory), records: calls.NewRecords(d.Vault, directory), shown: newShownCalls(), directory: directory}
	a.remote = calls.NewRemote(a.calls, calls.NewVapi(d.VapiURL, 0), d.PublicURL)
	a.sessions = newSessionManager(a.store)
	a.table = a.routes()
	return a
}

// listen hears what other requests and other processes changed, until the program stops.
func (a *app) listen() {
	a.DB.Listen(a.Stop, func(c tenancy.Change) {
		a.keys.Changed(c)
		a.standing.Changed(c)
		a.calls.Changed(c)
		a.live.changed(c)
	}, func() {
		a.keys.Lost()
		a.standing.Lost()
		a.calls.Lost()
		a.live.lost()
	})
}

// sweep removes sessions that ran out, until the program stops.
func (a *app) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-a.Stop.Done():
			return
		case <-tick.C:
			if err := a.DB.SweepSessions(a.Stop); err != nil && a.Stop.Err() == nil {
				a.Log.Error("sweep sessions", "error", withoutValues(err))
			}
		}
	}
}

// inClinic runs fn in a transaction of the request's clinic and actor. fn may run more than once: it must only touch the transaction
// and variables it sets anew.
func (a *app) inClinic(c *fiber.Ctx, fn func(tx *tenancy.Tx) error) error {
	return a.DB.WithClinic(c.UserContext(), scope(c), fn)
}

// scope is for whom this request acts: from the session or the credential, never from the URL or the body. It panics on a route whose
// audience has no clinic.
func scope(c *fiber.Ctx) tenancy.Scope {
	s := of(c).scope
	if s.Actor.Kind == "" {
		panic(fmt.Sprintf("handlers: %s has no clinic: its audience is public", c.Route().Path))
	}
	return s
}
