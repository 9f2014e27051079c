package handlers

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"anteroom/domain/fault"
	"anteroom/domain/scheduling"
	"anteroom/domain/tenancy"
)

// apiBodyLimit is far above any body that the API reads.
const apiBodyLimit = 64 << 10

// apiPatient is who a hold is for, as the API is told. No answer has such a member.
type apiPatient struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

func (p apiPatient) caller() scheduling.Caller {
	return scheduling.Caller{Name: p.Name, Phone: p.Phone}
}

// readJSON is decodeJSON for small bodies that may be left out: no body is an empty object.
func readJSON(c *fiber.Ctx, v any) error {
	body := c.Request().Body() // as it was sent
	switch {
	case len(body) == 0:
		return nil
	case len(body) > apiBodyLimit:
		return httpError(fiber.StatusRequestEntityTooLarge, "too-large", "The body is larger than 64 KiB. Nothing was changed.")
	}
	if err := decodeJSON(c, v); err != nil {
		if f := fault.As(err); f != nil && len(f.Fields) == 0 {
			f.On("body", f.Words) // a 422 always says what
		}
		return err
	}
	if !utf8.Valid(body) { // RFC 8259, 8.1; the decoder replaced what is not
		return malformed()
	}
	return nil
}

// apiText refuses what the database cannot hold in a text.
func apiText(field, value string) error {
	if !isText(value) {
		return fault.BadField(field, "must be text without NUL characters")
	}
	return nil
}

// holdSeconds tells a length that was not said (0) from one that is out of range.
func holdSeconds(said *int) (int, error) {
	switch {
	case said == nil:
		return 0, nil
	case *said < 1 || *said > int(scheduling.MaxHold.Seconds()):
		return 0, fault.BadField("hold_seconds", "a hold lasts from 1 to 300 seconds")
	}
	return *said, nil
}

// apiChange does something and says the status and the body to answer.
type apiChange func(tx *tenancy.Tx) (status int, body any, err error)

// change carries out do in one transaction; with an Idempotency-Key exactly once, and then a refusal is an answer too that is given again.
func (a *app) change(c *fiber.Ctx, do apiChange) error {
	key := c.Get("Idempotency-Key")
	var answer scheduling.Answer
	err := a.inClinic(c, func(tx *tenancy.Tx) (err error) {
		if key == "" {
			answer, err = apiAnswer(do(tx))
			return err
		}
		answer, err = a.desk.ExactlyOnce(c.UserContext(), tx, key, requestContent(c), func() (scheduling.Answer, error) {
			status, body, err := do(tx)
			if refusal := fault.As(err); refusal != nil && lasting[refusal.Kind] {
				p := problemOf(err)
				status, body, err = p.status, problemDocument(c, p), nil
			}
			return apiAnswer(status, body, err)
		})
		return err
	})
	if err != nil {
		return err
	}
	return sendAnswer(c, answer)
}

// lasting are the refusals that repeating the request would not change.
var lasting = map[fault.Kind]bool{fault.Conflict: true, fault.Expired: true, fault.Invalid: true, fault.NotFound: true}

func apiAnswer(status int, body any, err error) (scheduling.Answer, error) {
	if err != nil {
		return scheduling.Answer{}, err
	}
	b, err := json.Marshal(body)
	return scheduling.Answer{Status: status, Body: b}, err
}

func sendAnswer(c *fiber.Ctx, answer scheduling.Answer) error {
	if answer.Replay {
		c.Set("Idempotency-Replayed", "true")
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	if answer.Status >= 400 {
		c.Set(fiber.HeaderContentType, "application/problem+json")
	}
	return c.Status(answer.Status).Send(answer.Body)
}

// requestContent is what an Idempotency-Key stands for: method, path, and the body without what JSON leaves open (space, order of members).
func requestContent(c *fiber.Ctx) []byte {
	content := bytes.NewBufferString(c.Method() + " " + c.Path() + "\n")
	var members any
	d := json.NewDecoder(bytes.NewReader(c.Request().Body()))
	d.UseNumber()
	if d.Decode(&members) == nil { // it was read before; no body is no members
		_ = json.NewEncoder(content).Encode(members)
	}
	return content.Bytes()
}
