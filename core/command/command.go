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
	"slices"

	"github.com/spf13/pflag"
)

// Run is a command's work. Its error is printed as one sentence and makes the exit status 1, 2
// for an error of [Usagef], or the status of an [*Exit].
type Run func(ctx context.Context, env *Env, args []string) error

// Command is one subcommand. The zero value is not valid: Name is required, and either Setup or Sub.
type Command struct {
	// Name is typed after `manage`: lower-case letters, digits and _.
	Name string
	// Args shows the positional arguments in the usage line: "[username]". Empty: it takes none
	// and refuses any.
	Args string
	// Summary is one line for the list of commands, without a full stop.
	Summary string
	// Details are further sentences for `manage help <name>`, which breaks them into lines; an empty line
	// parts paragraphs. May be empty.
	Details string
	// Hidden leaves it out of the list of commands; see [Command.As].
	Hidden bool

	// Standalone commands run without settings, checks or a database: help, version, startproject.
	Standalone bool
	// SkipChecks lets the command run while system checks report errors: check itself.
	SkipChecks bool
	// CheckTags limits the checks before the command to those with one of the tags; nil means all.
	CheckTags []string
	// ChecksMigrations makes the program say so before the command runs when migrations are not
	// applied yet. The command runs all the same.
	ChecksMigrations bool

	// Setup declares the flags and returns the work, which reads them. It is called once for
	// each invocation, so nothing is shared between two of them, and once to print help. It must not
	// do any I/O. Flags that every command has are declared already.
	Setup func(flags *pflag.FlagSet) Run
	// Required names flags that must be given.
	Required []string
	// OneOf are groups of flags; of each, exactly one must be given.
	OneOf [][]string
	// Sub are the commands of a command: `manage shop import`. It has no Setup then, and what is
	// said above about checks holds for all of them.
	Sub []Command
}

// As returns the same command under another name, which is left out of the list of commands.
func (c Command) As(name string) Command {
	c.Summary += " (the same as " + c.Name + ")"
	c.Name, c.Hidden = name, true
	return c
}

// Err says what is wrong with the command itself: no name, no work, a flag that is declared twice
// or that every command has. It calls Setup.
func (c Command) Err() error {
	switch {
	case c.Name == "":
		return errors.New("a command has no Name")
	case (c.Setup == nil) == (len(c.Sub) == 0):
		return fmt.Errorf("the command %q has no Setup: give it one, or else commands of its own in Sub", c.Name)
	}
	for i, sub := range c.Sub {
		if err := sub.Err(); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if slices.ContainsFunc(c.Sub[:i], func(other Command) bool { return other.Name == sub.Name }) {
			return fmt.Errorf("the command %q has two commands named %q", c.Name, sub.Name)
		}
	}
	fs, err := c.tryFlags()
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(append(c.OneOf, c.Required)...) {
		if fs.Lookup(name) == nil {
			return fmt.Errorf("the command %q requires the flag --%s, which its Setup does not declare", c.Name, name)
		}
	}
	return nil
}

// tryFlags declares the flags. pflag panics when one is declared twice.
func (c Command) tryFlags() (fs *pflag.FlagSet, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the flags of the command %q cannot be declared: %v", c.Name, p)
		}
	}()
	fs, _ = c.flags()
	return fs, nil
}

// Verbosity declares the flag -v or --verbosity with its usual meaning: 0 says nothing, 1 what is
// of use, 2 more, 3 everything.
func Verbosity(fs *pflag.FlagSet) *int {
	return fs.IntP("verbosity", "v", 1, "how much is said, from 0 to 3")
}

// NoInput declares the flag --noinput and its other spelling --no-input: ask nothing.
func NoInput(fs *pflag.FlagSet) *bool {
	no := fs.Bool("noinput", false, "ask nothing")
	fs.BoolVar(no, "no-input", false, "the same")
	_ = fs.MarkHidden("no-input") // declared above
	return no
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
// The exit status is 2.
var ErrUsage = errors.New("usage")

// Usagef returns an error about how the command was called. errors.Is(err, ErrUsage) holds.
func Usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

type usageError struct{ text string }

func (e *usageError) Error() string   { return e.text }
func (e *usageError) Is(t error) bool { return t == ErrUsage }
