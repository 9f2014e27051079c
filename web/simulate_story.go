package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// tale is what is said in a call, in pairs of who and what. Callers say what a clinic must not keep readable: numbers as they are spoken, dates,
// addresses, illnesses. All of it is invented; the numbers are those that are set aside for examples.
type tale struct {
	opening []string // until the times are looked up
	details []string // while the booking is made
	doubt   []string // why it is not
}

func (c *simulatedCall) tale() tale {
	wish := strings.ReplaceAll(c.Service, "-", " ")
	first, _, _ := strings.Cut(c.Name, " ")
	if c.Clinic == "lakeview" {
		return tale{
			opening: []string{"bot", "Thank you for calling Lakeview Family Practice, this is June. How can I help?",
				"user", "Hi, this is " + c.Name + ", I need a " + wish + ". I was diagnosed with type two diabetes last spring and my blood pressure's been high.",
				"bot", "Of course. Can you tell me your date of birth?",
				"user", "It's March third, nineteen sixty one. My social is five one two, three four, six seven eight nine, if you need that."},
			details: []string{"bot", "And an address for the forms, please?",
				"user", "Two twenty one Maple Avenue, apartment four B, Springfield, six two seven oh four. My insurance member I D is W P four four one nine zero two.",
				"bot", "Thank you, " + first + ". Shall I book it?",
				"user", "Yes please. You can e-mail me at " + strings.ToLower(first) + " dot prescott at example dot com."},
			doubt: []string{"bot", "Shall I book that for you?",
				"user", "I have to check whether Medicare covers it, my number is one E G four, T E five, M K seven two. I'll call back about the " + wish + ". Bye."},
		}
	}
	return tale{
		opening: []string{"bot", "Hello, this is Ava at Northside Aesthetics. How can I help?",
			"user", "Hello, it's " + c.Name + ". I'd like to come in about a " + wish + ", I broke my nose years ago and I can't breathe on the left side.",
			"bot", "I can help with that. Could I take your date of birth?",
			"user", "The fourteenth of March nineteen eighty eight. My N H S number's nine four three, four seven six, five nine one nine."},
		details: []string{"bot", "And your address, please?",
			"user", "Fourteen Calder Row, London, N one, seven double A. I should say I take warfarin for my heart, and I'm allergic to penicillin.",
			"bot", "Thank you, " + first + ". Shall I book that for you?",
			"user", "Yes please. My e-mail is " + strings.ToLower(first) + " dot whitcombe at example dot org."},
		doubt: []string{"bot", "Shall I book that for you?",
			"user", "I need to think about the " + wish + ", and talk to my husband Daniel first. You can get me on oh seven seven double oh, nine hundred, one double two. Bye."},
	}
}

// noteTool puts a tool into the conversation as Vapi's report has it: the call, then what was answered.
func (c *simulatedCall) noteTool(call map[string]any, name string, arguments map[string]any, said string) {
	text, err := json.Marshal(arguments)
	if err != nil {
		return // strings of ours
	}
	at, second := millis(time.Now()), time.Since(c.started).Seconds()
	c.turns = append(c.turns,
		map[string]any{"role": "tool_calls", "message": "", "time": at, "secondsFromStart": second,
			"toolCalls": []any{map[string]any{"id": call["id"], "type": "function", "function": map[string]any{"name": name, "arguments": string(text)}}}},
		map[string]any{"role": "tool_call_result", "time": at, "secondsFromStart": second, "name": name, "result": said, "toolCallId": call["id"]})
}

// report is the end of the call as Vapi tells it: everything once more, in artifact and beside it.
func (c *simulatedCall) report(reason string) map[string]any {
	var transcript strings.Builder
	formatted := []map[string]any{}
	for _, t := range c.turns {
		who := map[any]string{"bot": "AI", "user": "User"}[t["role"]]
		if who == "" {
			continue
		}
		fmt.Fprintf(&transcript, "%s: %s\n", who, t["message"])
		formatted = append(formatted, map[string]any{"role": map[string]string{"AI": "assistant", "User": "user"}[who], "content": t["message"]})
	}
	took := time.Since(c.started)
	minutes := took.Minutes()
	parts := map[string]float64{"transcriber": minutes * 0.0112, "model": minutes * 0.0180, "voice": minutes * 0.0250, "vapi": minutes * 0.0500}
	total, costs := 0.0, []any{}
	for _, name := range []string{"transcriber", "model", "voice", "vapi"} {
		total += parts[name]
		costs = append(costs, map[string]any{"type": name, "minutes": minutes, "cost": parts[name]})
	}
	summary := fmt.Sprintf("%s called about a %s. ", c.Name, strings.ReplaceAll(c.Service, "-", " "))
	if c.Outcome == "booked" {
		summary += "An appointment was booked."
	} else {
		summary += "The caller wants to think about it; nothing was booked."
	}
	artifact := map[string]any{"messages": c.turns, "messagesOpenAIFormatted": formatted, "transcript": transcript.String(), "performanceMetrics": c.metrics(), "nodes": []any{}, "variables": map[string]any{}}
	return map[string]any{"type": "end-of-call-report", "endedReason": reason, "startedAt": c.started.UTC().Format(time.RFC3339Nano), "endedAt": time.Now().UTC().Format(time.RFC3339Nano),
		"durationMs": took.Milliseconds(), "durationSeconds": took.Seconds(), "durationMinutes": minutes,
		"cost": total, "costs": costs, "costBreakdown": map[string]any{"stt": parts["transcriber"], "llm": parts["model"], "tts": parts["voice"], "vapi": parts["vapi"], "total": total},
		"analysis": map[string]any{"summary": summary, "successEvaluation": fmt.Sprint(c.Outcome == "booked")}, "summary": summary,
		"transcript": transcript.String(), "messages": c.turns, "artifact": artifact}
}

// metrics are the latencies of each of the agent's turns, as a call of its kind has them; the slowest is the one after a tool.
func (c *simulatedCall) metrics() map[string]any {
	turns, sums := []any{}, map[string]float64{}
	afterTool := false
	for i, t := range c.turns {
		switch t["role"] {
		case "tool_calls":
			afterTool = true
		case "bot":
			stages := map[string]float64{"endpointingLatency": 240 + float64(i*37%90), "transcriberLatency": 110 + float64(i*53%60), "modelLatency": 380 + float64(i*71%210), "voiceLatency": 150 + float64(i*29%80)}
			if afterTool {
				stages["modelLatency"] += 320
			}
			afterTool = false
			stages["turnLatency"] = stages["endpointingLatency"] + stages["transcriberLatency"] + stages["modelLatency"] + stages["voiceLatency"]
			turn := map[string]any{}
			for name, ms := range stages {
				turn[name] = ms
				sums[name] += ms
			}
			turns = append(turns, turn)
		}
	}
	m := map[string]any{"turnLatencies": turns, "fromTransportLatencyAverage": 42.5, "toTransportLatencyAverage": 38.25, "numUserInterrupted": 0, "numAssistantInterrupted": 1}
	for name, sum := range sums {
		m[name+"Average"] = sum / float64(len(turns))
	}
	return m
}
