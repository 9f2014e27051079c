package tenancy

import "strings"

// platformTable is a table that belongs to no clinic. Being listed here is the only way for a table to have no wall.
type platformTable struct {
	reason string
	app    string // all that anteroom_app may do: s select, i insert, u update, d delete
}

var platformTables = map[string]platformTable{
	"public.people":                  {"a person may work at several clinics; only the named questions reach it", ""},
	"public.person_sessions":         {"a person's sessions are theirs, not a clinic's; only the named questions reach it", ""},
	"public.sign_in_failures":        {"counts by keyed hash before anybody is known; only the named questions reach it", ""},
	"public.sessions":                {"looked up by the hash of a secret token before a clinic is known; ids only", "siud"},
	"public.isolation_runs":          {"what this proof found: names of tables and counts", "si"},
	"public.appointment_transitions": {"reference data: which change of status is legal", "s"},
	"public.goose_db_version":        {"which migrations were applied", "s"},
	"app.context_keys":               {"the keys of the signed context; only app.current_clinic() and its like read them", ""},
	"river.river_migration":          {"which migrations of the job queue were applied", "s"},
}

// jobTables: River's own tables, whichever a version of it has.
var jobTables = platformTable{"the job queue's own; jobs carry ids only", "siud"}

func platform(name string) (platformTable, bool) {
	t, ok := platformTables[name]
	if !ok && strings.HasPrefix(name, JobSchema+".") {
		return jobTables, true
	}
	return t, ok
}

// promise is what a question may answer to somebody who asks with hostile arguments and no right context.
type promise int

const (
	promiseNothing promise = iota // no rows, or null
	promiseIDs                    // ids of clinics, and nothing else about them
	promiseHidden                 // the program's role may not call it at all
)

// question is a SECURITY DEFINER function. Being listed here is the only way for one to exist.
type question struct {
	reason  string
	promise promise
	leak    string // asked inside a real clinic, this must find nothing
}

var questions = map[string]question{
	"app.verified_context_part(integer)":   {reason: "reads the context keys to check a signature", promise: promiseHidden},
	"app.current_clinic()":                 {reason: "reads the context keys; answers the clinic of a context whose signature holds"},
	"app.current_actor()":                  {reason: "reads the context keys; answers the actor of a context whose signature holds"},
	"app.clinic_of_key(bytea)":             {reason: "which clinic an API key belongs to, by the hash of the whole key"},
	"app.vapi_credential_of_secret(bytea)": {reason: "which clinic a webhook credential belongs to, by the hash of the whole secret or token"},
	"app.vapi_credential_by_id(uuid)":      {reason: "which clinic a webhook credential belongs to, by the public id that a signed request names"},
	"app.vapi_agent_elsewhere(text,text)": {
		reason: "whether an assistant or a number at Vapi is another clinic's: yes, or nothing",
		leak:   "select 1 where app.vapi_agent_elsewhere('', '')",
	},
	"app.person_by_email(text)":   {reason: "sign-in: one person by their exact e-mail"},
	"app.clinics_of_person(uuid)": {reason: "the clinics of a person who has proved to be that person"},
	"app.team()": {
		reason: "the names of the people of the clinic in the signed context",
		leak:   "select 1 from app.team() t where not exists (select from public.memberships m where m.person_id = t.person_id)",
	},
	"app.sign_in_locked(bytea[])":                            {reason: "until when sign-in is locked, by keyed hash"},
	"app.sign_in_tried(bytea,integer,integer)":               {reason: "counts a try to sign in, by keyed hash"},
	"app.sign_in_succeeded(bytea,bytea)":                     {reason: "forgets tries to sign in, by keyed hash"},
	"app.session_renewed(text,text)":                         {reason: "moves a session to a new token, by the hash of the old one"},
	"app.session_alive(uuid,text)":                           {reason: "whether a person's session was not ended meanwhile"},
	"app.session_opened(uuid,uuid,text,text,text)":           {reason: "remembers a person's session"},
	"app.session_seen(text)":                                 {reason: "notes when a session was last used, by the hash of its token"},
	"app.sessions_of_person(uuid)":                           {reason: "a person's own sessions"},
	"app.session_closed(uuid,uuid,text)":                     {reason: "ends a person's own sessions"},
	"app.ensure_person(uuid,text,text,text)":                 {reason: "makes a person inside a signed clinic, or finds the one with this e-mail"},
	"app.invite_person(uuid,text,text,text)":                 {reason: "makes a person inside a signed clinic, or finds one of that clinic alone by their e-mail"},
	"app.password_of_person(uuid)":                           {reason: "what a person who has proved to be that person signs in with"},
	"app.password_changed(uuid,text,text,uuid)":              {reason: "a person's own password in place of the one they know, by its hash"},
	"app.clinics_with_ended_holds(timestamp with time zone)": {reason: "which clinics have holds to end: ids for the jobs", promise: promiseIDs},
	"app.clinics_with_outdated_calls(text)":                  {reason: "which clinics have calls under another rule set: ids for the jobs", promise: promiseIDs},
	"app.calls_saying(text,timestamp with time zone,timestamp with time zone,uuid,uuid,text,boolean,text,integer)": {
		reason: "full text search over the redacted calls of the clinic in the signed context",
		leak:   "select 1 from app.calls_saying('a:* | i:* | t:* | y:*', null, null, null, null, null, null, null, 100) c where not exists (select from public.calls k where k.id = c)",
	},
	"app.all_clinics()": {reason: "every clinic's id, for the jobs and for this proof", promise: promiseIDs},
}
