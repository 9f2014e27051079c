package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
	"anteroom/domain/patients"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
	"anteroom/views"
	"anteroom/views/ui"
)

// chooseMerge is where the other record of a patient is found; what is searched for is posted.
func (a *app) chooseMerge(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	m := views.MergeChoice{ID: id.String(), Query: posted(c, "q")}
	status := http.StatusOK
	if c.Method() == fiber.MethodPost {
		picks, err := a.picks(c, m.Query)
		if err != nil {
			return err
		}
		m.Found = slices.DeleteFunc(picks.Found, func(p views.PatientRow) bool { return p.ID == m.ID })
		if m.Searched, m.More, m.Problem = picks.Searched, picks.More, picks.Problem; !m.Searched && m.Problem == "" {
			m.Problem = tooShortToFind
		}
		if m.Problem != "" {
			status = http.StatusUnprocessableEntity
		}
	}
	var p patients.Patient
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if p, err = a.directory.Get(c.UserContext(), tx, id); err != nil || p.MergedInto != nil || p.Erased {
			return err
		}
		m.Alike, err = a.duplicates(c, tx, p.Details, id)
		return err
	})
	switch {
	case err != nil:
		return err
	case p.MergedInto != nil || p.Erased:
		return seeOther(c, "/patients/"+id.String())
	}
	m.Name, m.Shell = p.Name, a.shell(c, "Merge")
	return page(c, status, views.MergeChoicePage(m))
}

// compareMerge shows two records beside each other. Directory.Compare records both views.
func (a *app) compareMerge(c *fiber.Ctx) error { return a.comparePage(c, nil) }

func (a *app) comparePage(c *fiber.Ctx, refused *fault.Fault) error {
	keep, other, err := pairParams(c)
	if err != nil {
		return err
	}
	var m views.MergeCompare
	err = a.inClinic(c, func(tx *tenancy.Tx) error {
		kept, gone, err := a.directory.Compare(c.UserContext(), tx, keep, other)
		if err != nil {
			return err
		}
		now, err := tx.Now(c.UserContext())
		if err != nil {
			return err
		}
		m = compareView(c, kept, gone, now)
		if m.Keep, err = a.mergeSide(c, tx, kept); err != nil {
			return err
		}
		m.Other, err = a.mergeSide(c, tx, gone)
		return err
	})
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		a.flash(c, ui.Warn, f.Words, "")
		return seeOther(c, "/patients/"+keep.String())
	}
	if err != nil {
		return err
	}
	m.Shell = a.shell(c, "Merge")
	status := http.StatusOK
	if refused != nil {
		m.Problem, status = refused.Words, statuses[refused.Kind]
	}
	return page(c, status, views.MergeComparePage(m))
}

func pairParams(c *fiber.Ctx) (keep, other uuid.UUID, err error) {
	if keep, err = idParam(c, "id"); err != nil {
		return keep, other, err
	}
	other, err = idParam(c, "other")
	return keep, other, err
}

var mergeLabels = map[string]string{patients.FieldName: "Name", patients.FieldPhone: "Phone", patients.FieldEmail: "E-mail", patients.FieldBirthDate: "Date of birth",
	patients.FieldAddress: "Address", patients.FieldNotes: "Good to know"}

func compareView(c *fiber.Ctx, kept, other patients.Patient, now time.Time) views.MergeCompare {
	m := views.MergeCompare{KeepV: strconv.Itoa(kept.Version), OtherV: strconv.Itoa(other.Version), UndoUntil: now.Add(patients.UndoMerge).In(zone(c))}
	for _, name := range patients.Fields {
		f := views.MergeField{Name: name, Label: mergeLabels[name], Keep: fieldView(c, kept, name), Other: fieldView(c, other, name), Choice: "keep"}
		f.Same = f.Keep == f.Other
		f.CanBoth = name == patients.FieldNotes && f.Keep != "" && f.Other != ""
		switch {
		case f.CanBoth:
			f.Choice = "both"
		case f.Keep == "":
			f.Choice = "other"
		}
		m.Fields = append(m.Fields, f)
	}
	return m
}

func fieldView(c *fiber.Ctx, p patients.Patient, name string) string {
	member := of(c).member
	switch {
	case name == patients.FieldPhone && p.Phone != "":
		return patients.FormatPhone(p.Phone, member.Country)
	case name == patients.FieldBirthDate:
		return born(p.BirthDate, member.Locale, false)
	}
	return p.Get(name)
}

func (a *app) mergeSide(c *fiber.Ctx, tx *tenancy.Tx, p patients.Patient) (views.MergeSide, error) {
	visits, err := scheduling.OfPatient(c.UserContext(), tx, p.ID)
	if err != nil {
		return views.MergeSide{}, err
	}
	notes, err := a.directory.Notes(c.UserContext(), tx, p.ID)
	since := p.CreatedAt.In(zone(c))
	return views.MergeSide{ID: p.ID.String(), Name: p.Name, Since: since, Facts: []string{views.Count(len(visits), "appointment"), views.Count(len(notes), "note"), "known since " + since.Format("2 Jan 2006")}}, err
}

// mergePatients makes two records one.
func (a *app) mergePatients(c *fiber.Ctx) error {
	keep, other, err := pairParams(c)
	if err != nil {
		return err
	}
	in := patients.MergeInput{Keep: keep, Merge: other, BothNotes: posted(c, patients.FieldNotes) == "both"}
	for _, f := range patients.Fields {
		if posted(c, f) == "other" {
			in.Take = append(in.Take, f)
		}
	}
	var bad [2]error
	in.KeepSeen, bad[0] = strconv.Atoi(posted(c, "keep_seen"))
	in.MergeSeen, bad[1] = strconv.Atoi(posted(c, "other_seen"))
	if bad[0] != nil || bad[1] != nil {
		return fault.BadField("seen", "Compare the two records again and merge them there. Nothing was changed.")
	}
	var m patients.Merge
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		m, err = a.directory.Merge(c.UserContext(), tx, in)
		return err
	})
	if f := fault.As(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Invalid) {
		if len(f.Fields) > 0 {
			f.Words = "Nothing was merged. " + strings.Join(fieldSentences(f), " ")
		}
		return a.comparePage(c, f)
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "The two records are one", fmt.Sprintf("You can undo it on this page until %s.", m.UndoUntil.In(zone(c)).Format("2 January")))
	return seeOther(c, "/patients/"+keep.String())
}

func fieldSentences(f *fault.Fault) (all []string) {
	for _, p := range problemViews(f) {
		all = append(all, p.Message)
	}
	return all
}

// undoMerge takes a merge back.
func (a *app) undoMerge(c *fiber.Ctx) error {
	id, err := idParam(c, "id")
	if err != nil {
		return err
	}
	which, err := idParam(c, "merge")
	if err != nil {
		return err
	}
	var m patients.Merge
	err = a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if m, err = a.directory.Unmerge(c.UserContext(), tx, which); err == nil && m.KeptID != id {
			return fault.New(fault.NotFound, "no-merge", "There is no such merge.")
		}
		return err
	})
	if f := fault.As(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.Expired) {
		return a.patientPage(c, statuses[f.Kind], func(v *views.Patient) { v.Problem = f.Words })
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "They are two records again", "What belonged to the other one went back to it.")
	return seeOther(c, "/patients/"+m.KeptID.String())
}

// tellApart notes that two records are two people: they are not held against each other again.
func (a *app) tellApart(c *fiber.Ctx) error {
	keep, other, err := pairParams(c)
	if err != nil {
		return err
	}
	err = a.inClinic(c, func(tx *tenancy.Tx) error { return a.directory.TwoPeople(c.UserContext(), tx, keep, other) })
	if f := fault.As(err); f != nil && f.Kind == fault.Conflict {
		a.flash(c, ui.Warn, f.Words, "")
		return seeOther(c, "/patients/"+keep.String())
	}
	if err != nil {
		return err
	}
	a.flash(c, ui.OK, "Noted: they are two people", "They are not suggested as one again.")
	return seeOther(c, "/patients/"+keep.String())
}
