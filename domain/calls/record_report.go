package calls

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// The sides of a call. The summary is kept among the turns: whatever holds for one holds for the other.
const (
	SpeakerAgent   = "agent"
	SpeakerCaller  = "caller"
	SpeakerSummary = "summary"
)

// report is what an end report says, before anything is taken out of it. It never leaves the transaction that reads it.
type report struct {
	turns       []spoken
	summary     string
	tools       []toolMention
	startedAt   time.Time
	endedAt     time.Time
	endedReason string
	cents       *int64
	average     *Latency
	barged      interruptions
	latencies   []Latency
}

// spoken is what one side said without interruption, on one line.
type spoken struct {
	speaker  string
	text     string
	startsMS *int64 // from the start of the call
	tookMS   *int64
}

// toolMention is a tool call as the report tells of it.
type toolMention struct {
	id, name  string
	arguments Arguments
	startsMS  *int64
	endsMS    *int64
}

type interruptions struct{ user, assistant *int }

// Latency is how long the parts of an answer took, in milliseconds. Nil was not told; zero may mean that a recorded filler was heard first.
type Latency struct {
	TurnMS          *int
	EndpointingMS   *int
	TranscriberMS   *int
	ModelMS         *int
	VoiceMS         *int
	FromTransportMS *int
	ToTransportMS   *int
}

type wireReport struct {
	StartedAt     stamp   `json:"startedAt"`
	EndedAt       stamp   `json:"endedAt"`
	EndedReason   text    `json:"endedReason"`
	Cost          numeral `json:"cost"`
	CostBreakdown struct {
		Total numeral `json:"total"`
	} `json:"costBreakdown"`
	Analysis struct {
		Summary text `json:"summary"`
	} `json:"analysis"`
	Summary  text `json:"summary"`
	Artifact struct {
		wireTranscript
		PerformanceMetrics *wireMetrics `json:"performanceMetrics"`
	} `json:"artifact"`
	wireTranscript
	PerformanceMetrics *wireMetrics `json:"performanceMetrics"`
}

type wireTranscript struct {
	Messages   []wireSaid `json:"messages"`
	Transcript text       `json:"transcript"`
}

type wireSaid struct {
	Role             text           `json:"role"`
	Message          text           `json:"message"`
	Content          text           `json:"content"`
	Time             stamp          `json:"time"`
	EndTime          stamp          `json:"endTime"`
	SecondsFromStart numeral        `json:"secondsFromStart"`
	Duration         numeral        `json:"duration"` // ms
	ToolCalls        []wireToolCall `json:"toolCalls"`
	ToolCallID       text           `json:"toolCallId"`
}

type wireMetrics struct {
	TurnLatencies           []wireLatency `json:"turnLatencies"`
	TurnLatencyAverage      numeral       `json:"turnLatencyAverage"`
	EndpointingAverage      numeral       `json:"endpointingLatencyAverage"`
	TranscriberAverage      numeral       `json:"transcriberLatencyAverage"`
	ModelAverage            numeral       `json:"modelLatencyAverage"`
	VoiceAverage            numeral       `json:"voiceLatencyAverage"`
	FromTransportAverage    numeral       `json:"fromTransportLatencyAverage"`
	ToTransportAverage      numeral       `json:"toTransportLatencyAverage"`
	NumUserInterrupted      numeral       `json:"numUserInterrupted"`
	NumAssistantInterrupted numeral       `json:"numAssistantInterrupted"`
}

type wireLatency struct {
	Turn          numeral `json:"turnLatency"`
	Endpointing   numeral `json:"endpointingLatency"`
	Transcriber   numeral `json:"transcriberLatency"`
	Model         numeral `json:"modelLatency"`
	Voice         numeral `json:"voiceLatency"`
	FromTransport numeral `json:"fromTransportLatency"`
	ToTransport   numeral `json:"toTransportLatency"`
}

// numeral is a number, or one written as text. What is negative or no number at all was not told.
type numeral struct{ of *float64 }

// UnmarshalJSON takes what it can, and never fails.
func (n *numeral) UnmarshalJSON(b []byte) error {
	var t text
	_ = t.UnmarshalJSON(b)
	f, err := strconv.ParseFloat(string(t), 64)
	if err == nil && f >= 0 && f < 1e12 {
		n.of = &f
	}
	return nil
}

func (n numeral) times(by float64) *int64 {
	if n.of == nil {
		return nil
	}
	v := int64(math.Round(*n.of * by))
	return &v
}

func (n numeral) small() *int {
	if n.of == nil || *n.of > math.MaxInt32 {
		return nil
	}
	v := int(math.Round(*n.of))
	return &v
}

// readReport reads artifact first, then the message itself, for each part on its own: older bodies have only the one, newer ones both.
func readReport(body []byte) (report, error) {
	var w wireReport
	if err := lenient(body, &w); err != nil {
		return report{}, err
	}
	r := report{startedAt: w.StartedAt.Time, endedAt: w.EndedAt.Time, endedReason: reason(string(w.EndedReason)),
		summary: oneLine(string(first(w.Analysis.Summary, w.Summary)))}
	if r.cents = w.Cost.times(100); r.cents == nil {
		r.cents = w.CostBreakdown.Total.times(100)
	}
	for _, messages := range [][]wireSaid{w.Artifact.Messages, w.Messages} {
		if r.turns, r.tools = readMessages(messages, r.startedAt); len(r.turns) > 0 {
			break
		}
	}
	if len(r.turns) == 0 {
		r.turns = readTranscript(string(first(w.Artifact.Transcript, w.Transcript)))
	}
	metrics := w.Artifact.PerformanceMetrics
	if metrics == nil {
		metrics = w.PerformanceMetrics
	}
	if metrics != nil {
		r.average, r.barged, r.latencies = metrics.read()
	}
	return r, nil
}

func readMessages(messages []wireSaid, start time.Time) (turns []spoken, tools []toolMention) {
	ended := map[string]*int64{}
	for _, m := range messages {
		at := m.at(start)
		switch speaker := sideOf(string(m.Role)); {
		case speaker != "":
			if said := oneLine(string(first(m.Message, m.Content))); said != "" {
				turns = append(turns, spoken{speaker: speaker, text: said, startsMS: at, tookMS: m.took()})
			}
		case m.Role == "tool_call_result" || m.Role == "tool" || m.Role == "function":
			ended[string(m.ToolCallID)] = at
		}
		for _, t := range m.ToolCalls {
			call := t.toolCall()
			tools = append(tools, toolMention{id: short(call.ID, 200), name: knownName(call.Name), arguments: call.Arguments, startsMS: at})
		}
	}
	for i := range tools {
		tools[i].endsMS = ended[tools[i].id]
	}
	return turns, tools
}

func sideOf(role string) string {
	switch strings.ToLower(strings.TrimSpace(role)) {
	case "bot", "assistant", "ai", "agent":
		return SpeakerAgent
	case "user", "customer", "caller", "human":
		return SpeakerCaller
	}
	return ""
}

// at is the time since the start of the call, told or worked out.
func (m wireSaid) at(start time.Time) *int64 {
	if ms := m.SecondsFromStart.times(1000); ms != nil {
		return ms
	}
	if start.IsZero() || m.Time.IsZero() || m.Time.Before(start) {
		return nil
	}
	ms := m.Time.Sub(start).Milliseconds()
	return &ms
}

func (m wireSaid) took() *int64 {
	if ms := m.Duration.times(1); ms != nil {
		return ms
	}
	if m.Time.IsZero() || m.EndTime.Before(m.Time.Time) {
		return nil
	}
	ms := m.EndTime.Sub(m.Time.Time).Milliseconds()
	return &ms
}

// readTranscript takes "AI: …" and "User: …" apart. A line without a side goes on with what was said before it.
func readTranscript(whole string) []spoken {
	var turns []spoken
	for line := range strings.SplitSeq(whole, "\n") {
		line = oneLine(line)
		if line == "" {
			continue
		}
		side, said, ok := strings.Cut(line, ":")
		speaker := sideOf(side)
		switch {
		case ok && speaker != "":
			if said = strings.TrimSpace(said); said != "" {
				turns = append(turns, spoken{speaker: speaker, text: said})
			}
		case len(turns) > 0:
			turns[len(turns)-1].text += " " + line
		default:
			turns = append(turns, spoken{speaker: SpeakerCaller, text: line})
		}
	}
	return turns
}

func (m wireMetrics) read() (average *Latency, barged interruptions, each []Latency) {
	average = &Latency{TurnMS: m.TurnLatencyAverage.small(), EndpointingMS: m.EndpointingAverage.small(), TranscriberMS: m.TranscriberAverage.small(),
		ModelMS: m.ModelAverage.small(), VoiceMS: m.VoiceAverage.small(), FromTransportMS: m.FromTransportAverage.small(), ToTransportMS: m.ToTransportAverage.small()}
	if *average == (Latency{}) {
		average = nil
	}
	for _, t := range m.TurnLatencies {
		each = append(each, Latency{TurnMS: t.Turn.small(), EndpointingMS: t.Endpointing.small(), TranscriberMS: t.Transcriber.small(),
			ModelMS: t.Model.small(), VoiceMS: t.Voice.small(), FromTransportMS: t.FromTransport.small(), ToTransportMS: t.ToTransport.small()})
	}
	return average, interruptions{m.NumUserInterrupted.small(), m.NumAssistantInterrupted.small()}, each
}

// piece is one line of a transcript as it was heard, for a call whose report never came.
func readPiece(body []byte) (spoken, bool) {
	var w struct {
		Role       text            `json:"role"`
		Type       text            `json:"transcriptType"`
		Transcript json.RawMessage `json:"transcript"`
	}
	if lenient(body, &w) != nil || (w.Type != "" && w.Type != "final") {
		return spoken{}, false
	}
	var said text
	_ = said.UnmarshalJSON(w.Transcript)
	turn := spoken{speaker: sideOf(string(w.Role)), text: oneLine(string(said))}
	return turn, turn.speaker != "" && turn.text != ""
}
