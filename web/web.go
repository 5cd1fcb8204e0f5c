// Package web holds the screens: custom elements in TypeScript (src), their bundle (dist, committed and
// embedded) and the handler that serves them. A program that embeds Muster needs no Node; after a change
// of the sources run `go generate ./web`.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:generate go run ./build

//go:embed dist
var dist embed.FS

// policy is the Content-Security-Policy of every page: scripts and styles from here alone, nothing inline.
// Elements style themselves with constructable style sheets, which it allows.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Types by ending; the machine's own table is left out, as it differs from one to the next.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

// pages are the paths of the two screens; all else is under /assets/.
var pages = map[string]string{"/": "who.html", "/board": "board.html"}

// file is one embedded file, ready to be sent.
type file struct {
	kind string
	tag  string
	text []byte
}

// Handler serves "/", where people say who they are, "/board", and "/assets/". Everything carries an ETag and
// is asked for again each time (a small 304 if nothing changed), so a new release shows at once.
func Handler() http.Handler {
	files := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := pages[r.URL.Path]
		if !ok {
			name, ok = strings.CutPrefix(r.URL.Path, "/assets/")
			ok = ok && !strings.HasSuffix(name, ".html")
		}
		f, known := files[name]
		if !ok || !known {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r, name)
	})
}

func (f file) serve(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("ETag", f.tag)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(f.text)) // answers If-None-Match
}

func load() map[string]file {
	files := make(map[string]file)
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic("web: " + err.Error()) // the folder is part of the binary
	}
	for _, e := range entries {
		text, err := dist.ReadFile("dist/" + e.Name())
		if err != nil {
			panic("web: " + err.Error())
		}
		sum := sha256.Sum256(text)
		files[e.Name()] = file{
			kind: types[path.Ext(e.Name())], tag: `"` + hex.EncodeToString(sum[:8]) + `"`, text: text,
		}
	}
	return files
}
