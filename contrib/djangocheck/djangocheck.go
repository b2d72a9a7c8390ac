package djangocheck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
)

// Checker compares a project with the database that it shares. It is made by [New] and safe for
// concurrent use once the project is ready.
type Checker struct {
	auth    *auth.Auth
	project *core.Project
}

// New returns the checker for a project's auth service, without I/O.
func New(a *auth.Auth) *Checker { return &Checker{auth: a} }

// App returns the app for core.New, with the command djangocheck.
func (c *Checker) App() core.App {
	return core.App{
		Label:       "djangocheck",
		VerboseName: "Beside Django",
		Requires:    []string{"auth"},
		Commands:    []command.Command{c.command()},
		Ready: func(p *core.Project) error {
			c.project = p
			return nil
		},
	}
}

// Options say how closely to look. The zero value is the command's default.
type Options struct {
	// Django is the version of the Django at the other side, "5.2", "4.2" or "3.2", when it uses its
	// default PASSWORD_HASHERS; empty when it is not known or has a list of its own.
	Django string
	// Sample is how many users and how many sessions are read at most; 0 means 2,000.
	Sample int
}

const defaultSample = 2000

// djangos are the default PASSWORD_HASHERS of versions.
func djangos() map[string][]hashers.Hasher {
	return map[string][]hashers.Hasher{"5.2": hashers.Django52(), "4.2": hashers.Django42(), "3.2": hashers.Django32()}
}

func (c *Checker) command() command.Command {
	return command.Command{
		Name: "djangocheck", Summary: "Say what in the database does not fit Django", SkipChecks: true,
		Details: "Each finding is a line with its fix; nothing is changed. The exit status is 1 when\n" +
			"something would break for somebody; warnings do not count.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			var o Options
			fs.StringVar(&o.Django, "django", "", "the `version` of that Django, when its PASSWORD_HASHERS are the default: 5.2, 4.2, 3.2")
			fs.IntVar(&o.Sample, "sample", defaultSample, "how many users and sessions are read at most")
			return func(ctx context.Context, env *command.Env, _ []string) error {
				if _, known := djangos()[o.Django]; o.Django != "" && !known {
					return command.Usagef("--django %q: write 5.2, 4.2 or 3.2, or leave it out", o.Django)
				}
				if o.Sample < 1 {
					return command.Usagef("--sample must be at least 1")
				}
				return c.report(ctx, env, o)
			}
		},
	}
}

// report prints what is found.
func (c *Checker) report(ctx context.Context, env *command.Env, o Options) error {
	r, err := c.run(ctx, o)
	if err != nil {
		return err
	}
	count := map[check.Level]int{}
	for _, m := range r.found {
		count[m.Level]++
		env.Printf("%s (%s) %s Fix: %s\n", m.Level, m.ID, m.Text, m.Hint)
	}
	env.Printf("%d error(s), %d warning(s); looked at %d users and %d live sessions.\n",
		count[check.Error], count[check.Warning], r.users, r.live)
	if count[check.Error] > 0 {
		return &command.Exit{Code: 1}
	}
	return nil
}

// Find returns what would not fit, the worst first, each with the fix as its hint; nil when all fits. An
// error means that it could not be found out. It reads the database, with some thirty statements
// and as many rows as o.Sample says, and costs up to two password hashes when o.Django is set.
func (c *Checker) Find(ctx context.Context, o Options) ([]check.Message, error) {
	r, err := c.run(ctx, o)
	if err != nil {
		return nil, err
	}
	return r.found, nil
}

// run is one look at the database.
type run struct {
	auth    *auth.Auth
	project *core.Project
	db      *bun.DB
	o       Options
	now     time.Time

	schema      schema
	history     history
	userTable   userTable
	found       []check.Message
	users, live int // how many were looked at
}

func (c *Checker) run(ctx context.Context, o Options) (*run, error) {
	if c.project == nil {
		return nil, fmt.Errorf("djangocheck: the project is not ready: put djangocheck.New(…).App() into core.New, and call the project's Ready")
	}
	if o.Sample <= 0 {
		o.Sample = defaultSample
	}
	r := &run{auth: c.auth, project: c.project, db: c.project.DB(), o: o, now: time.Now()}
	if err := database.Check(ctx, r.db); err != nil {
		return nil, err
	}
	var err error
	if r.schema, err = readSchema(ctx, r.db); err != nil {
		return nil, err
	}
	if r.noDjango() {
		return r, nil
	}
	for _, look := range []func(context.Context) error{
		r.lookAtMigrations, r.lookAtUserModel, r.lookAtHashes, r.lookAtDjangosHashers, r.lookAtSessions, r.lookAtTimes, r.lookAtTypes,
	} {
		if err := look(ctx); err != nil {
			return nil, fmt.Errorf("djangocheck: %w", err)
		}
	}
	slices.SortStableFunc(r.found, func(a, b check.Message) int { return int(b.Level - a.Level) })
	return r, nil
}

// add keeps a finding. The letter of the id says how bad it is.
func (r *run) add(id, fix, format string, args ...any) {
	level := map[byte]check.Level{'E': check.Error, 'W': check.Warning, 'I': check.Info}[id[0]]
	r.found = append(r.found, check.Message{Level: level, ID: "djangocheck." + id, Text: fmt.Sprintf(format, args...), Hint: fix})
}

// has reports whether an error of one of these ids was found.
func (r *run) has(ids ...string) bool {
	return slices.ContainsFunc(r.found, func(m check.Message) bool {
		return slices.Contains(ids, strings.TrimPrefix(m.ID, "djangocheck."))
	})
}

// few joins the first of some names, and says how many more there are.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
