package neo4j

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

//go:embed cypher/*.cypher
var files embed.FS

var comment = regexp.MustCompile(`(?m)^//.*\n`)

// statements are the texts of the folder cypher by the names of their files, without comments.
var statements = func() map[string]string {
	found, err := fs.Glob(files, "cypher/*.cypher")
	if err != nil {
		panic("neo4j: " + err.Error())
	}
	m := make(map[string]string, len(found))
	for _, name := range found {
		text, err := files.ReadFile(name)
		if err != nil {
			panic("neo4j: " + err.Error())
		}
		m[strings.TrimSuffix(path.Base(name), ".cypher")] = strings.TrimSpace(comment.ReplaceAllString(string(text), ""))
	}
	return m
}()

// statement finds a text; that every name used has its file is tested. Its plan is made once and kept: all are pinned to
// their indexes, and to plan the larger ones again while a store grows costs seconds.
func statement(name string) string {
	text, ok := statements[name]
	if !ok {
		panic("neo4j: there is no cypher/" + name + ".cypher")
	}
	return "CYPHER replan=skip " + text
}
