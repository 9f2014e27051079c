package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// localState is what must outlive the process: without the passwords the cluster
// is locked, and a stable port keeps a psql session's connection string valid.
type localState struct {
	Cluster           string `json:"cluster"`
	Port              int    `json:"port"`
	SuperuserPassword string `json:"superuser_password"`
	OwnerPassword     string `json:"owner_password"`
}

func statePath(dataDir string) string { return filepath.Join(dataDir, "postgres.json") }

// loadState reads what an earlier run stored; nothing stored is the zero state.
func loadState(dataDir string) (localState, error) {
	var s localState
	content, err := os.ReadFile(statePath(dataDir))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &s)
	}
	if err != nil {
		return s, fmt.Errorf("reading the local database's settings: %w", err)
	}
	return s, nil
}

// save replaces the file as a whole: half a state would lock the cluster.
func (s localState) save(dataDir string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dataDir, ".postgres-*.json") // made readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(content, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), statePath(dataDir))
}

func (s localState) ownerDSN() string {
	return localDSN(localOwner, s.OwnerPassword, localDatabase, s.Port)
}

func (s localState) superuserDSN(database string) string {
	return localDSN(localSuper, s.SuperuserPassword, database, s.Port)
}

func newPassword() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// lockDataDir takes the folder for this process. The lock ends with the process,
// however it ends.
func lockDataDir(dataDir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dataDir, "postgres.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		holder, _ := io.ReadAll(io.LimitReader(f, 32))
		return nil, fmt.Errorf("%w: process %s already runs a database in %s; stop it, or give this one its own ANTEROOM_DATA_DIR",
			errDataDirInUse, strings.TrimSpace(string(holder)), dataDir)
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid()))); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text+"\n"), 0)
	return err
}

// pgPoll asks until the answer is yes, an error, or ctx's end.
func pgPoll(ctx context.Context, ask func() (bool, error)) error {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes, err := ask(); yes || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func canConnect(ctx context.Context, dsn string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func isBadPassword(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "28P01"
}

func pgPortFree(port int) bool {
	if port == 0 {
		return false
	}
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

func pgFreePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// logTail is what the server wrote since an offset, shortened to its end.
func logTail(path string, from int64) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		from = max(from, size-2000)
	}
	content, _ := io.ReadAll(io.NewSectionReader(f, from, 2000))
	if text := strings.TrimSpace(string(content)); text != "" {
		return text
	}
	return "it wrote nothing to " + path
}

// rotateLog keeps one older copy. The server goes on writing to the same file,
// opened for appending, so it is emptied rather than moved.
func rotateLog(path string, log *slog.Logger) {
	info, err := os.Stat(path)
	if err != nil || info.Size() < localLogLimit {
		return
	}
	content, err := os.ReadFile(path)
	if err == nil {
		err = errors.Join(os.WriteFile(path+".1", content, 0o600), os.Truncate(path, 0))
	}
	if err != nil {
		log.Warn("the database's log could not be rotated", "error", err)
	}
}
