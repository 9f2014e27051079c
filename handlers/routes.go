package handlers

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/identity"
	"anteroom/domain/scheduling"
)

// route is one line of the map: what is asked, who may ask, who answers.
type route struct {
	Method   string
	Path     string
	Audience Audience
	Handler  fiber.Handler
	Stream   bool // events: no deadline
	Quiet    bool // a page asks by itself: that nobody has left the desk is not known from it
}

const (
	get    = fiber.MethodGet
	post   = fiber.MethodPost
	put    = fiber.MethodPut
	remove = fiber.MethodDelete
)

// Who may do what, in the clinic's words.
var (
	staff   = person                                                        // every role
	admin   = roles(identity.Admin)                                         // changing settings, team, keys
	readers = roles(identity.Admin, identity.FrontDesk)                     // looking at settings
	desk    = roles(identity.Admin, identity.FrontDesk, identity.Clinician) // patients and appointments
	bookers = roles(identity.Admin, identity.FrontDesk)                     // booking, holds, cancelling
	watch   = roles(identity.Admin, identity.Compliance)                    // audit, walls, reports
)

// routes is the map of the product: every address there is.
func (a *app) routes() []route {
	table := []route{
		{Method: get, Path: "/", Audience: staff, Handler: a.home},
		{Method: get, Path: "/sign-in", Audience: visitor, Handler: a.signInPage},
		{Method: post, Path: "/sign-in", Audience: visitor, Handler: a.signIn},
		{Method: post, Path: "/sign-out", Audience: person, Handler: a.signOut},
		{Method: post, Path: "/clinics/switch", Audience: person, Handler: a.switchClinic},
		{Method: get, Path: "/password", Audience: person, Handler: a.showPassword},
		{Method: post, Path: "/password", Audience: person, Handler: a.changePassword},
		{Method: get, Path: "/sessions", Audience: person, Handler: a.listSessions},
		{Method: post, Path: "/sessions/revoke-others", Audience: person, Handler: a.endOtherSessions},
		{Method: post, Path: "/sessions/:id/revoke", Audience: person, Handler: a.endSession},
		{Method: post, Path: "/theme", Audience: person, Handler: a.setTheme},
		{Method: post, Path: "/letter-keys", Audience: person, Handler: a.setLetterKeys},

		{Method: get, Path: "/today", Audience: desk, Handler: a.showToday},
		{Method: get, Path: "/today/part", Audience: desk, Handler: a.todayFragment, Quiet: true},
		{Method: get, Path: "/find", Audience: staff, Handler: a.findPage},
		{Method: post, Path: "/find", Audience: staff, Handler: a.findAnything},
		{Method: get, Path: "/pulse", Audience: desk, Handler: a.showPulse, Quiet: true},
		{Method: get, Path: "/schedule", Audience: desk, Handler: a.showSchedule},
		{Method: get, Path: "/schedule/grid", Audience: desk, Handler: a.scheduleGrid, Quiet: true},
		{Method: get, Path: "/schedule/sheet", Audience: desk, Handler: a.showSheet},
		{Method: get, Path: "/schedule/events", Audience: desk, Handler: a.scheduleEvents, Stream: true, Quiet: true},
		{Method: get, Path: "/appointments/new", Audience: bookers, Handler: a.newAppointment},
		{Method: post, Path: "/appointments/new", Audience: bookers, Handler: a.reviseBooking},
		{Method: post, Path: "/appointments", Audience: bookers, Handler: a.createAppointment},
		{Method: get, Path: "/appointments/:id", Audience: desk, Handler: a.showAppointment},
		{Method: get, Path: "/appointments/:id/move", Audience: bookers, Handler: a.showMove},
		{Method: post, Path: "/appointments/:id/move", Audience: bookers, Handler: a.moveAppointment},
		{Method: post, Path: "/appointments/:id/arrive", Audience: desk, Handler: a.stepAppointment(scheduling.Arrived)},
		{Method: post, Path: "/appointments/:id/check-in", Audience: desk, Handler: a.stepAppointment(scheduling.CheckedIn)},
		{Method: post, Path: "/appointments/:id/fulfil", Audience: desk, Handler: a.stepAppointment(scheduling.Fulfilled)},
		{Method: post, Path: "/appointments/:id/no-show", Audience: bookers, Handler: a.stepAppointment(scheduling.NoShow)},
		{Method: post, Path: "/appointments/:id/cancel", Audience: bookers, Handler: a.cancelAppointment},
		{Method: post, Path: "/appointments/:id/note", Audience: desk, Handler: a.addNote},
		{Method: post, Path: "/appointments/:id/reopen", Audience: bookers, Handler: a.reopenAppointment},
		{Method: post, Path: "/changes/:id/undo", Audience: desk, Handler: a.undoChange},
		{Method: post, Path: "/holds/:id/take-over", Audience: bookers, Handler: a.takeOverHold},
		{Method: post, Path: "/messages/:id/done", Audience: bookers, Handler: a.doneWithMessage},
		{Method: post, Path: "/waitlist/:id/done", Audience: bookers, Handler: a.doneWithWaiting},
		{Method: post, Path: "/holds/:id/release", Audience: bookers, Handler: a.releaseHold},

		{Method: get, Path: "/patients", Audience: desk, Handler: a.showPatients},
		{Method: get, Path: "/patients/search", Audience: desk, Handler: a.backToPatients},
		{Method: post, Path: "/patients/search", Audience: desk, Handler: a.searchPatients},
		{Method: post, Path: "/patients/suggest", Audience: bookers, Handler: a.suggestPatients},
		{Method: post, Path: "/patients/duplicates", Audience: bookers, Handler: a.warnOfDuplicates},
		{Method: get, Path: "/patients/new", Audience: bookers, Handler: a.newPatient},
		{Method: post, Path: "/patients/new", Audience: bookers, Handler: a.newPatient},
		{Method: post, Path: "/patients", Audience: bookers, Handler: a.createPatient},
		{Method: get, Path: "/patients/:id", Audience: desk, Handler: a.showPatient},
		{Method: post, Path: "/patients/:id", Audience: bookers, Handler: a.updatePatient},
		{Method: get, Path: "/patients/:id/edit", Audience: bookers, Handler: a.editPatient},
		{Method: get, Path: "/patients/:id/notes", Audience: desk, Handler: a.backToPatient},
		{Method: post, Path: "/patients/:id/notes", Audience: desk, Handler: a.addPatientNote},
		{Method: get, Path: "/patients/:id/reveal", Audience: desk, Handler: a.backToPatient},
		{Method: post, Path: "/patients/:id/reveal", Audience: desk, Handler: a.revealPatient},
		{Method: get, Path: "/patients/:id/merge", Audience: bookers, Handler: a.chooseMerge},
		{Method: post, Path: "/patients/:id/merge", Audience: bookers, Handler: a.chooseMerge},
		{Method: get, Path: "/patients/:id/merge/:other", Audience: bookers, Handler: a.compareMerge},
		{Method: post, Path: "/patients/:id/merge/:other", Audience: bookers, Handler: a.mergePatients},
		{Method: post, Path: "/patients/:id/apart/:other", Audience: bookers, Handler: a.tellApart},
		{Method: get, Path: "/patients/:id/suggestions/:span", Audience: bookers, Handler: a.showSuggestion},
		{Method: post, Path: "/patients/:id/suggestions/:span", Audience: bookers, Handler: a.decideSuggestion},
		{Method: get, Path: "/patients/:id/suggestions/:span/hear", Audience: bookers, Handler: a.showSuggestion},
		{Method: post, Path: "/patients/:id/suggestions/:span/hear", Audience: bookers, Handler: a.hearSuggestion},
		{Method: get, Path: "/patients/:id/glass", Audience: desk, Handler: a.askPatientGlass},
		{Method: post, Path: "/patients/:id/glass", Audience: desk, Handler: a.breakPatientGlass},
		{Method: post, Path: "/patients/:id/merges/:merge/undo", Audience: bookers, Handler: a.undoMerge},

		{Method: get, Path: "/calls", Audience: staff, Handler: a.showCalls},
		{Method: get, Path: "/calls/part", Audience: staff, Handler: a.callsPart, Quiet: true},
		{Method: get, Path: "/calls/search", Audience: staff, Handler: a.backToCalls},
		{Method: post, Path: "/calls/search", Audience: staff, Handler: a.searchCalls},
		{Method: get, Path: "/calls/reviews", Audience: watch, Handler: a.showReviews},
		{Method: post, Path: "/calls/reviews/:id", Audience: watch, Handler: a.reviewGlass},
		{Method: post, Path: "/calls/glass/:id/close", Audience: staff, Handler: a.closeGlass},
		{Method: get, Path: "/calls/:id", Audience: staff, Handler: a.showCall},
		{Method: get, Path: "/calls/:id/standing", Audience: staff, Handler: a.callStanding, Quiet: true},
		{Method: get, Path: "/calls/:id/spans/:span/reveal", Audience: staff, Handler: a.askReveal},
		{Method: post, Path: "/calls/:id/spans/:span/reveal", Audience: staff, Handler: a.reveal},
		{Method: get, Path: "/calls/:id/glass", Audience: staff, Handler: a.askGlass},
		{Method: post, Path: "/calls/:id/glass", Audience: staff, Handler: a.breakGlass},
		{Method: get, Path: "/calls/:id/misses/new", Audience: staff, Handler: a.newMiss},
		{Method: post, Path: "/calls/:id/misses", Audience: staff, Handler: a.markMiss},
		{Method: post, Path: "/calls/:id/reviewed", Audience: staff, Handler: a.markReviewed},
		{Method: get, Path: "/calls/:id/rules", Audience: watch, Handler: a.compareRules},
		{Method: post, Path: "/calls/:id/rerun", Audience: watch, Handler: a.rerun},

		{Method: get, Path: "/settings", Audience: readers, Handler: a.openSettings},
		{Method: get, Path: "/settings/practitioners", Audience: readers, Handler: a.listPractitioners},
		{Method: post, Path: "/settings/practitioners", Audience: admin, Handler: a.addPractitioner},
		{Method: get, Path: "/settings/practitioners/:id", Audience: readers, Handler: a.showPractitioner},
		{Method: post, Path: "/settings/practitioners/:id", Audience: admin, Handler: a.savePractitioner},
		{Method: post, Path: "/settings/practitioners/:id/services", Audience: admin, Handler: a.savePractitionerServices},
		{Method: post, Path: "/settings/practitioners/:id/hours", Audience: admin, Handler: a.saveHours},
		{Method: post, Path: "/settings/practitioners/:id/other-hours", Audience: admin, Handler: a.setOtherHours},
		{Method: post, Path: "/settings/practitioners/:id/other-hours/:date/remove", Audience: admin, Handler: a.removeOtherHours},
		{Method: post, Path: "/settings/practitioners/:id/time-off", Audience: admin, Handler: a.addTimeOff},
		{Method: post, Path: "/settings/practitioners/:id/time-off/:off/remove", Audience: admin, Handler: a.removeTimeOff},
		{Method: get, Path: "/settings/services", Audience: readers, Handler: a.listServices},
		{Method: post, Path: "/settings/services", Audience: admin, Handler: a.addService},
		{Method: get, Path: "/settings/services/new", Audience: admin, Handler: a.newService},
		{Method: get, Path: "/settings/services/:id", Audience: readers, Handler: a.showService},
		{Method: post, Path: "/settings/services/:id", Audience: admin, Handler: a.saveService},
		{Method: get, Path: "/settings/closures", Audience: readers, Handler: a.listClosures},
		{Method: post, Path: "/settings/closures", Audience: admin, Handler: a.addClosure},
		{Method: post, Path: "/settings/closures/:id/remove", Audience: admin, Handler: a.removeClosure},

		{Method: get, Path: "/settings/agents", Audience: readers, Handler: a.listAgents},
		{Method: post, Path: "/settings/agents", Audience: admin, Handler: a.addAgent},
		{Method: post, Path: "/settings/agents/account", Audience: admin, Handler: a.saveVapiAccount},
		{Method: post, Path: "/settings/agents/account/key", Audience: admin, Handler: a.saveVapiKey},
		{Method: post, Path: "/settings/agents/account/test", Audience: admin, Handler: a.testVapiAccount},
		{Method: get, Path: "/settings/agents/secrets/new", Audience: admin, Handler: a.newSecret},
		{Method: post, Path: "/settings/agents/secrets", Audience: admin, Handler: a.issueSecret},
		{Method: post, Path: "/settings/agents/secrets/:id/rotate", Audience: admin, Handler: a.rotateSecret},
		{Method: post, Path: "/settings/agents/secrets/:id/revoke", Audience: admin, Handler: a.revokeSecret},
		{Method: get, Path: "/settings/agents/:id", Audience: readers, Handler: a.showAgent},
		{Method: post, Path: "/settings/agents/:id", Audience: admin, Handler: a.saveAgent},
		{Method: get, Path: "/settings/agents/:id/push", Audience: admin, Handler: a.showPush},
		{Method: post, Path: "/settings/agents/:id/push", Audience: admin, Handler: a.push},
		{Method: get, Path: "/settings/agents/:id/snapshots/:snapshot", Audience: admin, Handler: a.showPush},
		{Method: post, Path: "/settings/agents/:id/snapshots/:snapshot", Audience: admin, Handler: a.push},

		{Method: get, Path: "/settings/team", Audience: admin, Handler: a.showTeam},
		{Method: post, Path: "/settings/team", Audience: admin, Handler: a.addMember},
		{Method: post, Path: "/settings/team/:id", Audience: admin, Handler: a.changeMember},
		{Method: post, Path: "/settings/team/:id/remove", Audience: admin, Handler: a.removeMember},

		{Method: get, Path: "/isolation", Audience: watch, Handler: a.showIsolation},
		{Method: post, Path: "/isolation/run", Audience: admin, Handler: a.runIsolation},

		{Method: get, Path: "/api/openapi.json", Audience: public, Handler: a.apiDescription},
		{Method: get, Path: "/api/slots", Audience: apiKey, Handler: a.apiFindSlots},
		{Method: post, Path: "/api/slots/:id/claim", Audience: apiKey, Handler: a.apiClaimSlot},
		{Method: post, Path: "/api/holds/:id/confirm", Audience: apiKey, Handler: a.apiConfirmHold},
		{Method: post, Path: "/api/holds/:id/extend", Audience: apiKey, Handler: a.apiExtendHold},
		{Method: remove, Path: "/api/holds/:id", Audience: apiKey, Handler: a.apiReleaseHold},
		{Method: get, Path: "/api/services", Audience: apiKey, Handler: a.apiListServices},
		{Method: get, Path: "/api/practitioners", Audience: apiKey, Handler: a.apiListPractitioners},
		{Method: get, Path: "/api/appointments/:id", Audience: apiKey, Handler: a.apiGetAppointment},
		{Method: post, Path: "/api/appointments/:id/cancel", Audience: apiKey, Handler: a.apiCancelAppointment},

		{Method: post, Path: "/api/webhooks/vapi", Audience: vapi, Handler: a.vapiWebhook},
		{Method: post, Path: "/api/webhooks/vapi/call-ended", Audience: vapi, Handler: a.vapiWebhook},
		{Method: post, Path: "/api/oauth/token", Audience: vapiClient, Handler: a.vapiToken},

		{Method: get, Path: "/healthz", Audience: public, Handler: a.healthy},
		{Method: get, Path: "/readyz", Audience: public, Handler: a.ready},
		{Method: get, Path: "/static/*", Audience: public, Handler: serveStatic},
	}
	if a.Demo {
		table = append(table,
			route{Method: get, Path: "/_states", Audience: public, Handler: a.listStates},
			route{Method: get, Path: "/_states/:name", Audience: public, Handler: a.showState},
		)
	}
	return table
}

// mount gives every route its guard. A route that leaves something unsaid stops the program before it serves anything.
func (a *app) mount(f *fiber.App) {
	for _, r := range a.table {
		if r.Method == "" || !strings.HasPrefix(r.Path, "/") || r.Handler == nil || r.Audience.enter == nil {
			panic(fmt.Sprintf("handlers: route %s %q lacks a method, path, audience or handler", r.Method, r.Path))
		}
		h := a.guard(r)
		f.Add(r.Method, r.Path, h)
		if r.Method == get && !r.Stream {
			f.Add(fiber.MethodHead, r.Path, h)
		}
	}
}

// admits says whether this role may open this page; false for a page that there is not.
func (a *app) admits(role, path string) bool {
	for _, r := range a.table {
		if r.Method == get && r.Path == path {
			return r.Audience.admits(role)
		}
	}
	return false
}
