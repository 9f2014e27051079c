// Command anteroom is the clinic's front desk: the web server, its jobs, and the tools around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"anteroom/domain/fault"
)

type cli struct {
	Serve    ServeCmd    `cmd:"" help:"Serve the pages, the API and the webhooks, and run the jobs."`
	Migrate  MigrateCmd  `cmd:"" help:"Bring the database's schema up to date."`
	Demo     DemoCmd     `cmd:"" help:"Fill the database with the two demo clinics."`
	Verify   VerifyCmd   `cmd:"" help:"Prove and attack the walls between clinics; exits 0 only if every one holds."`
	Users    UsersCmd    `cmd:"" help:"People and their roles."`
	Keys     KeysCmd     `cmd:"" help:"API keys, webhook secrets, and the keys that seal."`
	Simulate SimulateCmd `cmd:"" help:"Play the outside world against a running server."`
	Bench    BenchCmd    `cmd:"" help:"Measure, each beside its limit in the same run."`
	Redact   RedactCmd   `cmd:"" help:"Find what gives a person away: {\"id\",\"text\"} lines in, spans with byte offsets out."`
	DSN      DSNCmd      `cmd:"" name:"dsn" help:"Print the owner's connection string of the local database."`
	TestDB   TestDBCmd   `cmd:"" name:"testdb" help:"Run a command beside a throwaway PostgreSQL." passthrough:""`
	Version  kong.VersionFlag
}

// gcPercent: the server's live heap is some 20 MB, and Go's default would collect whenever as much again was used: at every few dozen pages,
// for a fifth of the processor's time. GOGC and GOMEMLIMIT in the environment decide otherwise.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser := kong.Must(&c, kong.Name("anteroom"), kong.Description("The clinic's front desk."), kong.UsageOnError(),
		kong.Vars{"version": version, "pool": strconv.Itoa(serveConns)}, kong.BindTo(ctx, (*context.Context)(nil)))
	k, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if err := k.Run(); err != nil {
		if f := fault.As(err); f != nil {
			err = errors.New(f.Words)
		}
		fmt.Fprintln(os.Stderr, "anteroom:", err)
		stop()
		os.Exit(exitCode(err))
	}
}

// exit is an error that has already been explained on the terminal.
type exit struct{ code int }

func (e exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

func exitCode(err error) int {
	var e exit
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}
