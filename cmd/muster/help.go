package main

import (
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// widest is how wide help gets, in columns; on a terminal that has fewer it takes what there is.
const widest = 100

// fitting gives all templates, which share one table, what helpTemplates uses.
var fitting = sync.OnceFunc(func() {
	cobra.AddTemplateFunc("fitting", func(text string) string { return wrap(text, columns()) })
	cobra.AddTemplateFunc("fittingFlags", func(f *pflag.FlagSet) string { return strings.TrimRight(f.FlagUsagesWrapped(columns()), "\n ") })
})

// helpTemplates let the help of a command and of all below it fit the terminal.
func helpTemplates(root *cobra.Command) {
	fitting()
	root.SetHelpTemplate(`{{with (or .Long .Short)}}{{fitting .}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`)
	flags := strings.NewReplacer(
		".LocalFlags.FlagUsages | trimTrailingWhitespaces", "fittingFlags .LocalFlags",
		".InheritedFlags.FlagUsages | trimTrailingWhitespaces", "fittingFlags .InheritedFlags")
	root.SetUsageTemplate(flags.Replace(root.UsageTemplate()))
}

// columns is how wide help may be.
func columns() int {
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		return min(w, widest)
	}
	return widest
}

// wrap breaks paragraphs anew; lines with columns of their own, which have two spaces together, stay.
func wrap(text string, width int) string {
	var out []string
	var line string
	flush := func() {
		if line != "" {
			out = append(out, line)
		}
		line = ""
	}
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		if l == "" || strings.Contains(l, "  ") {
			flush()
			out = append(out, l)
			continue
		}
		for _, word := range strings.Fields(l) {
			switch {
			case line == "":
				line = word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
				flush()
				line = word
			default:
				line += " " + word
			}
		}
	}
	flush()
	return strings.Join(out, "\n")
}
