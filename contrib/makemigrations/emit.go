package makemigrations

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/plan"
	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// emitAll makes the migrations, those first that others need. Apps that need each other get one
// migration without the foreign keys of the circle and another one with them.
func (r *run) emitAll() error {
	waiting := r.selected()
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, func(a *app) bool { return len(r.obstacles(a)) == 0 })
		if i >= 0 {
			a := waiting[i]
			waiting = slices.Delete(waiting, i, i+1)
			if err := r.emit(a, a.models); err != nil {
				return err
			}
			continue
		}
		before := r.made
		for _, a := range waiting {
			if err := r.emit(a, r.possible(a)); err != nil {
				return err
			}
			if r.made > before {
				break
			}
		}
		if r.made == before {
			return errors.New(strings.Join(r.obstacles(waiting[0]), "\n"))
		}
	}
	return nil
}

// appOf returns the app of a label, nil for one that is not looked after here.
func (r *run) appOf(label string) *app {
	for _, a := range r.apps {
		if a.app == label {
			return a
		}
	}
	return nil
}

// blocked reports whether a foreign key refers to a table of another app that is not made yet.
func (r *run) blocked(a *app, fk state.ForeignKey) bool {
	other := r.appOf(fk.App)
	return other != nil && other != a && (other.at.Table(fk.Table) == nil || other.at.Table(fk.Table).Column(fk.To) == nil)
}

// referred names an app whose tables, as they are now, refer to a table of another one.
func (r *run) referred(a *app, table string) string {
	for _, other := range r.apps {
		for _, t := range other.at.Tables {
			if other != a && slices.ContainsFunc(t.ForeignKeys, func(fk state.ForeignKey) bool { return fk.App == a.app && fk.Table == table }) {
				return other.app
			}
		}
	}
	return ""
}

// obstacles says what keeps the models of an app from being reached at once.
func (r *run) obstacles(a *app) []string {
	var found []string
	for _, t := range a.models.Tables {
		for _, fk := range t.ForeignKeys {
			if r.blocked(a, fk) {
				found = append(found, fmt.Sprintf("%s refers to %s, which no migration of %s makes: run makemigrations for %s too", t.Name, fk.Table, fk.App, fk.App))
			}
		}
	}
	for _, t := range a.at.Tables {
		if other := r.referred(a, t.Name); other != "" && a.models.Table(r.renamed(a, t.Name)) == nil {
			found = append(found, fmt.Sprintf("the table %s cannot be dropped: %s still refers to it; run makemigrations for %s too", t.Name, other, other))
		}
	}
	return found
}

// renamed is the name of a table after the renames that are still to come.
func (r *run) renamed(a *app, table string) string {
	for _, rename := range a.renames {
		if rename.Table == "" && rename.From == table {
			table = rename.To
		}
	}
	return table
}

// possible is what the models want as far as it can be reached now.
func (r *run) possible(a *app) state.State {
	target := a.models.Clone()
	for i := range target.Tables {
		t := &target.Tables[i]
		t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(fk state.ForeignKey) bool { return r.blocked(a, fk) })
	}
	for _, t := range a.at.Clone().Tables {
		if r.referred(a, t.Name) != "" && target.Table(r.renamed(a, t.Name)) == nil {
			target.Tables = append(target.Tables, t)
		}
	}
	return target
}

// emit makes the migration that leads an app to a state, and another one for indexes that are to be
// made outside a transaction. Nothing is made when the app is there.
func (r *run) emit(a *app, target state.State) error {
	renames := a.renames
	a.renames = nil
	from := a.at.Clone()
	for _, rename := range renames {
		from.Apply(rename)
		for _, other := range r.apps {
			if other != a {
				other.at.Apply(rename) // the database does the same to foreign keys
			}
		}
	}
	between := target.Clone()
	concurrent := false
	for i := range between.Tables {
		t := &between.Tables[i]
		old := from.Table(t.Name)
		if old == nil {
			continue
		}
		t.Indexes = slices.DeleteFunc(t.Indexes, func(idx state.Index) bool {
			later := idx.Concurrently && !slices.ContainsFunc(old.Indexes, func(o state.Index) bool {
				return o.Name == idx.Name && o.Where == idx.Where && slices.Equal(o.Columns, idx.Columns)
			})
			concurrent = concurrent || later
			return later
		})
	}
	if err := r.step(a, plan.Step{From: a.at, To: between, Renames: renames, Fill: a.fill}); err != nil {
		return err
	}
	if !concurrent {
		return nil
	}
	return r.step(a, plan.Step{From: a.at, To: target, Concurrently: true})
}

// step makes one migration unless it would do nothing.
func (r *run) step(a *app, step plan.Step) error {
	changes, err := step.Changes()
	if err != nil {
		return err
	}
	if len(changes)+len(step.Renames) == 0 {
		return nil
	}
	if err := step.Err(); err != nil {
		return fmt.Errorf("%w\nWrite these changes by hand: makemigrations %s --empty --snapshot", err, a.app)
	}
	name := nameOf(a.latest == "", r.options.name, step, changes)
	m := &migration{app: a, name: numberedName(numberOf(a.latest)+1, name), step: step, changes: changes}
	if m.requires, err = r.requires(a, step); err != nil {
		return err
	}
	files, err := m.texts()
	if err != nil {
		return fmt.Errorf("%s.%s: %w", a.app, m.name, err)
	}
	r.announce(m)
	r.files = append(r.files, files...)
	r.made++
	a.at, a.latest = step.To, m.name
	return nil
}

// announce says what a migration does.
func (r *run) announce(m *migration) {
	if r.verbosity == 0 {
		return
	}
	r.env.Printf("%s.%s in %s\n", m.app.app, m.name, m.app.shown)
	for _, rename := range m.step.Renames {
		r.env.Printf("  %s\n", renameText(rename))
	}
	for _, c := range m.changes {
		r.env.Printf("  %s\n", c.Text)
	}
	if m.noWay != "" {
		r.env.Printf("  There is no way back, since %s\n", m.noWay)
	}
}

// requires names the migrations of other apps that come first: those that make what foreign keys refer to,
// and those that let go of tables that are dropped.
func (r *run) requires(a *app, step plan.Step) ([]string, error) {
	var labels []string
	for _, t := range step.To.Tables {
		old := step.From.Table(t.Name)
		for _, fk := range t.ForeignKeys {
			same := func(o state.ForeignKey) bool { return o.Column == fk.Column && o.App == fk.App && o.Table == fk.Table }
			if fk.App != a.app && (old == nil || !slices.ContainsFunc(old.ForeignKeys, same)) {
				labels = append(labels, fk.App)
			}
		}
	}
	for _, t := range step.From.Tables {
		if step.To.Table(t.Name) != nil {
			continue
		}
		for _, other := range r.apps {
			if other != a && other.latest != other.last() && refersTo(other.start, a.app, t.Name) {
				labels = append(labels, other.app)
			}
		}
	}
	slices.Sort(labels)
	var names []string
	for _, label := range slices.Compact(labels) {
		latest, err := r.latestOf(label)
		if err != nil {
			return nil, err
		}
		if latest != "" {
			names = append(names, label+"."+latest)
		}
	}
	return names, nil
}

func refersTo(s state.State, app, table string) bool {
	for _, t := range s.Tables {
		if slices.ContainsFunc(t.ForeignKeys, func(fk state.ForeignKey) bool { return fk.App == app && fk.Table == table }) {
			return true
		}
	}
	return false
}

// latestOf is the last migration of an app; empty when it has none.
func (r *run) latestOf(label string) (string, error) {
	if a := r.appOf(label); a != nil {
		return a.latest, nil
	}
	a, _ := r.project.App(label)
	if a.Migrations == nil {
		return "", nil
	}
	all, err := a.Migrations.Migrations(r.project.DB().Dialect().Name())
	if err != nil || len(all) == 0 {
		return "", err
	}
	last := all[0].Name
	for _, m := range all[1:] {
		if numberOf(m.Name) > numberOf(last) {
			last = m.Name
		}
	}
	return last, nil
}

// makeEmpty makes migrations whose statements are written by hand.
func (r *run) makeEmpty() error {
	for _, a := range r.selected() {
		name := r.options.name
		if name == "" {
			name = "by_hand"
		}
		name = numberedName(a.next(), name)
		s := a.state.Clone()
		if r.options.snapshot {
			s = a.models.Clone()
			s.KeepNames(a.state)
			s.Base = len(a.names) > 0 && a.kept[a.last()] == nil
		}
		s.App, s.After, s.Renamed = a.app, a.last(), nil
		text, err := s.Encode()
		if err != nil {
			return err
		}
		r.files = append(r.files,
			file{a.path(name + ".sql"), []byte(emptyText)},
			file{a.path(name + snapshotEnd), text})
		r.env.Printf("%s.%s in %s\n", a.app, name, a.shown)
		r.made++
	}
	return nil
}

// emptyText is what an empty migration begins with.
const emptyText = `-- Write the statements here. Where the databases differ, rename this file from .sql to .sqlite.sql and
-- write another one that ends in .postgres.sql. The way back goes into a file that ends in .down.sql.
`

// noteSnapshots writes the snapshot of the last migration when it has none.
func (r *run) noteSnapshots() error {
	for _, a := range r.selected() {
		last := a.last()
		if last == "" {
			return fmt.Errorf("%s: there is no migration that a snapshot could belong to", a.app)
		}
		if a.kept[last] != nil {
			return fmt.Errorf("%s: the migration %s has a snapshot, %s: delete it first if it is wrong", a.app, last, a.label(last))
		}
		s := a.models.Clone()
		s.App = a.app
		if n := len(a.names); n > 1 {
			s.After = a.names[n-2]
			s.Base = a.kept[s.After] == nil
			if !s.Base {
				old, err := state.Decode(a.kept[s.After])
				if err != nil {
					return err
				}
				s.KeepNames(old)
			}
		}
		text, err := s.Encode()
		if err != nil {
			return err
		}
		r.files = append(r.files, file{a.path(last + snapshotEnd), text})
		r.env.Printf("%s: the snapshot of %s is what the models say now: %s\n", a.app, last, a.label(last))
		r.made++
	}
	return nil
}
