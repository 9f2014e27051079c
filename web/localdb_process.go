package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// pgProcess is a PostgreSQL server: a child of ours, or one an earlier run left.
type pgProcess struct {
	pid    int
	exited chan struct{}
}

// serverCommand runs a PostgreSQL program as the account, in a process group of
// its own: Ctrl-C in a terminal must reach us only, so that requests in flight
// can finish before the database goes.
func serverCommand(ctx context.Context, as *pgAccount, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/" // ours may be out of that user's reach
	// Nothing of ours: PGDATA, PGPORT and the like would change what is started.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as.credential()}
	return cmd
}

func spawn(cmd *exec.Cmd) (*pgProcess, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &pgProcess{pid: cmd.Process.Pid, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(p.exited)
	}()
	return p, nil
}

// stop asks for a fast shutdown, then insists.
func (p *pgProcess) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, time.Minute},       // fast: roll back, write a checkpoint, leave
		{syscall.SIGQUIT, 10 * time.Second}, // immediate: recovers at the next start
		{syscall.SIGKILL, 10 * time.Second},
	} {
		select {
		case <-p.exited:
			return nil
		default:
		}
		if err := syscall.Kill(p.pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping PostgreSQL (process %d): %w", p.pid, err)
		}
		select {
		case <-p.exited:
			return nil
		case <-time.After(step.wait):
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not end", p.pid)
}

// adopt takes over a server that an earlier run, killed before it could stop it,
// left alive on our cluster. Nil means there is none.
func (l *LocalDB) adopt(ctx context.Context) (*pgProcess, error) {
	pidFile := filepath.Join(l.cluster, "postmaster.pid")
	pid, port := readPIDFile(pidFile)
	if pid == 0 {
		return nil, nil
	}
	if !isServer(pid, l.cluster) {
		if syscall.Kill(pid, 0) == nil {
			// Another program got the number since, and PostgreSQL would take it for a server.
			return nil, os.Remove(pidFile)
		}
		return nil, nil // PostgreSQL itself removes the file of a dead server
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	l.state.Port = port
	var gone bool
	err := pgPoll(ctx, func() (bool, error) {
		gone = !isServer(pid, l.cluster) // it may have been shutting down
		return gone || l.isOurs(ctx), nil
	})
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL (process %d) runs on %s and does not answer on port %d; end it with: kill -INT %d", pid, l.cluster, port, pid)
	}
	if gone {
		return nil, nil
	}
	if err := l.state.save(l.dir); err != nil {
		return nil, err
	}
	l.log.Info("took over the PostgreSQL an earlier run left", "process", pid, "port", port)
	return watchServer(pid, l.cluster), l.findInstall(ctx)
}

// isOurs connects with our password, so that no other server can be mistaken for
// ours, and asks where its data lies.
func (l *LocalDB) isOurs(ctx context.Context) bool {
	conn, err := pgx.Connect(ctx, l.state.superuserDSN("postgres"))
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	var dir string
	return conn.QueryRow(ctx, "SHOW data_directory").Scan(&dir) == nil && dir == l.cluster
}

// watchServer follows a process that is not our child, which cannot be waited for.
func watchServer(pid int, cluster string) *pgProcess {
	p := &pgProcess{pid: pid, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		_ = pgPoll(context.Background(), func() (bool, error) { return !isServer(pid, cluster), nil })
	}()
	return p
}

// readPIDFile reads the lines PostgreSQL writes: process, folder, start, port, …
func readPIDFile(path string) (pid, port int) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, 0
	}
	lines := strings.Split(string(content), "\n")
	if len(lines) < 4 {
		return 0, 0
	}
	pid, _ = strconv.Atoi(lines[0])
	port, _ = strconv.Atoi(lines[3])
	return pid, port
}

// isServer says whether a process is alive (not a zombie that nobody reaps) and
// is a PostgreSQL on this cluster, not a program that got its number since.
func isServer(pid int, cluster string) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	commandLine, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	switch {
	case err == nil: // empty for a zombie
		return bytes.Contains(commandLine, []byte("\x00-D\x00"+cluster+"\x00"))
	case errors.Is(err, fs.ErrNotExist) && hasProc():
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "-D "+cluster+" ")
}

func hasProc() bool {
	_, err := os.Stat("/proc/self")
	return err == nil
}
