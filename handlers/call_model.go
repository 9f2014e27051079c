package handlers

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/calls"
	"anteroom/views"
	"anteroom/views/ui"
)

func turnAddress(call uuid.UUID, seq int) string {
	return callAddress(call) + "#turn-" + strconv.Itoa(seq)
}

func kindOptions() []ui.Option {
	kinds := make([]string, len(calls.Kinds))
	for i, k := range calls.Kinds {
		kinds[i] = string(k)
	}
	return views.KindOptions(kinds)
}

// describeTalk lays out the conversation: the turns, what was hidden in them, how long each answer took, and the tools between.
func describeTalk(m *views.Call, r calls.Record) {
	took := answerTimes(r)
	for i, t := range r.Turns {
		v := turnView(t, m.Agent, r.ID)
		if l, isAnswer := took[i]; isAnswer {
			v.Missing = l.TurnMS == nil && len(r.Latencies) > 0
			if l.TurnMS != nil {
				v.Latency, v.Slow = views.Milliseconds(*l.TurnMS), *l.TurnMS > views.SlowTurn
			}
		}
		m.Turns = append(m.Turns, v)
	}
	if r.Summary != nil {
		s := turnView(*r.Summary, m.Agent, r.ID)
		m.Summary = &s
	}
	for _, t := range append(slices.Clone(r.Turns), summaryOf(r)...) {
		for _, s := range t.Spans {
			m.Hidden++
			switch {
			case s.Erased:
				m.Erased = true
			case !s.Mine:
				m.Locked++
			}
		}
	}
	placeTools(m, r)
	m.Strip = stripOf(r, took)
}

func summaryOf(r calls.Record) []calls.Said {
	if r.Summary == nil {
		return nil
	}
	return []calls.Said{*r.Summary}
}

func turnView(t calls.Said, agent string, call uuid.UUID) views.CallTurn {
	v := views.CallTurn{Seq: t.Seq, Agent: t.Speaker == calls.SpeakerAgent, Who: "Caller"}
	switch t.Speaker {
	case calls.SpeakerAgent:
		v.Who = agent
	case calls.SpeakerSummary:
		v.Who = "Summary"
	}
	if t.StartsMS != nil {
		v.At = ui.Clock(time.Duration(*t.StartsMS) * time.Millisecond)
	}
	at := 0
	for _, s := range t.Spans {
		if s.Starts < at || s.Ends > len(t.Text) {
			continue
		}
		if s.Starts > at {
			v.Pieces = append(v.Pieces, views.Piece{Text: t.Text[at:s.Starts], At: at})
		}
		span := spanView(s)
		span.CallID = call.String()
		v.Pieces = append(v.Pieces, views.Piece{Span: &span})
		at = s.Ends
	}
	if at < len(t.Text) {
		v.Pieces = append(v.Pieces, views.Piece{Text: t.Text[at:], At: at})
	}
	return v
}

func spanView(s calls.Span) views.HiddenSpan {
	return views.HiddenSpan{ID: s.ID.String(), CallID: s.CallID.String(), Kind: s.Kind, Mine: s.Mine, Erased: s.Erased, Missed: s.Missed}
}

// answerTimes pairs what was measured with the agent's answers: the first thing it says after the caller. A turn that answers nobody has no
// time, so it is not among them.
func answerTimes(r calls.Record) map[int]calls.Latency {
	out, n := map[int]calls.Latency{}, 0
	for i, t := range r.Turns {
		if t.Speaker != calls.SpeakerAgent || i == 0 || r.Turns[i-1].Speaker != calls.SpeakerCaller {
			continue
		}
		out[i] = calls.Latency{}
		if n < len(r.Latencies) {
			out[i] = r.Latencies[n]
		}
		n++
	}
	return out
}

// placeTools puts each tool call after the turn during which it was called.
func placeTools(m *views.Call, r calls.Record) {
	if len(m.Turns) == 0 {
		return
	}
	for _, u := range r.Tools {
		offset, known := toolOffset(r, u)
		if !known {
			continue
		}
		after := 0
		for i, t := range r.Turns {
			if t.StartsMS != nil && *t.StartsMS <= offset {
				after = i
			}
		}
		m.Turns[after].Tools = append(m.Turns[after].Tools, views.TurnTool{Name: u.Name, Took: toolTook(u), Failed: u.Failed})
	}
}

// toolOffset is when a tool was called, in milliseconds of the call.
func toolOffset(r calls.Record, u calls.ToolUse) (ms int64, known bool) {
	switch {
	case u.StartsMS != nil:
		return *u.StartsMS, true
	case u.At != nil:
		return max(u.At.Sub(r.StartedAt).Milliseconds(), 0), true
	}
	return 0, false
}

func toolTook(u calls.ToolUse) string {
	switch {
	case u.OwnMS != nil && *u.OwnMS < 1:
		return "under 1 ms"
	case u.OwnMS != nil:
		return views.Milliseconds(int(*u.OwnMS + 0.5))
	case u.StartsMS != nil && u.EndsMS != nil:
		return views.Milliseconds(int(*u.EndsMS - *u.StartsMS))
	}
	return ""
}

// stripOf draws what was measured; nil when the report told of no answers.
func stripOf(r calls.Record, took map[int]calls.Latency) *views.Strip {
	if len(took) == 0 || len(r.Latencies) == 0 {
		return nil
	}
	var end int64
	for _, t := range r.Turns {
		if t.StartsMS != nil {
			end = max(end, *t.StartsMS+valueOf(t.TookMS))
		}
	}
	if r.EndedAt != nil {
		end = max(end, r.EndedAt.Sub(r.StartedAt).Milliseconds())
	}
	s := &views.Strip{Length: time.Duration(max(end, 1)) * time.Millisecond}
	part := func(ms int64) float64 { return min(float64(ms)/float64(max(end, 1))*100, 100) }
	for i, t := range r.Turns {
		if t.StartsMS == nil {
			continue
		}
		if t.TookMS != nil {
			s.Talk = append(s.Talk, views.TalkBar{From: part(*t.StartsMS), Size: max(part(*t.TookMS), 0.3), Agent: t.Speaker == calls.SpeakerAgent})
		}
		if l, ok := took[i]; ok {
			s.Bars = append(s.Bars, views.StripBar{Turn: t.Seq, At: part(*t.StartsMS), MS: measured(l.TurnMS), Stages: stagesOf(l)})
		}
	}
	s.Average = averageOf(s.Bars)
	if r.Average != nil {
		for i, told := range stagesOf(*r.Average) {
			s.Average[i] = cmp.Or(told, s.Average[i])
		}
	}
	for _, u := range r.Tools {
		if ms, known := toolOffset(r, u); known {
			s.Tools = append(s.Tools, part(ms))
		}
	}
	if len(s.Bars) == 0 {
		return nil
	}
	return s
}

// averageOf is each stage's average over the answers in which it was measured: not every report tells it.
func averageOf(bars []views.StripBar) (average [views.Stages]int) {
	var sum, n [views.Stages]int
	for _, b := range bars {
		for i, ms := range b.Stages {
			if ms > 0 {
				sum[i], n[i] = sum[i]+ms, n[i]+1
			}
		}
	}
	for i := range average {
		average[i] = sum[i] / max(1, n[i])
	}
	return average
}

func valueOf(ms *int64) int64 {
	if ms == nil {
		return 0
	}
	return *ms
}

func measured(ms *int) int {
	if ms == nil {
		return 0
	}
	return *ms
}

func stagesOf(l calls.Latency) (s [views.Stages]int) {
	s[views.StageEndpointing], s[views.StageTranscriber] = measured(l.EndpointingMS), measured(l.TranscriberMS)
	s[views.StageModel], s[views.StageVoice] = measured(l.ModelMS), measured(l.VoiceMS)
	s[views.StageTransport] = measured(l.FromTransportMS) + measured(l.ToTransportMS)
	return s
}

// callFacts are the strip below the bar. What was not told is not there.
func callFacts(r calls.Record, m views.Call, now time.Time) []views.Fact {
	facts := []views.Fact{{Name: "Agent", Value: strings.TrimSuffix(m.Agent+", "+r.Direction, ", "), Agent: true}, {Name: "Caller", Value: cmp.Or(r.Caller, "No number")}}
	switch {
	case r.EndedAt != nil:
		facts = append(facts, views.Fact{Name: "Length", Value: views.CallLength(r.EndedAt.Sub(r.StartedAt))})
	case m.Live:
		facts = append(facts, views.Fact{Name: "On the phone for", Value: ui.Clock(now.Sub(r.StartedAt)), Runs: &r.StartedAt})
	}
	turns := turnTimes(r)
	if slices.Sort(turns); len(turns) > 0 {
		slowest := turns[len(turns)-1]
		f := views.Fact{Name: "Turn time", Value: fmt.Sprintf("Median %s, slowest %s", views.Milliseconds(turns[len(turns)/2]), views.Milliseconds(slowest))}
		if slowest > views.SlowTurn {
			f.Tone = "bad"
		}
		facts = append(facts, f)
	}
	if own, n := ownShare(r.Tools); n > 0 {
		facts = append(facts, views.Fact{Name: "Our share", Value: fmt.Sprintf("%s, %s", counted(n, "tool call"), views.Milliseconds(own))})
	}
	if r.RuleSet != "" {
		facts = append(facts, views.Fact{Name: "Redacted", Value: fmt.Sprintf("%s, rules %s", counted(m.Hidden, "place"), strings.ReplaceAll(r.RuleSet, "-", "\u2011"))}) // a version is not broken over two lines
	}
	if r.CostCents != nil {
		facts = append(facts, views.Fact{Name: "Cost", Value: fmt.Sprintf("US$%d.%02d", *r.CostCents/100, *r.CostCents%100)})
	}
	return facts
}

// turnTimes are those of the answers that the page shows; all that were measured, when none could be placed.
func turnTimes(r calls.Record) (list []int) {
	add := func(l calls.Latency) {
		if l.TurnMS != nil {
			list = append(list, *l.TurnMS)
		}
	}
	for _, l := range answerTimes(r) {
		add(l)
	}
	if len(list) == 0 {
		for _, l := range r.Latencies {
			add(l)
		}
	}
	return list
}

func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func ownShare(tools []calls.ToolUse) (ms, n int) {
	var sum float64
	for _, u := range tools {
		if u.OwnMS != nil {
			sum += *u.OwnMS
			n++
		}
	}
	return int(sum + 0.5), n
}

// noTalk says why there is no conversation; nil when there is one.
func noTalk(r calls.Record, m views.Call) *ui.Blank {
	switch {
	case len(r.Turns) > 0:
		return nil
	case m.Live:
		return &ui.Blank{Icon: "phone-incoming", Title: "This call goes on now", Words: "What is said stands here once the call has ended and what gives people away was taken out."}
	case r.RecordedAt == nil:
		return &ui.Blank{Icon: "hourglass", Title: "No report yet", Words: "The platform sends what was said after the call has ended. Nothing has come for this one."}
	}
	words := "The report held no transcript: nothing was said, or the agent does not keep one."
	if m.Erased {
		words = "This patient was erased, and with them what was said."
	}
	return &ui.Blank{Icon: "message-square", Title: "Nothing was said", Words: words}
}
