package calls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"anteroom/domain/fault"
)

// VapiURL is where the platform's own API is.
const VapiURL = "https://api.vapi.ai"

const (
	vapiTime   = 8 * time.Second // less than a page may take
	vapiAnswer = 8 << 20
)

// Vapi is the platform's own API. Each call is made with a clinic's private key, which never leaves by a redirect.
type Vapi struct {
	base   string
	client *http.Client
}

// NewVapi takes the API's base address; empty is VapiURL. A patience of zero is eight seconds.
func NewVapi(base string, patience time.Duration) *Vapi {
	if base == "" {
		base = VapiURL
	}
	if patience == 0 {
		patience = vapiTime
	}
	return &Vapi{base: strings.TrimRight(base, "/"), client: &http.Client{Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Check answers nil when the platform takes the key.
func (v *Vapi) Check(ctx context.Context, key string) error {
	_, err := v.do(ctx, key, http.MethodGet, "/assistant?limit=1", nil)
	return err
}

// Assistant reads an assistant, whole.
func (v *Vapi) Assistant(ctx context.Context, key, id string) (map[string]any, error) {
	return v.object(ctx, key, http.MethodGet, id, nil)
}

// ChangeAssistant replaces whole members of an assistant, as the platform does: what is nested in them must be complete. It answers the assistant
// as it is then.
func (v *Vapi) ChangeAssistant(ctx context.Context, key, id string, members map[string]any) (map[string]any, error) {
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return v.object(ctx, key, http.MethodPatch, id, body)
}

func (v *Vapi) object(ctx context.Context, key, method, id string, body []byte) (map[string]any, error) {
	if id == "" {
		return nil, fault.New(fault.Conflict, "not-connected", "This agent has no assistant at Vapi yet. Enter its id first.")
	}
	answer, err := v.do(ctx, key, method, "/assistant/"+url.PathEscape(id), body)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // a temperature of 0.7 goes back as it came
	var a map[string]any
	if err := d.Decode(&a); err != nil || a == nil {
		return nil, fault.New(fault.Unavailable, "vapi-unreadable", "Vapi answered something that cannot be read. Nothing was changed here.").Because(err)
	}
	return a, nil
}

func (v *Vapi) do(ctx context.Context, key, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask Vapi: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := v.client.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "vapi-silent", "Vapi did not answer in time. Try again in a moment.").Because(withoutURL(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, vapiAnswer))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "vapi-silent", "Vapi stopped in the middle of its answer. Try again in a moment.").Because(withoutURL(err))
	}
	return answer, refusal(res.StatusCode)
}

// withoutURL keeps ids at Vapi out of the log.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func refusal(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fault.New(fault.Conflict, "vapi-key-refused", "Vapi does not take this key. Check that it is the private key of the right organisation.")
	case status == http.StatusNotFound:
		return fault.New(fault.Conflict, "vapi-not-found", "Vapi has no assistant with this id under this key.")
	case status == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "vapi-busy", "Vapi asks us to wait. Try again in a minute.")
	case status >= 500:
		return fault.New(fault.Unavailable, "vapi-broken", "Vapi has a fault of its own just now. Try again later.")
	}
	return fault.New(fault.Conflict, "vapi-refused", "Vapi refused this (%d). Nothing was changed there.", status)
}
