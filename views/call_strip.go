package views

import (
	"strconv"
	"time"
)

// The stages of an answer, bottom to top of a bar.
const (
	StageEndpointing = iota
	StageTranscriber
	StageModel
	StageVoice
	StageTransport
	Stages
)

var stageNames = [Stages]string{"Endpointing", "Speech to text", "Model", "Voice", "Transport"}

var stageClasses = [Stages]string{"st-end", "st-stt", "st-model", "st-voice", "st-net"}

// SlowTurn is the line that an answer should stay below.
const SlowTurn = 800

// plot is how high the bars may be, in px.
const plot = 112

// Strip is how long the caller waited for each answer, where in the call it was.
type Strip struct {
	Length  time.Duration
	Bars    []StripBar
	Average [Stages]int // 0: not measured
	Talk    []TalkBar
	Tools   []float64 // when tools ran, in percent of the call
}

// StripBar is one answer.
type StripBar struct {
	Turn   int
	At     float64 // in percent of the call
	MS     int     // 0: not measured
	Stages [Stages]int
}

// TalkBar is who speaks.
type TalkBar struct {
	From, Size float64
	Agent      bool
}

func (s Strip) top() int {
	top := 1200
	for _, b := range s.Bars {
		for b.MS > top {
			top += 400
		}
	}
	return top
}

func (s Strip) y(ms int) int { return 16 + plot - ms*plot/s.top() }

func (s Strip) ticks() (list []int) {
	step := s.top() / 3
	if step > 400 {
		step = (step + 399) / 400 * 400
	}
	for ms := 0; ms <= s.top(); ms += step {
		if ms == 0 || ms == SlowTurn || s.y(SlowTurn)-s.y(ms) > 14 || s.y(ms)-s.y(SlowTurn) > 14 {
			list = append(list, ms)
		}
	}
	return list
}

func (s Strip) width() int {
	switch n := len(s.Bars); {
	case n <= 12:
		return 16
	case n <= 25:
		return 10
	case n <= 60:
		return 5
	}
	return 2
}

// labelled bars say their number, while there is room.
func (s Strip) labelled(b StripBar) bool {
	return b.MS > 0 && (len(s.Bars) <= 12 || b.MS > SlowTurn && len(s.Bars) <= 40)
}

// layer is one stage of a bar.
type layer struct {
	class       string
	y, height   int
	name, value string
}

// layers stack the stages; what the platform measured of the whole beyond them is not drawn as one of them.
func (s Strip) layers(b StripBar) (out []layer) {
	sum := 0
	for i, ms := range b.Stages {
		if ms <= 0 {
			continue
		}
		top, bottom := s.y(sum+ms), s.y(sum)
		sum += ms
		if bottom-top < 1 {
			top = bottom - 1
		}
		out = append(out, layer{stageClasses[i], top, bottom - top, stageNames[i], Milliseconds(ms)})
	}
	if sum < b.MS {
		out = append(out, layer{"st-rest", s.y(b.MS), s.y(sum) - s.y(b.MS), "Not broken down", Milliseconds(b.MS - sum)})
	}
	return out
}

// minuteMarks are times below the strip: about five of them.
func (s Strip) minuteMarks() (list []time.Duration) {
	step := 15 * time.Second
	for s.Length/step > 6 {
		step *= 2
	}
	for t := time.Duration(0); t < s.Length-step/3; t += step {
		list = append(list, t)
	}
	return append(list, s.Length)
}

func (s Strip) place(t time.Duration) float64 {
	return min(max(float64(t)/float64(max(s.Length, time.Second))*100, 0), 100)
}

// words are the strip for those who do not see it.
func (s Strip) words() string {
	measured, slow := 0, 0
	for _, b := range s.Bars {
		if b.MS > 0 {
			measured++
		}
		if b.MS > SlowTurn {
			slow++
		}
	}
	return count(len(s.Bars), "answer") + ", " + thousands(measured) + " measured, " + thousands(slow) + " over 800 ms"
}

func px(n int) string { return strconv.Itoa(n) }

func (s Strip) anchorOf(at float64) string {
	switch {
	case at > 97:
		return "end"
	case at < 3:
		return "start"
	}
	return "middle"
}
