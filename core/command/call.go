package command

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Call is a command whose arguments are read and that has not run yet. It is made by
// [Command.Parse] and runs once.
type Call struct {
	command Command
	path    string // "shop import"
	args    []string
	help    bool
	skip    *bool // what --skip-checks says; nil when it was not given
	run     Run
}

// skipChecks is the flag of every command that is preceded by checks.
const skipChecks = "skip-checks"

// Parse reads the arguments with the command's flags. Flags and positional arguments may come in
// any order, and "--" ends the flags. Every error is [ErrUsage].
func (c Command) Parse(args []string) (*Call, error) { return c.parse(c.Name, args) }

func (c Command) parse(path string, args []string) (*Call, error) {
	fs, run := c.flags()
	call := &Call{command: c, path: path, run: run}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			call.help = true
			return call, nil
		}
		return nil, Usagef("%s: %v; `help %s` lists the options", path, err, path)
	}
	if f := fs.Lookup(skipChecks); f != nil && f.Changed && c.hasChecks() {
		skip := f.Value.String() == "true"
		call.skip = &skip
	}
	call.args = fs.Args()
	if len(c.Sub) > 0 {
		return call.parseSub()
	}
	if c.Args == "" && len(call.args) > 0 {
		return nil, Usagef("%s takes no argument %q; `help %s` shows its usage", path, call.args[0], path)
	}
	return call, c.checkGiven(path, fs)
}

// parseSub goes on with the command of the command that the arguments name.
func (c *Call) parseSub() (*Call, error) {
	var names []string
	for _, sub := range c.command.Sub {
		names = append(names, sub.Name)
	}
	choices := strings.Join(names, ", ")
	if len(c.args) == 0 {
		return nil, Usagef("%s needs one of the commands %s; `help %s` explains them", c.path, choices, c.path)
	}
	i := slices.Index(names, c.args[0])
	if i < 0 {
		return nil, Usagef("%s has no command %q: choose from %s", c.path, c.args[0], choices)
	}
	sub := c.command.Sub[i]
	sub.Standalone, sub.SkipChecks = c.command.Standalone, c.command.SkipChecks
	call, err := sub.parse(c.path+" "+sub.Name, c.args[1:])
	if err == nil && call.skip == nil {
		call.skip = c.skip
	}
	return call, err
}

// checkGiven looks for flags that must be given.
func (c Command) checkGiven(path string, fs *pflag.FlagSet) error {
	for _, name := range c.Required {
		if !fs.Changed(name) {
			return Usagef("%s: give --%s; `help %s` lists the options", path, name, path)
		}
	}
	for _, group := range c.OneOf {
		given := slices.DeleteFunc(slices.Clone(group), func(name string) bool { return !fs.Changed(name) })
		switch {
		case len(given) == 0:
			return Usagef("%s: give one of %s", path, flagList(group))
		case len(given) > 1:
			return Usagef("%s: give only one of %s", path, flagList(given))
		}
	}
	return nil
}

func flagList(names []string) string { return "--" + strings.Join(names, ", --") }

// hasChecks reports whether checks come before the command, so that they can be left out.
func (c Command) hasChecks() bool { return !c.Standalone && !c.SkipChecks }

// flags declares the command's flags, those that every command has first.
func (c Command) flags() (*pflag.FlagSet, Run) {
	fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	if c.hasChecks() {
		fs.Bool(skipChecks, false, "do not look for mistakes in the project first")
		_ = fs.MarkHidden(skipChecks) // declared above
	}
	if c.Setup == nil {
		fs.SetInterspersed(false) // what follows the name of a command is its own
		return fs, nil
	}
	return fs, c.Setup(fs)
}

// Help reports whether the usage was asked for: then Run prints it to env.Stdout and does nothing else.
func (c *Call) Help() bool { return c.help }

// SkipsChecks returns what --skip-checks says, and otherwise when it was not given.
func (c *Call) SkipsChecks(otherwise bool) bool {
	if c.skip == nil {
		return otherwise
	}
	return *c.skip
}

// Run runs the command.
func (c *Call) Run(ctx context.Context, env *Env) error {
	if c.help {
		return c.command.writeHelp(env.out(), c.path)
	}
	return c.run(ctx, env, c.args)
}

// Execute is Parse and Run.
func (c Command) Execute(ctx context.Context, env *Env, args []string) error {
	call, err := c.Parse(args)
	if err != nil {
		return err
	}
	return call.Run(ctx, env)
}
