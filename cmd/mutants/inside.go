package main

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// outline is what other packages can know of a file: its declarations, without comments and the bodies of functions.
func outline(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) { // the patch makes it
		return "", nil
	} else if err != nil {
		return "", err
	}
	if !strings.HasSuffix(path, ".go") {
		return "", nil // embedded: read when the program runs
	}
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	for _, d := range f.Decls {
		if fun, ok := d.(*ast.FuncDecl); ok {
			fun.Body, fun.Doc = nil, nil
		}
		if err := printer.Fprint(&out, token.NewFileSet(), d); err != nil {
			return "", err
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}

// outlines are those of the files that a patch changes, one after the other.
func (t *tree) outlines(p patch) (string, error) {
	var all strings.Builder
	for _, name := range p.changes {
		o, err := outline(filepath.Join(t.src(), name))
		if err != nil {
			return "", err
		}
		all.WriteString(o)
	}
	return all.String(), nil
}
