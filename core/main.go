package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/logging"
)

// Main is the whole main function of a project's program: it reads the settings from the
// environment, makes the project, runs the command named by the arguments, and returns the exit
// status for os.Exit. SIGINT and SIGTERM end the command's context; a second one ends the
// process.
func Main(newProject func(Settings) (*Project, error)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	env := &command.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Program: filepath.Base(os.Args[0]), User: command.SystemUser(os.Getenv),
	}
	s := SettingsFromEnv(os.Getenv)
	if s.Log == nil {
		level := slog.LevelInfo
		if s.Debug {
			level = slog.LevelDebug
		}
		s.Log = slog.New(logging.Handler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	}
	slog.SetDefault(s.Log) // this is the program's main function; nothing else may do so
	p, err := newProject(s)
	if err != nil {
		return fail(env, err)
	}
	defer p.settings.DB.Close()
	if n := p.settings.ExtraProcessors; n > 0 { // after newProject, where limits are taken from the number before
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	}
	return p.Main(ctx, env, os.Args[1:])
}

// Main runs one command and returns its exit status: 0, 1 for an error (printed to env.Stderr), 2
// for a mistake in how the command was called, or the status of a [command.Exit].
func (p *Project) Main(ctx context.Context, env *command.Env, args []string) int {
	err := p.Run(ctx, env, args)
	closing, cancel := p.shutdownContext()
	defer cancel()
	if mailErr := p.sendWaiting(closing); err == nil {
		err = mailErr
	}
	if err != nil {
		return fail(env, err)
	}
	return 0
}

func fail(env *command.Env, err error) int {
	code := 1
	if errors.Is(err, command.ErrUsage) {
		code = 2
	}
	var exit *command.Exit
	if errors.As(err, &exit) {
		if code = exit.Code; exit.Err == nil {
			return code
		}
	}
	if errors.Is(err, command.ErrInterrupted) {
		env.Errorf("\n%s\n", err)
		return code
	}
	env.Errorf("%s\n", strings.TrimRight("error: "+err.Error(), "\n"))
	return code
}

// Run runs one command as it is typed: args is its name and its own arguments; none prints the help.
// Unless the command is standalone, the settings must be sound, the apps ready, and no system
// check may report an error; --skip-checks leaves the checks out.
func (p *Project) Run(ctx context.Context, env *command.Env, args []string) error {
	name, rest := "help", []string(nil)
	if len(args) > 0 {
		name, rest = args[0], args[1:]
	}
	switch name {
	case "-h", "--help":
		name = "help"
	case "--version":
		name = "version"
	}
	return p.run(ctx, env, name, rest, false)
}

// Call runs one command from code, with the arguments that would be typed:
//
//	err := project.Call(ctx, &command.Env{Stdout: &out}, "migrate", "polls", "--verbosity=0")
//
// It is [Project.Run] without the system checks; "--skip-checks=false" runs them too. What Main would
// make an exit status of comes back as an error. env may be nil: then nobody can be asked, and nothing is shown.
func (p *Project) Call(ctx context.Context, env *command.Env, name string, args ...string) error {
	if env == nil {
		env = &command.Env{Program: "manage"}
	}
	return p.run(ctx, env, name, args, true)
}

func (p *Project) run(ctx context.Context, env *command.Env, name string, args []string, skipChecks bool) error {
	if env.Site == nil {
		env.Site = p.site
	}
	cmd, err := p.command(env, name)
	if err != nil {
		return err
	}
	call, err := cmd.Parse(args)
	if err != nil {
		return err
	}
	if !cmd.Standalone && !call.Help() {
		if err := p.prepare(ctx, env, cmd, cmd.SkipChecks || call.SkipsChecks(skipChecks)); err != nil {
			return err
		}
	}
	return call.Run(ctx, env)
}

// command returns the command of a name.
func (p *Project) command(env *command.Env, name string) (command.Command, error) {
	i := slices.IndexFunc(p.commands, func(c command.Command) bool { return c.Name == name })
	if i < 0 {
		return command.Command{}, fmt.Errorf("there is no command %q%s; `%s help` lists them all", name, p.suggest(name), env.Program)
	}
	return p.commands[i], nil
}

// prepare does what a command that needs a sound project expects to have been done.
func (p *Project) prepare(ctx context.Context, env *command.Env, cmd command.Command, skipChecks bool) error {
	if err := p.settings.Err(); err != nil {
		return err
	}
	if err := p.Ready(); err != nil {
		return err
	}
	if !skipChecks {
		messages := p.check(ctx, false, cmd.CheckTags)
		for _, m := range messages {
			env.Errorf("%s: %s\n", m.Level, m)
		}
		if n := countSerious(messages); n > 0 {
			return fmt.Errorf("%s not run: the system check found %d error(s)", cmd.Name, n)
		}
	}
	if cmd.ChecksMigrations {
		p.warnUnapplied(ctx, env)
	}
	return nil
}

func countSerious(messages []check.Message) int {
	n := 0
	for _, m := range messages {
		if m.Serious() {
			n++
		}
	}
	return n
}

// suggest returns ` (did you mean "migrate"?)` for the nearest command, or nothing.
func (p *Project) suggest(name string) string {
	best, distance := "", 3
	for _, c := range p.commands {
		if d := editDistance(name, c.Name); d < distance && !c.Hidden {
			best, distance = c.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance is the number of letters to insert, delete or replace to get from a to b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
