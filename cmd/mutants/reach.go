package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// packagesOf names the packages of which files are changed.
func packagesOf(files []string) []string {
	var out []string
	for _, f := range files {
		if strings.HasSuffix(f, ".go") {
			out = append(out, "./"+path.Dir(f))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reaching lists the packages whose tests can see a change of others: these first, then who imports them, and so on.
func (j *judge) reaching(ctx context.Context, from []string) ([]string, error) {
	if j.reach == nil {
		if err := j.importers(ctx); err != nil {
			return nil, err
		}
	}
	out := slices.Clone(from)
	for i := 0; i < len(out); i++ {
		for _, next := range j.reach[out[i]] {
			if !slices.Contains(out, next) {
				out = append(out, next)
			}
		}
	}
	return out, nil
}

// importers asks the go command who imports whom, tests included.
func (j *judge) importers(ctx context.Context) error {
	text, err := j.tree.output(ctx, "go", "list", "-json=ImportPath,Module,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return err
	}
	j.reach = make(map[string][]string)
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var p struct {
			ImportPath                         string
			Module                             struct{ Path string }
			Imports, TestImports, XTestImports []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		local := func(name string) string {
			return "./" + path.Clean(strings.TrimPrefix(strings.TrimPrefix(name, p.Module.Path), "/"))
		}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if i == p.Module.Path || strings.HasPrefix(i, p.Module.Path+"/") {
				j.reach[local(i)] = append(j.reach[local(i)], local(p.ImportPath))
			}
		}
	}
}
