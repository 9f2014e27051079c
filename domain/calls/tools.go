package calls

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// Result answers one tool call: a result or an error, each a single line to be spoken.
type Result struct {
	ToolCallID string `json:"toolCallId"`
	Name       string `json:"name"`
	Result     string `json:"result,omitempty"`
	Error      string `json:"error,omitempty"`
}

// visit is what a tool knows of the call it is used in.
type visit struct {
	clinic scheduling.Clinic
	call   uuid.UUID
	callID string    // Vapi's
	number string    // the line's; empty for a web call or a withheld number
	now    time.Time // in the clinic's zone
	about  *uuid.UUID
	did    *string // Moved or Cancelled, once it is done
	known  foreknown
}

// tool answers what to say. Words for a refusal come as ask(…); every other fault is put into words by speak.
type tool func(s *Switchboard, ctx context.Context, tx *tenancy.Tx, v visit, a Arguments) (string, error)

var tools = map[string]tool{
	"findslots":             (*Switchboard).findSlots,
	"claimslot":             (*Switchboard).claimSlot,
	"confirmbooking":        (*Switchboard).confirmBooking,
	"bookappointment":       (*Switchboard).bookAppointment,
	"releaseslot":           (*Switchboard).releaseSlot,
	"findmyappointments":    (*Switchboard).findMine,
	"rescheduleappointment": (*Switchboard).rescheduleMine,
	"cancelappointment":     (*Switchboard).cancelMine,
	"joinwaitlist":          (*Switchboard).joinWaitlist,
	"takemessage":           (*Switchboard).takeMessage,
}

// ask refuses with words that are spoken as they are: what is missing, or what to do instead.
func ask(words string, args ...any) error { return fault.New(fault.Invalid, "ask", words, args...) }

func (s *Switchboard) answerTools(ctx context.Context, l line) (Reply, error) {
	reply := Reply{Results: []Result{}}
	var broken error
	alone := l.CallID == "" && len(l.ToolCalls) > 0
	if alone {
		l.CallID = l.standIn()
	}
	for _, t := range l.ToolCalls {
		r := Result{ToolCallID: t.ID, Name: t.Name}
		said, err := s.answerTool(ctx, l, t)
		if err != nil {
			broken = errors.Join(broken, fmt.Errorf("tool %s: %w", cut(oneLine(t.Name), 80), err))
			said = answer{words: cannotDoThat, failed: true}
		}
		if said.failed {
			r.Error = said.words
		} else {
			r.Result = said.words
		}
		reply.Results = append(reply.Results, r)
	}
	if alone {
		broken = errors.Join(broken, s.over(ctx, l))
	}
	return reply, broken
}

// standIn is the call of tools that came without one: they work together, and a second delivery of them is known. Nothing else is of this call.
func (l line) standIn() string {
	h := sha256.New()
	for _, t := range l.ToolCalls {
		h.Write([]byte(t.ID + "\x00"))
	}
	fmt.Fprint(h, l.At.UnixMicro())
	return "no-call:" + hex.EncodeToString(h.Sum(nil)[:16])
}

// over ends a stand-in, so that nobody seems to be on the phone. What it holds runs out by itself.
func (s *Switchboard) over(ctx context.Context, l line) error {
	return s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update calls set ended_at = coalesce(ended_at, @now), ended_reason = 'no-call' where clinic_id = @clinic and vapi_call_id = @call`,
			tenancy.Args{"clinic": tx.Clinic(), "call": l.CallID, "now": now})
		return err
	})
}

// answer is what was said, to be said again. It names no patient.
type answer struct {
	words  string
	failed bool
	did    string // what it changed, for how the call ended
}

const storedAnswer = `select id, answer, failed from tool_calls where clinic_id = @clinic
and call_id = (select c.id from calls c where c.clinic_id = @clinic and c.vapi_call_id = @call) and tool_call_id = @tool and arguments_hash = @hash`

const keepAnswer = `insert into tool_calls (clinic_id, id, call_id, tool_call_id, arguments_hash, name, answer, failed, did, took_micros)
values (@clinic, @id, @call, @tool, @hash, @name, @answer, @failed, @did, @took)`

// answerTool carries out a tool call once. The answer is kept in the transaction that did the work, and given again to every later delivery of
// the same call; a refusal undoes what was begun, and is kept too. What broke keeps nothing, so that it can be tried again. Deliveries at once
// take turns, since each locks the call before it looks for an answer.
func (s *Switchboard) answerTool(ctx context.Context, l line, t ToolCall) (said answer, err error) {
	start := time.Now()
	err = s.db.WithClinic(ctx, l.scope, func(tx *tenancy.Tx) error {
		keys, err := s.vault.Clinic(ctx, tx)
		if err != nil {
			return fmt.Errorf("clinic keys: %w", err)
		}
		args := tenancy.Args{"clinic": tx.Clinic(), "call": l.CallID, "tool": short(t.ID, 200), "hash": sealedHash(keys, t), "name": knownName(t.Name)}
		var kept []keptAnswer
		var known foreknown
		c, err := s.open(ctx, tx, l, func(b *pgx.Batch) {
			b.Queue(storedAnswer, args).Query(func(rows pgx.Rows) (err error) {
				kept, err = pgx.CollectRows(rows, pgx.RowToStructByPos[keptAnswer])
				return err
			})
			known.queue(b, tx, l, t)
		})
		if err != nil {
			return err
		}
		if len(kept) > 0 {
			said, err = kept[0].open(keys)
			return err
		}
		var about uuid.UUID
		if said, about, err = s.perform(ctx, tx, l, c, t, known); err != nil {
			return err
		}
		id := tenancy.NewID()
		args["id"], args["call"], args["took"], args["failed"], args["did"] = id, c.ID, time.Since(start).Microseconds(), said.failed, said.did
		if args["answer"], err = keys.Seal(answerField(id), []byte(said.words)); err != nil {
			return err
		}
		b := &pgx.Batch{}
		if err := c.queueLearned(b, tx, keys, about, t.Arguments); err != nil {
			return err
		}
		b.Queue(keepAnswer, args)
		if err = tx.SendLast(ctx, b).Close(); err != nil { // the commit travels with it
			return fmt.Errorf("keep the answer: %w", err)
		}
		return nil
	})
	return said, err
}

// sealedHash is the key of name and arguments. Arguments hold names and numbers, which could be guessed from a bare digest.
func sealedHash(keys *privacy.ClinicKeys, t ToolCall) []byte {
	hash := t.hash()
	sum := sha256.Sum256(keys.Token("tool-call", hex.EncodeToString(hash[:])))
	return sum[:]
}

func answerField(id uuid.UUID) privacy.Field {
	return privacy.Field{Table: "tool_calls", Column: "answer", Row: id}
}

type keptAnswer struct {
	ID     uuid.UUID
	Sealed []byte
	Failed bool
}

func (k keptAnswer) open(keys *privacy.ClinicKeys) (answer, error) {
	words, err := keys.Open(answerField(k.ID), k.Sealed)
	return answer{words: string(words), failed: k.Failed}, err
}

// lookups change nothing: there is nothing to undo when one is refused.
var lookups = map[string]bool{"findslots": true, "findmyappointments": true}

// perform runs the tool so that a refusal leaves nothing behind, and answers which service was asked for.
func (s *Switchboard) perform(ctx context.Context, tx *tenancy.Tx, l line, c call, t ToolCall, known foreknown) (said answer, about uuid.UUID, err error) {
	run, ours := tools[key(t.Name)]
	switch {
	case !ours:
		return answer{words: "This is not something I can do here. Offer the caller a call back from the clinic.", failed: true}, uuid.Nil, nil
	case c.EndedAt != nil:
		return answer{words: "This call has ended, so nothing was changed.", failed: true}, uuid.Nil, nil
	}
	clinic, err := s.clinic(ctx, tx)
	if err != nil {
		return answer{}, uuid.Nil, err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return answer{}, uuid.Nil, err
	}
	var words, did string
	v := visit{clinic: clinic, call: c.ID, callID: l.CallID, number: c.number, now: now.In(clinic.Location), about: &about, did: &did, known: known}
	use := func() (err error) {
		words, err = run(s, ctx, tx, v, t.Arguments)
		return err
	}
	if lookups[key(t.Name)] {
		err = use()
	} else {
		err = tx.Savepoint(ctx, use)
	}
	f := fault.As(err)
	switch {
	case err == nil:
		return answer{words: oneLine(words), did: did}, about, nil
	case f == nil:
		return answer{}, about, err
	}
	said = v.speak(f)
	return answer{words: oneLine(said.words), failed: said.failed}, about, nil
}

// clinic is remembered for some seconds: its zone never changes, its name hardly.
func (s *Switchboard) clinic(ctx context.Context, tx *tenancy.Tx) (scheduling.Clinic, error) {
	if c, ok := s.clinics.Get(tx.Clinic()); ok {
		return c, nil
	}
	c, err := scheduling.LoadClinic(ctx, tx)
	if err == nil {
		s.clinics.Add(tx.Clinic(), c)
	}
	return c, err
}
