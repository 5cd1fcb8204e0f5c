package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Main is the main function of a command that looks for something wrong: run until it ends or is interrupted. Exit code 0
// if all is well, 1 if something was found, 2 if it could not be looked for.
func Main(name string, run func(context.Context) (well bool, err error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	well, err := run(ctx)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(2)
	case !well:
		os.Exit(1)
	}
}

// Made is the command that repeats this run: make NAME with the arguments that this process was given. Where they name a
// folder of this machine it is FOLDER: anyone's will do.
func Made(name string) string { return made(name, os.Args[1:]) }

func made(name string, args []string) string {
	args = slices.Clone(args)
	for i, a := range args {
		if flag, value, joined := strings.Cut(a, "="); joined && filepath.IsAbs(value) {
			args[i] = flag + "=FOLDER"
		} else if filepath.IsAbs(a) {
			args[i] = "FOLDER"
		}
	}
	return "make " + name + " ARGS=" + strconv.Quote(strings.Join(args, " "))
}

// Publish prints what a run has shown, and writes it to a file like Write if one is named.
func (r Run) Publish(path string, result any) error {
	if path != "" {
		if err := r.Write(path, result); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(result, "", "  ")
	if err == nil {
		_, err = fmt.Println(string(b))
	}
	return err
}
