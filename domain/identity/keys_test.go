package identity_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/identity"
	"anteroom/domain/tenancy"
	"anteroom/domain/tenancy/tenancytest"
)

func issue(t *testing.T, db *tenancytest.Database, s tenancy.Scope, in identity.NewKey) identity.IssuedKey {
	t.Helper()
	var key identity.IssuedKey
	err := db.WithClinic(context.Background(), s, func(tx *tenancy.Tx) (err error) {
		key, err = identity.IssueKey(context.Background(), tx, in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeyNamesItsClinic(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	north, lake := db.Clinic(t, "Northside", "Europe/London"), db.Clinic(t, "Lakeview", "America/New_York")
	a, b := issue(t, db, north, identity.NewKey{Name: "n8n"}), issue(t, db, lake, identity.NewKey{Name: "n8n"})
	keys := identity.NewKeys(db.DB)
	for token, want := range map[string]uuid.UUID{a.Token: north.Clinic, b.Token: lake.Clinic} {
		for range 2 { // from the database, from memory
			s, err := keys.Authenticate(ctx, token)
			if err != nil || s.Clinic != want || s.Actor.Kind != tenancy.Key || s.Actor.Role != "api" {
				t.Fatalf("%+v %v", s, err)
			}
		}
	}
	for _, token := range []string{"", "ak_", "ak_unknown", a.Token + "x", strings.TrimPrefix(a.Token, "ak_"), "ak_" + strings.Repeat("x", 5000)} {
		if _, err := keys.Authenticate(ctx, token); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%.20q: %v", token, err)
		}
	}
	var clear int
	if err := db.Owner(t).QueryRow(ctx, `select count(*) from api_keys k where k::text like '%' || $1 || '%'`, a.Token).Scan(&clear); err != nil || clear != 0 {
		t.Fatalf("the token is stored: %d %v", clear, err)
	}
}

func TestGoodKeyCostsNoRoundTrip(t *testing.T) {
	t.Parallel()
	db := tenancytest.New(t)
	key := issue(t, db, db.Clinic(t, "Northside", "Europe/London"), identity.NewKey{Name: "n8n"})
	keys := identity.NewKeys(db.DB)
	if _, err := keys.Authenticate(context.Background(), key.Token); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel() // whatever asks the database with this fails
	if _, err := keys.Authenticate(gone, key.Token); err != nil {
		t.Fatalf("a known key asked the database: %v", err)
	}
	if _, err := keys.Authenticate(gone, "ak_unknown"); err == nil || fault.As(err) != nil {
		t.Fatalf("an unknown key did not ask the database: %v", err)
	}
}

func TestRevokedKeyIsDeadInEveryProcess(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := tenancytest.New(t)
	s := db.Clinic(t, "Northside", "Europe/London")
	key := issue(t, db, s, identity.NewKey{Name: "n8n"})
	other := tenancytest.Open(t, db.AppDSN, nil) // a second process, which remembers the key
	keys := identity.NewKeys(other)
	heard, listening := make(chan struct{}, 1), make(chan struct{}, 8)
	go other.Listen(ctx, func(c tenancy.Change) {
		if c.Topic == "ready" {
			listening <- struct{}{}
			return
		}
		keys.Changed(c)
		heard <- struct{}{}
	}, keys.Lost)
	for ready := false; !ready; { // announce until the listener is there
		if err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { tx.Announce("ready", key.ID); _, err := tx.Now(ctx); return err }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-listening:
			ready = true
		default:
		}
	}
	if _, err := keys.Authenticate(ctx, key.Token); err != nil {
		t.Fatal(err)
	}
	if err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return identity.RevokeKey(ctx, tx, key.ID) }); err != nil {
		t.Fatal(err)
	}
	<-heard
	if _, err := keys.Authenticate(ctx, key.Token); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("a revoked key works: %v", err)
	}
	if err := db.WithClinic(ctx, s, func(tx *tenancy.Tx) error { return identity.RevokeKey(ctx, tx, key.ID) }); !fault.Is(err, fault.NotFound) {
		t.Fatalf("revoked twice: %v", err)
	}
}

func TestOnlyAdminsChangeTeamAndKeys(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := tenancytest.New(t)
	s := db.Clinic(t, "Northside", "Europe/London")
	key := issue(t, db, s, identity.NewKey{Name: "n8n"})
	for _, actor := range []tenancy.Actor{
		{Kind: tenancy.User, ID: uuid.New(), Role: identity.FrontDesk}, {Kind: tenancy.User, ID: uuid.New(), Role: identity.Clinician},
		{Kind: tenancy.User, ID: uuid.New(), Role: identity.Compliance}, {Kind: tenancy.Key, ID: uuid.New(), Role: "api"},
		{Kind: tenancy.Agent, ID: uuid.New(), Role: "agent"}, {Kind: tenancy.Key, ID: uuid.New(), Role: identity.Admin},
	} {
		for name, verb := range map[string]func(tx *tenancy.Tx) error{
			"issue": func(tx *tenancy.Tx) error {
				_, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: "x"})
				return err
			},
			"revoke": func(tx *tenancy.Tx) error { return identity.RevokeKey(ctx, tx, key.ID) },
			"ensure": func(tx *tenancy.Tx) error {
				_, _, err := identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: "x@y.example", Name: "X"})
				return err
			},
			"add": func(tx *tenancy.Tx) error {
				return identity.AddMember(ctx, tx, identity.NewMember{Person: uuid.New(), Role: identity.Admin})
			},
			"overbook": func(tx *tenancy.Tx) error {
				return identity.SetOverbooking(ctx, tx, identity.Overbooking{Person: uuid.New(), May: true})
			},
			"remove": func(tx *tenancy.Tx) error { return identity.RemoveMember(ctx, tx, uuid.New()) },
		} {
			if err := db.WithClinic(ctx, tenancy.Scope{Clinic: s.Clinic, Actor: actor}, verb); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s as %s %s: %v", name, actor.Kind, actor.Role, err)
			}
		}
	}
}
