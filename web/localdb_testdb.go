package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// Folders of throwaway servers are named so that a later run can tell them.
const testDBPrefix = "anteroom-testdb-"

// runWithTestDB is `anteroom testdb [--postgres DIR] -- command …`: it runs the
// command beside a throwaway PostgreSQL whose connection strings stand in DATABASE_URL,
// ANTEROOM_TEST_DSN (the owner) and ANTEROOM_TEST_SUPERUSER_DSN, removes the
// server, and returns the command's exit code. A first SIGINT or SIGTERM is
// passed to the command, and the server is removed then too.
func runWithTestDB(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("testdb", flag.ContinueOnError)
	binDir := flags.String("postgres", "", "`folder` holding postgres and initdb")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: anteroom testdb [--postgres DIR] -- command …")
		return 2
	}
	// Caught before the server starts, or an early Ctrl-C would leave it behind.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := withTestDB(ctx, *binDir, flags.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "anteroom testdb:", err)
		return max(code, 1)
	}
	return code
}

func withTestDB(ctx context.Context, binDir string, command []string) (code int, err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	parent := testDBParent()
	removeAbandoned(parent)
	dir, err := os.MkdirTemp(parent, testDBPrefix)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as another user
		return 1, err
	}
	db, err := startLocalDB(ctx, dir, LocalDBOptions{BinDir: binDir, Throwaway: true, Log: log})
	if err != nil {
		return 1, err
	}
	// A cluster can lie outside its folder; it must go as well.
	defer func() { err = errors.Join(err, db.Stop(), os.RemoveAll(db.cluster)) }()
	return runCommand(ctx, command,
		"DATABASE_URL="+db.OwnerDSN(), "ANTEROOM_TEST_DSN="+db.OwnerDSN(), "ANTEROOM_TEST_SUPERUSER_DSN="+db.SuperuserDSN())
}

// shm is Linux's file system in memory; roomInMemory is what it must have free to be used.
const (
	shm          = "/dev/shm"
	roomInMemory = 4 << 30
)

// testDBParent is where throwaway servers live. Each test copies a database of some 500 files: in memory that costs a fifth of the time.
func testDBParent() string {
	if free, err := freeBytes(shm); err == nil && free >= roomInMemory {
		if probe, err := os.MkdirTemp(shm, testDBPrefix); err == nil && os.Remove(probe) == nil {
			return shm
		}
	}
	return os.TempDir()
}

// runCommand runs a command with all its children in a group of their own, so
// that a signal ends them all: `go test` does not pass one on to its tests.
func runCommand(ctx context.Context, command []string, env ...string) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if cmd.Process != nil {
		// Whatever it left would hold on to a database that is about to go.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) || err != nil && cmd.ProcessState != nil {
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), nil
		}
		return max(cmd.ProcessState.ExitCode(), 1), nil
	}
	if err != nil {
		return 127, err
	}
	return 0, nil
}

// removeAbandoned ends and removes throwaway servers whose process was killed
// before it could. The lock tells: it is free once the process is gone.
func removeAbandoned(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, testDBPrefix+"*"))
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
			continue // a young one may not have its lock yet
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
			continue
		}
		lock, err := lockDataDir(dir)
		if err != nil {
			continue
		}
		state, err := loadState(dir)
		pid, _ := readPIDFile(filepath.Join(state.Cluster, "postmaster.pid"))
		if err == nil && pid != 0 && isServer(pid, state.Cluster) {
			err = watchServer(pid, state.Cluster).stop()
		}
		if err == nil {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}
