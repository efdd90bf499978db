// Command lince trains image models, measures them and uses them. Each verb has a file of its own.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage. Errors are one line on standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/lince-ml/lince/backend/cpu"
)

// reportURL is where a user tells us about a fault of ours.
const reportURL = "https://github.com/lince-ml/lince/issues"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run executes the command line args and returns the exit code.
func run(args []string, out, err io.Writer) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintln(err, internalError(fault, debug.Stack()))
			code = 1
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once

	c := newConsole(out, err)
	root := rootCommand(c)
	root.SetArgs(args)
	failure := root.ExecuteContext(ctx)
	if failure == nil {
		return 0
	}
	fmt.Fprintln(err, c.red("lince:"), oneLine(failure.Error()))
	if errors.As(failure, new(usageError)) {
		return 2
	}
	return 1
}

// oneLine joins the lines of a message: one error is one line, for people who grep and for programs.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// internalError returns the line for a panic, whose details go to a file that the user can send.
func internalError(fault any, stack []byte) string {
	line := fmt.Sprintf("lince: internal error: %s; this is our fault, please report it at %s", oneLine(fmt.Sprint(fault)), reportURL)
	f, err := os.CreateTemp("", "lince-crash-*.txt")
	if err != nil {
		return line
	}
	defer f.Close()
	if far, ok := fault.(*cpu.Fault); ok { // on another thread
		stack = append(far.Stack, stack...)
	}
	fmt.Fprintf(f, "%s\n\n%v\n\n%s", strings.Join(os.Args, " "), fault, stack)
	return line + " with the file " + f.Name()
}
