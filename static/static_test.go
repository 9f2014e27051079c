package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func testSet() set {
	return newSet(fstest.MapFS{
		"css/app.css":        {Data: []byte(`@font-face{src:url("../fonts/inter.woff2")format("woff2")}a{background:url(data:image/png;base64,AA==)}b{background:url(/static/img/icons.svg#sun)}i{mask:url(../img/none.svg)}`)},
		"css/input.css":      {Data: []byte(`@import "tailwindcss";`)},
		"fonts/inter.woff2":  {Data: []byte("font")},
		"fonts/LICENSE.txt":  {Data: []byte("OFL")},
		"img/icons.svg":      {Data: []byte("<svg/>")},
		"js/own.js":          {Data: []byte(`import "./other.js"`)},
		"js/pages/a.js":      {Data: []byte(`import "../own.js"`)},
		"js/built/a.js":      {Data: []byte(`import { b } from "./b.js"; import "https://example.org/x.js"; await import('./circle.js')`)},
		"js/built/b.js":      {Data: []byte(`export const b = "from the desk"`)},
		"js/built/circle.js": {Data: []byte(`import "./circle.js"`)},
		"js/vendor/thing.js": {Data: []byte(strings.Repeat("thing();", 200))},
	})
}

func TestNamesFollowContentAndReferences(t *testing.T) {
	s := testSet()
	css := s.byName["css/app.css"]
	if !regexp.MustCompile(`^css/app\.[0-9a-f]{8}\.css$`).MatchString(css.Name) {
		t.Fatalf("name %q has no hash", css.Name)
	}
	text := string(css.Content)
	for _, want := range []string{
		`url("/static/` + s.byName["fonts/inter.woff2"].Name + `")`,
		`url(/static/` + s.byName["img/icons.svg"].Name + `#sun)`,
		`url(data:image/png;base64,AA==)`,
		`url(../img/none.svg)`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("stylesheet lacks %s:\n%s", want, text)
		}
	}
	js := string(s.byName["js/built/a.js"].Content)
	for _, want := range []string{
		`from "/static/` + s.byName["js/built/b.js"].Name + `"`,
		`import "https://example.org/x.js"`,
		`import('/static/` + s.byName["js/built/circle.js"].Name + `')`,
	} {
		if !strings.Contains(js, want) {
			t.Errorf("script lacks %s:\n%s", want, js)
		}
	}
	if got := string(s.byName["js/built/b.js"].Content); got != `export const b = "from the desk"` {
		t.Errorf("a word in a script was taken for an import: %s", got)
	}

	changed := newSet(fstest.MapFS{
		"css/app.css":       {Data: []byte(`a{src:url(../fonts/inter.woff2)}`)},
		"fonts/inter.woff2": {Data: []byte("another font")},
	})
	same := newSet(fstest.MapFS{
		"css/app.css":       {Data: []byte(`a{src:url(../fonts/inter.woff2)}`)},
		"fonts/inter.woff2": {Data: []byte("font")},
	})
	if changed.byName["css/app.css"].Name == same.byName["css/app.css"].Name {
		t.Error("a new font left the stylesheet's name as it was")
	}
}

func TestSourcesAndLicencesAreNotServed(t *testing.T) {
	s := testSet()
	for _, name := range []string{"css/input.css", "fonts/LICENSE.txt", "js/own.js", "js/pages/a.js", "../static.go", ""} {
		if s.byName[name] != nil {
			t.Errorf("%q is served", name)
		}
	}
}

func TestEncodedKeepsContent(t *testing.T) {
	s := testSet()
	a := Asset{asset: s.byName["js/vendor/thing.js"]}
	unbrotli := func(b []byte) io.Reader { return brotli.NewReader(bytes.NewReader(b)) }
	ungzip := func(b []byte) io.Reader {
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	plain := func(b []byte) io.Reader { return bytes.NewReader(b) }
	for _, c := range []struct {
		header, encoding string
		decode           func([]byte) io.Reader
	}{
		{"gzip, deflate, br, zstd", "br", unbrotli},
		{"gzip;q=1.0, br;q=0", "gzip", ungzip},
		{"br;q=0.5", "br", unbrotli},
		{"deflate", "", plain},
		{"", "", plain},
	} {
		body, encoding := a.Encoded(c.header)
		if encoding != c.encoding {
			t.Errorf("%q: encoding %q, want %q", c.header, encoding, c.encoding)
			continue
		}
		got, err := io.ReadAll(c.decode(body))
		if err != nil || !bytes.Equal(got, a.Content) {
			t.Errorf("%q: %d bytes came back, err %v", c.header, len(got), err)
		}
	}
	font := Asset{asset: s.byName["fonts/inter.woff2"]}
	if _, encoding := font.Encoded("br"); encoding != "" || font.Compressible() {
		t.Error("a font was compressed twice")
	}
}

func TestOwnFilesAreFoundByBothNames(t *testing.T) {
	if len(assets.byName) == 0 {
		t.Log("nothing built yet: only unknown names can be tried")
	}
	for name, a := range assets.byName {
		hashed := strings.TrimPrefix(Path(name), Prefix)
		if hashed != a.Name {
			t.Errorf("Path(%q) = %q", name, Path(name))
		}
		if found, ok := Find(hashed); !ok || !found.Immutable {
			t.Errorf("%q: not found, or not immutable", hashed)
		}
		if found, ok := Find(name); !ok || found.Immutable {
			t.Errorf("%q: not found, or cached for ever under a name that changes meaning", name)
		}
		if content, contentType, ok := Open(hashed); !ok || len(content) == 0 || contentType == "" {
			t.Errorf("Open(%q) = %d bytes, %q, %v", hashed, len(content), contentType, ok)
		}
	}
	if got := Path("css/none.css"); got != "/static/css/none.css" {
		t.Errorf("a missing file's path is %q", got)
	}
	if _, _, ok := Open("css/none.css"); ok {
		t.Error("a missing file was found")
	}
}

// Every icon is drawn from one list; what is listed must be in the sprite once built.
func TestSpriteHoldsTheListedIcons(t *testing.T) {
	sprite, ok := assets.byName["img/icons.svg"]
	if !ok {
		t.Log("the sprite is not built")
		return
	}
	list, err := fs.ReadFile(files, "img/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		if name := strings.TrimSpace(line); name != "" && name[0] != '#' && !bytes.Contains(sprite.Content, []byte(`id="`+name+`"`)) {
			t.Errorf("%s is listed in icons.txt and not in the sprite: run make", name)
		}
	}
}
