// Package static holds what a browser fetches besides pages: the stylesheet,
// scripts, fonts and pictures. They are embedded, and named by a hash of their
// content, so that a browser may keep them for a year and still never shows an
// old one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Prefix is where the server mounts these files; every Path starts with it.
const Prefix = "/static/"

// Each folder holds at least one committed file, so this compiles before the
// stylesheet, sprite and fonts have been built.
//
//go:embed css js fonts img
var files embed.FS

var assets = newSet(files)

// Path gives the address of a file, as in "css/app.css", with its hash in the
// name. A file that is not there (nothing built yet) keeps its plain name, so
// views can still be rendered; the address then answers 404.
func Path(name string) string {
	if a, ok := assets.byName[name]; ok {
		return Prefix + a.Name
	}
	return Prefix + name
}

// Open finds a file by its hashed or its plain name, without the Prefix.
func Open(name string) (content []byte, contentType string, ok bool) {
	a, ok := Find(name)
	if !ok {
		return nil, "", false
	}
	return a.Content, a.ContentType, true
}

// Find is Open for a server: with the answer come the compressed forms and
// whether the name may be cached for ever.
func Find(name string) (Asset, bool) {
	if a, ok := assets.byHash[name]; ok {
		return Asset{asset: a, Immutable: true}, true
	}
	if a, ok := assets.byName[name]; ok {
		return Asset{asset: a}, true
	}
	return Asset{}, false
}

// Asset is one file, ready to be sent.
type Asset struct {
	*asset
	// Immutable says the file was asked for by its hashed name, whose content
	// can never change.
	Immutable bool
}

type asset struct {
	Name        string // with the hash: css/app.0a1b2c3d.css
	ContentType string
	ETag        string // quoted
	Content     []byte

	gzip, brotli func() []byte // nil where compression gains nothing
}

// Encoded gives the smallest form that an Accept-Encoding header allows, and the
// Content-Encoding to send with it ("" for none). Text is compressed once, at
// the first request for it. Answers differ by header: send Vary.
func (a Asset) Encoded(acceptEncoding string) (body []byte, encoding string) {
	if a.brotli == nil {
		return a.Content, ""
	}
	if Accepts(acceptEncoding, "br") {
		return a.brotli(), "br"
	}
	if Accepts(acceptEncoding, "gzip") {
		return a.gzip(), "gzip"
	}
	return a.Content, ""
}

// Compressible says whether Encoded can depend on the request.
func (a Asset) Compressible() bool { return a.brotli != nil }

// Accepts says whether an Accept-Encoding header allows a content coding that it names (RFC 9110, 12.5.3).
func Accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		return !found || strings.Trim(q, "0.") != ""
	}
	return false
}

// kinds are the files that are served; sources and licences beside them are not.
var kinds = map[string]struct {
	contentType string
	text        bool
}{
	".css":         {"text/css; charset=utf-8", true},
	".js":          {"text/javascript; charset=utf-8", true},
	".svg":         {"image/svg+xml", true},
	".webmanifest": {"application/manifest+json", true},
	".woff2":       {"font/woff2", false},
	".png":         {"image/png", false},
	".ico":         {"image/x-icon", false},
	".webp":        {"image/webp", false},
}

type set struct {
	byName, byHash map[string]*asset
}

func newSet(fsys fs.FS) set {
	b := builder{fsys: fsys, busy: map[string]bool{}, set: set{map[string]*asset{}, map[string]*asset{}}}
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && served(name) {
			b.add(name)
		}
		return err
	})
	return b.set
}

// served leaves out the sources of styles and scripts: only what the build made of them goes out.
func served(name string) bool {
	if _, ok := kinds[path.Ext(name)]; !ok {
		return false
	}
	switch path.Dir(name) {
	case "css":
		return name == "css/app.css"
	case "js", "js/pages":
		return false
	}
	return true
}

type builder struct {
	set
	fsys fs.FS
	busy map[string]bool
}

// add names a file by its content, after the files it refers to: their names are
// part of its content, so a new font changes the stylesheet's name too.
func (b builder) add(name string) *asset {
	if a, ok := b.byName[name]; ok {
		return a
	}
	if b.busy[name] || !served(name) {
		return nil // a circle, or nothing of ours
	}
	content, err := fs.ReadFile(b.fsys, name)
	if err != nil {
		return nil
	}
	b.busy[name] = true
	defer delete(b.busy, name)

	ext := path.Ext(name)
	switch ext {
	case ".css":
		content = b.rewrite(name, content, cssURL)
	case ".js":
		content = b.rewrite(name, content, jsImport)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:4])
	a := &asset{
		Name:        strings.TrimSuffix(name, ext) + "." + hash + ext,
		ContentType: kinds[ext].contentType,
		ETag:        `"` + hex.EncodeToString(sum[:8]) + `"`,
		Content:     content,
	}
	if kinds[ext].text {
		a.gzip = sync.OnceValue(func() []byte { return compressGzip(content) })
		a.brotli = sync.OnceValue(func() []byte { return compressBrotli(content) })
	}
	b.byName[name], b.byHash[a.Name] = a, a
	return a
}

// References to other files: url(../fonts/x.woff2) in a stylesheet, and the
// relative specifier of an import in a script.
var (
	cssURL   = regexp.MustCompile(`(url\(\s*["']?)([^"')\s?#]+)`)
	jsImport = regexp.MustCompile(`((?:\bfrom|\bimport)\s*\(?\s*["'])(\.\.?/[^"'?#]+)`)
)

// rewrite puts hashed addresses in place of references to our own files and
// leaves every other reference alone.
func (b builder) rewrite(name string, content []byte, reference *regexp.Regexp) []byte {
	return reference.ReplaceAllFunc(content, func(match []byte) []byte {
		parts := reference.FindSubmatch(match)
		ref := string(parts[2])
		target := path.Join(path.Dir(name), ref)
		if rest, ok := strings.CutPrefix(ref, Prefix); ok {
			target = rest
		}
		a := b.add(target)
		if a == nil {
			return match
		}
		return append(bytes.Clone(parts[1]), Prefix+a.Name...)
	})
}

func compressGzip(content []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(content) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

func compressBrotli(content []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}
