package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"anteroom/domain/identity"
	"anteroom/domain/patients"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/handlers"
	"anteroom/migrations"
)

// BenchCmd measures the product beside its limit: the same SQL from a bare pgx loop with as many connections, in the same run, on the same data.
// It starts a PostgreSQL of its own with the durability of production, and only ever talks to this machine.
type BenchCmd struct {
	Clients int           `default:"32" help:"Connections for the claims."`
	For     time.Duration `default:"4s" help:"How long each of the timed loops runs."`
	Clinics []int         `default:"10,1000" help:"Numbers of clinics to see the week page with."`
	Pool    int           `default:"${pool}" help:"Connections of the server for the tool calls: as many as serve opens."`
	Only    string        `enum:",claims,calls,redaction,reports,pages" default:"" help:"Only these measurements."`
}

// bench is a running server with its own database.
type bench struct {
	BenchCmd
	local    *LocalDB
	super    *pgx.Conn
	db       *tenancy.DB
	appDSN   string
	signer   *tenancy.Signer
	log      *slog.Logger
	vault    *privacy.Vault
	patients *patients.Directory
	desk     *scheduling.Desk
	addr     string
	recorder *recorder
	scope    tenancy.Scope
	token    string
	services []uuid.UUID
}

// Run measures and prints; times are never asserted.
func (b BenchCmd) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "anteroom-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	s, err := b.start(ctx, dir)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("PostgreSQL %s, fsync on; server, database and load share this machine's processors\n\n", s.version(ctx))
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{{"claims", s.claims}, {"calls", s.toolCalls}, {"redaction", s.redaction}, {"reports", s.reports}, {"pages", s.pages}} {
		if b.Only == "" || b.Only == part.name {
			if err := part.measure(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b BenchCmd) start(ctx context.Context, dir string) (*bench, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	s := &bench{BenchCmd: b, recorder: &recorder{}, log: log}
	var err error
	if s.local, err = startLocalDB(ctx, dir, LocalDBOptions{Log: log}); err != nil {
		return nil, err
	}
	key, err := newContextKey()
	if err != nil {
		return nil, err
	}
	signer, err := tenancy.NewSigner(key)
	if err != nil {
		return nil, err
	}
	const password = "bench"
	s.signer = signer
	if err := tenancy.Migrate(ctx, s.local.OwnerDSN(), password, migrations.FS, signer); err != nil {
		return nil, err
	}
	if s.appDSN, err = tenancy.AppDSN(s.local.OwnerDSN(), password); err != nil {
		return nil, err
	}
	if s.super, err = pgx.Connect(ctx, s.local.SuperuserDSN()); err != nil {
		return nil, err
	}
	if s.db, err = tenancy.Open(ctx, s.appDSN, signer, tenancy.Options{MaxConns: b.Clients, Tracer: s.recorder}); err != nil {
		return nil, err
	}
	master, err := privacy.NewMasterKey()
	if err != nil {
		return nil, err
	}
	if s.vault, err = privacy.NewVault(master); err != nil {
		return nil, err
	}
	s.patients = patients.New(s.vault)
	s.desk = scheduling.NewDesk(s.vault, s.patients)
	return s, s.serve(ctx, log)
}

func (s *bench) serve(ctx context.Context, log *slog.Logger) error {
	l, err := listenLoopback()
	if err != nil {
		return err
	}
	s.addr = l.Addr().String()
	app := handlers.New(handlers.Deps{DB: s.db, Vault: s.vault, Log: log, PublicURL: "http://" + s.addr, Version: version, Stop: ctx, KeyRate: 1e6})
	go func() { _ = app.Listener(l) }()
	return s.seedClinic(ctx)
}

func (s *bench) stop() {
	_ = s.super.Close(context.Background())
	s.db.Close()
	_ = s.local.Stop()
}

func (s *bench) version(ctx context.Context) (v string) {
	_ = s.super.QueryRow(ctx, `show server_version`).Scan(&v)
	return v
}

// load runs fn on every client until the time is over or it answers false, and measures each call.
type loadResult struct {
	took      time.Duration
	latencies []time.Duration
}

func load(clients int, d time.Duration, fn func(client, n int) (more bool, err error)) (loadResult, error) {
	var wg sync.WaitGroup
	var failure atomic.Pointer[error]
	each := make([][]time.Duration, clients)
	begin := time.Now()
	for c := range clients {
		wg.Go(func() {
			for n := 0; failure.Load() == nil && (d == 0 || time.Since(begin) < d); n++ {
				t := time.Now()
				more, err := fn(c, n)
				if err != nil {
					failure.Store(&err)
					return
				}
				if !more {
					return
				}
				each[c] = append(each[c], time.Since(t))
			}
		})
	}
	wg.Wait()
	r := loadResult{took: time.Since(begin), latencies: slices.Concat(each...)}
	if err := failure.Load(); err != nil {
		return r, *err
	}
	slices.Sort(r.latencies)
	return r, nil
}

// add joins two parts of the same measurement.
func (r loadResult) add(o loadResult) loadResult {
	r.took += o.took
	r.latencies = append(r.latencies, o.latencies...)
	slices.Sort(r.latencies)
	return r
}

func (r loadResult) sorted() loadResult {
	slices.Sort(r.latencies)
	return r
}

func (r loadResult) rate() float64 { return float64(len(r.latencies)) / r.took.Seconds() }

func (r loadResult) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(len(r.latencies)-1, int(q*float64(len(r.latencies))))]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

func (s *bench) post(url, body string) (int, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI("http://" + s.addr + url)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.SetBodyString(body)
	if err := loadClient.Do(req, res); err != nil {
		return 0, err
	}
	return res.StatusCode(), nil
}

var loadClient = &fasthttp.Client{MaxConnsPerHost: 4096, ReadTimeout: 30 * time.Second}

const benchPassword = "bench password for one run"

func (s *bench) seedClinic(ctx context.Context) error {
	hash, err := identity.HashPassword(ctx, benchPassword)
	if err != nil {
		return err
	}
	s.scope = operator(tenancy.NewID())
	return s.db.WithClinic(ctx, s.scope, func(tx *tenancy.Tx) error {
		err := scheduling.CreateClinic(ctx, tx, scheduling.NewClinic{Slug: "bench", Name: "Bench", Zone: "Europe/London", Country: "GB", Locale: "en-GB"})
		if err != nil {
			return err
		}
		for _, slug := range []string{"quarter", "half"} {
			v, err := scheduling.CreateService(ctx, tx, scheduling.ServiceInput{Slug: slug, Name: slug, DurationMinutes: map[string]int{"quarter": 15, "half": 30}[slug]})
			if err != nil {
				return err
			}
			s.services = append(s.services, v.ID)
		}
		key, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: "bench"})
		if err != nil {
			return err
		}
		s.token = key.Token
		person, _, err := identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: "bench@bench.example", Name: "Bench", PasswordHash: hash})
		if err != nil {
			return err
		}
		return identity.AddMember(ctx, tx, identity.NewMember{Person: person, Role: identity.FrontDesk})
	})
}
