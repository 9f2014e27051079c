package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLocalDBStartsOverAStalePIDFile(t *testing.T) {
	t.Parallel()
	for name, pid := range map[string]int{
		"of a dead process":      1 << 22, // past Linux's and macOS's largest number
		"of another program now": os.Getpid(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := testDir(t)
			db := startTestServer(t, dir, LocalDBOptions{})
			if err := db.Stop(); err != nil {
				t.Fatal(err)
			}
			stale := fmt.Sprintf("%d\n%s\n1700000000\n%d\n\n127.0.0.1\n        1         1\nready   \n", pid, db.cluster, db.state.Port)
			path := filepath.Join(db.cluster, "postmaster.pid")
			if err := os.WriteFile(path, []byte(stale), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := db.account.own(path); err != nil {
				t.Fatal(err)
			}
			startTestServer(t, dir, LocalDBOptions{})
		})
	}
}

func TestLocalDBRefusesAnotherMajorVersion(t *testing.T) {
	t.Parallel()
	dir := testDir(t)
	cluster := filepath.Join(dir, "postgres")
	if err := os.Mkdir(cluster, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("99\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	if err := account.own(cluster); err != nil {
		t.Fatal(err)
	}
	_, err = startLocalDB(testContext(t), dir, LocalDBOptions{})
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 99") || !strings.Contains(err.Error(), "pg_dumpall") {
		t.Fatalf("err = %v", err)
	}
}

func TestLocalDBSaysWhatIsWrongWithAGivenFolder(t *testing.T) {
	t.Parallel()
	_, err := startLocalDB(testContext(t), testDir(t), LocalDBOptions{BinDir: "/nowhere/bin"})
	if err == nil || !strings.Contains(err.Error(), "/nowhere/bin") {
		t.Fatalf("err = %v", err)
	}
}

func TestHydrateLinksMakesWhatNpmLeftOut(t *testing.T) {
	t.Parallel()
	native := filepath.Join(testDir(t), "native")
	if err := os.MkdirAll(filepath.Join(native, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(native, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("lib/libx.so.1.2", "library")
	write("pg-symlinks.json", `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"}]`)
	for range 2 {
		if err := hydrateLinks(native); err != nil {
			t.Fatal(err)
		}
	}
	if link, err := os.Readlink(filepath.Join(native, "lib/libx.so")); err != nil || link != "libx.so.1.2" {
		t.Errorf("link to %q, %v", link, err)
	}
	write("pg-symlinks.json", `[{"source":"native/lib/libx.so.1.2","target":"../../etc/x"}]`)
	if err := hydrateLinks(native); err == nil {
		t.Error("a link outside the package was made")
	}
}

// A project under a home that only root can enter: PostgreSQL, which then runs
// as another user, can reach neither its programs nor the data folder.
func TestLocalDBMovesOutOfAnUnreachableFolder(t *testing.T) {
	t.Parallel()
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	if account == nil {
		return // only root has this case
	}
	reachable := testDir(t)
	db := startTestServer(t, testDir(t), LocalDBOptions{})
	home := filepath.Join(testDir(t), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	opt := LocalDBOptions{spare: reachable, Log: slog.New(slog.NewTextHandler(&log, nil))}
	// A distribution's PostgreSQL has its parts in several folders, within everybody's reach.
	from := filepath.Dir(db.install.bin)
	if _, err := os.Stat(filepath.Join(from, "share")); err == nil {
		if err := os.CopyFS(filepath.Join(home, "native"), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		opt.BinDir = filepath.Join(home, "native", "bin")
	}
	dir := filepath.Join(home, "data")
	moved := startTestServer(t, dir, opt)
	if filepath.Dir(moved.cluster) != reachable || opt.BinDir != "" && !strings.HasPrefix(moved.install.bin, reachable) {
		t.Errorf("cluster %s, programs %s; want both under %s", moved.cluster, moved.install.bin, reachable)
	}
	if !strings.Contains(log.String(), moved.cluster) {
		t.Errorf("the log does not say where the data lies: %s", log.String())
	}
	dsn := moved.OwnerDSN()
	if err := moved.Stop(); err != nil {
		t.Fatal(err)
	}
	if again := startTestServer(t, dir, opt); again.OwnerDSN() != dsn {
		t.Error("the second start made another cluster")
	}
}

func TestRunWithTestDB(t *testing.T) {
	out := filepath.Join(testDir(t), "out")
	t.Setenv("TMPDIR", testDir(t))
	t.Setenv("OUT", out)
	code := runWithTestDB(t.Context(), []string{"--", "sh", "-c", `echo "$ANTEROOM_TEST_DSN $ANTEROOM_TEST_SUPERUSER_DSN" > "$OUT"; exit 7`})
	if code != 7 {
		t.Errorf("exit code %d, want the command's", code)
	}
	content, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(content), "postgres://anteroom_owner:") || !strings.Contains(string(content), "postgres://postgres:") {
		t.Errorf("the command saw %q, %v", content, err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if code := runWithTestDB(t.Context(), []string{"--", "/nowhere/command"}); code == 0 {
		t.Error("a command that cannot run was a success")
	}
	if code := runWithTestDB(t.Context(), nil); code != 2 {
		t.Errorf("without a command: exit code %d", code)
	}
}

func TestRunWithTestDBEndsOnASignal(t *testing.T) {
	t.Setenv("TMPDIR", testDir(t))
	running := filepath.Join(testDir(t), "running")
	t.Setenv("RUNNING", running)
	code := make(chan int, 1)
	go func() {
		code <- runWithTestDB(t.Context(), []string{"sh", "-c", `echo > "$RUNNING"; sleep 1000`})
	}()
	if err := pgPoll(testContext(t), func() (bool, error) {
		_, err := os.Stat(running)
		return err == nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-code:
		if got != 128+int(syscall.SIGTERM) {
			t.Errorf("exit code %d", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("the signal did not end it")
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRemoveAbandonedEndsServersWhoseProcessIsGone(t *testing.T) {
	t.Parallel()
	parent := testDir(t)
	dir := filepath.Join(parent, testDBPrefix+"old")
	db := startTestServer(t, dir, LocalDBOptions{})
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(dir, old, old); err != nil {
		t.Fatal(err)
	}
	removeAbandoned(parent)
	if err := canConnect(t.Context(), db.OwnerDSN()); err != nil {
		t.Fatalf("a server in use was removed: %v", err)
	}
	if err := db.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(dir, old, old); err != nil {
		t.Fatal(err)
	}
	removeAbandoned(parent)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
