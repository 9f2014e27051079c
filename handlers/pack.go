package handlers

import (
	"bytes"
	"crypto/rand"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"

	"anteroom/static"
)

// worthPacking is the size in bytes above which a page is compressed: below it one packet holds it all the same.
const worthPacking = 1400

// packer is a gzip writer for pages. The fastest level: the next ones save a tenth of the bytes for twice the time.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a good one
	return w
}}

// pack compresses a page of HTML when the browser takes gzip. How long the answer is must not tell what is in it (BREACH): up to 255 bytes of
// the name in gzip's header are there by chance ("Heal the BREACH", Palacios and others 2022), and no other site can send a request with our cookies.
func pack(c *fiber.Ctx) error {
	res := c.Response()
	if res.IsBodyStream() || !strings.HasPrefix(string(res.Header.ContentType()), fiber.MIMETextHTML) {
		return nil
	}
	c.Append(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if len(res.Body()) < worthPacking || !static.Accepts(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		return nil
	}
	var by [1]byte
	_, _ = rand.Read(by[:]) // it never fails
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(b)
	w.Name = strings.Repeat("a", int(by[0]))
	if _, err := w.Write(res.Body()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	res.SetBody(b.Bytes())
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return nil
}
