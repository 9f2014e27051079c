package patients

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/audit"
	"anteroom/domain/fault"
	"anteroom/domain/tenancy"
)

const (
	recentViews  = 200
	mostActivity = 100
)

// The last views come from the index; each patient stands where the actor opened the record last.
const selectRecent = `
with views as materialized (
  select e.subject_id as id, e.at from audit_events e
   where e.clinic_id = @clinic and e.actor = (select app.current_actor()) and e.action = 'patient.viewed' order by e.at desc limit @views),
last as (select v.id, max(v.at) as at from views v group by v.id)
select ` + columns + `
  from last l join patients p on p.clinic_id = @clinic and p.id = l.id
 where p.merged_into is null and p.wrapped_key is not null
 order by l.at desc limit @most`

// Recent answers the patients whose records the actor opened last. Audited as patient.listed.
func (d *Directory) Recent(ctx context.Context, tx *tenancy.Tx, limit int) ([]Patient, error) {
	keys, err := d.vault.Clinic(ctx, tx)
	if err != nil {
		return nil, err
	}
	found, err := query(ctx, tx, keys, selectRecent, tenancy.Args{"clinic": tx.Clinic(), "views": recentViews, "most": limit})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	shown := make([]uuid.UUID, len(found))
	for i, p := range found {
		shown[i] = p.ID
	}
	return found, recordMany(ctx, tx, "patient.listed", shown)
}

// Act is something that was done to a patient's record, or that somebody looked at it.
type Act struct {
	Action    string // patient.viewed, patient.updated
	Actor     string // kind:id
	ActorName string // a person of the clinic, or empty
	Reason    string
	At        time.Time
}

// What belongs to records that became a part of this one is told here as well.
const selectActivity = `
select e.action, e.actor, coalesce(t.name, '') as actor_name, e.reason, e.at
  from audit_events e left join app.team() t on e.actor = 'user:' || t.person_id::text
 where e.clinic_id = @clinic and e.action like 'patient.%' and (@views::bool or e.action not in ('patient.viewed', 'patient.revealed'))
   and e.subject_id in (select p.id from patients p where p.clinic_id = @clinic and (p.id = @id or p.merged_into = @id))
 order by e.at desc, e.id desc limit @most`

// Activity lists what was done to a patient's record, the last first; with views, who looked at it as well, which is for those who oversee
// the clinic. It is read from the audit and records nothing: whoever shows it has recorded the view.
func Activity(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, views bool, limit int) ([]Act, error) {
	rows, err := tx.Query(ctx, selectActivity, tenancy.Args{"clinic": tx.Clinic(), "id": id, "views": views, "most": min(limit, mostActivity)})
	if err != nil {
		return nil, fmt.Errorf("read a patient's activity: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Act])
	if err != nil {
		return nil, fmt.Errorf("read a patient's activity: %w", err)
	}
	return list, nil
}

// RevealReasons are why somebody who sees a record masked may see all of it for a moment. A closed list: the reason is kept in the audit in
// clear.
var RevealReasons = []string{"calling-the-patient", "confirming-identity", "covering-for-a-colleague", "emergency"}

// Reveal answers a patient whole to somebody who sees the record masked. Audited as patient.revealed with the reason.
func (d *Directory) Reveal(ctx context.Context, tx *tenancy.Tx, id uuid.UUID, reason string) (Patient, error) {
	if !slices.Contains(RevealReasons, reason) {
		return Patient{}, fault.BadField("reason", "Choose why you need to see it.")
	}
	p, err := d.Get(ctx, tx, id)
	if err != nil || p.MergedInto != nil || p.Erased {
		return p, err
	}
	return p, audit.Record(ctx, tx, audit.Event{Action: "patient.revealed", SubjectKind: "patient", SubjectID: id, Patients: []uuid.UUID{id}, Reason: reason})
}
