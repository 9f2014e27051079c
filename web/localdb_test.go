package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The local database is tested with real servers, started as whichever user runs
// the tests.

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// testDir is a folder that PostgreSQL's user can pass through when tests run as
// root; t.TempDir's parent is closed to others.
func testDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func startTestServer(t *testing.T, dir string, opt LocalDBOptions) *LocalDB {
	t.Helper()
	opt.Throwaway = true
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	db, err := startLocalDB(testContext(t), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func serverPID(t *testing.T, db *LocalDB) int {
	t.Helper()
	pid, _ := readPIDFile(filepath.Join(db.cluster, "postmaster.pid"))
	if pid == 0 {
		t.Fatal("the server wrote no process number")
	}
	return pid
}

func ask[T any](t *testing.T, dsn, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var answer T
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func TestLocalDBKeepsDataPortAndRights(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testDir(t), "data")
	db := startTestServer(t, dir, LocalDBOptions{})
	owner := db.OwnerDSN()
	for question, want := range map[string]string{
		`SELECT current_user::text`: "anteroom_owner",
		`SELECT rolsuper || ' ' || rolcreatedb || ' ' || rolcreaterole || ' ' || rolbypassrls FROM pg_roles WHERE rolname = current_user`: "false true true false",
		`SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()`:                                        "anteroom_owner",
		`SHOW server_encoding`:                   "UTF8",
		`SHOW timezone`:                          "UTC",
		`SHOW listen_addresses`:                  "127.0.0.1",
		`SHOW log_parameter_max_length`:          "0",
		`SHOW log_parameter_max_length_on_error`: "0",
		`SHOW fsync`:                             "off",
		`SHOW data_checksums`:                    "on",
		`SELECT lower('ÄÉ')`:                     "äé",
	} {
		if got := ask[string](t, owner, question); got != want {
			t.Errorf("%s: %q, want %q", question, got, want)
		}
	}
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`CREATE EXTENSION btree_gist`, `CREATE ROLE a_weak_role LOGIN`, `CREATE TABLE kept (n int)`, `INSERT INTO kept VALUES (42)`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Errorf("the owner may not %s: %v", sql, err)
		}
	}
	_ = conn.Close(t.Context())
	if !ask[bool](t, db.SuperuserDSN(), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`) {
		t.Error("the superuser's connection is not a superuser's")
	}
	info, err := os.Stat(statePath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("passwords are stored with mode %v, err %v", info.Mode(), err)
	}

	pid := serverPID(t, db)
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	if isServer(pid, db.cluster) {
		t.Fatal("the server outlived Stop")
	}
	if err, open := <-db.Done(); open {
		t.Fatalf("Done told of %v after Stop", err)
	}
	again := startTestServer(t, dir, LocalDBOptions{})
	if again.OwnerDSN() != owner {
		t.Error("a second start changed the connection string")
	}
	if got := ask[int](t, again.OwnerDSN(), `SELECT n FROM kept`); got != 42 {
		t.Errorf("kept %d", got)
	}
	if got, err := localOwnerDSN(dir); err != nil || got != owner {
		t.Errorf("localOwnerDSN = %q, %v", got, err)
	}
}

func TestLocalDBComesBackAfterAKill(t *testing.T) {
	t.Parallel()
	db := startTestServer(t, testDir(t), LocalDBOptions{})
	for range 2 {
		pid := serverPID(t, db)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		err := pgPoll(testContext(t), func() (bool, error) {
			now, _ := readPIDFile(filepath.Join(db.cluster, "postmaster.pid"))
			return now != 0 && now != pid && canConnect(t.Context(), db.OwnerDSN()) == nil, nil
		})
		if err != nil {
			t.Fatalf("the server did not come back: %v\n%s", err, logTail(db.logPath(), 0))
		}
	}
}

func TestLocalDBStopsWhileComingBack(t *testing.T) {
	t.Parallel()
	db := startTestServer(t, testDir(t), LocalDBOptions{})
	if err := syscall.Kill(serverPID(t, db), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	if pid, _ := readPIDFile(filepath.Join(db.cluster, "postmaster.pid")); pid != 0 && isServer(pid, db.cluster) {
		t.Fatalf("process %d outlived Stop", pid)
	}
}

func TestLocalDBIsLockedAndShared(t *testing.T) {
	t.Parallel()
	dir := testDir(t)
	first := startTestServer(t, dir, LocalDBOptions{})
	_, err := startLocalDB(testContext(t), dir, LocalDBOptions{})
	if !errors.Is(err, errDataDirInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("a second server on one folder: %v", err)
	}
	shared, err := startLocalDB(testContext(t), dir, LocalDBOptions{Share: true})
	if err != nil {
		t.Fatal(err)
	}
	if shared.OwnerDSN() != first.OwnerDSN() {
		t.Error("the shared server is another one")
	}
	if err := shared.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := canConnect(t.Context(), first.OwnerDSN()); err != nil {
		t.Errorf("the one that shares stopped the server: %v", err)
	}
}

func TestLocalDBTakesAnotherPortWhenItsOwnIsTaken(t *testing.T) {
	t.Parallel()
	dir := testDir(t)
	db := startTestServer(t, dir, LocalDBOptions{})
	port := db.state.Port
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	again := startTestServer(t, dir, LocalDBOptions{})
	if again.state.Port == port {
		t.Fatal("the server says it has a port that is taken")
	}
	if err := canConnect(t.Context(), again.OwnerDSN()); err != nil {
		t.Fatal(err)
	}
}

// TestLocalDBOrphanHelper is no test: it is the process that
// TestLocalDBAdoptsAnOrphan starts and kills.
func TestLocalDBOrphanHelper(t *testing.T) {
	dir := os.Getenv("ANTEROOM_ORPHAN_HELPER_DIR")
	if dir == "" {
		return
	}
	if _, err := startLocalDB(context.Background(), dir, LocalDBOptions{Throwaway: true}); err != nil {
		t.Fatal(err)
	}
	fmt.Println("started")
	select {}
}

func TestLocalDBAdoptsAnOrphan(t *testing.T) {
	t.Parallel()
	dir := testDir(t)
	helper := exec.Command(os.Args[0], "-test.run=^TestLocalDBOrphanHelper$")
	helper.Env = append(os.Environ(), "ANTEROOM_ORPHAN_HELPER_DIR="+dir)
	var output bytes.Buffer
	helper.Stderr = &output
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	started := make([]byte, 7)
	if _, err := out.Read(started); err != nil || string(started) != "started" {
		t.Fatalf("helper said %q, %v: %s", started, err, output.String())
	}
	_ = helper.Process.Kill()
	_ = helper.Wait()

	cluster, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	orphan, _ := readPIDFile(filepath.Join(cluster, "postmaster.pid"))
	t.Cleanup(func() {
		if isServer(orphan, cluster) {
			_ = syscall.Kill(orphan, syscall.SIGQUIT)
		}
	})
	if !isServer(orphan, cluster) {
		t.Fatal("the server did not survive the kill, so there is nothing to adopt")
	}
	db := startTestServer(t, dir, LocalDBOptions{})
	if pid := serverPID(t, db); pid != orphan {
		t.Errorf("process %d runs, the orphan was %d", pid, orphan)
	}
	if err := canConnect(t.Context(), db.OwnerDSN()); err != nil {
		t.Fatal(err)
	}
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	if isServer(orphan, cluster) {
		t.Error("the adopted server outlived Stop")
	}
}
