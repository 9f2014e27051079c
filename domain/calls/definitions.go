package calls

import "slices"

// Tool is a tool as Vapi takes it: this is what Settings shows to paste, and what a push writes.
type Tool struct {
	Type     string       `json:"type"`
	Async    bool         `json:"async"` // never: the caller waits for the answer
	Function ToolFunction `json:"function"`
}

// ToolFunction is what the model is told of a tool.
type ToolFunction struct {
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Parameters  ToolSchema `json:"parameters"`
}

// ToolSchema is the JSON schema of the arguments.
type ToolSchema struct {
	Type       string                  `json:"type"`
	Properties map[string]ToolProperty `json:"properties"`
	Required   []string                `json:"required"`
}

// ToolProperty is one argument.
type ToolProperty struct {
	Type        string        `json:"type"`
	Description string        `json:"description"`
	Enum        []string      `json:"enum,omitempty"`
	Items       *ToolProperty `json:"items,omitempty"`
}

type property = ToolProperty

func said(description string) property { return property{Type: "string", Description: description} }

var (
	serviceProperty  = said("What the appointment is for, in the caller's words or as the short name of a service.")
	nameProperty     = said("The patient's full name, as the caller said it.")
	whenProperty     = said("Day and time in the caller's words (\"next Tuesday at ten\") or as 2026-11-24T10:30. Leave the zone out: it is the clinic's.")
	slotProperty     = said("The id in brackets after \"slot\" of the time that was chosen.")
	withProperty     = said("The practitioner the caller asked for. Leave it out when anybody will do.")
	whichProperty    = said("The id in brackets after \"appointment\", when the caller has several.")
	agreedProperty   = property{Type: "boolean", Description: "True only after the caller has heard what will happen and has agreed."}
	noPhone          = "The caller's number is known from the line: never ask for it unless this tool does."
	speak            = "Speak the answer; do not read ids in brackets aloud."
	dayWordsProperty = said("The day, or the part of a day, in the caller's words: \"this Friday after four\", \"the 3rd\", \"in two weeks\".")
)

// definitions are the tools in the order in which a call uses them.
var definitions = []ToolFunction{
	define("find_slots", "Find free times for a service. It changes nothing. "+speak, []string{"service"}, map[string]property{
		"service": serviceProperty, "day": dayWordsProperty, "from": said("The earliest day or time."), "to": said("The latest day or time."), "practitioner": withProperty}),
	define("book_appointment", "Book a time for the caller in one step: it finds, holds and confirms. Use it once the caller has chosen a time and told their full name. "+noPhone,
		[]string{"service", "name"}, map[string]property{"service": serviceProperty, "slot_id": slotProperty, "starts_at": whenProperty, "practitioner": withProperty, "name": nameProperty}),
	define("claim_slot", "Hold a time for the caller for a short while, so that nobody else takes it while details are asked for. "+speak,
		[]string{"service"}, map[string]property{"service": serviceProperty, "slot_id": slotProperty, "starts_at": whenProperty, "practitioner": withProperty, "name": nameProperty}),
	define("confirm_booking", "Book the time that is held on this call. "+noPhone, []string{"name"},
		map[string]property{"hold_id": said("The id in brackets after \"hold\". Leave it out when only one time is held."), "name": nameProperty}),
	define("release_slot", "Give back the time that is held on this call, when the caller does not want it.", nil, map[string]property{}),
	define("find_my_appointments", "Look up the coming appointments of the number the caller is calling from. It changes nothing. "+speak, nil, map[string]property{"name": nameProperty}),
	define("reschedule_appointment", "Move one of the caller's own appointments to another time. First call it without confirmed, read back what it says, and call it again with confirmed true when the caller agrees.",
		[]string{"name", "starts_at"}, map[string]property{"appointment_id": whichProperty, "slot_id": slotProperty, "starts_at": whenProperty, "practitioner": withProperty, "name": nameProperty, "confirmed": agreedProperty}),
	define("cancel_appointment", "Cancel one of the caller's own appointments. First call it without confirmed, read back what it says, and call it again with confirmed true when the caller agrees.",
		[]string{"name"}, map[string]property{"appointment_id": whichProperty, "name": nameProperty, "confirmed": agreedProperty}),
	define("join_waitlist", "Put the caller on the waitlist when no free time suits. The clinic rings them when one comes up. "+noPhone, []string{"service", "name"},
		map[string]property{"service": serviceProperty, "name": nameProperty, "practitioner": withProperty,
			"preferred": said("Days and times that suit, in the caller's words: \"Monday or Tuesday mornings, not before the 3rd\".")}),
	define("take_message", "Take a message for the clinic's staff, for whatever no other tool does. "+noPhone, []string{"message"},
		map[string]property{"message": said("What the caller wants the clinic to know, in one or two sentences."), "name": nameProperty,
			"about":  property{Type: "string", Description: "What it is about.", Enum: messageTopics},
			"urgent": property{Type: "boolean", Description: "True when the caller says that it cannot wait until tomorrow."}}),
}

func define(name, description string, required []string, properties map[string]property) ToolFunction {
	if required == nil {
		required = []string{}
	}
	return ToolFunction{Name: name, Description: description, Parameters: ToolSchema{Type: "object", Properties: properties, Required: required}}
}

// Tools are the tools of every assistant.
func Tools() []Tool {
	list := make([]Tool, len(definitions))
	for i, d := range definitions {
		list[i] = Tool{Type: "function", Function: d}
	}
	return list
}

// ToolNames are the tools as our assistants are told of them.
func ToolNames() []string {
	names := make([]string, len(definitions))
	for i, d := range definitions {
		names[i] = d.Name
	}
	return names
}

// knownName keeps names of our own tools only: one that the model made up may hold anything that the caller said.
func knownName(name string) string {
	i := slices.IndexFunc(definitions, func(d ToolFunction) bool { return key(d.Name) == key(name) })
	if i < 0 {
		return "unknown"
	}
	return definitions[i].Name
}
