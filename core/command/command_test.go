package command_test

import (
	"bytes"
	"context"
	"errors"
	"os/user"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

func nothing(*pflag.FlagSet) command.Run {
	return func(context.Context, *command.Env, []string) error { return nil }
}

func TestErr(t *testing.T) {
	t.Parallel()
	sub := func(subs ...command.Command) command.Command { return command.Command{Name: "c", Sub: subs} }
	flags := func(names ...string) func(*pflag.FlagSet) command.Run {
		return func(fs *pflag.FlagSet) command.Run {
			for _, name := range names {
				fs.Bool(name, false, "")
			}
			return nothing(fs)
		}
	}
	for _, tt := range []struct {
		name string
		c    command.Command
		want string
	}{
		{"sound", command.Command{Name: "c", Setup: flags("a")}, ""},
		{"sound with commands", sub(command.Command{Name: "d", Setup: nothing}), ""},
		{"no name", command.Command{Setup: nothing}, "no Name"},
		{"no work", command.Command{Name: "c"}, "no Setup"},
		{"work and commands", command.Command{Name: "c", Setup: nothing, Sub: []command.Command{{Name: "d", Setup: nothing}}}, "no Setup"},
		{"a flag twice", command.Command{Name: "c", Setup: flags("a", "a")}, `flags of the command "c"`},
		{"a flag that every command has", command.Command{Name: "c", Setup: flags("skip-checks")}, "skip-checks"},
		{"the same, where there are no checks", command.Command{Name: "c", SkipChecks: true, Setup: flags("skip-checks")}, ""},
		{"an unknown flag required", command.Command{Name: "c", Setup: flags("a"), Required: []string{"b"}}, "--b"},
		{"an unknown flag in a group", command.Command{Name: "c", Setup: flags("a"), OneOf: [][]string{{"a", "d"}}}, "--d"},
		{"a command of a command without work", sub(command.Command{Name: "d"}), `c: the command "d" has no Setup`},
		{"two commands of one name", sub(command.Command{Name: "d", Setup: nothing}, command.Command{Name: "d", Setup: nothing}), `two commands named "d"`},
	} {
		switch err := tt.c.Err(); {
		case err == nil && tt.want != "", err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	greet := command.Command{
		Name: "greet", Args: "[name]", Summary: "Say hello", Details: "It says nothing else.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			fs.Bool("loud", false, "shout")
			fs.Bool("soft", false, "whisper")
			command.NoInput(fs)
			command.Verbosity(fs)
			return nothing(fs)
		},
		Required: []string{"verbosity"}, OneOf: [][]string{{"loud", "soft"}},
	}
	words := command.Command{Name: "words", Summary: "Say things", SkipChecks: true, Sub: []command.Command{greet.As("hello"), {Name: "bye", Summary: "Say good-bye", Setup: nothing}}}
	const options = `
Options:
      --loud            shout
      --soft            whisper
      --noinput         ask nothing
  -v, --verbosity int   how much is said, from 0 to 3 (default 1)

Required: --verbosity.

Exactly one of --loud, --soft is required.
`
	for _, tt := range []struct {
		c    command.Command
		args []string
		want string
	}{
		{greet, []string{"--help"}, "usage: manage greet [options] [name]\n\nSay hello.\n\nIt says nothing else.\n" + options +
			"\nWith --skip-checks it runs although a system check reports an error.\n"},
		{words, []string{"-h"}, "usage: manage words command\n\nSay things.\n\nCommands:\n  hello  Say hello (the same as greet)\n  bye    Say good-bye\n"},
		{words, []string{"hello", "-h"}, "usage: manage words hello [options] [name]\n\nSay hello (the same as greet).\n\nIt says nothing else.\n" + options},
	} {
		var out bytes.Buffer
		if err := tt.c.Execute(t.Context(), &command.Env{Stdout: &out}, tt.args); err != nil {
			t.Fatal(err)
		}
		if out.String() != tt.want {
			t.Errorf("%s %q prints\n%s\nwant\n%s", tt.c.Name, tt.args, &out, tt.want)
		}
		if err := tt.c.Execute(t.Context(), &command.Env{}, tt.args); err != nil {
			t.Errorf("without output: %v", err)
		}
	}
}

func TestNoInputHasTwoSpellings(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"--noinput", "--no-input"} {
		fs := pflag.NewFlagSet("c", pflag.ContinueOnError)
		no := command.NoInput(fs)
		if err := fs.Parse([]string{arg}); err != nil || !*no {
			t.Errorf("%s: %v, %v", arg, *no, err)
		}
	}
}

func TestSkipChecks(t *testing.T) {
	t.Parallel()
	c := command.Command{Name: "c", Sub: []command.Command{{Name: "d", Setup: nothing}}}
	for _, tt := range []struct {
		args       []string
		yes, other bool // for both defaults
	}{
		{[]string{"d"}, true, false},
		{[]string{"d", "--skip-checks"}, true, true},
		{[]string{"--skip-checks", "d"}, true, true},
		{[]string{"--skip-checks", "d", "--skip-checks=false"}, false, false},
	} {
		call, err := c.Parse(tt.args)
		if err != nil {
			t.Fatal(err)
		}
		if yes, other := call.SkipsChecks(true), call.SkipsChecks(false); yes != tt.yes || other != tt.other {
			t.Errorf("%q: %v and %v, want %v and %v", tt.args, yes, other, tt.yes, tt.other)
		}
	}
}

func TestSystemUser(t *testing.T) {
	t.Parallel()
	known := func() (*user.User, error) { return &user.User{Username: `OFFICE\ada`}, nil }
	unknown := func() (*user.User, error) { return nil, errors.New("nobody knows") }
	for _, tt := range []struct {
		name    string
		env     map[string]string
		current func() (*user.User, error)
		want    string
	}{
		{"by the environment", map[string]string{"LOGNAME": "", "USER": "bob", "LNAME": "eve"}, known, "bob"},
		{"by the system", nil, known, "ada"},
		{"not at all", nil, unknown, ""},
	} {
		if got := command.SystemUserOf(func(name string) string { return tt.env[name] }, tt.current); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	t.Run("django/auth_tests/test_management.py/GetDefaultUsernameTestCase.test_actual_implementation", func(t *testing.T) {
		t.Parallel()
		u, err := user.Current()
		if got := command.SystemUser(func(string) string { return "" }); err == nil && got != u.Username {
			t.Errorf("SystemUser() = %q, want %q", got, u.Username)
		}
	})
}

// TestNobodyToAsk is about input that is no terminal.
func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	for _, env := range []*command.Env{{}, {Stdin: strings.NewReader("")}} {
		if env.Prompt().Interactive() {
			t.Error("there is a terminal")
		}
		if _, err := env.Prompt().AskSecret(t.Context(), "Password: "); !errors.Is(err, command.ErrInterrupted) {
			t.Errorf("the answer of nobody is %v", err)
		}
	}
	var out bytes.Buffer
	env := &command.Env{Stdin: strings.NewReader("first\nsecond\r\nthird"), Stdout: &out}
	for _, want := range []string{"first", "second", "third"} {
		if got, err := env.Prompt().Ask(t.Context(), "? "); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if out.String() != "? ? ? " {
		t.Errorf("the prompts are %q", &out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	waiting := &command.Env{Stdin: endless{make(chan struct{})}}
	if _, err := waiting.Prompt().Ask(ctx, "? "); !errors.Is(err, command.ErrInterrupted) {
		t.Errorf("the answer after the end of the context is %v", err)
	}
}

// endless never has anything to read.
type endless struct{ never chan struct{} }

func (e endless) Read([]byte) (int, error) {
	<-e.never
	return 0, nil
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	env := &command.Env{LookupEnv: func(name string) (string, bool) { return "", name == "EMPTY" }}
	if _, set := env.Variable("EMPTY"); !set {
		t.Error("a variable that is empty is not set")
	}
	if _, set := env.Variable("OTHER"); set {
		t.Error("a variable that is not set is")
	}
	if _, set := (&command.Env{}).Variable("EMPTY"); set {
		t.Error("without an environment a variable is set")
	}
}
