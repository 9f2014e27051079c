package scheduling

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"unicode/utf8"

	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

// Answer is what was answered, to be answered again. It holds ids and times only.
type Answer struct {
	Status int
	Body   []byte
	Replay bool
}

// ExactlyOnce runs fn once for an actor and a key, and gives its stored answer to every later request with the same key and content; a
// request with the same key and other content is Invalid (draft-ietf-httpapi-idempotency-key-header-06, 2.7). Two at once: the second waits for the
// first. The answer is stored in the transaction that did the work, so there is never one without the other. What fn did is undone when it
// answers a status of 400 or more, but that answer is kept too. An error of fn keeps nothing.
func (d *Desk) ExactlyOnce(ctx context.Context, tx *tenancy.Tx, key string, content []byte, fn func() (Answer, error)) (Answer, error) {
	if len(key) > 255 || !utf8.ValidString(key) {
		return Answer{}, fault.BadField("Idempotency-Key", "must be 1 to 255 bytes of text")
	}
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return Answer{}, fmt.Errorf("clinic keys: %w", err)
	}
	hash := keys.Token("request", string(content)) // keyed: the content names the patient, and a bare hash of a name can be guessed
	args := tenancy.Args{"clinic": tx.Clinic(), "actor": tx.Actor().String(), "key": key, "hash": hash}
	made, err := tx.Exec(ctx, `insert into idempotency_keys (clinic_id, key, request_hash) values (@clinic, @key, @hash) on conflict do nothing`, args)
	if err != nil {
		return Answer{}, fmt.Errorf("remember the key: %w", err)
	}
	if made == 0 {
		return replay(ctx, tx, args, hash)
	}
	var answer Answer
	undo := errors.New("undo")
	err = tx.Savepoint(ctx, func() error {
		var err error
		if answer, err = fn(); err != nil {
			return err
		}
		if answer.Status >= 400 {
			return undo
		}
		return nil
	})
	if err != nil && answer.Status < 400 {
		return Answer{}, err
	}
	args["status"], args["body"] = answer.Status, answer.Body
	_, err = tx.Exec(ctx, `update idempotency_keys set status = @status, body = @body where clinic_id = @clinic and actor = @actor and key = @key`, args)
	if err != nil {
		return Answer{}, fmt.Errorf("keep the answer: %w", err)
	}
	return answer, nil
}

func replay(ctx context.Context, tx *tenancy.Tx, args tenancy.Args, hash []byte) (Answer, error) {
	var stored []byte
	a := Answer{Replay: true}
	err := tx.QueryRow(ctx, `select request_hash, coalesce(status, 0), body from idempotency_keys where clinic_id = @clinic and actor = @actor and key = @key`, args).
		Scan(&stored, &a.Status, &a.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read the stored answer: %w", err)
	}
	if subtle.ConstantTimeCompare(stored, hash) != 1 {
		return Answer{}, fault.New(fault.Invalid, "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new key for a new request.").
			On("Idempotency-Key", "was used with other content")
	}
	return a, nil
}

// ForgetAnswers removes stored answers older than a day, and says how many.
func ForgetAnswers(ctx context.Context, tx *tenancy.Tx) (int64, error) {
	now, err := tx.Now(ctx)
	if err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `delete from idempotency_keys where clinic_id = $1 and created_at < $2`, tx.Clinic(), now.AddDate(0, 0, -1))
	if err != nil {
		return 0, fmt.Errorf("forget old answers: %w", err)
	}
	return n, nil
}
