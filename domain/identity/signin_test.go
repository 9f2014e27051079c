package identity_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

const password = "correct horse battery"

var hash = sync.OnceValues(func() (string, error) { return identity.HashPassword(context.Background(), password) })

// member makes a person with the password above and a role in the clinic.
func member(t *testing.T, db *tenancytest.Database, s tenancy.Scope, email, role string) uuid.UUID {
	t.Helper()
	ctx := context.Background()
	h, err := hash()
	if err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	err = db.WithClinic(ctx, s, func(tx *tenancy.Tx) (err error) {
		if id, _, err = identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: email, Name: "Imogen Clarke", PasswordHash: h}); err != nil {
			return err
		}
		return identity.AddMember(ctx, tx, identity.NewMember{Person: id, Role: role})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func signIn(db *tenancytest.Database, email, word, address string) error {
	_, _, err := identity.SignIn(context.Background(), db.DB, email, word, address)
	return err
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	north, lake := db.Clinic(t, "Northside", "Europe/London"), db.Clinic(t, "Lakeview", "America/New_York")
	id := member(t, db, north, "imogen@northside.example", identity.FrontDesk)
	if again := member(t, db, lake, "Imogen@Northside.example ", identity.Admin); again != id {
		t.Fatalf("the same e-mail made another person: %s, %s", id, again)
	}
	who, clinics, err := identity.SignIn(context.Background(), db.DB, " Imogen@northside.EXAMPLE", password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if who.ID != id || len(clinics) != 2 || clinics[0].Name != "Lakeview" || clinics[0].Role != identity.Admin || clinics[1].Role != identity.FrontDesk {
		t.Fatalf("%+v %+v", who, clinics)
	}
}

func TestRefusedSignInsAreAlike(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	s := db.Clinic(t, "Northside", "Europe/London")
	member(t, db, s, "known@northside.example", identity.Admin)
	off := member(t, db, s, "disabled@northside.example", identity.Admin)
	owner := db.Owner(t)
	if _, err := owner.Exec(context.Background(), `update people set disabled_at = now() where id = $1`, off); err != nil {
		t.Fatal(err)
	}
	wrong := signIn(db, "known@northside.example", "wrong", "192.0.2.1")
	for name, err := range map[string]error{
		"unknown":  signIn(db, "unknown@northside.example", password, "192.0.2.1"),
		"disabled": signIn(db, "disabled@northside.example", password, "192.0.2.1"),
		"long":     signIn(db, "known@northside.example", string(make([]byte, 5000)), "192.0.2.1"),
		"none":     signIn(db, "", "", "192.0.2.1"),
	} {
		if !fault.Is(err, fault.Unauthenticated) || err.Error() != wrong.Error() {
			t.Errorf("%s: %v, want %v", name, err, wrong)
		}
	}
	var failed, other int
	err := owner.QueryRow(context.Background(), `select count(*) filter (where action = 'identity.sign-in-failed' and address = '192.0.2.1'),
		count(*) filter (where subject_id is null) from audit_events where clinic_id = $1`, s.Clinic).Scan(&failed, &other)
	if err != nil || failed != 2 || other != 0 { // known twice; a disabled person works nowhere
		t.Fatalf("audited %d failures, %d of nobody (%v)", failed, other, err)
	}
	var stored int
	err = owner.QueryRow(context.Background(), `select count(*) from sign_in_failures where convert_from(key, 'LATIN1') like '%northside%'`).Scan(&stored)
	if err != nil || stored != 0 {
		t.Fatalf("%d failures are stored with the e-mail (%v)", stored, err)
	}
}

func TestLockBacksOff(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.Admin)
	owner := db.Owner(t)
	for i := range 5 {
		if err := signIn(db, "a@northside.example", "wrong", "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	previous := 20 * time.Second
	for i := range 3 {
		err := signIn(db, "a@northside.example", password, "192.0.2.2") // the right one, from elsewhere: locked is locked
		if !fault.Is(err, fault.Limited) {
			t.Fatalf("round %d: %v", i, err)
		}
		wait := fault.As(err).Detail.(identity.Locked).Wait
		if wait < previous || wait > 2*previous+30*time.Second {
			t.Fatalf("round %d: wait %s after %s", i, wait, previous)
		}
		previous = wait * 3 / 2
		if _, err := owner.Exec(context.Background(), `update sign_in_failures set locked_until = now() - interval '1 second' where locked_until is not null`); err != nil {
			t.Fatal(err)
		}
		if err := signIn(db, "a@northside.example", "wrong", "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("round %d, after the lock: %v", i, err)
		}
	}
	pass(t, db, 25*time.Hour)
	if err := signIn(db, "a@northside.example", "wrong", "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
		t.Fatal(err)
	}
	if err := signIn(db, "a@northside.example", password, "192.0.2.1"); err != nil {
		t.Fatalf("a day forgets: %v", err)
	}
}

func TestAddressIsLockedAndOwnAccountDoesNotHelp(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "own@northside.example", identity.Admin)
	for i := range 20 {
		if i%4 == 0 { // somebody's own good account in between must not clean the slate
			if err := signIn(db, "own@northside.example", password, "192.0.2.1"); err != nil {
				t.Fatalf("own account before guess %d: %v", i, err)
			}
		}
		if err := signIn(db, uuid.NewString()+"@northside.example", "guess", "192.0.2.1"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := signIn(db, "own@northside.example", password, "192.0.2.1"); !fault.Is(err, fault.Limited) {
		t.Fatalf("after 20 guesses from one address: %v", err)
	}
	if err := signIn(db, "own@northside.example", password, "192.0.2.2"); err != nil {
		t.Fatalf("from another address: %v", err)
	}
}

// pass makes every try and every lock older, as if time went by.
func pass(t *testing.T, db *tenancytest.Database, d time.Duration) {
	t.Helper()
	_, err := db.Owner(t).Exec(context.Background(), `update sign_in_failures set tries = (select coalesce(array_agg(at - $1::interval order by at), '{}') from unnest(tries) at), locked_until = locked_until - $1::interval`, d)
	if err != nil {
		t.Fatal(err)
	}
}

// guesses are failed sign-ins from one address, each at another account that nobody has.
func guesses(t *testing.T, db *tenancytest.Database, n int, address string) {
	t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := signIn(db, uuid.NewString()+"@northside.example", "guess", address); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a guess: %v", err)
			}
		})
	}
	all.Wait()
}

// A lock of an address that ran out leaves its failures, but a good password is no further one, however often.
func TestAGoodPasswordLocksNobody(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "own@northside.example", identity.Admin)
	guesses(t, db, 20, "192.0.2.1")
	pass(t, db, time.Minute)
	for i := range 3 {
		if err := signIn(db, "own@northside.example", password, "192.0.2.1"); err != nil {
			t.Fatalf("good sign-in %d after the lock ran out: %v", i, err)
		}
	}
	guesses(t, db, 1, "192.0.2.1") // and it did not clean the slate: one more locks again
	if err := signIn(db, "own@northside.example", password, "192.0.2.1"); !fault.Is(err, fault.Limited) {
		t.Fatalf("after another guess: %v", err)
	}
}

func TestAddressForgetsAfterAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "own@northside.example", identity.Admin)
	good := func() {
		t.Helper()
		var all sync.WaitGroup
		for i := range 3 { // at once, as a whole clinic comes to work
			all.Go(func() {
				if err := signIn(db, "own@northside.example", password, "192.0.2.1"); err != nil {
					t.Errorf("good sign-in %d: %v", i, err)
				}
			})
		}
		all.Wait()
	}
	guesses(t, db, 15, "192.0.2.1")
	pass(t, db, 14*time.Minute)
	good() // these are no failures, so they do not keep the old ones alive
	pass(t, db, 2*time.Minute)
	guesses(t, db, 15, "192.0.2.1")
	good()
	pass(t, db, 14*time.Minute)
	guesses(t, db, 5, "192.0.2.1") // within the quarter of an hour: 20
	if err := signIn(db, "own@northside.example", password, "192.0.2.1"); !fault.Is(err, fault.Limited) {
		t.Fatalf("after 20 within a quarter of an hour each: %v", err)
	}
}

func TestAccountForgetsAfterADayOnly(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.Admin)
	for range 4 {
		_ = signIn(db, "a@northside.example", "wrong", "192.0.2.1")
	}
	pass(t, db, 23*time.Hour)
	_ = signIn(db, "a@northside.example", "wrong", "192.0.2.1")
	if err := signIn(db, "a@northside.example", password, "192.0.2.1"); !fault.Is(err, fault.Limited) {
		t.Fatalf("the fifth within a day: %v", err)
	}
}

// Tries at the same instant must not slip past the limit: of 40 exactly 5 are looked at.
func TestLockHoldsAgainstManyAtOnce(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	member(t, db, db.Clinic(t, "Northside", "Europe/London"), "a@northside.example", identity.Admin)
	var looked, refused atomic.Int32
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			err := signIn(db, "a@northside.example", "wrong", "192.0.2."+string(rune('0'+i%10)))
			switch {
			case fault.Is(err, fault.Unauthenticated):
				looked.Add(1)
			case fault.Is(err, fault.Limited):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if looked.Load() != 5 || refused.Load() != 35 {
		t.Fatalf("%d were looked at, %d refused", looked.Load(), refused.Load())
	}
}

// A refusal takes a while even where nothing is hashed or recorded, so that its time tells nothing.
func TestRefusalTakesItsTime(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	for range 5 {
		_ = signIn(db, "nobody@northside.example", "wrong", "192.0.2.1")
	}
	for range 4 { // locked: the quickest answer there is
		start := time.Now()
		err := signIn(db, "nobody@northside.example", "wrong", "192.0.2.1")
		if took := time.Since(start); !fault.Is(err, fault.Limited) || took < 150*time.Millisecond {
			t.Errorf("%v after %s", err, took)
		}
	}
}

func TestShortPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"", "short", "elevenchars", string(make([]byte, 201))} {
		if _, err := identity.HashPassword(context.Background(), p); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d bytes: %v", len(p), err)
		}
	}
}
