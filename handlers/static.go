package handlers

import (
	"github.com/gofiber/fiber/v2"

	"anteroom/static"
)

// serveStatic sends the stylesheet, scripts, fonts and pictures. A name with a hash never changes its content; a plain one is asked
// about each time.
func serveStatic(c *fiber.Ctx) error {
	f, ok := static.Find(c.Params("*"))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if f.Immutable {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	body, encoding := f.Encoded(c.Get(fiber.HeaderAcceptEncoding))
	if f.Compressible() {
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	}
	c.Set(fiber.HeaderETag, f.ETag)
	if c.Get(fiber.HeaderIfNoneMatch) == f.ETag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	return c.Send(body)
}
