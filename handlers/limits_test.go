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
		return l.credential(address, func() error { asked++; return answer })
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
		if err := l.credential("203.0.113.9", func() error { return outage }); !errors.Is(err, outage) {
			t.Fatal(err)
		}
	}
}
