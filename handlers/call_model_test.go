package handlers

import (
	"testing"

	"anteroom/domain/calls"
	"anteroom/views"
)

// A report may tell each answer and no average, or the other way round: the chart's key says what each colour is all the same.
func TestTheKeyOfTheChartNamesEveryStage(t *testing.T) {
	t.Parallel()
	n := func(ms int) *int { return &ms }
	start, took := int64(0), int64(900)
	r := calls.Record{Latencies: []calls.Latency{{}}, Turns: []calls.Said{{Seq: 1, Speaker: calls.SpeakerAgent, StartsMS: &start, TookMS: &took}, {Seq: 2, Speaker: calls.SpeakerAgent, StartsMS: &took, TookMS: &took}}}
	answers := map[int]calls.Latency{0: {TurnMS: n(500), ModelMS: n(300), VoiceMS: n(200)}, 1: {TurnMS: n(400), ModelMS: n(400)}}
	var want [views.Stages]int
	want[views.StageModel], want[views.StageVoice] = 350, 200
	if s := stripOf(r, answers); s == nil || s.Average != want {
		t.Errorf("from the answers: %+v", s)
	}
	r.Average = &calls.Latency{ModelMS: n(333), FromTransportMS: n(40)}
	want[views.StageModel], want[views.StageTransport] = 333, 40
	if s := stripOf(r, answers); s == nil || s.Average != want {
		t.Errorf("what the report tells goes before: %+v", s)
	}
}
