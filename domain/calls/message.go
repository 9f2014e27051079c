// Package calls is the line to the voice platform: it reads what Vapi sends, answers its tools through the same verbs as the web pages, and
// keeps each call with the tool calls that were answered.
package calls

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"anteroom/domain/fault"
)

// The message types that are answered with more than {}, or that open or end a call. All others are noted.
const (
	AssistantRequest = "assistant-request"
	ToolCalls        = "tool-calls"
	TransferRequest  = "transfer-destination-request"
	HandoffRequest   = "handoff-destination-request"
	KnowledgeRequest = "knowledge-base-request"
	PreDial          = "campaign.predial"
	StatusUpdate     = "status-update"
	CallReport       = "end-of-call-report"
)

// Message is what Anteroom needs of a Vapi message. What was missing, or of another type than usual, is empty.
type Message struct {
	Type        string
	Status      string // of the message: call.status is a snapshot from the call's creation
	EndedReason string
	CallID      string
	AssistantID string
	PhoneID     string    // of the clinic's number, as Vapi knows it
	Also        []string  // further assistants and numbers that the message names
	Number      string    // the line's other end; empty when it is withheld, or a web call
	At          time.Time // zero when unknown
	EndedAt     time.Time
	ToolCalls   []ToolCall
	Asked       string // the last words of the caller, in a knowledge-base-request

	body []byte // the message itself, without its envelope
}

// ToolCall is one call of a tool by the model.
type ToolCall struct {
	ID        string // exactly as sent: the answer must repeat it
	Name      string
	Arguments Arguments
	canonical []byte
}

type wireMessage struct {
	Type        text         `json:"type"`
	Status      text         `json:"status"`
	EndedReason text         `json:"endedReason"`
	Timestamp   stamp        `json:"timestamp"`
	EndedAt     stamp        `json:"endedAt"`
	Customer    wireCustomer `json:"customer"`
	Assistant   wireID       `json:"assistant"`
	PhoneNumber wireID       `json:"phoneNumber"`
	Call        struct {
		ID            text         `json:"id"`
		AssistantID   text         `json:"assistantId"`
		PhoneNumberID text         `json:"phoneNumberId"`
		Customer      wireCustomer `json:"customer"`
	} `json:"call"`
	ToolCallList         []wireToolCall `json:"toolCallList"`
	ToolWithToolCallList []struct {
		Name     text         `json:"name"`
		Function wireFunction `json:"function"`
		ToolCall wireToolCall `json:"toolCall"`
	} `json:"toolWithToolCallList"`
	ToolCalls []wireToolCall `json:"toolCalls"`
	Messages  []struct {
		Role    text `json:"role"`
		Content text `json:"content"`
		Message text `json:"message"`
	} `json:"messages"`
}

type wireID struct {
	ID text `json:"id"`
}

type wireCustomer struct {
	Number text `json:"number"`
}

// wireToolCall has its name and arguments in function, or beside the id as the documentation shows them.
type wireToolCall struct {
	ID       text         `json:"id"`
	Function wireFunction `json:"function"`
	wireFunction
}

type wireFunction struct {
	Name       text            `json:"name"`
	Arguments  json.RawMessage `json:"arguments"`
	Parameters json.RawMessage `json:"parameters"`
}

// text is a string; a number or a boolean is taken as written, and anything else as nothing.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case len(b) > 0 && !bytes.ContainsAny(b[:1], "{["):
		*t = text(b)
	}
	return nil
}

// stamp is a time as a number of milliseconds, often with a fraction, or as ISO 8601.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(b []byte) error {
	var t text
	_ = t.UnmarshalJSON(b)
	if at, err := time.Parse(time.RFC3339Nano, string(t)); err == nil {
		s.Time = at.UTC()
		return nil
	}
	ms, err := strconv.ParseFloat(string(t), 64)
	if err == nil && ms > 0 && ms < 1e14 { // the year 5138
		s.Time = time.UnixMicro(int64(math.Round(ms * 1000))).UTC()
	}
	return nil
}

// Parse reads a body in two steps: the envelope, which some senders leave out, then what the message holds. Only what is no JSON at all is
// refused (Invalid): an unknown type, field or shape is no reason to lose a call.
func Parse(body []byte) (Message, error) {
	var envelope struct {
		Message json.RawMessage `json:"message"`
	}
	if err := lenient(body, &envelope); err != nil {
		return Message{}, fault.New(fault.Invalid, "broken-json", "The body is not JSON.").Because(err)
	}
	if inner := bytes.TrimSpace(envelope.Message); len(inner) > 0 && inner[0] == '{' {
		body = inner
	}
	var w wireMessage
	if err := lenient(body, &w); err != nil {
		return Message{}, fault.New(fault.Invalid, "broken-json", "The body is not JSON.").Because(err)
	}
	m := w.message()
	m.body = body
	return m, nil
}

// lenient leaves out a field whose type is not the expected one, where json.Unmarshal does the same and then complains.
func lenient(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) {
		return nil
	}
	return err
}

func (w wireMessage) message() Message {
	m := Message{
		Type: string(w.Type), Status: string(w.Status), At: w.Timestamp.Time, EndedAt: w.EndedAt.Time,
		EndedReason: reason(string(w.EndedReason)),
		CallID:      CallID(string(w.Call.ID)),
		AssistantID: string(first(w.Call.AssistantID, w.Assistant.ID)),
		PhoneID:     string(first(w.Call.PhoneNumberID, w.PhoneNumber.ID)),
		Number:      number(string(first(w.Customer.Number, w.Call.Customer.Number))),
	}
	for _, also := range []text{w.Assistant.ID, w.PhoneNumber.ID} {
		if id := string(also); id != "" && id != m.AssistantID && id != m.PhoneID {
			m.Also = append(m.Also, id)
		}
	}
	if m.Type == KnowledgeRequest {
		for _, said := range w.Messages {
			if said.Role == "user" {
				m.Asked = oneLine(string(first(said.Content, said.Message)))
			}
		}
	}
	for _, list := range [][]wireToolCall{w.ToolCallList, w.paired(), w.ToolCalls} {
		for _, t := range list {
			m.ToolCalls = append(m.ToolCalls, t.toolCall())
		}
		if len(m.ToolCalls) > 0 {
			break
		}
	}
	return m
}

func (w wireMessage) paired() []wireToolCall {
	var list []wireToolCall
	for _, t := range w.ToolWithToolCallList {
		t.ToolCall.Name = first(t.ToolCall.Name, t.Function.Name, t.Name)
		list = append(list, t.ToolCall)
	}
	return list
}

func (w wireToolCall) toolCall() ToolCall {
	t := ToolCall{ID: string(w.ID), Name: string(first(w.Function.Name, w.Name))}
	for _, raw := range []json.RawMessage{w.Function.Arguments, w.Function.Parameters, w.Arguments, w.Parameters} {
		if len(raw) > 0 && string(raw) != "null" {
			t.Arguments, t.canonical = parseArguments(raw)
			break
		}
	}
	return t
}

// hash says which call this is: models reuse an id with other arguments.
func (t ToolCall) hash() [sha256.Size]byte {
	return sha256.Sum256(append([]byte(t.Name+"\x00"), t.canonical...))
}

// withheld are the numbers that carriers send for a line without one: words on a telephone's keys (Twilio, "Why am I getting calls from these strange
// numbers?"). Two callers who have the same of these have nothing in common.
var withheld = []string{
	"266696687",   // anonymous
	"7378742833",  // restricted
	"2562533",     // blocked
	"8656696",     // unknown
	"86282452253", // unavailable
}

// number keeps what can be dialled. A withheld line comes as a word, an address, one of the numbers for it, or nothing.
func number(s string) string {
	s = strings.TrimSpace(s)
	if slices.Contains(withheld, strings.TrimPrefix(s, "+")) {
		return ""
	}
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -.()", r):
		default:
			return ""
		}
	}
	if digits < 7 || digits > 15 {
		return ""
	}
	return s
}

// CallID is Vapi's id of a call as it is kept.
func CallID(s string) string { return short(s, 200) }

var reasonCode = regexp.MustCompile(`^[A-Za-z0-9._-]{1,120}$`)

// reason keeps Vapi's codes, and nothing that a person or a provider might have written there.
func reason(s string) string {
	if reasonCode.MatchString(s) {
		return s
	}
	return ""
}

func first(values ...text) text {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// short is s as a key: one that is too long, or not text, is kept as its digest.
func short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl) && utf8.ValidString(s) {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// oneLine makes text that can be spoken: Vapi drops a result that has a line break.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}
