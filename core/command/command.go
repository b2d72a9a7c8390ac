// Package command is what a subcommand of a project's `manage` program is made of: a name, its
// flags, and a function that gets its input and output as values.
//
// An app lists its commands in core.App.Commands:
//
//	command.Command{
//		Name:    "closepolls",
//		Summary: "Close every poll whose time is over",
//		Setup: func(fs *pflag.FlagSet) command.Run {
//			dry := fs.Bool("dry-run", false, "only say what would be closed")
//			return func(ctx context.Context, env *command.Env, args []string) error { … }
//		},
//	}
//
// The package does not decide which commands there are nor what must be sound before one runs;
// package core does.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// Run is a command's work. Its error is printed as one sentence and makes the exit status 1,
// or the status of an [*Exit].
type Run func(ctx context.Context, env *Env, args []string) error

// Command is one subcommand. The zero value is not valid: Name and Setup are required.
type Command struct {
	// Name is typed after `manage`: lower-case letters and digits.
	Name string
	// Args shows the positional arguments in the usage line: "[username]". Empty: it takes none
	// and refuses any.
	Args string
	// Summary is one line for the list of commands, without a full stop.
	Summary string
	// Details are further sentences for `manage help <name>`; may be empty.
	Details string
	// Standalone commands run without settings, checks or a database: help, version, startproject.
	Standalone bool
	// SkipChecks lets the command run while system checks report errors: check itself.
	SkipChecks bool
	// Setup declares the flags and returns the work, which reads them. It is called once for
	// each invocation, so nothing is shared between two of them, and must not do any I/O.
	Setup func(flags *pflag.FlagSet) Run
}

// Site is what a command may ask of the web side: addresses of pages and rendered templates,
// for mails above all. core.Project's site satisfies it.
type Site interface {
	// Reverse returns the path of a named route.
	Reverse(name string, args ...any) (string, error)
	// RenderText renders a template as plain text, with the site's own functions.
	RenderText(ctx context.Context, name string, data map[string]any) (string, error)
}

// Exit is an error with an exit status of its own. A nil Err prints nothing.
type Exit struct {
	Code int
	Err  error
}

// Error returns the text of Err, or the status.
func (e *Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns Err.
func (e *Exit) Unwrap() error { return e.Err }

// ErrUsage marks errors about how a command was called; the message already names the mistake.
var ErrUsage = errors.New("usage")

// Usagef returns an error about how the command was called. errors.Is(err, ErrUsage) holds.
func Usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

type usageError struct{ text string }

func (e *usageError) Error() string   { return e.text }
func (e *usageError) Is(t error) bool { return t == ErrUsage }

// Execute parses args with the command's flags and runs it. Flags and positional arguments may
// come in any order, "--" ends the flags, and --help prints the usage to env.Stdout.
func (c Command) Execute(ctx context.Context, env *Env, args []string) error {
	fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	run := c.Setup(fs)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return c.WriteHelp(env.Stdout)
		}
		return Usagef("%s: %v; `help %s` lists the options", c.Name, err, c.Name)
	}
	if c.Args == "" && fs.NArg() > 0 {
		return Usagef("%s takes no argument %q; `help %s` shows its usage", c.Name, fs.Arg(0), c.Name)
	}
	return run(ctx, env, fs.Args())
}

// WriteHelp writes the usage line, the summary, the details and the options.
func (c Command) WriteHelp(w io.Writer) error {
	fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	fs.SortFlags = false
	c.Setup(fs)
	var b strings.Builder
	b.WriteString("usage: manage " + c.Name)
	if fs.HasFlags() {
		b.WriteString(" [options]")
	}
	if c.Args != "" {
		b.WriteString(" " + c.Args)
	}
	b.WriteString("\n\n" + c.Summary + ".\n")
	if c.Details != "" {
		b.WriteString("\n" + strings.TrimSpace(c.Details) + "\n")
	}
	if fs.HasFlags() {
		b.WriteString("\nOptions:\n" + fs.FlagUsagesWrapped(100))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
