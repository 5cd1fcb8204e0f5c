package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sysopssquad/muster"
)

// codeCall is of a call that can't be understood; its help says how it is meant.
const codeCall muster.Code = "call"

// args takes the arguments that a command's use line names: at least so many, at most so many.
func args(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		switch names := strings.Fields(c.Use)[1:]; {
		case len(given) < least:
			return muster.E(codeCall, "argument "+names[len(given)]+" is missing", c.Example[strings.LastIndex(c.Example, "muster"):])
		case len(given) > most && most == 0:
			return muster.E(codeCall, fmt.Sprintf("%s has no %q", c.CommandPath(), given[0]), "leave it out, or check its spelling")
		case len(given) > most:
			return muster.E(codeCall, fmt.Sprintf("%q is one argument too many", given[most]), "leave it out; what has spaces goes into quotes")
		}
		return nil
	}
}

// flagError says what is wrong with a flag in our words.
func flagError(err error) error {
	var value *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		want := map[string]string{"int": "a whole number", "int64": "a whole number", "bool": "true or false"}[value.GetFlag().Value.Type()]
		return muster.Invalid("--"+value.GetFlag().Name, value.GetValue(), "give "+want)
	case errors.As(err, &missing):
		return muster.E(codeCall, "--"+missing.GetSpecifiedName()+" has no value", "write it after the name")
	case errors.As(err, &unknown):
		return muster.E(codeCall, "there is no flag --"+unknown.GetSpecifiedName(), "leave it out, or check its spelling")
	}
	return err
}

// helpCommand shows help; what there is no help for is an error, which cobra's own only prints.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show help for a command",
		Example: "  muster help\n  muster help import tickets",
		RunE: func(_ *cobra.Command, of []string) error {
			c, rest, err := root.Find(of)
			if err != nil || len(rest) > 0 {
				return muster.E(codeCall, fmt.Sprintf("there is no command %q", strings.Join(of, " ")), "muster help lists all")
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}
