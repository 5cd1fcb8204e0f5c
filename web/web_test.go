package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/web"
)

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	return w
}

func TestHandlerServesPagesAndAssets(t *testing.T) {
	for path, kind := range map[string]string{
		"/": "text/html", "/board": "text/html", "/assets/board.js": "text/javascript", "/assets/who.js": "text/javascript",
		"/assets/page.css": "text/css", "/assets/icon.svg": "image/svg+xml",
	} {
		r := get(t, path)
		require.Equal(t, http.StatusOK, r.Code, path)
		require.Contains(t, r.Header().Get("Content-Type"), kind, path)
		require.Equal(t, "nosniff", r.Header().Get("X-Content-Type-Options"))
		tag := r.Header().Get("ETag")
		require.NotEmpty(t, tag, path)
		require.Equal(t, http.StatusNotModified, get(t, path, "If-None-Match", tag).Code, path)
	}
	for _, path := range []string{"/assets/", "/assets/board.html", "/assets/../web.go", "/boards", "/assets"} {
		require.Equal(t, http.StatusNotFound, get(t, path).Code, path)
	}
}

func TestHandlerTakesNoOtherMethod(t *testing.T) {
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/board", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
}

// TestPolicyAllowsNothingInline holds the pages to the policy that they are served with.
func TestPolicyAllowsNothingInline(t *testing.T) {
	policy := get(t, "/board").Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	pages, err := filepath.Glob("src/pages/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, p := range pages {
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		require.NotRegexp(t, `(?i)\sstyle=|<style|\son\w+=|<script(?:[^>]*)>[^<]`, string(text), p)
	}
	require.NoError(t, filepath.Walk("src", func(path string, _ os.FileInfo, err error) error {
		if err != nil || !strings.HasSuffix(path, ".ts") {
			return err
		}
		text, err := os.ReadFile(path)
		require.NotRegexp(t, "\\sstyle=[\"'$]|styleMap|innerHTML|unsafeHTML", string(text), "%s writes a style attribute or raw markup", path)
		return err
	}))
}

type message struct{ En, Es string }

func words(t *testing.T) map[string]message {
	t.Helper()
	text, err := os.ReadFile("src/words/words.json")
	require.NoError(t, err)
	var all map[string]message
	require.NoError(t, json.Unmarshal(text, &all))
	require.NotEmpty(t, all)
	return all
}

var argument = regexp.MustCompile(`\{(\w+)[,}]`)

// TestWordsHaveNoGap: every message is there in both languages, with the same arguments.
func TestWordsHaveNoGap(t *testing.T) {
	arguments := func(s string) []string {
		var out []string
		for _, m := range argument.FindAllStringSubmatch(s, -1) {
			out = append(out, m[1])
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	for key, m := range words(t) {
		require.NotEmpty(t, m.En, "%s in English", key)
		require.NotEmpty(t, m.Es, "%s in Spanish", key)
		if key != "counts.open" { // English needs no number there
			require.Equal(t, arguments(m.En), arguments(m.Es), key)
		}
		for _, s := range []string{m.En, m.Es} {
			require.Equal(t, strings.Count(s, "{"), strings.Count(s, "}"), "%s: %s", key, s)
			require.NotRegexp(t, `(?i)\b(please|oops|successfully|por favor)\b|!`, s, key)
		}
	}
}

// TestWordsNameEveryState: a state, priority, role or constraint that is added to the words of Muster needs
// a name on the screens.
func TestWordsNameEveryState(t *testing.T) {
	all := words(t)
	for _, s := range muster.TicketStates() {
		require.Contains(t, all, "state."+string(s))
	}
	for _, s := range muster.VisitStates() {
		require.Contains(t, all, "state."+string(s))
	}
	for _, r := range muster.Roles() {
		require.Contains(t, all, "role."+string(r))
	}
	source, err := os.ReadFile("../match.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`ReasonCode = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(codes), 20)
	for _, c := range codes {
		require.Contains(t, all, "test."+c[1])
		require.Contains(t, all, "reason."+c[1])
	}
	require.Contains(t, all, "reason.parts.instant-instant", "a part that comes after the start isn't one that the van lacks")
}

// TestWordsTellEveryRefusal: the code of every error and the name of every cost has words in both languages.
func TestWordsTellEveryRefusal(t *testing.T) {
	all := words(t)
	source, err := os.ReadFile("../errors.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(codes), 15)
	for _, c := range codes {
		require.Contains(t, all, "problem."+c[1])
	}
	source, err = os.ReadFile("../matcher/costs.go")
	require.NoError(t, err)
	costs := regexp.MustCompile(`name: "([a-z ]+)"`).FindAllStringSubmatch(string(source), -1)
	require.GreaterOrEqual(t, len(costs), 7)
	for _, c := range costs {
		name := strings.ReplaceAll(c[1], " ", "_")
		require.Contains(t, all, "term."+name)
		require.Contains(t, all, "because."+name)
	}
}

// TestWordsAreUsed: a message that nothing says is dead.
func TestWordsAreUsed(t *testing.T) {
	var source strings.Builder
	require.NoError(t, filepath.Walk("src", func(path string, _ os.FileInfo, err error) error {
		if err != nil || !strings.HasSuffix(path, ".ts") {
			return err
		}
		text, err := os.ReadFile(path)
		source.Write(text)
		return err
	}))
	built := []string{"state.", "priority.", "role.", "test.", "reason.", "term.", "because.", "problem.", "view.", "mode."} // with a code behind
	for key := range words(t) {
		if !slices.ContainsFunc(built, func(p string) bool { return strings.HasPrefix(key, p) }) {
			require.Contains(t, source.String(), "'"+key+"'")
		}
	}
}
