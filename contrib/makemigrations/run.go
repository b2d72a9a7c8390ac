package makemigrations

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/plan"
	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

// run is one run of the command.
type run struct {
	project   *core.Project
	env       *command.Env
	root      string
	options   options
	verbosity int
	asks      bool // somebody can be asked

	apps  []*app
	files []file
	made  int
}

// app is an app whose migrations are written here.
type app struct {
	*folder
	named   bool
	models  state.State    // what the models want
	renames []state.Rename // of this run
	fill    map[plan.Column]string
	start   state.State // after the migrations that are there
	at      state.State // after those that this run has made
	latest  string      // the last migration, those of this run included
}

func (r *run) run(ctx context.Context, labels []string) error {
	if err := r.checkOptions(labels); err != nil {
		return err
	}
	if err := r.collect(labels); err != nil {
		return err
	}
	var err error
	switch {
	case r.options.snapshot && !r.options.empty:
		err = r.noteSnapshots()
	case r.options.empty:
		err = r.makeEmpty()
	default:
		err = r.make(ctx)
	}
	if err != nil {
		return err
	}
	return r.finish()
}

func (r *run) checkOptions(labels []string) error {
	o := r.options
	switch {
	case (o.empty || o.snapshot) && len(labels) == 0:
		return command.Usagef("name the app: makemigrations polls --empty, or --snapshot")
	case o.dir != "" && len(labels) != 1:
		return command.Usagef("--dir is the folder of one app: name it too")
	case o.check && (o.empty || o.snapshot):
		return command.Usagef("--check writes nothing: leave out --empty and --snapshot")
	case strings.Trim(o.name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		return command.Usagef("--name is %q: write small letters, digits and _", o.name)
	}
	for _, flag := range o.defaults {
		if name, value, _ := strings.Cut(flag, "="); strings.TrimSpace(value) == "" || strings.Count(name, ".") != 2 {
			return command.Usagef("--default is %q: write app.model.column=SQL, as in polls.question.rank=0", flag)
		}
	}
	for _, label := range labels {
		if _, ok := r.project.App(label); !ok {
			return command.Usagef("there is no app %q in this project", label)
		}
	}
	return nil
}

// collect reads the apps of this module: those not named, too, because the others may refer to them.
func (r *run) collect(labels []string) error {
	m, err := findModule(r.root)
	if err != nil && r.options.dir == "" {
		return err
	}
	for _, a := range r.project.Apps() {
		named := slices.Contains(labels, a.Label)
		dir, err := r.dirOf(m, a, named)
		switch {
		case err == nil:
		case named:
			return fmt.Errorf("the app %q %w", a.Label, err)
		case errors.Is(err, errElsewhere), errors.Is(err, errNoFolder), errors.Is(err, errByHand):
			continue
		default:
			return fmt.Errorf("the app %q %w", a.Label, err)
		}
		functions, err := functionsOf(r.project, a)
		if err != nil {
			return err
		}
		f, err := list(a.Label, dir, r.shown(dir), functions)
		if err != nil {
			return err
		}
		r.apps = append(r.apps, &app{folder: f, named: named || len(labels) == 0, fill: map[plan.Column]string{}})
	}
	return r.readAll()
}

// errByHand says that an app wants no generated migrations.
var errByHand = errors.New("writes its migrations by hand: HandMigrated in its core.App says so")

func (r *run) dirOf(m *module, a core.App, named bool) (string, error) {
	switch {
	case a.HandMigrated:
		return "", errByHand
	case named && r.options.dir != "":
		return filepath.Abs(r.options.dir)
	case m == nil:
		return "", errElsewhere
	}
	return m.folderOf(r.project, a.Label)
}

// functionsOf names an app's migrations that are functions in Go. Those in SQL are files, which are read where they lie.
func functionsOf(p *core.Project, a core.App) ([]string, error) {
	if a.Migrations == nil {
		return nil, nil
	}
	all, err := a.Migrations.Migrations(p.DB().Dialect().Name())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range all {
		if m.Up != nil {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// readAll reads the snapshots and the models.
func (r *run) readAll() error {
	var errs []error
	for _, a := range r.apps {
		if !r.options.snapshot || !a.named {
			errs = append(errs, a.read())
		}
		var err error
		a.models, err = state.Of(r.project, a.app)
		errs = append(errs, err)
		a.latest = a.last()
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	states, history := map[string]state.State{}, map[string][]state.Rename{}
	for _, a := range r.apps {
		states[a.app], history[a.app] = a.state, a.history
	}
	for _, a := range r.apps {
		a.start = a.state.Clone()
		a.start.FollowOthers(states, history)
		a.at = a.start
	}
	return nil
}

// selected are the apps to work on.
func (r *run) selected() []*app {
	return slices.DeleteFunc(slices.Clone(r.apps), func(a *app) bool { return !a.named })
}

// make makes the migrations that the models want.
func (r *run) make(ctx context.Context) error {
	if err := r.findRenames(ctx); err != nil {
		return err
	}
	for _, a := range r.selected() {
		if err := r.settle(ctx, a); err != nil {
			return err
		}
	}
	if err := r.useUp(); err != nil {
		return err
	}
	return r.emitAll()
}

// finish writes the files, or says what would be written.
func (r *run) finish() error {
	switch {
	case r.made == 0:
		if r.verbosity > 0 {
			r.env.Printf("Nothing to do: the migrations lead to what the models say.\n")
		}
		return nil
	case r.options.check:
		return errors.New("the models want what no migration does: run makemigrations and commit what it writes")
	case r.options.dryRun:
		for _, f := range r.files {
			r.env.Printf("\n%s:\n\n%s", r.shown(f.path), f.text)
		}
		return nil
	}
	return writeAll(r.files)
}
