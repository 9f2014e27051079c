package handlers

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"anteroom/domain/identity"
)

func TestPagesArePacked(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	b := f.as(f.Scope, identity.FrontDesk)
	plain := b.get(mondayPage).want(t, http.StatusOK)
	if plain.Header.Get("Content-Encoding") != "" || !strings.Contains(plain.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("unasked: %v", plain.Header)
	}
	sizes := map[int]bool{}
	for range 12 {
		packed := b.get(mondayPage, "Accept-Encoding", "gzip, deflate, br, zstd").want(t, http.StatusOK)
		if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) > len(plain.Body)/3 {
			t.Fatalf("%d bytes of %d: %v", len(packed.Body), len(plain.Body), packed.Header)
		}
		r, err := gzip.NewReader(strings.NewReader(packed.Body))
		must(t, err)
		page, err := io.ReadAll(r)
		must(t, err)
		if !strings.Contains(string(page), `id="schedule-grid"`) || !strings.HasSuffix(string(page), "</html>") {
			t.Fatal("it does not unpack to the page")
		}
		sizes[len(packed.Body)] = true
	}
	if len(sizes) < 4 {
		t.Errorf("the same page had %d lengths only: they tell what is in it", len(sizes))
	}
	for name, header := range map[string]string{"refused": "gzip;q=0, br", "another one": "br"} {
		if got := b.get(mondayPage, "Accept-Encoding", header); got.Header.Get("Content-Encoding") != "" || !strings.Contains(got.Body, `id="schedule-grid"`) {
			t.Errorf("%s: %q", name, got.Header.Get("Content-Encoding"))
		}
	}
	for _, path := range []string{"/healthz", "/api/openapi.json"} {
		if got := b.get(path, "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is no page, and was packed", path)
		}
	}
	if got := b.get("/nowhere", "Accept-Encoding", "gzip").want(t, http.StatusNotFound); got.Header.Get("Content-Encoding") != "gzip" {
		t.Error("an error page was not packed")
	}
}
