package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// MigrateCmd brings the schema up to date; any number of them may run at once.
type MigrateCmd struct{}

// Run migrates.
func (MigrateCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{migrate: true, share: true, quiet: true})
	if err != nil {
		return err
	}
	fmt.Println("The schema is up to date.")
	return h.Close()
}

// DSNCmd prints where the local database is.
type DSNCmd struct{}

// Run prints the owner's connection string.
func (DSNCmd) Run(context.Context) error {
	cfg, err := loadConfig(false)
	if err != nil {
		return err
	}
	if cfg.DatabaseURL != "" {
		fmt.Println(cfg.DatabaseURL)
		return nil
	}
	dsn, err := localOwnerDSN(cfg.DataDir)
	if err == nil {
		fmt.Println(dsn)
	}
	return err
}

// TestDBCmd runs a command beside a throwaway server.
type TestDBCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// Run passes the command's exit code on.
func (c TestDBCmd) Run(ctx context.Context) error {
	if code := runWithTestDB(ctx, c.Args); code != 0 {
		os.Exit(code)
	}
	return nil
}

// VerifyCmd proves and attacks the walls.
type VerifyCmd struct {
	JSON bool `help:"Print the whole report as JSON."`
	Demo bool `help:"Make the demo clinics first, so that every table has rows to attack."`
}

// Run exits 0 only if every wall holds. The result is stored and shown on the Isolation page.
func (v VerifyCmd) Run(ctx context.Context) error {
	h, err := openHouse(ctx, openOptions{demo: v.Demo, share: true, quiet: true})
	if err != nil {
		return err
	}
	defer h.Close()
	if v.Demo {
		if _, err := h.seedDemo(ctx); err != nil {
			return err
		}
	}
	report, err := h.db.Verify(ctx, version)
	if err != nil {
		return err
	}
	if err := h.db.StoreRun(ctx, report); err != nil {
		return err
	}
	if v.JSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(report)
	} else {
		report.Text(os.Stdout)
	}
	if err == nil && !report.OK() {
		err = errors.New("the walls do not hold")
	}
	return err
}

// UsersCmd adds people and shows them.
type UsersCmd struct {
	Add  UsersAddCmd  `cmd:"" help:"Add a person to a clinic; the password is read from standard input. Makes the clinic when --new-clinic is given."`
	List UsersListCmd `cmd:"" help:"Who works at a clinic."`
}

// UsersAddCmd adds one person.
type UsersAddCmd struct {
	Clinic    string `required:"" help:"The clinic's slug or id."`
	Email     string `required:""`
	Name      string `required:""`
	Role      string `required:"" enum:"admin,frontdesk,clinician,compliance"`
	NewClinic string `help:"Make the clinic with this name; needs --zone and --country."`
	Zone      string `help:"IANA zone, for example Europe/London."`
	Country   string `help:"ISO 3166-1 alpha-2, for example GB."`
	Locale    string `default:"en-GB"`
}

// Run adds the person.
func (u UsersAddCmd) Run(ctx context.Context) error {
	return operate(ctx, func(h *house) error {
		fmt.Fprint(os.Stderr, "Password: ")
		password, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil {
			return errors.New("give the password on standard input, followed by a line end")
		}
		hash, err := identity.HashPassword(ctx, strings.TrimRight(password, "\r\n"))
		if err != nil {
			return err
		}
		clinic, err := u.clinic(ctx, h)
		if err != nil {
			return err
		}
		return h.db.WithClinic(ctx, operator(clinic), func(tx *tenancy.Tx) error {
			person, err := identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: u.Email, Name: u.Name, PasswordHash: hash})
			if err != nil {
				return err
			}
			return identity.AddMember(ctx, tx, identity.NewMember{Person: person, Role: u.Role})
		})
	})
}

func (u UsersAddCmd) clinic(ctx context.Context, h *house) (uuid.UUID, error) {
	if u.NewClinic == "" {
		return h.clinicBySlug(ctx, u.Clinic)
	}
	if _, err := h.clinicBySlug(ctx, u.Clinic); err == nil {
		return uuid.Nil, fmt.Errorf("there is a clinic %q already", u.Clinic)
	}
	id := tenancy.NewID()
	return id, h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) error {
		return scheduling.CreateClinic(ctx, tx, scheduling.NewClinic{Slug: u.Clinic, Name: u.NewClinic, Zone: u.Zone, Country: u.Country, Locale: u.Locale})
	})
}

// UsersListCmd lists a clinic's people.
type UsersListCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
}

// Run prints a table.
func (u UsersListCmd) Run(ctx context.Context) error {
	return operate(ctx, func(h *house) error {
		clinic, err := h.clinicBySlug(ctx, u.Clinic)
		if err != nil {
			return err
		}
		var team []identity.Member
		err = h.db.WithClinic(ctx, operator(clinic), func(tx *tenancy.Tx) (err error) { team, err = identity.Team(ctx, tx); return err })
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, m := range team {
			fmt.Fprintf(w, "%s\t%s\t%s\n", m.Email, m.Name, m.Role)
		}
		return errors.Join(err, w.Flush())
	})
}

// KeysCmd issues and revokes what programs sign in with.
type KeysCmd struct {
	Issue  KeysIssueCmd  `cmd:"" help:"Issue an API key; it is shown once."`
	Vapi   KeysVapiCmd   `cmd:"" help:"Issue a Vapi webhook secret; it is shown once."`
	Revoke KeysRevokeCmd `cmd:"" help:"Revoke an API key."`
}

// KeysIssueCmd issues an API key.
type KeysIssueCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
	Name   string `required:"" help:"What uses it."`
}

// Run prints the key.
func (k KeysIssueCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error {
		key, err := identity.IssueKey(ctx, tx, identity.NewKey{Name: k.Name})
		if err == nil {
			fmt.Println(key.ID, key.Token)
		}
		return err
	})
}

// KeysVapiCmd issues a secret for X-Vapi-Secret.
type KeysVapiCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
}

// Run prints the secret.
func (k KeysVapiCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error {
		secret := "vs_" + rand.Text()
		hash := sha256.Sum256([]byte(secret))
		_, err := tx.Exec(ctx, `insert into vapi_credentials (clinic_id, id, secret_hash) values ($1, $2, $3)`, tx.Clinic(), tenancy.NewID(), hash[:])
		if err == nil {
			fmt.Println(secret)
		}
		return err
	})
}

// KeysRevokeCmd ends a key.
type KeysRevokeCmd struct {
	Clinic string    `required:"" help:"The clinic's slug or id."`
	ID     uuid.UUID `arg:"" help:"The key's id, printed when it was issued."`
}

// Run revokes it; running servers forget it within seconds.
func (k KeysRevokeCmd) Run(ctx context.Context) error {
	return inOne(ctx, k.Clinic, func(tx *tenancy.Tx) error { return identity.RevokeKey(ctx, tx, k.ID) })
}

func inOne(ctx context.Context, clinic string, fn func(tx *tenancy.Tx) error) error {
	return operate(ctx, func(h *house) error {
		id, err := h.clinicBySlug(ctx, clinic)
		if err != nil {
			return err
		}
		return h.db.WithClinic(ctx, operator(id), fn)
	})
}

// operate runs a command of the platform's operator, beside a running server or without one.
func operate(ctx context.Context, fn func(h *house) error) error {
	h, err := openHouse(ctx, openOptions{share: true, quiet: true})
	if err != nil {
		return err
	}
	return errors.Join(fn(h), h.Close())
}

func operator(clinic uuid.UUID) tenancy.Scope {
	return tenancy.Scope{Clinic: clinic, Actor: tenancy.Actor{Kind: tenancy.System, Role: "operator", RequestID: "command"}}
}

// clinicBySlug asks each clinic for its own slug: the program has no way to read them all at once.
func (h *house) clinicBySlug(ctx context.Context, slug string) (uuid.UUID, error) {
	ids, err := h.db.AllClinics(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	for _, id := range ids {
		var c scheduling.Clinic
		err := h.db.WithClinic(ctx, operator(id), func(tx *tenancy.Tx) (err error) { c, err = scheduling.LoadClinic(ctx, tx); return err })
		if err != nil {
			return uuid.Nil, err
		}
		if c.Slug == slug || c.ID.String() == slug {
			return id, nil
		}
	}
	return uuid.Nil, fmt.Errorf("there is no clinic %q", slug)
}
