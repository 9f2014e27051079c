package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	localOwner    = "anteroom_owner"
	localDatabase = "anteroom"
	localSuper    = "postgres"

	// The log is copied to postgres.log.1 and emptied when it grows past this.
	localLogLimit = 16 << 20

	// A server that cannot be brought back for this long is given up.
	reviveFor = 2 * time.Minute
)

// errDataDirInUse is what startLocalDB wraps when another process of ours holds
// the data folder.
var errDataDirInUse = errors.New("data folder in use")

// LocalDBOptions says how a local PostgreSQL is found and run. The zero value is
// right for keeping real data.
type LocalDBOptions struct {
	// BinDir holds postgres and initdb. Empty: ANTEROOM_POSTGRES_BIN, then the
	// npm package, then the newest PostgreSQL on this machine.
	BinDir string
	// Throwaway trades durability for speed. For tests.
	Throwaway bool
	// Share uses the server of another process of ours where one holds the data
	// folder, and leaves it running. For commands that may run beside serve.
	Share bool
	// Log hears of starts, restarts and relocations; nil is slog.Default.
	Log *slog.Logger

	// spare is where things go that PostgreSQL's user could not reach; tests set it.
	spare string
}

// LocalDB is a PostgreSQL this process started (or adopted) and must stop. While
// it runs it is watched: a server that dies is started again on the same port.
type LocalDB struct {
	dir     string // the data folder
	cluster string // PGDATA
	opt     LocalDBOptions
	log     *slog.Logger
	account *pgAccount // who PostgreSQL runs as; nil is this process's user
	install pgInstall
	state   localState
	lock    *os.File // nil when shared

	quit     context.CancelFunc
	finished chan struct{}
	stopErr  error // read after finished
	done     chan error
}

// startLocalDB starts a server keeping its data under dataDir/postgres, making
// the cluster, the owner role and the database at first. A server that an
// earlier run left alive is adopted. It returns once queries are answered.
func startLocalDB(ctx context.Context, dataDir string, opt LocalDBOptions) (*LocalDB, error) {
	l := &LocalDB{opt: opt, log: opt.Log, finished: make(chan struct{}), done: make(chan error, 1)}
	if l.log == nil {
		l.log = slog.Default()
	}
	var err error
	if l.dir, err = filepath.Abs(dataDir); err != nil {
		return nil, err
	}
	if l.account, err = serverAccount(); err != nil {
		return nil, err
	}
	if err := makeDataDir(l.dir, l.account); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if l.lock, err = lockDataDir(l.dir); err != nil {
		if opt.Share && errors.Is(err, errDataDirInUse) {
			return l.attach(ctx)
		}
		return nil, err
	}
	server, err := l.start(ctx)
	if err != nil {
		_ = l.lock.Close()
		return nil, err
	}
	watch, quit := context.WithCancel(context.WithoutCancel(ctx))
	l.quit = quit
	go l.supervise(watch, server)
	return l, nil
}

// OwnerDSN is the connection string of the role that owns the database and makes
// the other roles. It is no superuser.
func (l *LocalDB) OwnerDSN() string { return l.state.ownerDSN() }

// SuperuserDSN connects to the same database as the cluster's superuser.
func (l *LocalDB) SuperuserDSN() string { return l.state.superuserDSN(localDatabase) }

// Done delivers one error if the server died and could not be brought back. It
// is closed when the server is no longer watched.
func (l *LocalDB) Done() <-chan error { return l.done }

// Stop shuts the server down (open transactions are rolled back, what was
// committed is kept) and returns when it is gone. It may be called twice.
func (l *LocalDB) Stop() error {
	l.quit()
	<-l.finished
	return l.stopErr
}

// localOwnerDSN is OwnerDSN for a process that did not start the server.
func localOwnerDSN(dataDir string) (string, error) {
	state, err := loadState(dataDir)
	if err != nil {
		return "", err
	}
	if state.Port == 0 {
		return "", fmt.Errorf("no local database has been started in %s yet", dataDir)
	}
	return state.ownerDSN(), nil
}

// attach uses the server of the process that holds the data folder, waiting for
// it if that process is only starting.
func (l *LocalDB) attach(ctx context.Context) (*LocalDB, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	err := pgPoll(ctx, func() (bool, error) {
		var err error
		if l.state, err = loadState(l.dir); err != nil || l.state.Port == 0 {
			return false, err
		}
		return canConnect(ctx, l.state.ownerDSN()) == nil, nil
	})
	if err != nil {
		return nil, fmt.Errorf("the database of the process using %s does not answer: %w", l.dir, err)
	}
	l.quit = func() {}
	close(l.finished)
	close(l.done)
	return l, nil
}

// start leaves a server that answers and holds our database.
func (l *LocalDB) start(ctx context.Context) (*pgProcess, error) {
	var err error
	if l.state, err = loadState(l.dir); err != nil {
		return nil, err
	}
	if err := l.placeCluster(); err != nil {
		return nil, err
	}
	server, err := l.adopt(ctx)
	if err != nil {
		return nil, err
	}
	if server == nil {
		if err := l.prepare(ctx); err != nil {
			return nil, err
		}
		if server, err = l.launchAnywhere(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.ensureDatabase(ctx); err != nil {
		_ = server.stop()
		return nil, fmt.Errorf("making the database: %w", err)
	}
	return server, nil
}

// launchAnywhere starts the server on the port it had, or on another where that
// one is taken.
func (l *LocalDB) launchAnywhere(ctx context.Context) (*pgProcess, error) {
	for attempt := 1; ; attempt++ {
		if !pgPortFree(l.state.Port) {
			port, err := pgFreePort(ctx)
			if err != nil {
				return nil, err
			}
			l.state.Port = port
			if err := l.state.save(l.dir); err != nil {
				return nil, err
			}
		}
		server, err := l.launch(ctx)
		if err == nil {
			return server, nil
		}
		// Between our look and its start the port can be lost to another program.
		if attempt == 3 || ctx.Err() != nil || pgPortFree(l.state.Port) {
			return nil, err
		}
	}
}

// launch starts the server on its port and waits until it answers.
func (l *LocalDB) launch(ctx context.Context) (*pgProcess, error) {
	logFile, err := os.OpenFile(l.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	from, err := logFile.Seek(0, 2)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", l.cluster, "-p", strconv.Itoa(l.state.Port)}
	for _, setting := range serverSettings(l.opt.Throwaway) {
		args = append(args, "-c", setting)
	}
	// Not bound to ctx: the server is stopped in order, never killed by a context.
	cmd := serverCommand(context.WithoutCancel(ctx), l.account, l.install.path("postgres"), args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	server, err := spawn(cmd)
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	err = pgPoll(ctx, func() (bool, error) {
		select {
		case <-server.exited:
			return false, fmt.Errorf("PostgreSQL %s did not start: %s", l.install.version, logTail(l.logPath(), from))
		default:
		}
		err := canConnect(ctx, l.state.superuserDSN("postgres"))
		if isBadPassword(err) {
			return false, fmt.Errorf("%s does not hold the password of the cluster in %s; put the right file back", statePath(l.dir), l.cluster)
		}
		return err == nil, nil
	})
	if err != nil {
		_ = server.stop()
		return nil, err
	}
	return server, nil
}

// supervise owns the running server until quit, and brings it back when it dies.
func (l *LocalDB) supervise(ctx context.Context, server *pgProcess) {
	defer close(l.finished)
	defer close(l.done)
	defer l.lock.Close()
	housekeeping := time.NewTicker(time.Minute)
	defer housekeeping.Stop()
	for {
		select {
		case <-ctx.Done():
			l.stopErr = server.stop()
			return
		case <-housekeeping.C:
			rotateLog(l.logPath(), l.log)
		case <-server.exited:
			if ctx.Err() != nil {
				return
			}
			l.log.Error("PostgreSQL ended unexpectedly, starting it again", "log", l.logPath())
			revived, err := l.revive(ctx)
			if err != nil {
				if ctx.Err() == nil {
					l.done <- err
				}
				return
			}
			server = revived
			l.log.Info("PostgreSQL is back", "port", l.state.Port)
		}
	}
}

// revive keeps the port: pools hold the connection string. The first tries may
// fail while the dead server's last processes still leave.
func (l *LocalDB) revive(ctx context.Context) (*pgProcess, error) {
	giveUp := time.Now().Add(reviveFor)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		server, err := l.launch(ctx)
		if err == nil {
			return server, nil
		}
		if ctx.Err() != nil || time.Now().After(giveUp) {
			return nil, fmt.Errorf("PostgreSQL could not be brought back: %w", err)
		}
		l.log.Warn("PostgreSQL did not come back yet", "error", err)
	}
}

// ensureDatabase makes what is missing, so a first start that was interrupted is
// completed by the next.
func (l *LocalDB) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, l.state.superuserDSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var role, database bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		EXISTS (SELECT FROM pg_database WHERE datname = $2)`, localOwner, localDatabase).Scan(&role, &database)
	if err != nil {
		return err
	}
	if !role {
		// The password is hexadecimal, so it needs no quoting; DDL takes no parameters.
		if _, err := conn.Exec(ctx, `CREATE ROLE `+localOwner+
			` LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '`+l.state.OwnerPassword+`'`); err != nil {
			return err
		}
	}
	if !database {
		if _, err := conn.Exec(ctx, `CREATE DATABASE `+localDatabase+` OWNER `+localOwner); err != nil {
			return err
		}
	}
	return nil
}

func (l *LocalDB) logPath() string { return filepath.Join(l.dir, "postgres.log") }

func serverSettings(throwaway bool) []string {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=", // no socket: nothing to clean up, no path limits
		"timezone=UTC",
		"log_timezone=UTC",
		"log_line_prefix=%m [%p] %q%u@%d ",
		"log_checkpoints=off",
		// Patient data must not reach the log: not as parameters, not as a
		// statement's literals, not as the "Key (…)=(…)" of a violated constraint.
		"log_parameter_max_length=0",
		"log_parameter_max_length_on_error=0",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
	}
	if throwaway {
		return append(settings, "max_connections=400", "shared_buffers=128MB",
			"fsync=off", "full_page_writes=off", "synchronous_commit=off")
	}
	return append(settings, "max_connections=200", "shared_buffers=256MB", "synchronous_commit=on")
}

func localDSN(user, password, database string, port int) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}
