package handlers

import (
	"strings"
	"testing"

	"anteroom/static"
)

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	hashed := static.Path("img/icons.svg")
	if hashed == "/static/img/icons.svg" {
		t.Fatal("the sprite has no hash in its name")
	}
	a := b.get(hashed, "Accept-Encoding", "gzip, br").want(t, 200)
	if a.Header.Get("Content-Encoding") != "br" || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || !strings.Contains(a.Header.Get("Vary"), "Accept-Encoding") ||
		a.Header.Get("Content-Type") != "image/svg+xml" {
		t.Fatalf("%v", a.Header)
	}
	if len(b.cookies) != 0 {
		t.Fatal("a file set a cookie")
	}
	b.get(hashed, "If-None-Match", a.Header.Get("ETag")).want(t, 304)
	b.get(hashed).want(t, 200, "<svg")
	if plain := b.get("/static/img/icons.svg"); plain.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", plain.Header)
	}
	for _, outside := range []string{"/static/", "/static/../app.go", "/static/%2e%2e/app.go", "/static/static.go", "/static/css/input.css"} {
		b.get(outside).want(t, 404)
	}
	b.do("HEAD", hashed, "").want(t, 200)
}
