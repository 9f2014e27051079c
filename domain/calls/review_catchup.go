package calls

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/fault"
	"anteroom/domain/privacy"
	"anteroom/domain/tenancy"
)

const selectRuleSets = `with recursive s as (
  (select rule_set from calls where clinic_id = @clinic and rule_set <> '' order by rule_set limit 1)
  union all
  select (select c.rule_set from calls c where c.clinic_id = @clinic and c.rule_set <> '' and c.rule_set > s.rule_set order by c.rule_set limit 1) from s where s.rule_set is not null
) select rule_set from s where rule_set is not null`

const selectOutdated = `select c.id from calls c left join patients p on p.clinic_id = @clinic and p.id = c.patient_id
where c.clinic_id = @clinic and c.rule_set = any(@older) and c.id > @after and (c.patient_id is null or p.wrapped_key is not null) order by c.id limit @most`

// older are the rule sets that calls of the clinic are still under and that this program's came after.
func (r *Records) older(ctx context.Context, tx *tenancy.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, selectRuleSets, tenancy.Args{"clinic": tx.Clinic()})
	if err != nil {
		return nil, fmt.Errorf("list rule sets: %w", err)
	}
	sets, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list rule sets: %w", err)
	}
	older := []string{}
	for _, s := range sets {
		if privacy.Older(s, r.rules) {
			older = append(older, s)
		}
	}
	return older, nil
}

// Outdated answers calls that an older rule set than this program's has redacted and that can be read again, in the order of their ids, from after on.
func (r *Records) Outdated(ctx context.Context, tx *tenancy.Tx, after uuid.UUID, most int) ([]uuid.UUID, error) {
	older, err := r.older(ctx, tx)
	if err != nil || len(older) == 0 {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectOutdated, tenancy.Args{"clinic": tx.Clinic(), "older": older, "after": after, "most": most})
	if err != nil {
		return nil, fmt.Errorf("find calls under older rules: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find calls under older rules: %w", err)
	}
	return ids, nil
}

// CatchUp goes over one call with this program's rules, and only ever hides more: what was hidden stays hidden, as it was called, and for whom it
// was. What the rules would make besides is counted, and waits for a person (Rerun). For the program itself; running it again changes nothing. A call
// that cannot be read again is left alone. Recorded as transcript.rerun when it made a difference, or left one to a person.
func (r *Records) CatchUp(ctx context.Context, tx *tenancy.Tx, call uuid.UUID) error {
	if tx.Actor().Kind != tenancy.System {
		return fault.New(fault.Forbidden, "system-only", "This is done by itself.")
	}
	n, err := r.prepare(ctx, tx, call)
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	if err != nil || n.call.RuleSet == r.rules {
		return err
	}
	for i, o := range n.before {
		for _, c := range n.changes(i) {
			if c.What != ChangeAdded {
				n.waiting++
			}
		}
		if err := n.apply(o, n.found[i], func(originalSpan) bool { return true }); err != nil {
			return err
		}
	}
	_, err = n.store(ctx, tx, r, "transcript.rerun")
	return err
}

// RulesOwed is how far the calls are behind the rules.
type RulesOwed struct {
	Older   []OlderRules // still under an older rule set
	Waiting int          // calls with something that a person is to decide
}

// OlderRules is how many calls are under one older rule set; what is said on calls of erased patients cannot be read again, and is not among them.
type OlderRules struct {
	RuleSet string
	Calls   int
}

// CountRulesOwed tells how far the calls are behind the rules. Numbers alone: it records nothing.
func (r *Records) CountRulesOwed(ctx context.Context, tx *tenancy.Tx) (owed RulesOwed, err error) {
	older, err := r.older(ctx, tx)
	if err != nil {
		return owed, err
	}
	if err := tx.QueryRow(ctx, `select count(*)::int from calls where clinic_id = @clinic and waiting > 0`, tenancy.Args{"clinic": tx.Clinic()}).Scan(&owed.Waiting); err != nil {
		return owed, fmt.Errorf("count what waits: %w", err)
	}
	if len(older) == 0 {
		return owed, nil
	}
	rows, err := tx.Query(ctx, `select c.rule_set, count(*)::int as calls from calls c left join patients p on p.clinic_id = @clinic and p.id = c.patient_id
where c.clinic_id = @clinic and c.rule_set = any(@older) and (c.patient_id is null or p.wrapped_key is not null) group by c.rule_set order by c.rule_set`, tenancy.Args{"clinic": tx.Clinic(), "older": older})
	if err != nil {
		return owed, fmt.Errorf("count calls under older rules: %w", err)
	}
	owed.Older, err = pgx.CollectRows(rows, pgx.RowToStructByName[OlderRules])
	return owed, err
}

// Waiting answers the calls with something that a person is to decide, the newest first. For those who review; recorded as calls.viewed.
func (r *Records) Waiting(ctx context.Context, tx *tenancy.Tx, most int) ([]Call, error) {
	if err := mustReview(tx); err != nil {
		return nil, err
	}
	list, err := r.collectCalls(ctx, tx, ` and c.waiting > 0 order by c.started_at desc, c.id desc limit @most`, tenancy.Args{"most": most})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list, recordList(ctx, tx, list)
}
