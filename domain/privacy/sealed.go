package privacy

// sealedColumn is a column of ciphertext: which row its values are bound to, and whose key seals them. Changing a key seals them anew, so all of them
// stand here: TestEverySealedColumnIsKnown fails for one that is missing.
type sealedColumn struct {
	table, column string
	row           string // the column that names the row
	patient       string // the column that names the patient whose key seals it; empty: always the clinic's
	under         string // when it is the patient's key, as SQL; otherwise it is the clinic's
}

const always, never = "true", "false"

var sealedColumns = []sealedColumn{
	{table: "patients", column: "wrapped_key", row: "id", under: never}, // first: whoever is met after this opens with the new key
	{table: "appointments", column: "caller", row: "id", under: never},
	{table: "tool_calls", column: "answer", row: "id", under: never},
	{table: "call_inbox", column: "body", row: "id", under: never},
	{table: "vapi_accounts", column: "api_key", row: "clinic_id", under: never},
	{table: "vapi_credentials", column: "sealed", row: "id", under: never},
	{table: "assistant_snapshots", column: "body", row: "id", under: never},
	{table: "call_reveals", column: "note", row: "id", under: never},
	{table: "glass_breaks", column: "note", row: "id", under: never},
	{table: "glass_breaks", column: "review_note", row: "id", under: never},
	{table: "calls", column: "caller", row: "id", patient: "patient_id", under: "caller_key = 'patient'"},
	{table: "calls", column: "known", row: "id", patient: "patient_id", under: "caller_key = 'patient'"},
	{table: "call_spans", column: "sealed", row: "id", patient: "patient_id", under: "patient_id is not null"},
	{table: "call_messages", column: "body", row: "id", patient: "patient_id", under: "patient_id is not null"},
	{table: "waitlist_entries", column: "caller", row: "id", patient: "patient_id", under: "patient_id is not null"},
	{table: "patients", column: "name", row: "id", patient: "id", under: always},
	{table: "patients", column: "phone", row: "id", patient: "id", under: always},
	{table: "patients", column: "email", row: "id", patient: "id", under: always},
	{table: "patients", column: "birth_date", row: "id", patient: "id", under: always},
	{table: "patients", column: "address", row: "id", patient: "id", under: always},
	{table: "patients", column: "notes", row: "id", patient: "id", under: always},
	{table: "patient_notes", column: "body", row: "id", patient: "patient_id", under: always},
	{table: "patient_merges", column: "details", row: "id", patient: "kept_id", under: always},
}

// hashedColumns hold bytes that are no ciphertext: digests and keyed tokens, which no key change touches, and the keys themselves.
var hashedColumns = map[string]bool{
	"api_keys.token_hash": true, "audit_events.before": true, "audit_events.after": true, "call_inbox.dedup": true, "calls.caller_token": true,
	"clinic_keys.wrapped": true, "idempotency_keys.body": true, "idempotency_keys.request_hash": true, "patient_tokens.token": true,
	"tool_calls.arguments_hash": true, "vapi_credentials.secret_hash": true, "vapi_signatures.signature": true, "vapi_tokens.token_hash": true,
}
