package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"anteroom/domain/fault"
)

// validate checks what was sent by its struct's tags, and names fields as the sender does.
var validate = func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		for _, tag := range []string{"json", "form", "query"} {
			if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
				return name
			}
		}
		return f.Name
	})
	return v
}()

// decodeJSON reads a request's JSON into v and checks its validate tags. Fields we do not know are tolerated: callers add some.
// 415 unless it is JSON, 400 when it cannot be read, fault.Invalid (422) naming what is of the wrong kind or missing.
func decodeJSON(c *fiber.Ctx, v any) error {
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || (kind != fiber.MIMEApplicationJSON && !strings.HasSuffix(kind, "+json")) {
		return httpError(fiber.StatusUnsupportedMediaType, "not-json", "Send JSON, with Content-Type: application/json.")
	}
	d := json.NewDecoder(bytes.NewReader(c.Body()))
	if err := d.Decode(v); err != nil {
		return jsonFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed()
	}
	return check(v)
}

func jsonFault(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := wrong.Field
		if field == "" {
			return fault.New(fault.Invalid, "invalid-body", "The body must be a JSON object.")
		}
		return fault.BadField(field, "This must be "+jsonKind(wrong.Type)+".")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed()
	}
	return fault.New(fault.Invalid, "invalid-body", "A value in the body has the wrong form.").Because(err) // a type's own UnmarshalText
}

func malformed() error {
	return httpError(fiber.StatusBadRequest, "malformed-json", "The body is not well-formed JSON, or there is something after it.")
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number"
}

// decodeForm reads a form (or, on GET, the query) into v by its form or query tags, and checks its validate tags.
func decodeForm(c *fiber.Ctx, v any) error {
	read := c.BodyParser
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		read = c.QueryParser
	}
	if err := read(v); err != nil {
		return fault.New(fault.Invalid, "invalid-form", "A value in the form has the wrong form.").Because(err)
	}
	return check(v)
}

// checkText refuses values, of the address and of a form, that are no text: PostgreSQL holds neither NUL nor what is not UTF-8. Bodies of
// another kind than a form are refused: nothing here reads them.
func checkText(c *fiber.Ctx) error {
	bad := fault.New(fault.Invalid, "not-text", "Something in that is not text. Type it again.")
	kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch {
	case !allText(c.Context().QueryArgs().VisitAll):
		return bad
	case len(c.Request().Body()) == 0:
		return nil
	case kind == fiber.MIMEApplicationForm:
		if !allText(c.Request().PostArgs().VisitAll) {
			return bad
		}
		return nil
	case kind != fiber.MIMEMultipartForm:
		return fault.New(fault.Invalid, "not-a-form", "Send this as a form.")
	}
	form, err := c.MultipartForm()
	if err != nil {
		return fault.New(fault.Invalid, "invalid-form", "The form could not be read. Nothing was changed.").Because(err)
	}
	for name, values := range form.Value {
		if !isText(name) || slices.ContainsFunc(values, func(v string) bool { return !isText(v) }) {
			return bad
		}
	}
	return nil
}

func allText(visit func(each func(name, value []byte))) bool {
	all := true
	visit(func(name, value []byte) { all = all && isText(string(name)) && isText(string(value)) })
	return all
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// plain is a header's value as text: headers may be of any bytes.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// check turns what the tags refuse into one fault with all its fields.
func check(v any) error {
	err := validate.Struct(v)
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return err
	}
	f := fault.New(fault.Invalid, "invalid-fields", "Some of that is not right.")
	for _, w := range wrong {
		_, field, ok := strings.Cut(w.Namespace(), ".")
		if !ok {
			field = w.Field()
		}
		f.On(field, tagWords(w))
	}
	return f
}

func tagWords(w validator.FieldError) string {
	text := w.Kind() == reflect.String
	switch w.Tag() {
	case "required":
		return "This is needed."
	case "min", "gte":
		if text {
			return "Use at least " + w.Param() + " characters."
		}
		return "This must be at least " + w.Param() + "."
	case "max", "lte":
		if text {
			return "Use at most " + w.Param() + " characters."
		}
		return "This must be at most " + w.Param() + "."
	case "email":
		return "Give an e-mail address such as name@clinic.example."
	case "uuid":
		return "This is not an id of ours."
	case "oneof":
		return "This must be one of: " + strings.ReplaceAll(w.Param(), " ", ", ") + "."
	}
	return "This is not right."
}

// idParam reads an id from the path. What cannot be an id does not exist.
func idParam(c *fiber.Ctx, name string) (uuid.UUID, error) {
	s := c.Params(name)
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 {
		return uuid.Nil, fault.New(fault.NotFound, "not-found", "It does not exist, or it belongs to another clinic.")
	}
	return id, nil
}
