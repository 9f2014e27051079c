package calls

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
)

func (v visit) say(t time.Time) string {
	return sayTime(t.In(v.clinic.Location), v.now, v.clinic.Locale)
}

// offer is a free time as it is offered: spoken, with the id for the model.
type offer struct {
	id           uuid.UUID
	startsAt     time.Time
	practitioner string
}

func offersOf(list []scheduling.FreeSlot) []offer {
	offers := make([]offer, len(list))
	for i, f := range list {
		offers[i] = offer{f.ID, f.StartsAt, f.Practitioner}
	}
	return offers
}

// offer lists times: "1: Tuesday the 24th of November at 10:30 AM with Dr Okafor [slot 0199…]; 2: …".
func (v visit) offer(list []offer) string {
	said := make([]string, len(list))
	for i, o := range list {
		said[i] = fmt.Sprintf("%d: %s with %s [slot %s]", i+1, v.say(o.startsAt), o.practitioner, o.id)
	}
	return strings.Join(said, "; ") + "."
}

// instead offers other times; it is made of free slots and practitioners only.
func (v visit) instead(list []offer) string {
	if len(list) == 0 {
		return "Ask which other day would suit, and look again."
	}
	return "The nearest free times are: " + v.offer(list[:min(3, len(list))])
}

const takenOver = "Our front desk is booking this time for the caller right now; there is nothing more to do on this call."

// speak puts a fault into words. A lost race is an answer and not an error: the model goes on with the times offered.
func (v visit) speak(f *fault.Fault) answer {
	var next []offer
	if a, ok := f.Detail.(scheduling.Alternatives); ok {
		next = offersOf(a.Next)
	}
	switch f.Code {
	case "ask":
		return answer{words: f.Words, failed: true}
	case "slot-taken":
		return answer{words: "That time was just taken. " + v.instead(next)}
	case "no-such-time":
		return answer{words: "We have no appointments at that time. " + v.instead(next)}
	case "slot-past":
		return answer{words: "That time has passed. " + v.instead(next)}
	case "hold-ended":
		return answer{words: "The hold on that time ran out and it is gone. " + v.instead(next)}
	case "hold-confirmed":
		return answer{words: "That time is booked already, in another name. Ask which other time would suit this patient.", failed: true}
	case "hold-taken-over":
		return answer{words: takenOver}
	case "slot-unknown":
		return answer{words: "That time is not in our calendar. Look for free times again and use one of the slot ids you are given.", failed: true}
	}
	for _, field := range f.Fields {
		switch name := strings.TrimPrefix(field.Name, "patient."); {
		case name == "name":
			return answer{words: whoIsIt, failed: true}
		case name == "phone" && v.number == "":
			return answer{words: "What phone number can we reach you on?", failed: true}
		case name == "phone":
			return answer{words: "I could not use the number you are calling from. Offer the caller a call back from the clinic.", failed: true}
		case name == "service":
			return answer{words: "That service cannot be booked with this practitioner. Look for free times for the service again.", failed: true}
		}
	}
	return answer{words: cannotDoThat, failed: true}
}

// spread picks at most n of the openings: one for each start, from the first to the last.
func spread(found []scheduling.Opening, n int) []offer {
	var starts []offer
	for _, o := range found {
		if len(starts) == 0 || !starts[len(starts)-1].startsAt.Equal(o.StartsAt) {
			starts = append(starts, offer{o.ID, o.StartsAt, o.Practitioner})
		}
	}
	if len(starts) <= n {
		return starts
	}
	picked := make([]offer, n)
	for i := range n {
		picked[i] = starts[i*(len(starts)-1)/(n-1)]
	}
	return picked
}

// nearest picks at most n of the openings: one for each start, around a time, in order.
func nearest(found []scheduling.Opening, at time.Time, n int) []offer {
	starts := spread(found, len(found)+1)
	slices.SortStableFunc(starts, func(a, b offer) int {
		return int(a.startsAt.Sub(at).Abs()/time.Second) - int(b.startsAt.Sub(at).Abs()/time.Second)
	})
	starts = starts[:min(n, len(starts))]
	slices.SortFunc(starts, func(a, b offer) int { return a.startsAt.Compare(b.startsAt) })
	return starts
}
