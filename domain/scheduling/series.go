package scheduling

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"anteroom/domain/tenancy"
)

// Series is what BookSeries booked, and what it left out.
type Series struct {
	ID      uuid.UUID
	Booked  []Appointment // in the order of time
	Skipped []Occurrence
	Undo    *Undo // of all of them
}

// seriesPlan is where and when a series would be.
type seriesPlan struct {
	SeriesInput
	performed
	practitioner uuid.UUID
	length       time.Duration
	clinic       Clinic
	usual        []time.Time
	starts       []time.Time // with those that were chosen instead
	now          time.Time
	hold         *Appointment // the first one, when it is held
}

func (d *Desk) planSeries(ctx context.Context, tx *tenancy.Tx, in SeriesInput) (p seriesPlan, err error) {
	if err := in.check(); err != nil {
		return p, err
	}
	if in.First.HoldID != uuid.Nil {
		hold, err := one(ctx, tx, in.First.HoldID)
		if err != nil {
			return p, err
		}
		in.First.PractitionerID, in.First.StartsAt, in.First.Service, p.hold = hold.PractitionerID, hold.StartsAt, hold.Service, &hold
	} else if err := in.First.complete(ctx, tx); err != nil {
		return p, err
	}
	p.SeriesInput, p.practitioner = in, in.First.PractitionerID
	if p.performed, err = mustPerform(ctx, tx, p.practitioner, in.First.Service); err != nil {
		return p, err
	}
	p.length = time.Duration(p.Minutes) * time.Minute
	if p.hold != nil {
		p.length = p.hold.EndsAt.Sub(p.hold.StartsAt)
	}
	if p.now, err = tx.Now(ctx); err != nil {
		return p, err
	}
	if p.clinic, err = LoadClinic(ctx, tx); err != nil {
		return p, err
	}
	if !in.First.StartsAt.After(p.now) {
		return p, cannotHave(ctx, tx, "past", p.ServiceID, p.now, p.now)
	}
	p.usual = in.starts(in.First.StartsAt, p.clinic.Location)
	p.starts, err = in.swapped(p.usual, p.clinic.Location)
	return p, err
}

func (p seriesPlan) time(i int) wanted {
	return wanted{p.practitioner, horizonSpan{p.starts[i], p.starts[i].Add(p.length)}}
}

const seriesSlots = `select x.id, x.practitioner_id, x.starts_at, x.ends_at, x.status, x.availability, x.appointment_id, x.hold_expires_at
from unnest(@froms::timestamptz[], @tos::timestamptz[]) d(s, e) join slots x on x.clinic_id = @clinic and x.practitioner_id = @practitioner and x.starts_at >= d.s and x.starts_at < d.e
order by x.starts_at`

// found is an occurrence with what booking it takes.
type found struct {
	Occurrence
	taking taking
}

// look says of every time of the series whether it can be had, and what is near it on its day.
func (p seriesPlan) look(ctx context.Context, tx *tenancy.Tx) ([]found, error) {
	n := len(p.starts)
	days := make([]horizonSpan, n)
	froms, tos := make([]time.Time, n), make([]time.Time, n)
	for i, start := range p.starts {
		day := horizonDay(start, p.clinic.Location)
		days[i] = horizonSpan{wallInstant(day, 0, p.clinic.Location), wallInstant(day, 24*60, p.clinic.Location)}
		if end := p.time(i).to; end.After(days[i].to) {
			days[i].to = end
		}
		froms[i], tos[i] = days[i].from, days[i].to
	}
	byDay := make([]locked, n)
	var closures []Closure
	args := tenancy.Args{"clinic": tx.Clinic(), "practitioner": p.practitioner, "froms": froms, "tos": tos, "from": froms[0], "to": tos[n-1]}
	b := &pgx.Batch{}
	b.Queue(seriesSlots, args).Query(func(rows pgx.Rows) error {
		i := 0
		return scanSlots(rows, func(s existingSlot) {
			for !s.StartsAt.Before(days[i].to) {
				i++
			}
			byDay[i].slots = append(byDay[i].slots, s)
		})
	})
	queueList(b, &closures, 8, selectClosures+` and ends_at > @from and starts_at < @to and (practitioner_id is null or practitioner_id = @practitioner) order by starts_at`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the days of the series: %w", err)
	}
	list := make([]found, n)
	for i := range list {
		list[i] = p.lookAt(i, byDay[i], closures)
	}
	return list, nil
}

func (p seriesPlan) lookAt(i int, day locked, closures []Closure) (f found) {
	w := p.time(i)
	f.StartsAt, f.EndsAt, f.Usual = w.from, w.to, p.usual[i]
	var own []uuid.UUID
	if i == 0 && p.hold != nil {
		own = append(own, p.hold.ID)
	}
	f.taking, f.Outcome = day.take(w, p.now, own...)
	horizon := wallInstant(horizonDay(p.now, p.clinic.Location).AddDate(0, 0, p.clinic.HorizonDays), 0, p.clinic.Location)
	switch {
	case !w.from.Before(horizon):
		f.Outcome = TimeBeyond
		return f
	case f.Outcome == TimeFree:
		return f
	case f.Outcome == TimeClosed:
		f.Reason = day.closedBy(w, closures)
	}
	f.Instead = p.instead(w, day)
	return f
}

// closedBy is the reason of the closure that blocks a slot of this time.
func (l locked) closedBy(w wanted, closures []Closure) string {
	for _, s := range l.within(w) {
		for _, c := range closures {
			if s.Availability == slotBlocked && s.span().overlaps(horizonSpan{c.StartsAt, c.EndsAt}) {
				return c.Reason
			}
		}
	}
	return ""
}

func (p seriesPlan) instead(w wanted, day locked) (nearest *FreeSlot) {
	var away time.Duration
	for _, s := range day.slots {
		if !s.StartsAt.After(p.now) {
			continue
		}
		end := s.StartsAt.Add(p.length)
		_, outcome := day.take(wanted{p.practitioner, horizonSpan{s.StartsAt, end}}, p.now)
		if d := s.StartsAt.Sub(w.from).Abs(); outcome == TimeFree && (nearest == nil || d < away) {
			nearest, away = &FreeSlot{ID: s.ID, StartsAt: s.StartsAt, EndsAt: end, Practitioner: p.Practitioner, PractitionerID: p.practitioner}, d
		}
	}
	return nearest
}

// PreviewSeries says what BookSeries would book and leave out now. It changes nothing.
func (d *Desk) PreviewSeries(ctx context.Context, tx *tenancy.Tx, in SeriesInput) ([]Occurrence, error) {
	p, err := d.planSeries(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	list, err := p.look(ctx, tx)
	out := make([]Occurrence, len(list))
	for i, f := range list {
		out[i] = f.Occurrence
	}
	return out, err
}
