package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// callerToken finds calls from one number again without keeping the number readable.
func callerToken(keys *privacy.ClinicKeys, number string) []byte {
	return keys.Token("caller", strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number))
}

const lastCall = `
select c.started_at, coalesce(s.name, ''),
  exists (select from appointments a where a.clinic_id = @clinic and a.call_id = c.vapi_call_id and a.call_id <> '' and a.status not in ('pending', 'cancelled', 'entered-in-error')),
  exists (select from call_messages m where m.clinic_id = @clinic and m.call_id = c.id),
  exists (select from waitlist_entries w where w.clinic_id = @clinic and w.call_id = c.id),
  array(select t.did from tool_calls t where t.clinic_id = @clinic and t.call_id = c.id and t.did <> '')
from calls c left join services s on s.clinic_id = @clinic and s.id = c.service_id
where c.clinic_id = @clinic and c.caller_token = @token and c.vapi_call_id <> @call and c.started_at > @since
order by c.started_at desc limit 1`

const openHold = `
select a.starts_at, s.name from calls c
join appointments a on a.clinic_id = @clinic and a.call_id = c.vapi_call_id and a.call_id <> '' and a.status = 'pending' and a.hold_expires_at > @now
join services s on s.clinic_id = @clinic and s.id = a.service_id
where c.clinic_id = @clinic and c.caller_token = @token order by a.created_at desc limit 1`

// recallCalls says what the last call from this number was about and how it ended, and what is held for it now.
func (s *Switchboard) recallCalls(ctx context.Context, tx *tenancy.Tx, v visit, values map[string]string) error {
	keys, err := s.vault.Clinic(ctx, tx)
	if err != nil {
		return fmt.Errorf("clinic keys: %w", err)
	}
	args := tenancy.Args{"clinic": tx.Clinic(), "token": callerToken(keys, v.number), "call": v.callID, "since": v.now.Add(-recall), "now": v.now}
	var at time.Time
	var intent, held string
	var booked, message, waits bool
	var did []string
	err = tx.QueryRow(ctx, lastCall, args).Scan(&at, &intent, &booked, &message, &waits, &did)
	if err != nil && !tenancy.IsNone(err) {
		return fmt.Errorf("recall the last call: %w", err)
	}
	if err == nil {
		values["lastCall"], values["lastCallIntent"] = v.say(at), intent
		switch {
		case booked:
			values["lastCallOutcome"] = "booked"
		case slices.Contains(did, OutcomeMoved):
			values["lastCallOutcome"] = "moved an appointment"
		case slices.Contains(did, OutcomeCancelled):
			values["lastCallOutcome"] = "cancelled an appointment"
		case message:
			values["lastCallOutcome"] = "left a message"
		case waits:
			values["lastCallOutcome"] = "joined the waitlist"
		default:
			values["lastCallOutcome"] = "not booked"
		}
	}
	err = tx.QueryRow(ctx, openHold, args).Scan(&at, &held)
	if err != nil && !tenancy.IsNone(err) {
		return fmt.Errorf("recall what is held: %w", err)
	}
	if err == nil {
		values["openHold"] = held + " on " + v.say(at)
	}
	return nil
}

func (s *Switchboard) recallNext(ctx context.Context, tx *tenancy.Tx, v visit, patient uuid.UUID, values map[string]string) error {
	list, err := scheduling.OfPatient(ctx, tx, patient)
	if err != nil {
		return err
	}
	for _, a := range slices.Backward(list) {
		if a.Status == scheduling.Booked && a.StartsAt.After(v.now) {
			values["nextAppointment"] = fmt.Sprintf("%s on %s with %s", a.ServiceName, v.say(a.StartsAt), a.Practitioner)
			break
		}
	}
	return audit.Record(ctx, tx, audit.Event{Action: "appointments.viewed", SubjectKind: "patient", SubjectID: patient, Patients: []uuid.UUID{patient},
		Reason: "told to the agent that takes the call"})
}

// isPhoneFault says that a number is none that the directory could know.
func isPhoneFault(err error) bool { return fault.Is(err, fault.Invalid) }
