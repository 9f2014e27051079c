package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// asProgramEnv makes the test binary be the program, so that a test can run it and kill it.
const asProgramEnv = "ANTEROOM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgramEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program is a running `anteroom serve --demo` with a database of its own.
type program struct {
	addr, dir string
	args      []string // of serve, beside --demo
	level     string   // of the log; warn when empty
	cmd       *exec.Cmd
	out       *output
}

func newProgram(t *testing.T) *program {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &program{addr: l.Addr().String(), dir: filepath.Join(testDir(t), "data")}
}

func (p *program) start(t *testing.T) {
	t.Helper()
	p.cmd, p.out = exec.Command(os.Args[0], append([]string{"serve", "--demo"}, p.args...)...), &output{}
	p.cmd.Env = append(os.Environ(), asProgramEnv+"=1", "ANTEROOM_ADDR="+p.addr, "ANTEROOM_DATA_DIR="+p.dir, "ANTEROOM_LOG_LEVEL="+cmp.Or(p.level, "warn"), "DATABASE_URL=")
	p.cmd.Dir = ".."
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err := pgPoll(testContext(t), func() (bool, error) {
		res, err := http.Get("http://" + p.addr + "/readyz")
		if err != nil {
			return false, nil
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		t.Fatalf("the program does not get ready: %v\n%s", err, p.out)
	}
}

// output is what a program says, to be read while it goes on.
type output struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.String()
}

func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

func (p *program) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the program did not stop cleanly: %v\n%s", err, p.out)
	}
}

// api answers the status, 0 when nobody answered.
func (p *program) api(method, path, body string, answer any) int {
	req, err := http.NewRequest(method, "http://"+p.addr+path, bytes.NewBufferString(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+northside.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || (answer != nil && json.Unmarshal(b, answer) != nil) {
		return 0
	}
	return res.StatusCode
}

type callers struct {
	*program
	mu        sync.Mutex
	confirmed []string
	count     atomic.Int64
}

// work claims and confirms at random until it is told to stop; answers that do not come are part of the test.
func (c *callers) work(stop <-chan struct{}, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for {
		select {
		case <-stop:
			return
		default:
		}
		var found struct{ Slots []struct{ ID string } }
		if c.api("GET", "/api/slots?service=mole-check&limit=60", "", &found) != http.StatusOK || len(found.Slots) == 0 {
			continue
		}
		var claim struct{ Hold struct{ ID string } }
		slot := found.Slots[r.IntN(len(found.Slots))].ID
		body := fmt.Sprintf(`{"service":"mole-check","patient":{"name":"Crash Caller","phone":"+447700900%03d"},"hold_seconds":3}`, r.IntN(900))
		if c.api("POST", "/api/slots/"+slot+"/claim", body, &claim) != http.StatusOK || r.IntN(4) == 0 { // every fourth caller hangs up
			continue
		}
		var booked struct{ Appointment struct{ ID, Status string } }
		if c.api("POST", "/api/holds/"+claim.Hold.ID+"/confirm", "", &booked) == http.StatusCreated {
			c.mu.Lock()
			c.confirmed = append(c.confirmed, booked.Appointment.ID)
			c.mu.Unlock()
			c.count.Add(1)
		}
	}
}

func (c *callers) until(t *testing.T, n int64) {
	t.Helper()
	if err := pgPoll(testContext(t), func() (bool, error) { return c.count.Load() >= n, nil }); err != nil {
		t.Fatalf("only %d bookings: %v\n%s", c.count.Load(), err, c.out)
	}
}

// TestKillsLoseNothing kills the server, then the database, with -9 in the middle of claims and confirmations: every booking that was answered is
// there, nothing overlaps, and no slot stays stuck.
func TestKillsLoseNothing(t *testing.T) {
	p := newProgram(t)
	p.start(t)
	c := &callers{program: p}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { c.work(stop, uint64(i)) })
	}
	c.until(t, 15)
	p.kill(t) // PostgreSQL lives on as an orphan; the next start adopts it
	p.start(t)
	c.until(t, 30)
	pid, _ := readPIDFile(filepath.Join(clusterOf(t, p.dir), "postmaster.pid"))
	if pid == 0 {
		t.Fatal("the database has no process number")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.until(t, 45) // the program brought it back
	close(stop)
	wg.Wait()

	lostAndStuck(t, c, superuserOf(t, p.dir))
	p.stop(t)
	if _, err := os.Stat(filepath.Join(clusterOf(t, p.dir), "postmaster.pid")); err == nil {
		t.Error("the database is still running after the program stopped")
	}
}

func lostAndStuck(t *testing.T, c *callers, dsn string) {
	t.Helper()
	ctx := testContext(t)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var lost, overlaps int
	err = conn.QueryRow(ctx, `select (select count(*) from unnest($1::uuid[]) x where not exists (select from appointments a where a.id = x and a.status = 'booked'
		and exists (select from slots s where s.appointment_id = a.id and s.status = 'busy'))),
	(select count(*) from appointments a join appointments b on a.clinic_id = b.clinic_id and a.practitioner_id = b.practitioner_id and a.id < b.id
		and a.starts_at < b.ends_at and b.starts_at < a.ends_at
		where a.status in ('booked', 'arrived', 'checked-in', 'fulfilled') and b.status in ('booked', 'arrived', 'checked-in', 'fulfilled'))`, c.confirmed).Scan(&lost, &overlaps)
	if err != nil {
		t.Fatal(err)
	}
	if lost > 0 || overlaps > 0 {
		t.Errorf("%d of %d confirmed bookings were lost, %d overlap", lost, len(c.confirmed), overlaps)
	}
	var stuck int
	err = pgPoll(ctx, func() (bool, error) { // holds last three seconds; the sweeper comes every five
		err := conn.QueryRow(ctx, `select count(*) from slots where status = 'busy-tentative'`).Scan(&stuck)
		return stuck == 0, err
	})
	if err != nil {
		t.Errorf("%d slots are stuck: %v", stuck, err)
	}
}

func clusterOf(t *testing.T, dir string) string {
	t.Helper()
	cluster := filepath.Join(dir, "postgres")
	if _, err := os.Stat(cluster); err != nil {
		t.Fatalf("the database lies elsewhere: %v", err)
	}
	return cluster
}

func superuserOf(t *testing.T, dir string) string {
	t.Helper()
	state, err := loadState(dir)
	if err != nil {
		t.Fatal(err)
	}
	return state.superuserDSN(localDatabase)
}
