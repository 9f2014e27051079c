package handlers

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"anteroom/domain/fault"
)

func TestOneKeyDoesNotUseUpAnothers(t *testing.T) {
	t.Parallel()
	l := newLimits(2) // a second, so ten at once
	busy, calm := uuid.New(), uuid.New()
	for i := range 10 {
		if err := l.admit(busy); err != nil {
			t.Fatalf("request %d: %v", i+1, err)
		}
	}
	if err := l.admit(busy); !fault.Is(err, fault.Limited) {
		t.Errorf("the eleventh at once: %v", err)
	}
	if err := l.admit(calm); err != nil {
		t.Errorf("another key: %v", err)
	}
}

func TestAnAddressThatGuessesIsNoLongerAsked(t *testing.T) {
	t.Parallel()
	l := newLimits(0)
	asked := 0
	guess := func(address string, answer error) error {
		return l.credential(address, "wrong", func() error { asked++; return answer })
	}
	bad := fault.New(fault.Unauthenticated, "bad-key", "No.")
	var last error
	for range wrongBurst + 2*wrongPerSecond {
		if last = guess("203.0.113.9", bad); fault.Is(last, fault.Limited) {
			break
		}
	}
	if !fault.Is(last, fault.Limited) {
		t.Fatalf("after %d wrong keys the address is still asked: %v", asked, last)
	}
	if asked < wrongBurst {
		t.Errorf("refused after %d wrong keys already", asked)
	}
	before := asked
	if err := guess("203.0.113.10", nil); err != nil || asked != before+1 {
		t.Errorf("another address: %v", err)
	}
}

func TestAFailureOfOursIsNobodysGuess(t *testing.T) {
	t.Parallel()
	l := newLimits(0)
	outage := errors.New("the database does not answer")
	for range 2 * wrongBurst {
		if err := l.credential("203.0.113.9", "any", func() error { return outage }); !errors.Is(err, outage) {
			t.Fatal(err)
		}
	}
}

// Many clinics' calls come from one address of the voice platform: whoever guesses from there does not shut them out.
func TestWhoWasGoodOfLateIsAskedAllTheSame(t *testing.T) {
	t.Parallel()
	l := newLimits(0)
	const address = "203.0.113.9"
	bad := fault.New(fault.Unauthenticated, "bad-key", "No.")
	good := func() error { return nil }
	wrong := func() error { return bad }
	if err := l.credential(address, "ours", good); err != nil {
		t.Fatal(err)
	}
	var last error
	for range wrongBurst + 2*wrongPerSecond {
		if last = l.credential(address, "guess", wrong); fault.Is(last, fault.Limited) {
			break
		}
	}
	if !fault.Is(last, fault.Limited) {
		t.Fatal(last)
	}
	if err := l.credential(address, "ours", good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	if err := l.credential(address, "never seen", good); !fault.Is(err, fault.Limited) {
		t.Errorf("one that nobody has shown before: %v", err)
	}
	if err := l.credential(address, "ours", wrong); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("the good one, revoked: %v", err)
	}
	if err := l.credential(address, "ours", wrong); !fault.Is(err, fault.Limited) {
		t.Errorf("the revoked one again: %v", err)
	}
}
