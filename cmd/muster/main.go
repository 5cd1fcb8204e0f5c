// Command muster matches repair tickets with the right expert and dispatches them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
)

// Exit codes.
const (
	exitFine        = 0
	exitFindings    = 1 // what was looked for was found: breaches, rejected rows, a ticket that nobody can take
	exitUsage       = 2 // the call or its input is wrong
	exitUnreachable = 3 // a store or queue can't be used
	exitIncomplete  = 4 // it began, and could not be finished
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run is main without the process: arguments and streams in, exit code out.
func run(ctx context.Context, args []string, io streams) int {
	a := &app{io: io}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	c, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitFine
	}
	var f findings
	if errors.As(err, &f) {
		return exitFindings
	}
	if errors.As(err, &incomplete{}) {
		return exitIncomplete
	}
	fmt.Fprintln(io.err, "muster:", err)
	var coded *muster.Error
	if !errors.As(err, &coded) && exitCode(err) == exitUsage || muster.CodeOf(err) == codeCall {
		fmt.Fprintf(io.err, "see: %s --help\n", c.CommandPath())
	}
	return exitCode(err)
}

// findings ends a command that did its work and found something; its text has been printed already.
type findings struct{}

func (findings) Error() string { return "there are findings" }

// incomplete ends a command that could not do all of its work; what it did has been printed already.
type incomplete struct{}

func (incomplete) Error() string { return "it could not be finished" }

// exitCode is the one place that turns codes into exit codes.
func exitCode(err error) int {
	var coded *muster.Error
	if !errors.As(err, &coded) {
		if errors.Is(err, context.Canceled) {
			return exitFindings
		}
		return exitUsage // of cobra: unknown command, flag or argument
	}
	switch coded.Code {
	case muster.CodeUnavailable, muster.CodeUnknown, muster.CodeNewerSchema, muster.CodeUnsuitable:
		return exitUnreachable
	case muster.CodeInternal, muster.CodeConflict, muster.CodeUnfit, muster.CodeState:
		return exitFindings
	default:
		return exitUsage
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "muster",
		Short: "Matches repair tickets with the right expert and dispatches them",
		Long: `Muster matches repair tickets with the right expert and dispatches them.

Start with:   muster up            one process, a demo company, a board in the browser
In production: muster serve, muster work, any number of each, on Neo4j and Redis`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.SetHelpCommand(helpCommand(root))
	helpTemplates(root)
	f := root.PersistentFlags()
	f.StringVar(&a.graph, "graph", fromEnv("MUSTER_GRAPH", "sqlite:./data/muster.db"),
		"the store: sqlite:PATH, bolt://user:pass@host or neo4j://user:pass@host ($MUSTER_GRAPH)")
	f.StringVar(&a.redis, "redis", fromEnv("MUSTER_REDIS", ""),
		"Redis for serve and work: redis://host:6379/0; none: in this process ($MUSTER_REDIS)")
	f.Lookup("graph").DefValue, f.Lookup("redis").DefValue = masked(a.graph), masked(a.redis) // help shows it
	f.BoolVar(&a.json, "json", false, "answer in JSON on standard output")
	root.AddCommand(
		a.upCommand(), a.serveCommand(), a.workCommand(), a.schemaCommand(), a.importCommand(), a.assignCommand(),
		a.roundsCommand(), a.whyCommand(), a.sickCommand(), a.whatIfCommand(), a.exceptionsCommand(), a.fsckCommand(), a.benchCommand(), a.demoCommand(), a.configCommand(),
		a.simulateCommand(), a.versionCommand(),
		a.journalCommand(),
		a.queueCommand(), a.coverageCommand(),
	)
	return root
}

func fromEnv(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
