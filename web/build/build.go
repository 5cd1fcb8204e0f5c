// Command build bundles the screens: the TypeScript of web/src against the committed web/vendor/lit.js,
// into web/dist, which is embedded. It needs no Node. `go generate ./web` runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The modules of Lit that the sources import; vendor/lit.js exports all of them.
var litModules = []string{
	"lit", "lit/decorators.js", "lit/directive.js", "lit/directives/repeat.js",
}

func main() {
	dir := flag.String("web", ".", "the folder web")
	vendor := flag.String("vendor", "", "a node_modules folder: renew vendor/lit.js from it, then bundle")
	flag.Parse()
	if err := run(*dir, *vendor); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, vendor string) error {
	if vendor != "" {
		if err := renewLit(dir, vendor); err != nil {
			return err
		}
	}
	files, err := Bundle(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "dist"), 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "dist", name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Bundle makes the files of web/dist, by name, from the sources in a folder web.
func Bundle(dir string) (map[string][]byte, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	alias := make(map[string]string, len(litModules))
	for _, m := range litModules {
		alias[m] = "./vendor/lit.js"
	}
	r := api.Build(api.BuildOptions{
		AbsWorkingDir:     abs,
		EntryPoints:       []string{"src/board.ts", "src/who.ts"},
		Outdir:            "dist",
		Bundle:            true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		Charset:           api.CharsetUTF8,
		MinifySyntax:      true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		LegalComments:     api.LegalCommentsEndOfFile,
		Alias:             alias,
		Tsconfig:          "tsconfig.json",
		LogLevel:          api.LogLevelSilent,
	})
	if err := failure(r.Errors); err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, f := range r.OutputFiles {
		files[filepath.Base(f.Path)] = f.Contents
	}
	pages, err := os.ReadDir(filepath.Join(abs, "src", "pages"))
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		text, err := os.ReadFile(filepath.Join(abs, "src", "pages", p.Name()))
		if err != nil {
			return nil, err
		}
		files[p.Name()] = text
	}
	return files, nil
}

// renewLit bundles the modules of Lit that we use into one readable file, and copies the licence.
func renewLit(dir, modules string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	var entry strings.Builder
	for _, m := range litModules {
		fmt.Fprintf(&entry, "export * from %q\n", m)
	}
	r := api.Build(api.BuildOptions{
		AbsWorkingDir: modules,
		Stdin:         &api.StdinOptions{Contents: entry.String(), ResolveDir: modules},
		Outfile:       filepath.Join(abs, "vendor", "lit.js"),
		Bundle:        true,
		Format:        api.FormatESModule,
		Target:        api.ES2022,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsInline,
		Write:         true,
		LogLevel:      api.LogLevelSilent,
	})
	if err := failure(r.Errors); err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(modules, "lit", "LICENSE"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(abs, "vendor", "lit.LICENSE"), licence, 0o644)
}

func failure(messages []api.Message) error {
	var errs []error
	for _, text := range api.FormatMessages(messages, api.FormatMessagesOptions{Kind: api.ErrorMessage}) {
		errs = append(errs, errors.New(strings.TrimSpace(text)))
	}
	return errors.Join(errs...)
}
