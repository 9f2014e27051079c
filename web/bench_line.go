package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"anteroom/domain/tenancy"
	"anteroom/handlers"
)

// benchLine is a line to a server that notes how long each answer took it.
type benchLine struct {
	own    chan time.Duration // one for each answer to a tool call
	sent   sync.Map           // by the client's address: when its request was handed over
	client *fasthttp.Client
	url    string
	app    *fiber.App
	db     *tenancy.DB
}

// newLine starts a server with as many connections to the database as serve gives it.
func (s *bench) newLine(ctx context.Context) (*benchLine, error) {
	db, err := tenancy.Open(ctx, s.appDSN, s.signer, tenancy.Options{MaxConns: s.Pool})
	if err != nil {
		return nil, err
	}
	listener, err := listenLoopback()
	if err != nil {
		db.Close()
		return nil, err
	}
	l := &benchLine{own: make(chan time.Duration, callsAtOnce), db: db, url: "http://" + listener.Addr().String()}
	l.app = handlers.New(handlers.Deps{DB: db, Vault: s.vault, Log: s.log, PublicURL: l.url, Version: version, Stop: ctx})
	l.client = &fasthttp.Client{MaxConnsPerHost: callsAtOnce, ReadTimeout: 30 * time.Second, Dial: l.dial}
	go func() { _ = l.app.Listener(answering{listener, l}) }()
	return l, nil
}

func (l *benchLine) close() {
	l.client.CloseIdleConnections()
	_ = l.app.ShutdownWithTimeout(time.Second)
	l.db.Close()
}

// dial makes a connection that notes when a request is handed over: loopback has it in the server's socket before the write returns.
func (l *benchLine) dial(addr string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	at := &atomic.Int64{}
	l.sent.Store(conn.LocalAddr().String(), at)
	return asking{conn, at}, nil
}

type asking struct {
	net.Conn
	at *atomic.Int64
}

func (c asking) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(`"tool-calls"`)) {
		c.at.Store(time.Now().UnixNano())
	} else {
		c.at.Store(0)
	}
	return c.Conn.Write(b)
}

type answering struct {
	net.Listener
	line *benchLine
}

func (a answering) Accept() (net.Conn, error) {
	conn, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return answeringConn{conn, a.line}, nil
}

type answeringConn struct {
	net.Conn
	line *benchLine
}

func (c answeringConn) Write(b []byte) (int, error) {
	asked := int64(0)
	if handed, ok := c.line.sent.Load(c.RemoteAddr().String()); ok {
		asked = handed.(*atomic.Int64).Load() // before the answer: the next request may follow it at once
	}
	n, err := c.Conn.Write(b)
	if asked != 0 {
		c.line.own <- time.Duration(time.Now().UnixNano() - asked)
	}
	return n, err
}

var resultIn = regexp.MustCompile(`"(?:result|error)":"((?:[^"\\]|\\.)*)"`)

// tool lets a call use a tool, and answers what it is told.
func (l *benchLine) tool(c benchCall, name string, arguments map[string]any) (string, error) {
	body, err := toolBody(c, name, arguments)
	if err != nil {
		return "", err
	}
	answer, err := l.post(body)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	m := resultIn.FindSubmatch(answer)
	if m == nil {
		return "", fmt.Errorf("%s has no result", name)
	}
	return string(m[1]), nil
}

// begin tells that a call has been answered, as Vapi does before any tool is used.
func (l *benchLine) begin(c benchCall) error {
	body, err := message("status-update", c, map[string]any{"status": "in-progress"})
	if err != nil {
		return err
	}
	_, err = l.post(body)
	return err
}

func (l *benchLine) post(body []byte) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(l.url + "/api/webhooks/vapi")
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("X-Vapi-Secret", benchSecret)
	req.SetBody(body)
	if err := l.client.Do(req, res); err != nil {
		return nil, err
	}
	if res.StatusCode() != fasthttp.StatusOK {
		return nil, fmt.Errorf("answered %d", res.StatusCode())
	}
	return bytes.Clone(res.Body()), nil
}

// processorTime is what this process has used of the processors. A busy machine leaves it as it is.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
