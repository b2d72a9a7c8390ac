package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Env is a command's surroundings. Tests fill it with buffers; core.Main with the process's own.
// A nil Stdin reads nothing, a nil Stdout or Stderr discards, a nil LookupEnv knows no variable.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// LookupEnv is [os.LookupEnv] or takes its place: an environment variable, and whether it is set.
	LookupEnv func(name string) (value string, set bool)
	// User is the name under which the person is known to the system, to be offered as an answer;
	// empty when that is not known. See [SystemUser].
	User string
	// Program is how the program was called, for messages: "bin/manage".
	Program string
	// Site answers for the web side; nil in standalone commands.
	Site Site
	// Prompter asks questions; nil means one on Stdin and Stdout that is interactive only when
	// Stdin is a terminal.
	Prompter Prompter

	once sync.Once
	ask  Prompter
}

// Prompter asks a person. Implementations need not be safe for concurrent use.
type Prompter interface {
	// Interactive reports whether somebody can answer.
	Interactive() bool
	// Ask prints the prompt and returns the line typed, without its end.
	// It returns ErrInterrupted when the input ends or the person presses Ctrl-C.
	Ask(ctx context.Context, prompt string) (string, error)
	// AskSecret is Ask without showing what is typed.
	AskSecret(ctx context.Context, prompt string) (string, error)
}

// ErrInterrupted says that a question was not answered because the person left.
var ErrInterrupted = errors.New("Operation cancelled.") //nolint:staticcheck // printed to people as it stands

// Prompt returns the Prompter to ask with; never nil.
func (e *Env) Prompt() Prompter {
	e.once.Do(func() {
		if e.ask = e.Prompter; e.ask == nil {
			e.ask = &terminal{in: e.Stdin, out: e.Stdout}
		}
	})
	return e.ask
}

// Lookup returns an environment variable, "" when it is not set.
func (e *Env) Lookup(name string) string {
	value, _ := e.Variable(name)
	return value
}

// Variable returns an environment variable and whether it is set.
func (e *Env) Variable(name string) (value string, set bool) {
	if e.LookupEnv == nil {
		return "", false
	}
	return e.LookupEnv(name)
}

// out is Stdout or what discards.
func (e *Env) out() io.Writer {
	if e.Stdout == nil {
		return io.Discard
	}
	return e.Stdout
}

// Printf writes to Stdout.
func (e *Env) Printf(format string, args ...any) { write(e.Stdout, format, args) }

// Errorf writes to Stderr.
func (e *Env) Errorf(format string, args ...any) { write(e.Stderr, format, args) }

func write(w io.Writer, format string, args []any) {
	if w != nil {
		fmt.Fprintf(w, format, args...)
	}
}
