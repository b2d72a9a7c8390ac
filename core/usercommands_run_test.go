package core_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/migrate"
)

// The commands of Django's own tests.

func dance() command.Command {
	return command.Command{
		Name: "dance", Args: "[number]", Summary: "Say no to a dance",
		Setup: func(fs *pflag.FlagSet) command.Run {
			style := fs.StringP("style", "s", "Rock'n'Roll", "the style")
			example := fs.StringP("example", "e", "", "what happens")
			third := fs.BoolP("opt-3", "x", false, "a third option")
			verbosity := command.Verbosity(fs)
			return func(_ context.Context, env *command.Env, args []string) error {
				if *example == "raise" {
					return &command.Exit{Code: 3, Err: errors.New("the dance was called off")}
				}
				if *verbosity > 0 {
					env.Printf("I don't feel like dancing %s.\n", *style)
					env.Printf("option3=%v\n", *third)
				}
				for _, arg := range args {
					env.Printf("You passed %s as a positional argument.\n", arg)
				}
				return nil
			}
		},
	}
}

func hal() command.Command {
	return command.Command{
		Name: "hal", Args: "[app...]", Summary: "Refuse",
		Setup: func(fs *pflag.FlagSet) command.Run {
			empty := fs.Bool("empty", false, "nothing to do")
			command.Verbosity(fs)
			return func(_ context.Context, env *command.Env, args []string) error {
				switch {
				case *empty:
					env.Printf("\nDave, I can't do that.\n")
				case len(args) == 0:
					return errors.New("I'm sorry Dave, I'm afraid I can't do that.")
				case slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--") }):
					return errors.New("Sorry, Dave, I can't let you do that.")
				default:
					env.Printf("Dave, my mind is going. I can feel it. I can feel it.\n")
				}
				return nil
			}
		},
	}
}

// printing is a command that prints its flags: those that were given.
func printing(c command.Command, declare func(*pflag.FlagSet)) command.Command {
	c.Summary = "Print the options"
	c.Setup = func(fs *pflag.FlagSet) command.Run {
		declare(fs)
		return func(_ context.Context, env *command.Env, args []string) error {
			fs.Visit(func(f *pflag.Flag) { env.Printf("%s=%s\n", f.Name, f.Value) })
			env.Printf("args=%q\n", args)
			return nil
		}
	}
	return c
}

// constants declares flags that need no value.
func constants(fs *pflag.FlagSet) {
	withoutValue := func(name, value string) { fs.Lookup(name).NoOptDefVal = value }
	fs.IntSlice("append_const", nil, "")
	withoutValue("append_const", "42")
	fs.Int("const", 0, "")
	withoutValue("const", "31")
	fs.Count("count", "")
	fs.Bool("flag_false", true, "")
	withoutValue("flag_false", "false")
	fs.Bool("flag_true", false, "")
}

var constantNames = []string{"append_const", "const", "count", "flag_false", "flag_true"}

func userCommands() []command.Command {
	need := func(fs *pflag.FlagSet) {
		fs.String("need-me", "", "")
		fs.String("needme2", "", "")
	}
	group := append([]string{"foo-id", "foo-name", "foo-list"}, constantNames...)
	until := func(fs *pflag.FlagSet) {
		n := fs.Int("for", 0, "")
		fs.IntVar(n, "until", 0, "")
	}
	bar := func(fs *pflag.FlagSet) { fs.Int("bar", 0, "") }
	foo := printing(command.Command{Name: "foo", Args: "bar"}, func(*pflag.FlagSet) {})
	return []command.Command{
		dance(), hal(),
		printing(command.Command{Name: "required_option", Required: []string{"need-me", "needme2"}}, need),
		printing(command.Command{Name: "required_list_option", Required: []string{"foo-list"}}, func(fs *pflag.FlagSet) { fs.IntSlice("foo-list", nil, "") }),
		printing(command.Command{Name: "required_constant_option", Required: constantNames}, constants),
		printing(command.Command{Name: "mutually_exclusive_required", OneOf: [][]string{group}}, func(fs *pflag.FlagSet) {
			fs.Int("foo-id", 0, "")
			fs.String("foo-name", "", "")
			fs.IntSlice("foo-list", nil, "")
			constants(fs)
		}),
		printing(command.Command{Name: "mutually_exclusive_required_with_same_dest", OneOf: [][]string{{"for", "until"}}}, until),
		printing(command.Command{Name: "set_option"}, func(fs *pflag.FlagSet) { fs.String("set", "", "") }),
		printing(command.Command{Name: "no_system_checks", SkipChecks: true}, func(*pflag.FlagSet) {}),
		printing(command.Command{Name: "specific_system_checks", CheckTags: []string{"staticfiles", "models"}}, func(*pflag.FlagSet) {}),
		printing(command.Command{Name: "migrations_checked", ChecksMigrations: true}, func(*pflag.FlagSet) {}),
		printing(command.Command{Name: "common_args"}, func(fs *pflag.FlagSet) {
			if fs.Lookup("skip-checks") == nil {
				fs.Bool("skip-checks", false, "")
			}
			fs.Bool("own", false, "")
		}),
		{Name: "subparser", Summary: "Has one command", Sub: []command.Command{foo}},
		{Name: "subparser_dest", Summary: "Has one command", Sub: []command.Command{printing(command.Command{Name: "foo"}, bar)}},
		{Name: "subparser_required", Summary: "Has a command of a command", Sub: []command.Command{
			{Name: "foo_1", Summary: "Has one command", Sub: []command.Command{printing(command.Command{Name: "foo_2"}, bar)}},
		}},
	}
}

// commandRun is a project with those commands and a record of its checks.
type commandRun struct {
	*testing.T
	*core.Project
	broken bool     // a check finds an error
	ran    []string // the tags of the checks that ran
	stdout string
	stderr string
}

func newCommandRun(t *testing.T) *commandRun {
	r := &commandRun{T: t}
	checked := func(tag string) check.Check {
		return check.Check{Tags: []string{tag}, Run: func(context.Context) []check.Message {
			r.ran = append(r.ran, tag)
			if r.broken && tag == "staticfiles" {
				return []check.Message{{Level: check.Error, ID: "staticfiles.E001", Text: "The setting is no list."}}
			}
			return nil
		}}
	}
	p, err := core.New(settings(t), core.App{
		Label: "user_commands", Commands: userCommands(),
		Checks:     []check.Check{checked("staticfiles"), checked("models"), checked("other")},
		Migrations: migrate.List(migrate.Migration{Name: "0001_initial", UpSQL: "CREATE TABLE x (id integer PRIMARY KEY)", DownSQL: "DROP TABLE x;"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Project = p
	return r
}

// call calls a command from code; line is split at spaces.
func (r *commandRun) call(line string) error {
	r.Helper()
	var stdout, stderr bytes.Buffer
	args := strings.Fields(line)
	err := r.Call(r.Context(), &command.Env{Stdout: &stdout, Stderr: &stderr, Program: "manage"}, args[0], args[1:]...)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return err
}

// prints calls a command, which must print the texts.
func (r *commandRun) prints(line string, texts ...string) {
	r.Helper()
	if err := r.call(line); err != nil {
		r.Errorf("%s: %v", line, err)
	}
	for _, text := range texts {
		if !strings.Contains(r.stdout, text) {
			r.Errorf("%s prints %q, which has no %q", line, r.stdout, text)
		}
	}
}

// refuses calls a command, which must return an error with the text.
func (r *commandRun) refuses(line, text string) {
	r.Helper()
	if err := r.call(line); err == nil || !strings.Contains(err.Error(), text) {
		r.Errorf("%s: the error is %v, want %q", line, err, text)
	}
}

// types runs a command as it is typed and returns the exit status.
func (r *commandRun) types(line string) int {
	r.Helper()
	var stdout, stderr bytes.Buffer
	code := r.Main(r.Context(), &command.Env{Stdout: &stdout, Stderr: &stderr, Program: "manage"}, strings.Fields(line))
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return code
}
