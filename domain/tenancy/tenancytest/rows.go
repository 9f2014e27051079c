package tenancytest

import (
	"context"
	"testing"

	"anteroom/domain/tenancy"
)

// rows is one row for every clinic table, parents first. A table that is missing here fails the test of the walls: they can only be
// attacked where there is something to steal.
var rows = []string{
	`insert into memberships (clinic_id, person_id, role) values (@clinic, app.ensure_person(@id, 'person-' || @id::uuid || '@rows.example', 'Person', 'none'), 'frontdesk')`,
	`insert into api_keys (clinic_id, id, name, token_hash) values (@clinic, @id, 'Key', sha256(convert_to(@id::uuid::text, 'UTF8')))`,
	`insert into clinic_keys (clinic_id, id, purpose, wrapped) values (@clinic, @id, 'data', 'wrapped')`,
	`insert into key_rotations (clinic_id, id, kind, key_id) select clinic_id, @id, 'clinic', id from clinic_keys limit 1`,
	`insert into patients (clinic_id, id, wrapped_key, name) values (@clinic, @id, 'wrapped', 'ciphertext')`,
	`insert into patient_tokens (clinic_id, kind, token, patient_id) select clinic_id, 'name', substr(sha256(convert_to(@id::uuid::text, 'UTF8')), 1, 16), id from patients limit 1`,
	`insert into patients (clinic_id, id, wrapped_key, name) values (@clinic, @id, 'wrapped', 'ciphertext of another')`,
	`insert into patient_notes (clinic_id, id, patient_id, kind, body) select clinic_id, @id, id, 'desk', 'ciphertext' from patients limit 1`,
	`insert into patient_merges (clinic_id, id, kept_id, merged_id, at, undo_until, details, moved)
	 select a.clinic_id, @id, a.id, b.id, now(), now(), 'ciphertext', '{}' from patients a join patients b on a.id < b.id limit 1`,
	`insert into patient_namesakes (clinic_id, one_id, other_id) select a.clinic_id, a.id, b.id from patients a join patients b on a.id < b.id limit 1`,
	`insert into practitioners (clinic_id, id, name) values (@clinic, @id, 'Practitioner')`,
	`insert into services (clinic_id, id, slug, name, duration_minutes) values (@clinic, @id, 'botox', 'Botox', 30)`,
	`insert into practitioner_services (clinic_id, practitioner_id, service_id) select p.clinic_id, p.id, s.id from practitioners p, services s limit 1`,
	`insert into weekly_hours (clinic_id, id, practitioner_id, weekday, starts_minute, ends_minute) select clinic_id, @id, id, 1, 540, 1020 from practitioners limit 1`,
	`insert into hours_exceptions (clinic_id, id, practitioner_id, on_date) select clinic_id, @id, id, '2030-01-01' from practitioners limit 1`,
	`insert into closures (clinic_id, id, practitioner_id, starts_at, ends_at, reason) select clinic_id, @id, id, '2030-01-01 00:00Z', '2030-01-02 00:00Z', 'Holiday' from practitioners limit 1`,
	`insert into appointments (clinic_id, id, practitioner_id, service_id, patient_id, status, starts_at, ends_at, source)
	 select p.clinic_id, @id, p.id, s.id, pt.id, 'booked', '2030-01-07 09:00Z', '2030-01-07 09:30Z', 'staff' from practitioners p, services s, patients pt limit 1`,
	`insert into slots (clinic_id, practitioner_id, starts_at, ends_at, status, appointment_id)
	 select clinic_id, practitioner_id, starts_at, starts_at + interval '15 minutes', 'busy', id from appointments limit 1`,
	`insert into appointment_status_changes (clinic_id, appointment_id, from_status, to_status) select clinic_id, id, '', 'booked' from appointments limit 1`,
	`insert into appointment_series (clinic_id, id, every, unit, occurrences) values (@clinic, @id, 2, 'week', 6)`,
	`insert into desk_changes (clinic_id, id, kind, undo_until) values (@clinic, @id, 'book', now())`,
	`insert into desk_change_steps (clinic_id, change_id, appointment_id, from_status, to_status) select a.clinic_id, c.id, a.id, '', 'booked' from appointments a, desk_changes c limit 1`,
	`insert into idempotency_keys (clinic_id, key, request_hash) values (@clinic, 'key', 'hash')`,
	`insert into agents (clinic_id, id, name, direction) values (@clinic, @id, 'Agent', 'inbound')`,
	`insert into vapi_credentials (clinic_id, id, secret_hash) values (@clinic, @id, sha256(convert_to(@id::uuid::text, 'UTF8')))`,
	`insert into calls (clinic_id, id, vapi_call_id, agent_id) select clinic_id, @id, 'call ' || @id::uuid, id from agents limit 1`,
	`insert into tool_calls (clinic_id, call_id, tool_call_id, arguments_hash, name) select clinic_id, id, 'tool', sha256('x'), 'find_slots' from calls limit 1`,
	`insert into vapi_tokens (clinic_id, id, credential_id, token_hash, expires_at) select clinic_id, @id, id, sha256(convert_to(@id::uuid::text, 'UTF8')), '2030-01-01 00:00Z' from vapi_credentials limit 1`,
	`insert into vapi_signatures (clinic_id, signature, expires_at) values (@clinic, sha256(convert_to(@id::uuid::text, 'UTF8')), '2030-01-01 00:00Z')`,
	`insert into vapi_accounts (clinic_id, api_key, updated_at) select @clinic, 'ciphertext', now() where @id::uuid is not null`,
	`insert into assistant_snapshots (clinic_id, id, agent_id, assistant_id, reason, body) select clinic_id, @id, id, 'assistant', 'push', 'ciphertext' from agents limit 1`,
	`insert into waitlist_entries (clinic_id, id, service_id, caller) select clinic_id, @id, id, 'ciphertext' from services limit 1`,
	`insert into call_messages (clinic_id, id, call_id, about, body) select clinic_id, @id, id, 'other', 'ciphertext' from calls limit 1`,
	`insert into call_inbox (clinic_id, id, kind, dedup, body, sent_at, received_at)
	 values (@clinic, @id, 'transcript', substr(sha256(convert_to(@id::uuid::text, 'UTF8')), 1, 16), 'ciphertext', now(), now())`,
	`insert into call_turns (clinic_id, call_id, seq, speaker, text) select clinic_id, id, 1, 'caller', 'My name is [PERSON REDACTED].' from calls limit 1`,
	`insert into call_spans (clinic_id, id, call_id, seq, starts, ends, kind, size, rule_set, route, sealed)
	 select clinic_id, @id, call_id, seq, 11, 28, 'PERSON', 'medium', '1', 'vault', 'ciphertext' from call_turns limit 1`,
	`insert into call_tools (clinic_id, call_id, n, tool_call_id, name) select clinic_id, id, 0, 'tool', 'find_slots' from calls limit 1`,
	`insert into call_metrics (clinic_id, call_id, turn_ms) select clinic_id, id, 900 from calls limit 1`,
	`insert into call_latencies (clinic_id, call_id, n, turn_ms) select clinic_id, id, 0, 900 from calls limit 1`,
	`insert into call_search (clinic_id, call_id, words) select clinic_id, id, to_tsvector('simple', 'appointment') from calls limit 1`,
	`insert into call_reveals (clinic_id, id, span_id, reason, at, until) select clinic_id, @id, id, 'treatment', now(), now() from call_spans limit 1`,
	`insert into glass_breaks (clinic_id, id, call_id, reason, at, until) select clinic_id, @id, id, 'emergency', now(), now() from calls limit 1`,
	`insert into redaction_reviews (clinic_id, call_id, rule_set, found, missed, reviewed_at) select clinic_id, id, '1', 1, 0, now() from calls limit 1`,
	`insert into redaction_reruns (clinic_id, id, call_id, from_rules, to_rules, added, removed, changes, at) select clinic_id, @id, id, '1', '2', 0, 0, '[]', now() from calls limit 1`,
	`insert into audit_events (clinic_id, id, action, subject_kind) values (@clinic, @id, 'slot.held', 'slot')`,
}

// Rows puts one row into every clinic table of the scope's clinic, as the program would.
func Rows(t testing.TB, db *Database, scope tenancy.Scope) {
	t.Helper()
	ctx := context.Background()
	err := db.WithClinic(ctx, scope, func(tx *tenancy.Tx) error {
		for _, sql := range rows {
			n, err := tx.Exec(ctx, sql, tenancy.Args{"clinic": scope.Clinic, "id": tenancy.NewID()})
			if err != nil {
				t.Errorf("%s: %v", sql, err)
				return err
			}
			if n != 1 {
				t.Errorf("%s: wrote %d rows", sql, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
