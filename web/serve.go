package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

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

func (s ServeCmd) serve(ctx context.Context, h *house) error {
	if s.Demo {
		if _, err := h.seedDemo(ctx); err != nil {
			return err
		}
	}
	both := s.Web == s.Worker
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 3)
	closers := []func(context.Context) error{}

	if both || s.Worker {
		jobs, err := newWorker(h.db, version, h.log)
		if err != nil {
			return err
		}
		if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start the jobs: %w", err)
		}
		closers = append(closers, jobs.Stop)
	}
	if both || s.Web {
		shutdown, err := s.listen(ctx, h, failed)
		if err != nil {
			return err
		}
		closers = append(closers, shutdown)
	}
	if h.MetricsAddr != "" {
		shutdown, err := listenMetrics(h.MetricsAddr, failed)
		if err != nil {
			return err
		}
		closers = append(closers, shutdown)
	}
	var lost <-chan error
	if h.local != nil {
		lost = h.local.Done()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case err = <-lost:
	}
	stop() // streams end first: a graceful shutdown would wait for them
	end, cancel := context.WithTimeout(context.Background(), graceful)
	defer cancel()
	for i := len(closers) - 1; i >= 0; i-- {
		err = errors.Join(err, closers[i](end))
	}
	return err
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
