package tenancy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The questions that are asked before a clinic is known, or across clinics: one function of the database each (schema app), owned by
// a role that sees the few columns it needs. Nothing else passes the walls.

// Holder is the clinic that a credential belongs to, and the credential's id.
type Holder struct {
	Clinic     uuid.UUID
	Credential uuid.UUID
}

// Credentials is what a sign-in is checked against.
type Credentials struct {
	ID           uuid.UUID
	Name         string
	PasswordHash string
	Disabled     bool
}

// Membership is a person's place in one clinic.
type Membership struct {
	Clinic       uuid.UUID  `db:"clinic_id"`
	Name         string     `db:"clinic"` // of the clinic
	Slug         string     `db:"slug"`
	Zone         string     `db:"zone"` // IANA
	Locale       string     `db:"locale"`
	Country      string     `db:"country"`
	Role         string     `db:"role"`
	Practitioner *uuid.UUID `db:"practitioner_id"` // when this person is one
	PersonName   string     `db:"person_name"`
	MayOverbook  bool       `db:"may_overbook"` // may put an appointment where the time is taken, or outside the hours
}

// PersonSession is one place where a person is signed in.
type PersonSession struct {
	ID        uuid.UUID `db:"id"`
	TokenHash string    `db:"token_hash"` // the key of the session store; never shown
	Address   string    `db:"address"`
	UserAgent string    `db:"user_agent"`
	CreatedAt time.Time `db:"created_at"`
	SeenAt    time.Time `db:"seen_at"`
}

// ClinicOfKey answers whose API key has this SHA-256; ok is false when it is nobody's, or was revoked.
func (db *DB) ClinicOfKey(ctx context.Context, hash []byte) (h Holder, ok bool, err error) {
	return db.holder(ctx, `select clinic_id, key_id from app.clinic_of_key($1)`, hash)
}

// VapiCredential is how Vapi is known for a clinic.
type VapiCredential struct {
	Clinic   uuid.UUID  `db:"clinic_id"`
	ID       uuid.UUID  `db:"id"`
	Style    string     `db:"style"`
	Settings []byte     `db:"settings"` // JSON
	EndsAt   *time.Time `db:"ends_at"`  // it, or the token it was found by
	UsedAt   *time.Time `db:"used_at"`
	OnlyVapi bool       `db:"only_vapi"` // the clinic takes requests from Vapi's own addresses only
	ByToken  bool       `db:"by_token"`
}

// VapiCredentialOfSecret answers whose webhook secret or access token has this SHA-256; ok is false when it is nobody's, or was revoked.
// Whether it has ended is the caller's to see.
func (db *DB) VapiCredentialOfSecret(ctx context.Context, hash []byte) (c VapiCredential, ok bool, err error) {
	return db.vapiCredential(ctx, `select * from app.vapi_credential_of_secret($1)`, hash)
}

// VapiCredentialByID answers the credential with this public id. It proves nothing yet.
func (db *DB) VapiCredentialByID(ctx context.Context, id uuid.UUID) (c VapiCredential, ok bool, err error) {
	return db.vapiCredential(ctx, `select * from app.vapi_credential_by_id($1)`, id)
}

func (db *DB) vapiCredential(ctx context.Context, sql string, arg any) (VapiCredential, bool, error) {
	rows, err := db.pool.Query(ctx, sql, arg)
	if err != nil {
		return VapiCredential{}, false, fmt.Errorf("look up a webhook credential: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[VapiCredential])
	if errors.Is(err, pgx.ErrNoRows) {
		return VapiCredential{}, false, nil
	}
	if err != nil {
		return VapiCredential{}, false, fmt.Errorf("look up a webhook credential: %w", err)
	}
	return c, true, nil
}

func (db *DB) holder(ctx context.Context, sql string, hash []byte) (h Holder, ok bool, err error) {
	err = db.pool.QueryRow(ctx, sql, hash).Scan(&h.Clinic, &h.Credential)
	if errors.Is(err, pgx.ErrNoRows) {
		return Holder{}, false, nil
	}
	if err != nil {
		return Holder{}, false, fmt.Errorf("look up a credential: %w", err)
	}
	return h, true, nil
}

// PersonByEmail finds who signs in with this address (in lower case).
func (db *DB) PersonByEmail(ctx context.Context, email string) (c Credentials, ok bool, err error) {
	err = db.pool.QueryRow(ctx, `select id, name, password_hash, disabled from app.person_by_email($1)`, email).
		Scan(&c.ID, &c.Name, &c.PasswordHash, &c.Disabled)
	if errors.Is(err, pgx.ErrNoRows) {
		return Credentials{}, false, nil
	}
	if err != nil {
		return Credentials{}, false, fmt.Errorf("look up a person: %w", err)
	}
	return c, true, nil
}

// OwnPassword is what a person signs in with.
type OwnPassword struct {
	Email     string
	Hash      string
	Temporary bool // somebody else chose it
}

// PasswordOfPerson is what this person signs in with; zero for somebody disabled. The caller has made sure that it is that person.
func (db *DB) PasswordOfPerson(ctx context.Context, person uuid.UUID) (p OwnPassword, err error) {
	err = db.pool.QueryRow(ctx, `select email, password_hash, temporary from app.password_of_person($1)`, person).Scan(&p.Email, &p.Hash, &p.Temporary)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return OwnPassword{}, fmt.Errorf("look up a password: %w", err)
	}
	return p, nil
}

// ClinicsOfPerson are the clinics where this person works now, by name. The caller has made sure that it is that person.
func (db *DB) ClinicsOfPerson(ctx context.Context, person uuid.UUID) ([]Membership, error) {
	rows, err := db.pool.Query(ctx, `select clinic_id, clinic, slug, zone, locale, country, role, practitioner_id, person_name, may_overbook
		from app.clinics_of_person($1)`, person)
	if err != nil {
		return nil, fmt.Errorf("ask for a person's clinics: %w", err)
	}
	ms, err := pgx.CollectRows(rows, pgx.RowToStructByName[Membership])
	if err != nil {
		return nil, fmt.Errorf("ask for a person's clinics: %w", err)
	}
	return ms, nil
}

// SignInLocked answers until when any of these keys is locked; the zero time means that none is.
func (db *DB) SignInLocked(ctx context.Context, keys ...[]byte) (time.Time, error) {
	return db.lockEnd(ctx, `select app.sign_in_locked($1)`, keys)
}

// SignInTried counts a try against key, of which the first (free-1) in a row cost nothing, and answers the end of a lock that was there
// already. It is asked before the password is looked at: tries at the same instant are counted one after the other. They are forgotten
// when the last failure is longer ago than forgetAfter (whole seconds).
func (db *DB) SignInTried(ctx context.Context, key []byte, free int, forgetAfter time.Duration) (time.Time, error) {
	return db.lockEnd(ctx, `select app.sign_in_tried($1, $2, $3)`, key, free, int(forgetAfter.Seconds()))
}

func (db *DB) lockEnd(ctx context.Context, sql string, args ...any) (time.Time, error) {
	var until *time.Time
	if err := db.pool.QueryRow(ctx, sql, args...).Scan(&until); err != nil {
		return time.Time{}, fmt.Errorf("ask for the sign-in lock: %w", err)
	}
	if until == nil {
		return time.Time{}, nil
	}
	return *until, nil
}

// SignInSucceeded forgets the account's failures, and takes this one try back from the address, with the lock it set.
func (db *DB) SignInSucceeded(ctx context.Context, account, address []byte) error {
	if _, err := db.pool.Exec(ctx, `select app.sign_in_succeeded($1, $2)`, account, address); err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	return nil
}

// SessionOpened notes a new session of a person, under the key that the session store uses.
func (db *DB) SessionOpened(ctx context.Context, id, person uuid.UUID, tokenHash, address, userAgent string) error {
	if _, err := db.pool.Exec(ctx, `select app.session_opened($1, $2, $3, $4, $5)`, id, person, tokenHash, address, userAgent); err != nil {
		return fmt.Errorf("note a session: %w", err)
	}
	return nil
}

// SessionRenewed notes that a session has another token; false when it was ended meanwhile.
func (db *DB) SessionRenewed(ctx context.Context, oldHash, newHash string) (alive bool, err error) {
	return db.yes(ctx, `select app.session_renewed($1, $2)`, oldHash, newHash)
}

// SessionSeen notes that a session is in use; false when it was ended.
func (db *DB) SessionSeen(ctx context.Context, tokenHash string) (alive bool, err error) {
	return db.yes(ctx, `select app.session_seen($1)`, tokenHash)
}

// SessionAlive says whether a session of this person has not been ended.
func (db *DB) SessionAlive(ctx context.Context, person uuid.UUID, tokenHash string) (alive bool, err error) {
	return db.yes(ctx, `select app.session_alive($1, $2)`, person, tokenHash)
}

func (db *DB) yes(ctx context.Context, sql string, args ...any) (yes bool, err error) {
	if err := db.pool.QueryRow(ctx, sql, args...).Scan(&yes); err != nil {
		return false, fmt.Errorf("ask for a session: %w", err)
	}
	return yes, nil
}

// SessionsOfPerson are the places where a person is signed in, the one used last first.
func (db *DB) SessionsOfPerson(ctx context.Context, person uuid.UUID) ([]PersonSession, error) {
	rows, err := db.pool.Query(ctx, `select id, token_hash, address, user_agent, created_at, seen_at from app.sessions_of_person($1)`, person)
	if err != nil {
		return nil, fmt.Errorf("ask for a person's sessions: %w", err)
	}
	ss, err := pgx.CollectRows(rows, pgx.RowToStructByName[PersonSession])
	if err != nil {
		return nil, fmt.Errorf("ask for a person's sessions: %w", err)
	}
	return ss, nil
}

// SessionClosed ends one session of a person, or all with uuid.Nil, and answers the hashed tokens that are dead now.
func (db *DB) SessionClosed(ctx context.Context, person, session uuid.UUID) ([]string, error) {
	var one *uuid.UUID
	if session != uuid.Nil {
		one = &session
	}
	return db.closed(ctx, person, one, nil)
}

// SessionTokenClosed ends the session of a person that has this hashed token, if one still has; none is ended when it got another since.
func (db *DB) SessionTokenClosed(ctx context.Context, person uuid.UUID, tokenHash string) (ended bool, err error) {
	hashes, err := db.closed(ctx, person, nil, &tokenHash)
	return len(hashes) > 0, err
}

func (db *DB) closed(ctx context.Context, person uuid.UUID, session *uuid.UUID, tokenHash *string) ([]string, error) {
	rows, err := db.pool.Query(ctx, `select app.session_closed($1, $2, $3)`, person, session, tokenHash)
	if err != nil {
		return nil, fmt.Errorf("end a session: %w", err)
	}
	hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("end a session: %w", err)
	}
	return hashes, nil
}

// AllClinics are the ids of every clinic, for jobs that go round them.
func (db *DB) AllClinics(ctx context.Context) ([]uuid.UUID, error) {
	return db.clinics(ctx, `select app.all_clinics()`)
}

// ClinicsWithEndedHolds are the clinics where a hold has run out at now (nil: the database's time), so that the sweeper visits no other.
func (db *DB) ClinicsWithEndedHolds(ctx context.Context, now *time.Time) ([]uuid.UUID, error) {
	return db.clinics(ctx, `select app.clinics_with_ended_holds($1)`, now)
}

// ClinicsWithOutdatedCalls are the clinics that have calls which another rule set than this one has redacted.
func (db *DB) ClinicsWithOutdatedCalls(ctx context.Context, rules string) ([]uuid.UUID, error) {
	return db.clinics(ctx, `select app.clinics_with_outdated_calls($1)`, rules)
}

func (db *DB) clinics(ctx context.Context, sql string, args ...any) ([]uuid.UUID, error) {
	rows, err := db.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("ask for clinics: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("ask for clinics: %w", err)
	}
	return ids, nil
}
