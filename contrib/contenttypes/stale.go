package contenttypes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
)

func (t *Types) removeStale() command.Command {
	return command.Command{
		Name: "remove_stale_contenttypes", Args: "[app...]", Summary: "Delete the content types of models that are gone",
		Details: "It shows what hangs on them and asks. Without apps it looks at those of this project only.\n" +
			"An app of which the database records migrations that this project does not know belongs to\n" +
			"another program too, Django for instance: its content types stay unless the app is named.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			s := stale{types: t}
			fs.BoolVar(&s.staleApps, "include-stale-apps", false, "those of apps that are not in this project too")
			noInput, verbosity := command.NoInput(fs), command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, args []string) error {
				s.env, s.named, s.noInput, s.verbosity = env, args, *noInput, *verbosity
				return s.run(ctx)
			}
		},
	}
}

// stale is one run of remove_stale_contenttypes.
type stale struct {
	types     *Types
	env       *command.Env
	named     []string // apps
	staleApps bool
	noInput   bool
	verbosity int

	references references
	found      int
}

func (s *stale) run(ctx context.Context) error {
	if err := database.Check(ctx, s.types.project.DB()); err != nil {
		return err
	}
	defer s.types.ClearCache()
	var rows []*ContentType
	if err := s.types.db.NewSelect().Model(&rows).OrderExpr("app_label, model").Scan(ctx); err != nil {
		return fmt.Errorf("contenttypes: read content types: %w", err)
	}
	for _, label := range s.named {
		_, ours := s.types.project.App(label)
		if !ours && !slices.ContainsFunc(rows, func(ct *ContentType) bool { return ct.AppLabel == label }) {
			return command.Usagef("there is no app %q in this project, and no content type of one", label)
		}
	}
	shared, err := s.types.sharedApps(ctx)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(ct *ContentType) bool { _, ok := s.types.Model(ct); return ok || !s.wanted(ct.AppLabel) })
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(ct *ContentType) bool { return ct.AppLabel != rows[0].AppLabel })
		if n < 0 {
			n = len(rows)
		}
		if err := s.app(ctx, rows[:n], shared); err != nil {
			return err
		}
		rows = rows[n:]
	}
	if s.found == 0 {
		s.say(1, "No content type is stale.\n")
	}
	return nil
}

// wanted reports whether the content types of an app are looked at.
func (s *stale) wanted(app string) bool {
	if len(s.named) > 0 {
		return slices.Contains(s.named, app)
	}
	_, ours := s.types.project.App(app)
	return ours || s.staleApps
}

// app deals with the stale content types of one app.
func (s *stale) app(ctx context.Context, cts []*ContentType, shared map[string]bool) error {
	s.found++
	app := cts[0].AppLabel
	if shared[app] && !slices.Contains(s.named, app) {
		s.say(1, "%d content type(s) of the app %q stay: another program has migrations of it in this database.\n"+
			"If they are to go, name the app.\n", len(cts), app)
		return nil
	}
	if s.references == nil {
		var err error
		if s.references, err = s.types.readReferences(ctx); err != nil {
			return err
		}
	}
	ok, err := s.confirm(ctx, cts)
	if err != nil {
		return err
	}
	if !ok {
		s.say(1, "The stale content types of the app %q stay.\n", app)
		return nil
	}
	err = s.types.project.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, step := range s.references.steps(cts) {
			if _, err := tx.ExecContext(ctx, step.statement()); err != nil {
				return fmt.Errorf("%s: %w", step.table, err)
			}
		}
		return s.types.project.Settings().Cache.Tell(ctx, tx, changes.Everything)
	})
	if err != nil {
		return fmt.Errorf("contenttypes: nothing of the app %q was deleted: %w", app, err)
	}
	for _, ct := range cts {
		s.say(2, "Deleted the stale content type %s.\n", ct)
	}
	s.say(1, "%d stale content type(s) of the app %q deleted.\n", len(cts), app)
	return nil
}

// confirm shows what would go and asks.
func (s *stale) confirm(ctx context.Context, cts []*ContentType) (bool, error) {
	if s.noInput {
		return true, nil
	}
	p := s.env.Prompt()
	if !p.Interactive() {
		return false, errors.New("nothing was deleted: there is no terminal to ask at; with --noinput nothing is asked")
	}
	lines, err := s.dependents(ctx, cts)
	if err != nil {
		return false, err
	}
	s.env.Printf("These content types are stale, for their models are gone. They are deleted with all rows\n"+
		"that refer to them by foreign keys:\n\n%s\n\n", strings.Join(lines, "\n"))
	for question := "Delete them? (yes/no): "; ; question = `Please answer "yes" or "no": ` {
		answer, err := p.Ask(ctx, question)
		if err != nil || answer == "yes" || answer == "no" {
			return answer == "yes", err
		}
	}
}

// dependents are lines that say what would be deleted or changed.
func (s *stale) dependents(ctx context.Context, cts []*ContentType) ([]string, error) {
	var lines []string
	for _, ct := range cts {
		lines = append(lines, "  - content type "+ct.Label())
	}
	for _, step := range merge(s.references.steps(cts)) {
		if step.table == typesTable {
			continue
		}
		var n int
		if err := s.types.project.DB().NewRaw(step.count()).Scan(ctx, &n); err != nil {
			return nil, fmt.Errorf("contenttypes: count the rows of %s: %w", step.table, err)
		}
		what := s.types.tableLabel(step.table)
		switch {
		case n == 0:
		case step.forget != "":
			lines = append(lines, fmt.Sprintf("  - %d %s lose their content type and stay", n, what))
		default:
			lines = append(lines, fmt.Sprintf("  - %d %s", n, what))
		}
	}
	return lines, nil
}

// say prints at a verbosity.
func (s *stale) say(verbosity int, format string, args ...any) {
	if s.verbosity >= verbosity {
		s.env.Printf(format, args...)
	}
}
