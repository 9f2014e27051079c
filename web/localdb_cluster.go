package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// pgAccount is the user PostgreSQL runs as when we are root, which it refuses.
// Nil is this process's own user.
type pgAccount struct {
	name     string
	uid, gid int
}

func (a *pgAccount) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

func (a *pgAccount) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// canReach tries it: mode bits alone do not tell (links, ACLs, mounts).
func (a *pgAccount) canReach(dir string) bool {
	if a == nil {
		return true
	}
	cmd := exec.Command("/bin/sh", "-c", `cd -- "$1"`, "sh", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential()}
	return cmd.Run() == nil
}

func serverAccount() (*pgAccount, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return &pgAccount{name, uid, gid}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and this machine has no user postgres or nobody; start Anteroom as another user")
}

// makeDataDir leaves a folder PostgreSQL's user may pass through but not list. A
// folder that exists keeps its mode: it may hold more than ours.
func makeDataDir(dir string, account *pgAccount) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if account != nil {
		mode = 0o711
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.Chmod(dir, mode) // whatever the umask
}

// placeCluster decides where the cluster lies and who it belongs to.
func (l *LocalDB) placeCluster() error {
	l.cluster = l.state.Cluster
	if l.cluster == "" || filepath.Base(l.cluster) == "postgres" {
		// The usual place is derived anew: the data folder may have been moved.
		l.cluster = filepath.Join(l.dir, "postgres")
	}
	// The server reports its folder with links resolved, and we compare with it.
	if dir, err := filepath.EvalSymlinks(filepath.Dir(l.cluster)); err == nil {
		l.cluster = filepath.Join(dir, filepath.Base(l.cluster))
	}
	info, err := os.Stat(l.cluster)
	if err == nil {
		return l.takeOwner(info)
	}
	if l.account.canReach(filepath.Dir(l.cluster)) {
		return nil
	}
	spare, err := l.spareDir()
	if err != nil {
		return fmt.Errorf("PostgreSQL runs as user %s, who cannot reach %s: %w", l.account.name, l.dir, err)
	}
	sum := sha256.Sum256([]byte(l.dir))
	l.cluster = filepath.Join(spare, "data-"+hex.EncodeToString(sum[:6]))
	l.log.Warn("the database's files are kept outside the data folder, which PostgreSQL's user cannot reach",
		"user", l.account.name, "data_folder", l.dir, "files", l.cluster)
	if info, err := os.Stat(l.cluster); err == nil {
		return l.takeOwner(info)
	}
	return nil
}

// takeOwner runs the server as whoever owns the cluster, which is the only user
// it accepts.
func (l *LocalDB) takeOwner(info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	owner := int(stat.Uid)
	switch {
	case owner == os.Geteuid() && owner != 0:
		return nil
	case l.account == nil || owner == 0:
		return fmt.Errorf("%s belongs to user %d and PostgreSQL would run as another; start Anteroom as the user it was first started as, or change the owner", l.cluster, owner)
	case owner != l.account.uid:
		l.account = &pgAccount{strconv.Itoa(owner), owner, int(stat.Gid)}
	}
	return nil
}

// prepare finds the programs and makes the cluster if there is none.
func (l *LocalDB) prepare(ctx context.Context) error {
	if err := l.findInstall(ctx); err != nil {
		return err
	}
	if major, err := clusterMajor(l.cluster); err != nil || major != 0 {
		return err
	}
	// The passwords are stored before there is anything they open, and never
	// replaced: a cluster that is missing now may be a disk not mounted yet.
	l.state.Cluster = l.cluster
	if l.state.SuperuserPassword == "" {
		l.state.SuperuserPassword, l.state.OwnerPassword = newPassword(), newPassword()
	}
	if err := l.state.save(l.dir); err != nil {
		return err
	}
	if err := l.initCluster(ctx); err != nil {
		return fmt.Errorf("making the database cluster in %s: %w", l.cluster, err)
	}
	return nil
}

// initCluster builds the cluster beside its place and moves it there when whole,
// so that an interrupted first start leaves nothing half-made.
func (l *LocalDB) initCluster(ctx context.Context) error {
	fresh := l.cluster + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := l.account.own(fresh); err != nil {
		return err
	}
	password, err := l.passwordFile(filepath.Dir(l.cluster))
	if err != nil {
		return err
	}
	defer os.Remove(password)
	args := []string{"-D", fresh, "--username=" + localSuper, "--pwfile=" + password,
		"--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"}
	args = append(args, localeArgs(l.install.major)...)
	if l.opt.Throwaway {
		args = append(args, "--no-sync")
	}
	out, err := serverCommand(ctx, l.account, l.install.path("initdb"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(out, 6))
	}
	if _, err := os.Stat(l.cluster); err == nil {
		return fmt.Errorf("%s is in the way and holds no database", l.cluster)
	}
	return os.Rename(fresh, l.cluster)
}

func (l *LocalDB) passwordFile(dir string) (string, error) {
	f, err := os.CreateTemp(dir, ".postgres-*.pw")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(l.state.SuperuserPassword + "\n")
	if err = errors.Join(err, f.Close(), l.account.own(f.Name())); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// localeArgs ask for code point order with Unicode's letters and cases. From 17
// on PostgreSQL brings that itself, the same on every machine.
func localeArgs(major int) []string {
	switch {
	case major >= 17:
		return []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}
	case runtime.GOOS == "darwin":
		return []string{"--locale=en_US.UTF-8"}
	default:
		return []string{"--locale=C.UTF-8"}
	}
}

func lastLines(out []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// contentName is a short name that changes with a file's content.
func contentName(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
