package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"anteroom/domain/calls"
	"anteroom/handlers"
)

// ServeCmd runs the web server and the jobs, or one of them.
type ServeCmd struct {
	Demo   bool `help:"Make and show the two demo clinics. Their passwords are public: loopback only."`
	Web    bool `help:"Only the web server."`
	Worker bool `help:"Only the jobs."`
}

// graceful is how long requests and jobs may take to finish once asked to stop.
const graceful = 15 * time.Second

// Run serves until it is asked to stop, then lets requests finish, ends streams, finishes jobs and stops the local database.
func (s ServeCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{demo: s.Demo})
	if err != nil {
		return err
	}
	if err := s.serve(ctx, h); err != nil {
		return errors.Join(err, h.Close())
	}
	return h.Close()
}

func (s ServeCmd) serve(ctx context.Context, h *house) (err error) {
	if err := s.demo(ctx, h); err != nil {
		return err
	}
	both := s.Web == s.Worker
	ctx, stop := context.WithCancel(ctx)
	failed := make(chan error, 3)
	closers := []func(context.Context) error{}
	defer func() {
		stop() // streams end first: a graceful shutdown would wait for them
		end, cancel := context.WithTimeout(context.Background(), graceful)
		defer cancel()
		for _, closer := range slices.Backward(closers) {
			err = errors.Join(err, closer(end))
		}
	}()
	start := func(closer func(context.Context) error, err error) error {
		if err == nil {
			closers = append(closers, closer)
		}
		return err
	}
	if both || s.Worker {
		if err := start(startJobs(ctx, h)); err != nil {
			return err
		}
	}
	if both || s.Web {
		if err := start(s.listen(ctx, h, failed)); err != nil {
			return err
		}
	}
	if h.MetricsAddr != "" {
		if err := start(listenMetrics(h.MetricsAddr, failed)); err != nil {
			return err
		}
	}
	var lost <-chan error
	if h.local != nil {
		lost = h.local.Done()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	case err := <-lost:
		return err
	}
}

// demo makes the demo clinics, or makes sure that a server which others can reach does not carry their public passwords.
func (s ServeCmd) demo(ctx context.Context, h *house) error {
	if s.Demo {
		_, err := h.seedDemo(ctx)
		return err
	}
	if h.onLoopback() {
		return nil
	}
	for _, c := range []demoClinic{northside, lakeview} {
		there, err := h.demoDone(ctx, c)
		if err != nil {
			return err
		}
		if there {
			return fmt.Errorf("this database holds the demo, whose passwords are public, and %s can be reached from outside: use another data folder or database", h.Addr)
		}
	}
	return nil
}

func startJobs(ctx context.Context, h *house) (func(context.Context) error, error) {
	jobs, err := newWorker(h.db, h.vault, calls.NewRecords(h.vault, h.patients), version, h.log)
	if err != nil {
		return nil, err
	}
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, fmt.Errorf("start the jobs: %w", err)
	}
	return jobs.Stop, nil
}

// listen answers once the port is ours: an occupied one fails the start instead of the first request.
func (s ServeCmd) listen(ctx context.Context, h *house, failed chan<- error) (func(context.Context) error, error) {
	l, err := net.Listen("tcp", h.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (ANTEROOM_ADDR chooses another)", h.Addr, err)
	}
	app := newApp(ctx, h)
	go func() {
		if err := app.Listener(l); err != nil {
			failed <- fmt.Errorf("serve: %w", err)
		}
	}()
	s.greet(h)
	return app.ShutdownWithContext, nil
}

func newApp(ctx context.Context, h *house) *fiber.App {
	return handlers.New(handlers.Deps{
		DB: h.db, Vault: h.vault, Log: h.log, PublicURL: h.PublicURL, Version: version, Secure: strings.HasPrefix(h.PublicURL, "https://"), Demo: h.Demo,
		ProxyHeader: h.ProxyHeader, TrustedProxies: h.TrustedProxies, KeyRate: h.KeyRate, VapiURL: h.VapiURL,
		Stop: ctx,
		Ready: func(ctx context.Context) error {
			if err := h.mustBeCurrent(ctx); err != nil {
				return err
			}
			return h.db.Ping(ctx)
		},
	})
}

func (s ServeCmd) greet(h *house) {
	fmt.Printf("\n  Anteroom is at %s\n", h.PublicURL)
	if !s.Demo {
		return
	}
	for _, c := range []demoClinic{northside, lakeview} {
		fmt.Printf("\n  %s (%s)\n", c.name, c.zone)
		for _, p := range c.people {
			fmt.Printf("    %-32s %s\n", p.local+"@"+c.domain, p.role)
		}
		fmt.Printf("    API key %-24s Vapi secret %s\n", c.key, c.secret)
	}
	fmt.Printf("\n  Everybody's password is %s\n  Ctrl-C stops it.\n\n", demoPassword)
}

func listenMetrics(addr string, failed chan<- error) (func(context.Context) error, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics on %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("metrics: %w", err)
		}
	}()
	return server.Shutdown, nil
}
