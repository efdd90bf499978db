package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A usageError is a command line that makes no sense: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// usage is what --help shows below the description, a template of cobra's.
const usage = `Usage:
  {{.UseLine}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Verbs:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} VERB --help" says more about a verb.{{end}}
`

func rootCommand(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "lince VERB",
		Short: "Train image models, measure them and use them",
		Long: "lince trains image models, measures them and uses them.\n\n" +
			"Start with `lince train`: it learns handwritten digits in less than a minute.",
		Example: "  lince train                          learn the digits of MNIST\n" +
			"  lince predict runs/mnist digit.png   say which digit a picture shows\n" +
			"  lince train photos/ --model cnn3     learn your own classes, one sub-folder each",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usage)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.AddCommand(trainCommand(c), recipesCommand(c), evalCommand(c), compareCommand(c), predictCommand(c), explainCommand(c), reportCommand(c), inspectCommand(c), convertCommand(c), modelsCommand(c), dataCommand(c), benchCommand(c), versionCommand(c))
	root.SetHelpCommand(helpCommand(root))
	return root
}

// helpCommand replaces cobra's, for which an unknown verb is no error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Explain a verb",
		Args:  arguments(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(root, args[0])
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}

func unknownVerb(root *cobra.Command, name string) error {
	var names []string
	for _, cmd := range root.Commands() {
		if !cmd.Hidden && cmd.Name() != "help" {
			names = append(names, cmd.Name())
		}
	}
	return usageError{nearest.Error("verb", name, names)}
}

// arguments accepts from least to most arguments; most -1 means any number.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least {
			return usagef("%s is missing, expected: %s", word(cmd, len(args)), cmd.UseLine())
		}
		if most >= 0 && len(args) > most {
			return usagef("%q is too much, expected: %s", args[most], cmd.UseLine())
		}
		if i := slices.Index(args, ""); i >= 0 { // as of a variable of the shell that is not set
			return usagef("%s is empty, expected: %s", word(cmd, i), cmd.UseLine())
		}
		return nil
	}
}

// word returns argument i in the verb's synopsis.
func word(cmd *cobra.Command, i int) string {
	words := strings.Fields(cmd.Use)
	return strings.Trim(words[min(i+1, len(words)-1)], "[].")
}

// flagError says what is wrong with a flag, and which was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	if missing := new(pflag.NotExistError); errors.As(err, &missing) {
		return unknownFlag(cmd, missing.GetSpecifiedName())
	}
	if bad := new(pflag.InvalidValueError); errors.As(err, &bad) {
		f := bad.GetFlag()
		return usagef("--%s %q: expected %s", f.Name, bad.GetValue(), kind(f))
	}
	if bare := new(pflag.ValueRequiredError); errors.As(err, &bare) {
		f := bare.GetFlag()
		return usagef("--%s: the value is missing, expected %s", f.Name, kind(f))
	}
	return usageError{err}
}

func unknownFlag(cmd *cobra.Command, name string) error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if n, ok := nearest.Name(name, names); ok {
		return usagef("unknown flag --%s: did you mean --%s? `%s --help` lists all", name, n, cmd.CommandPath())
	}
	return usagef("unknown flag --%s: `%s --help` lists all", name, cmd.CommandPath())
}

// kind says what values a flag takes.
func kind(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "uint", "uint64":
		return "a whole number, not negative"
	case "float64":
		return "a number"
	case "duration":
		return "a time such as 90s or 10m"
	case "bool":
		return "true or false"
	}
	return "text"
}
