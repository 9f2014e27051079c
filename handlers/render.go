package handlers

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// page renders the whole page before the first byte is sent, so that an error halfway still becomes an error page.
func page(c *fiber.Ctx, status int, whole templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := whole.Render(c.UserContext(), b); err != nil {
		return fmt.Errorf("render a page: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Append(fiber.HeaderVary, "HX-Request", "HX-Request-Type")
	c.Status(status).Response().SetBody(b.Bytes()) // copies; c.Send would keep the buffer, which is another page's next
	return nil
}

// pageOr sends the part alone when htmx asked for one, and else the whole page.
func pageOr(c *fiber.Ctx, status int, whole, part templ.Component) error {
	if wantsPart(c) {
		return page(c, status, part)
	}
	return page(c, status, whole)
}

// wantsPart is the one place that decides. htmx 4 says whether it swaps a part it targeted (partial) or picks one out of the page
// (full); a page restored from the history is always whole.
func wantsPart(c *fiber.Ctx) bool {
	return isHTMX(c) && c.Get("HX-Request-Type") == "partial" && c.Get("HX-History-Restore-Request") == ""
}

func isHTMX(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }

// redirect makes the browser open another page, also from within an htmx request.
func redirect(c *fiber.Ctx, to string) error {
	if isHTMX(c) {
		c.Set("HX-Redirect", to)
		return c.SendStatus(fiber.StatusOK)
	}
	return seeOther(c, to)
}

// seeOther answers a change with the page to read next. htmx follows it by itself and takes from that page what it selects.
func seeOther(c *fiber.Ctx, to string) error { return c.Redirect(to, fiber.StatusSeeOther) }

// ownPath answers where when it is a path of ours, and else instead: nobody is sent elsewhere by a link to us.
func ownPath(where, instead string) string {
	if len(where) > 1000 || !strings.HasPrefix(where, "/") || strings.HasPrefix(where, "//") || strings.ContainsFunc(where, func(r rune) bool {
		return r <= ' ' || r == '\\' || r == 0x7f // browsers read \ as /, and drop tabs and line ends
	}) {
		return instead
	}
	u, err := url.Parse(where)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || u.Path == "/sign-in" {
		return instead
	}
	return where
}
