package calls_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/domain/calls"
	"anteroom/domain/fault"
)

func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures", err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(p), ".json")] = b
	}
	return out
}

func TestEveryShapeIsRead(t *testing.T) {
	t.Parallel()
	want := map[string]calls.Message{
		"assistant-request":        {Type: "assistant-request", CallID: "call-a1", PhoneID: "phone-1", Number: "+447700900123", At: time.UnixMilli(1763784228993).UTC()},
		"status-in-progress":       {Type: "status-update", Status: "in-progress", CallID: "call-a2", AssistantID: "assistant-1", At: time.UnixMicro(1763784228993999).UTC()},
		"status-ended-no-call":     {Type: "status-update", Status: "ended", EndedReason: "assistant-request-failed", At: time.UnixMilli(1763784228993).UTC()},
		"tools-object":             {Type: "tool-calls", CallID: "call-a3", Number: "+447700900123", At: time.UnixMilli(1763784228993).UTC()},
		"tools-string-no-envelope": {Type: "tool-calls", CallID: "call-a4", At: time.Date(2025, 11, 22, 4, 3, 48, 993e6, time.UTC)},
		"tools-paired":             {Type: "tool-calls", CallID: "call-a5"},
		"tools-old":                {Type: "tool-calls"},
		"end-report":               {Type: "end-of-call-report", EndedReason: "customer-ended-call", CallID: "call-a6", EndedAt: time.Date(2025, 11, 22, 4, 5, 1, 925e6, time.UTC), At: time.UnixMilli(1763784301925).UTC(), AssistantID: "assistant-1"},
		"transcript":               {Type: "transcript", CallID: "call-a7", At: time.UnixMilli(1763784228993).UTC()},
		"odd-types":                {Type: "tool-calls", CallID: "42", Status: "true"},
	}
	all := fixtures(t)
	for name, w := range want {
		got, err := calls.Parse(all[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tools := got.ToolCalls
		got.ToolCalls = nil
		if g, w := asJSON(t, got), asJSON(t, w); g != w {
			t.Errorf("%s is\n%s, want\n%s", name, g, w)
		}
		if !strings.HasPrefix(name, "tools-") {
			continue
		}
		if len(tools) != 1 || tools[0].ID != "call_x1" || tools[0].Name != "find_slots" || tools[0].Arguments["service"] != "mole-check" {
			t.Errorf("%s has tool calls %+v", name, tools)
		}
	}
	if len(want) != len(all) {
		t.Errorf("%d fixtures, %d expectations", len(all), len(want))
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOnlyWhatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", `{"message":`, `{"type":"tool-calls"}x`, "\x00"} {
		if _, err := calls.Parse([]byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
	for _, body := range []string{"{}", "[]", "null", `"tool-calls"`, `{"message":null}`, `{"message":[1]}`, `{"message":"hi","type":"hang"}`, `{"message":{"type":7,"call":[],"toolCallList":{"a":1}}}`} {
		if _, err := calls.Parse([]byte(body)); err != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestAWithheldNumberIsNone(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"+447700900123": "+447700900123", "anonymous": "", "sip:front@example.com": "", "+1xxx-xxx": "", "": "", "+1 (202) 555-0123": "+1 (202) 555-0123", "12": ""} {
		m, err := calls.Parse([]byte(`{"message":{"customer":{"number":"` + number + `"}}}`))
		if err != nil || m.Number != want {
			t.Errorf("%q is %q, want %q (%v)", number, m.Number, want, err)
		}
	}
}

// FuzzParse holds the parser to its promise: whatever is JSON is read, whatever is not is Invalid, and nothing read is unfit to be kept.
func FuzzParse(f *testing.F) {
	for _, b := range fixtures(f) {
		f.Add(b)
	}
	f.Add([]byte(`{"message":{"call":{"id":"\u0000\ud800"},"toolCallList":[{"id":"\n","function":{"name":"\u0000","arguments":"\"{\\\"a\\\":1}\""}},null,7]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := calls.Parse(body)
		if json.Valid(body) != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("JSON is %v and the error %v", json.Valid(body), err)
		}
		for _, s := range []string{m.CallID, m.EndedReason, m.Number} {
			if strings.ContainsAny(s, "\x00\n") || len([]rune(s)) > 200 {
				t.Errorf("%q cannot be kept", s)
			}
		}
		for _, c := range m.ToolCalls {
			for name, value := range c.Arguments {
				if name == "" || strings.ContainsAny(value, "\x00\n") {
					t.Errorf("argument %q is %q", name, value)
				}
			}
		}
	})
}
