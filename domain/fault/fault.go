// Package fault holds the few ways in which Anteroom can refuse, each with words that are safe to show a person.
//
// Everything that is not a *Fault is internal: it is logged with the request id and shown as a plain apology.
package fault

import (
	"errors"
	"fmt"
)

// Kind is a class of failure. Each maps to one HTTP status, once, in the handlers.
type Kind string

// The kinds of failure.
const (
	Invalid         Kind = "invalid"         // what was sent cannot be used; say which field
	Unauthenticated Kind = "unauthenticated" // nobody is signed in, or the key is wrong
	Forbidden       Kind = "forbidden"       // known, but not allowed
	NotFound        Kind = "not-found"       // does not exist, or belongs to another clinic: the answer is the same
	Conflict        Kind = "conflict"        // somebody else was faster, or the state does not allow it
	Expired         Kind = "expired"         // it was there and has ended
	Limited         Kind = "limited"         // too many tries; wait
	Unavailable     Kind = "unavailable"     // a part we need does not answer; nothing was changed
)

// Field is one field's problem, named as the sender named it.
type Field struct {
	Name    string `json:"field"`
	Message string `json:"message"`
}

// Fault is a failure with words a person can act on. Words never hold patient data.
type Fault struct {
	Kind   Kind
	Code   string // stable, for programs: "slot-taken", "hold-ended"
	Words  string // one sentence, for people
	Fields []Field
	Detail any // extra, typed by the verb that made it (for example the next free times)
	cause  error
}

// Error gives the words only; the cause is for logs, through Unwrap.
func (f *Fault) Error() string { return string(f.Kind) + ": " + f.Words }

// Unwrap gives what caused the fault, if anything.
func (f *Fault) Unwrap() error { return f.cause }

// New makes a fault; words may use fmt verbs, and must not hold patient data.
func New(kind Kind, code, words string, args ...any) *Fault {
	if len(args) > 0 {
		words = fmt.Sprintf(words, args...)
	}
	return &Fault{Kind: kind, Code: code, Words: words}
}

// Because keeps the cause for the log; it is never shown.
func (f *Fault) Because(err error) *Fault {
	f.cause = err
	return f
}

// With attaches a typed detail for the caller.
func (f *Fault) With(detail any) *Fault {
	f.Detail = detail
	return f
}

// On adds the problem of one field.
func (f *Fault) On(field, message string) *Fault {
	f.Fields = append(f.Fields, Field{Name: field, Message: message})
	return f
}

// BadField is the fault of a single field.
func BadField(field, message string) *Fault {
	return New(Invalid, "invalid-field", message).On(field, message)
}

// As finds the fault in err, or nil when err is internal.
func As(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is says whether err is a fault of this kind.
func Is(err error, kind Kind) bool {
	f := As(err)
	return f != nil && f.Kind == kind
}
