package views

import (
	"time"

	"anteroom/views/ui"
)

const sceneTools = `[
  {
    "type": "function",
    "async": false,
    "function": {
      "name": "find_slots",
      "description": "Find free times for a service. It changes nothing. Speak the answer; do not read ids in brackets aloud.",
      "parameters": {
        "type": "object",
        "properties": {
          "service": {
            "type": "string",
            "description": "What the appointment is for, in the caller's words or as the short name of a service."
          }
        },
        "required": [
          "service"
        ]
      }
    }
  }
]`

const sceneServer = `{
  "url": "https://anteroom.northside.example/api/webhooks/vapi?credential=01939c2e-8b5a-7c3e-9d4f-5f0e1c9a7b21",
  "timeoutSeconds": 10,
  "backoffPlan": {
    "type": "exponential",
    "maxRetries": 3,
    "baseDelaySeconds": 1
  }
}`

func agentsStates() []State {
	settings := sceneSettings("Agents", "Agents")
	reader := settings
	reader.CanEdit = false
	at := func(day, hour, minute int) *time.Time { t := sceneAt(day, hour, minute); return &t }
	full := Agents{Settings: settings, Now: sceneNow,
		List:    []AgentRow{{"1", "Ava", true, true, true}, {"2", "Sarah", false, true, true}, {"3", "Night line", true, false, false}},
		Account: VapiAccount{HasKey: true, KeyHint: "9f3c", CheckedAt: at(24, 10, 30), CheckOK: true, Transfer: "020 7946 0321"},
		Secrets: []SecretRow{
			{"s1", "Vapi production", "Signature (HMAC)", "SHA-256 in X-Signature", sceneAt(24, 9, 12), nil, nil, nil},
			{"s2", "", "Shared secret", "in X-Vapi-Secret, or as a bearer token", sceneAt(2, 9, 0), at(24, 10, 41), at(25, 9, 12), nil},
		},
		Ended: []SecretRow{{"s3", "Trial", "Bearer token", "in Authorization after “Bearer”", sceneAt(1, 9, 0), at(1, 17, 0), nil, at(2, 9, 5)}},
	}
	long := full
	long.List = append([]AgentRow{{"4", "Receptionist for the evenings, the weekends and all of the public holidays of the year", true, true, false}}, full.List...)
	long.Secrets = append([]SecretRow{{"s4", "The secret of the second organisation, which we share with the practice in the next street", "Bearer token", "in X-Clinic-Authorization-Of-The-Second-Organisation after “Token”", sceneAt(3, 9, 0), at(20, 9, 0), nil, nil}}, full.Secrets...)
	refused := full
	refused.Account.Transfer = "0321"
	refused.Settings.Problems = []ui.Problem{{FieldID: "f-transfer_number", Message: "This is not a phone number with its area code."}}
	broken := full
	broken.Account.CheckOK, broken.Account.Check = false, "Vapi does not take this key. Check that it is the private key of the right organisation."
	looking := full
	looking.Settings = reader

	one := Agent{Settings: settings, Now: sceneNow, ID: "1", Title: "Ava", Name: "Ava", AssistantID: "b3d1f8a2-6c1e-4f0b-9a55-2f7c1f1d9e10", PhoneID: "6a0f2c44-91f7-4c5e-8c1c-0b9a3e7d2f15",
		Inbound: true, Active: true, Connected: true, HasKey: true, Tools: sceneTools, ToolCount: 10, Server: sceneServer, Whole: sceneServer,
		Snapshots: []SnapshotRow{{"1", sceneAt(24, 9, 20), "before a push"}, {"2", sceneAt(2, 14, 5), "before a restore"}}}
	fresh := one
	fresh.AssistantID, fresh.PhoneID, fresh.Connected, fresh.HasKey, fresh.Snapshots = "", "", false, false, nil
	wrong := one
	wrong.AssistantID = "b3d1f8a2 6c1e"
	wrong.Settings.Problems = []ui.Problem{{FieldID: "f-vapi_assistant_id", Message: "Ids at Vapi are of letters, digits and hyphens."}}
	readOnly := one
	readOnly.Settings = reader

	push := AgentPush{Settings: settings, ID: "1", Agent: "Ava", Base: "base", Action: "/settings/agents/1/push", Changes: []AgentChange{
		{"model.tools[find_slots].function.description", "Find free slots.", "Find free times for a service. It changes nothing. Speak the answer; do not read ids in brackets aloud."},
		{"model.tools[join_waitlist]", "", "Put the caller on the waitlist when no free time suits. The clinic rings them when one comes up."},
		{"server.url", "https://old.northside.example/hook", "https://anteroom.northside.example/api/webhooks/vapi"},
		{"server.timeoutSeconds", "20", "10"},
	}}
	restore := push
	restore.Restore = at(24, 9, 20)
	restore.Changes = []AgentChange{{"model.tools[join_waitlist]", "Put the caller on the waitlist when no free time suits.", ""}}
	same := push
	same.Changes = nil
	failed := same
	failed.Failed = "Vapi did not answer in time. Try again in a moment."
	raced := push
	raced.Settings.Problems = []ui.Problem{{Message: "Somebody changed this assistant at Vapi while you looked. Nothing was sent. Look at the difference again."}}

	hmac := NewSecret{Settings: settings, Style: "hmac", Header: "X-Signature", Algorithm: "sha256", TimestampHeader: "X-Timestamp", Payload: "{timestamp}.{body}", Encoding: "hex", Tolerance: "300"}
	hmacWrong := hmac
	hmacWrong.Payload = "{body}"
	hmacWrong.Settings.Problems = []ui.Problem{{FieldID: "f-payload", Message: "What is signed must hold {timestamp} and {body}: without them an old request could be sent again, or changed."}}
	issued := IssuedSecret{Settings: settings, Rows: []IssuedRow{{"Client secret", "vs_7QK2M4XJ5T3ABCDEFGHIJKLMNO", true}, {"Client id", "01939c2e-8b5a-7c3e-9d4f-5f0e1c9a7b21", false},
		{"Token address", "https://anteroom.northside.example/api/oauth/token", false}, {"Server address", "https://anteroom.northside.example/api/webhooks/vapi", false}}}
	rotated := issued
	rotated.Rows = issued.Rows[:1]
	rotated.Old = "The old one is good until Wed 25 Nov, 10:42. Change it at Vapi before then."
	return []State{
		{"settings-agents", "Agents", AgentsPage(full)},
		{"settings-agents-empty", "Agents", AgentsPage(Agents{Settings: settings, Now: sceneNow, Shut: "There is no live secret, so nothing of Vapi comes in. Make one, and enter it at Vapi."})},
		{"settings-agents-long", "Agents", AgentsPage(long)},
		{"settings-agents-refused", "Agents", AgentsPage(refused)},
		{"settings-agents-key-refused", "Agents", AgentsPage(broken)},
		{"settings-agents-read-only", "Agents", AgentsPage(looking)},
		{"settings-agent", "Agents", AgentPage(one)},
		{"settings-agent-new", "Agents", AgentPage(fresh)},
		{"settings-agent-refused", "Agents", AgentPage(wrong)},
		{"settings-agent-read-only", "Agents", AgentPage(readOnly)},
		{"settings-agent-push", "Agents", AgentPushPage(push)},
		{"settings-agent-push-same", "Agents", AgentPushPage(same)},
		{"settings-agent-push-failed", "Agents", AgentPushPage(failed)},
		{"settings-agent-push-raced", "Agents", AgentPushPage(raced)},
		{"settings-agent-restore", "Agents", AgentPushPage(restore)},
		{"settings-secret-new", "Agents", NewSecretPage(NewSecret{Settings: settings, Style: "secret"})},
		{"settings-secret-new-bearer", "Agents", NewSecretPage(NewSecret{Settings: settings, Style: "bearer", Header: "Authorization", Prefix: "Bearer "})},
		{"settings-secret-new-hmac", "Agents", NewSecretPage(hmac)},
		{"settings-secret-new-refused", "Agents", NewSecretPage(hmacWrong)},
		{"settings-secret-issued", "Agents", IssuedSecretPage(issued)},
		{"settings-secret-rotated", "Agents", IssuedSecretPage(rotated)},
	}
}
