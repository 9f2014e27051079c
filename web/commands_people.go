package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// UsersCmd adds people, shows them, changes what they may do and ends their access.
type UsersCmd struct {
	Add      UsersAddCmd      `cmd:"" help:"Add a person to a clinic; the password is read from standard input. Makes the clinic when --new-clinic is given."`
	List     UsersListCmd     `cmd:"" help:"Who works at a clinic, and who did."`
	Overbook UsersOverbookCmd `cmd:"" help:"Let a person overbook at a clinic, or no longer (--end)."`
	Remove   UsersRemoveCmd   `cmd:"" help:"End a person's access to a clinic: their next request there is refused."`
}

// UsersAddCmd adds one person.
type UsersAddCmd struct {
	Clinic      string `required:"" help:"The clinic's slug or id."`
	Email       string `required:""`
	Name        string `required:""`
	Role        string `required:"" enum:"admin,frontdesk,clinician,compliance"`
	MayOverbook bool   `help:"May put an appointment where the time is taken, or outside the hours."`
	NewClinic   string `help:"Make the clinic with this name; needs --zone and --country."`
	Zone        string `help:"IANA zone, for example Europe/London."`
	Country     string `help:"ISO 3166-1 alpha-2, for example GB."`
	Locale      string `default:"en-GB"`
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
		var made bool
		err = h.db.WithClinic(ctx, operator(clinic), func(tx *tenancy.Tx) (err error) {
			var person uuid.UUID
			if person, made, err = identity.EnsurePerson(ctx, tx, identity.NewPerson{Email: u.Email, Name: u.Name, PasswordHash: hash}); err != nil {
				return err
			}
			return identity.AddMember(ctx, tx, identity.NewMember{Person: person, Role: u.Role, MayOverbook: u.MayOverbook})
		})
		switch {
		case err != nil:
			return err
		case made:
			fmt.Fprintf(os.Stderr, "\n%s can sign in with this password.\n", u.Email)
		default:
			fmt.Fprintf(os.Stderr, "\n%s has an account already, and signs in with the password it has: the name and the password given here were not taken.\n", u.Email)
		}
		return nil
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
			may := ""
			if m.MayOverbook {
				may = "may overbook"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Email, m.Name, m.Role, may, since("left", m.EndedAt))
		}
		return errors.Join(err, w.Flush())
	})
}

// UsersRemoveCmd ends one person's access.
type UsersRemoveCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
	Email  string `required:""`
}

// Run ends the access; the last admin stays.
func (u UsersRemoveCmd) Run(ctx context.Context) error {
	return inOne(ctx, u.Clinic, func(tx *tenancy.Tx) error {
		person, err := worksHere(ctx, tx, u.Email)
		if err != nil {
			return err
		}
		return identity.RemoveMember(ctx, tx, person)
	})
}

// UsersOverbookCmd changes one person's permission to overbook.
type UsersOverbookCmd struct {
	Clinic string `required:"" help:"The clinic's slug or id."`
	Email  string `required:""`
	End    bool   `help:"Take the permission away."`
}

// Run sets the permission; the person's next request has it.
func (u UsersOverbookCmd) Run(ctx context.Context) error {
	return inOne(ctx, u.Clinic, func(tx *tenancy.Tx) error {
		person, err := worksHere(ctx, tx, u.Email)
		if err != nil {
			return err
		}
		return identity.SetOverbooking(ctx, tx, identity.Overbooking{Person: person, May: !u.End})
	})
}

func worksHere(ctx context.Context, tx *tenancy.Tx, email string) (uuid.UUID, error) {
	team, err := identity.Team(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	i := slices.IndexFunc(team, func(m identity.Member) bool {
		return m.EndedAt == nil && strings.EqualFold(m.Email, strings.TrimSpace(email))
	})
	if i < 0 {
		return uuid.Nil, fmt.Errorf("nobody with the e-mail %s works at this clinic", email)
	}
	return team[i].Person, nil
}

// since says what happened at a time, and nothing when it has not.
func since(what string, at *time.Time) string {
	if at == nil {
		return ""
	}
	return what + " " + at.UTC().Format(time.RFC3339)
}
