package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"anteroom/domain/tenancy"
)

// SimulateCmd plays the outside world.
type SimulateCmd struct {
	Call SimulateCallCmd `cmd:"" help:"Play a whole call: every message that Vapi would send, with the pauses of a conversation."`
}

// SimulateCallCmd is one caller, from hello to the report.
type SimulateCallCmd struct {
	Server    string        `default:"http://127.0.0.1:8080" env:"ANTEROOM_PUBLIC_URL" help:"The running server."`
	Clinic    string        `default:"northside" enum:"northside,lakeview" help:"The demo clinic that is called."`
	Outcome   string        `default:"booked" enum:"booked,missed" help:"How it ends: booked, or missed after a time was held."`
	Secret    string        `help:"The clinic's webhook secret; the demo's when not given."`
	Service   string        `help:"What the caller wants; the clinic's usual when not given."`
	Name      string        `help:"The caller's name."`
	Number    string        `help:"The caller's number; from the range set aside for fiction when not given."`
	Assistant string        `help:"The assistant's id at Vapi, when the clinic's agent has one."`
	Pace      time.Duration `default:"600ms" help:"How long each turn of the conversation takes."`
}

// demoCallers are who calls when nothing is said: numbers that Ofcom and the North American plan keep for fiction.
var demoCallers = map[string]SimulateCallCmd{
	"northside": {Secret: "vs_demo_northside", Service: "rhinoplasty", Name: "Rosalind Whitcombe", Number: "+447700900%03d"},
	"lakeview":  {Secret: "vs_demo_lakeview", Service: "physical", Name: "Walter Prescott", Number: "+1202555%04d"},
}

func (s *SimulateCallCmd) fill() {
	d := demoCallers[s.Clinic]
	for field, otherwise := range map[*string]string{&s.Secret: d.Secret, &s.Service: d.Service, &s.Name: d.Name} {
		if *field == "" {
			*field = otherwise
		}
	}
	if s.Number == "" {
		n := int(time.Now().UnixNano() / 1000 % 100)
		if s.Clinic == "northside" {
			n += 800
		} else {
			n += 100
		}
		s.Number = fmt.Sprintf(d.Number, n)
	}
}

// Run plays the call, and fails when any step does not go as it must.
func (s *SimulateCallCmd) Run(ctx context.Context) error {
	s.fill()
	c := &simulatedCall{SimulateCallCmd: s, id: tenancy.NewID().String(), out: os.Stdout, started: time.Now(), client: &http.Client{Timeout: 20 * time.Second}}
	fmt.Fprintf(c.out, "Call %s to %s: %s, %s\n", c.id, s.Clinic, s.Service, s.Outcome)
	if err := c.play(ctx); err != nil {
		return fmt.Errorf("the call did not go as it must: %w", err)
	}
	fmt.Fprintf(c.out, "Done in %s: %s.\n", time.Since(c.started).Round(time.Millisecond), s.Outcome)
	return nil
}

type simulatedCall struct {
	*SimulateCallCmd
	id      string
	out     io.Writer
	client  *http.Client
	started time.Time
	turns   []map[string]any // what was said, and which tools were called in between
	tools   int
}

var slotID = regexp.MustCompile(`\[slot ([0-9a-f-]{36})\]`)

func (c *simulatedCall) play(ctx context.Context) error {
	answered, err := c.send(ctx, "assistant-request", map[string]any{"type": "assistant-request"})
	if err != nil {
		return err
	}
	if !bytes.Contains(answered, []byte(`"assistantOverrides"`)) {
		return errors.New("nobody takes the call")
	}
	if _, err := c.send(ctx, "status-update in-progress", map[string]any{"type": "status-update", "status": "in-progress"}); err != nil {
		return err
	}
	t := c.tale()
	if err := c.talk(ctx, t.opening...); err != nil {
		return err
	}
	found, err := c.tool(ctx, "find_slots", map[string]any{"service": c.Service}, "Free times for ")
	if err != nil {
		return err
	}
	slot := slotID.FindStringSubmatch(found)
	if slot == nil {
		return errors.New("find_slots offered no slot")
	}
	if err := c.talk(ctx, "bot", "I have a few times for you.", "user", "The first one sounds good."); err != nil {
		return err
	}
	if _, err := c.tool(ctx, "claim_slot", map[string]any{"slot_id": slot[1], "service": c.Service, "patient_name": c.Name}, "Held for "); err != nil {
		return err
	}
	if err := c.wait(ctx, 3); err != nil { // long enough to see the hold on the schedule
		return err
	}
	if c.Outcome == "missed" {
		if err := c.talk(ctx, t.doubt...); err != nil {
			return err
		}
		return c.end(ctx, "customer-ended-call")
	}
	if err := c.talk(ctx, t.details...); err != nil {
		return err
	}
	if _, err := c.tool(ctx, "confirm_booking", map[string]any{"name": c.Name}, "Booked: "); err != nil {
		return err
	}
	if err := c.talk(ctx, "bot", "That is booked. Is there anything else?", "user", "No, thank you, bye."); err != nil {
		return err
	}
	return c.end(ctx, "assistant-ended-call")
}

// talk sends what Vapi sends of each turn: who speaks, what was said, and the conversation so far.
func (c *simulatedCall) talk(ctx context.Context, said ...string) error {
	for i := 0; i+1 < len(said); i += 2 {
		role := map[string]string{"bot": "assistant", "user": "user"}[said[i]]
		at := millis(time.Now())
		c.turns = append(c.turns, map[string]any{"role": said[i], "message": said[i+1], "time": at, "endTime": at + float64(c.Pace.Milliseconds()),
			"secondsFromStart": time.Since(c.started).Seconds(), "duration": float64(c.Pace.Milliseconds())})
		for _, m := range []map[string]any{
			{"type": "speech-update", "status": "started", "role": role, "turn": len(c.turns)},
			{"type": "transcript", "role": role, "transcriptType": "final", "transcript": said[i+1]},
			{"type": "speech-update", "status": "stopped", "role": role, "turn": len(c.turns)},
			{"type": "conversation-update", "messages": c.turns},
		} {
			if _, err := c.send(ctx, fmt.Sprint(m["type"], " ", role), m); err != nil {
				return err
			}
		}
		if err := c.wait(ctx, 1); err != nil {
			return err
		}
	}
	return nil
}

// tool calls a tool as the model does, and fails unless the result begins as it must.
func (c *simulatedCall) tool(ctx context.Context, name string, arguments map[string]any, want string) (string, error) {
	c.tools++
	call := map[string]any{"id": fmt.Sprintf("call_%s_%d", c.id[len(c.id)-6:], c.tools), "type": "function", "function": map[string]any{"name": name, "arguments": arguments}}
	body, err := c.send(ctx, "tool-calls "+name, map[string]any{"type": "tool-calls", "toolCalls": []any{call}, "toolCallList": []any{call},
		"toolWithToolCallList": []any{map[string]any{"type": "function", "function": map[string]any{"name": name}, "async": false, "toolCall": call}}})
	if err != nil {
		return "", err
	}
	var said struct {
		Results []struct {
			ToolCallID    string `json:"toolCallId"`
			Result, Error string
		}
	}
	if err := json.Unmarshal(body, &said); err != nil || len(said.Results) != 1 {
		return "", fmt.Errorf("%s was not answered with one result", name)
	}
	r := said.Results[0]
	fmt.Fprintf(c.out, "    %s%s\n", r.Result, r.Error)
	c.noteTool(call, name, arguments, r.Result+r.Error)
	if r.ToolCallID != call["id"] || !strings.HasPrefix(r.Result, want) {
		return "", fmt.Errorf("%s did not answer %q", name, want+"…")
	}
	return r.Result, c.wait(ctx, 1)
}

func (c *simulatedCall) end(ctx context.Context, reason string) error {
	if _, err := c.send(ctx, "status-update ended", map[string]any{"type": "status-update", "status": "ended", "endedReason": reason}); err != nil {
		return err
	}
	_, err := c.send(ctx, "end-of-call-report", c.report(reason))
	return err
}

// send posts one message and prints how it was answered.
func (c *simulatedCall) send(ctx context.Context, step string, m map[string]any) ([]byte, error) {
	var assistant any
	if c.Assistant != "" {
		assistant = c.Assistant
		m["assistant"] = map[string]any{"id": c.Assistant}
	}
	m["timestamp"] = millis(time.Now())
	m["customer"] = map[string]any{"number": c.Number}
	m["call"] = map[string]any{"id": c.id, "type": "inboundPhoneCall", "status": "queued", "createdAt": c.started.UTC().Format(time.RFC3339Nano),
		"assistantId": assistant, "customer": map[string]any{"number": c.Number}}
	if m["artifact"] == nil {
		m["artifact"] = map[string]any{"messages": c.turns}
	}
	body, err := json.Marshal(map[string]any{"message": m})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Server, "/")+"/api/webhooks/vapi", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vapi-Secret", c.Secret)
	req.Header.Set("X-Call-Id", c.id)
	begun := time.Now()
	res, err := c.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", step, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", step, err)
	}
	fmt.Fprintf(c.out, "%-30s %d %7.1f ms\n", step, res.StatusCode, float64(time.Since(begun).Microseconds())/1000)
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s was answered %d", step, res.StatusCode)
	}
	return answer, nil
}

// wait lets some turns of the conversation pass.
func (c *simulatedCall) wait(ctx context.Context, turns int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(turns) * c.Pace):
		return nil
	}
}

// millis is a time as Vapi writes it: milliseconds with a fraction.
func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
