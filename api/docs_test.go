package api

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheGuideIsTrue holds docs/api.md to the paths that there are, and its table of codes to the one in the code.
func TestTheGuideIsTrue(t *testing.T) {
	text, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)
	guide := string(text)

	known := make(map[string]bool)
	for route := range routes {
		_, path, _ := strings.Cut(route, " ")
		known[regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(path, "*")] = true
	}
	paths := regexp.MustCompile(`\$A(/[a-z0-9/$A-Z._-]+)`).FindAllStringSubmatch(guide, -1)
	require.Greater(t, len(paths), 15)
	for _, m := range paths {
		path := regexp.MustCompile(`\$[A-Z]+`).ReplaceAllString(m[1], "*")
		require.True(t, known[path], "%s is in the guide and not there", m[1])
	}
	listed := make(map[string]bool)
	for _, m := range regexp.MustCompile("(?m)^\\| `(/v1/[^`]+)` \\| (.+) \\|$").FindAllStringSubmatch(guide, -1) {
		for _, verb := range strings.Split(m[2], ", ") {
			require.Contains(t, routes, "POST "+m[1]+verb)
			listed["POST "+m[1]+verb] = true
		}
	}
	for route := range routes {
		if regexp.MustCompile(`^POST /v1/(tickets|offers|visits|experts)/\{id\}/`).MatchString(route) {
			require.True(t, listed[route], "%s is there and not in the guide", route)
		}
	}

	told := make(map[string]string)
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| ([0-9, ]+) \\|").FindAllStringSubmatch(guide, -1) {
		at := strings.Split(m[2], ", ")
		for i, code := range strings.Split(m[1], ", ") {
			told[strings.Trim(code, "`")] = at[min(i, len(at)-1)]
		}
	}
	have := make(map[string]string)
	for code, status := range statuses {
		have[string(code)] = strconv.Itoa(status)
	}
	require.Equal(t, have, told)
}
