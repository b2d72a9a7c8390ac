package makemigrations

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

// findRenames finds out which tables and columns are called otherwise: by the flags, by what
// the models say, and by asking.
func (r *run) findRenames(ctx context.Context) error {
	if err := r.checkRenames(); err != nil {
		return err
	}
	for _, a := range r.selected() {
		now := a.start.Clone()
		for _, model := range r.project.Models() {
			if model.AppLabel() == a.app && !model.IsProxy() {
				if err := r.tableRename(ctx, a, now, model); err != nil {
					return err
				}
			}
		}
	}
	return r.columnRenames(ctx)
}

// note remembers a rename and carries it out on the state at hand.
func (a *app) note(now state.State, rename state.Rename) {
	now.Apply(rename)
	a.renames = append(a.renames, rename)
}

// checkRenames refuses flags that cannot mean anything.
func (r *run) checkRenames() error {
	for _, flag := range r.options.renames {
		from, to, ok := strings.Cut(flag, "=")
		parts := strings.Split(from, ".")
		if !ok || to == "" || len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
			return command.Usagef("--rename is %q: write app.model.old=new for a column, app.old=new for a model", flag)
		}
		a := r.appOf(parts[0])
		if a == nil || !a.named {
			return command.Usagef("--rename %s: no migrations are made for an app %q", flag, parts[0])
		}
		if len(parts) == 2 && a.models.TableOf(to) == nil {
			return command.Usagef("--rename %s: the app %s has no model %q", flag, parts[0], to)
		}
	}
	return nil
}

// tableRename renames the table of a model that is called otherwise than in the state.
func (r *run) tableRename(ctx context.Context, a *app, now state.State, model core.Model) error {
	var want *state.Table
	if want = a.models.TableOf(model.Name); want == nil || now.Table(want.Name) != nil {
		return nil
	}
	was, err := r.formerTable(ctx, a, now, model, want)
	if err != nil || was == nil {
		return err
	}
	former := was.Model
	a.note(now, state.Rename{From: was.Name, To: want.Name, Model: model.Name})
	for _, j := range joinRenames(now, a.models, former, model.Name) {
		a.note(now, j)
	}
	return nil
}

// formerTable returns the table that a model's table was; nil when it is a new one.
func (r *run) formerTable(ctx context.Context, a *app, now state.State, model core.Model, want *state.Table) (*state.Table, error) {
	if was := now.TableOf(model.Name); was != nil {
		return was, nil // the model's table has another name now
	}
	gone := func(t *state.Table) bool {
		return t != nil && a.models.TableOf(t.Model) == nil && a.models.Table(t.Name) == nil
	}
	for _, flag := range r.options.renames {
		from, to, _ := strings.Cut(flag, "=")
		if label, old, _ := strings.Cut(from, "."); label == a.app && to == model.Name && !strings.Contains(old, ".") {
			if was := now.TableOf(strings.ToLower(old)); gone(was) {
				return was, nil
			}
			return nil, command.Usagef("--rename %s: %s is no model that has gone", flag, old)
		}
	}
	for _, old := range model.RenamedFrom {
		if was := now.TableOf(old); gone(was) {
			return was, nil
		}
	}
	for i := range now.Tables {
		was := &now.Tables[i]
		if !gone(was) || !alike(was, want) {
			continue
		}
		yes, err := r.yes(ctx, "Was the model %s.%s renamed to %s? [y/N] ", a.app, was.Model, model.Name)
		if err != nil || yes {
			return was, err
		}
	}
	return nil, nil
}

// alike reports whether two tables have the same columns, and no pairs.
func alike(a, b *state.Table) bool {
	if strings.Contains(a.Model, "/") || len(a.Columns) != len(b.Columns) {
		return false
	}
	for _, c := range a.Columns {
		if other := b.Column(c.Name); other == nil || other.Type != c.Type || other.Null != c.Null {
			return false
		}
	}
	return true
}

// joinRenames renames the tables of pairs that come with a renamed model, and their columns.
func joinRenames(now, models state.State, former, model string) []state.Rename {
	var found []state.Rename
	taken := map[string]bool{}
	for _, want := range models.Tables {
		if !strings.HasPrefix(want.Model, model+"/") || now.Table(want.Name) != nil {
			continue
		}
		for _, was := range now.Tables {
			if !strings.HasPrefix(was.Model, former+"/") || taken[was.Name] || models.Table(was.Name) != nil || len(was.ForeignKeys) != len(want.ForeignKeys) {
				continue
			}
			columns, ok := sameSides(was, want)
			if !ok {
				continue
			}
			taken[was.Name] = true
			found = append(found, state.Rename{From: was.Name, To: want.Name, Model: want.Model})
			for _, c := range columns {
				found = append(found, state.Rename{Table: want.Name, From: c[0], To: c[1]})
			}
			break
		}
	}
	return found
}

// sameSides pairs the columns of two tables of pairs that refer to the same tables. It returns
// those that have other names.
func sameSides(was, want state.Table) (renamed [][2]string, ok bool) {
	for _, fk := range want.ForeignKeys {
		i := slices.IndexFunc(was.ForeignKeys, func(o state.ForeignKey) bool { return o.App == fk.App && o.Table == fk.Table })
		if i < 0 {
			return nil, false
		}
		if old := was.ForeignKeys[i].Column; old != fk.Column {
			renamed = append(renamed, [2]string{old, fk.Column})
		}
	}
	return renamed, true
}

// columnRenames finds the renamed columns of the tables that stay.
func (r *run) columnRenames(ctx context.Context) error {
	used := map[string]bool{}
	for _, a := range r.selected() {
		now := a.start.Clone()
		for _, rename := range a.renames {
			now.Apply(rename)
		}
		for i := range a.models.Tables {
			want := &a.models.Tables[i]
			was := now.Table(want.Name)
			if was == nil || strings.Contains(want.Model, "/") {
				continue
			}
			pairs, err := r.pairs(ctx, a, was, want, used)
			if err != nil {
				return err
			}
			for _, rename := range inOrder(was, pairs) {
				a.note(now, rename)
			}
		}
	}
	for _, flag := range r.options.renames {
		if strings.Count(strings.Split(flag, "=")[0], ".") == 2 && !used[flag] {
			return command.Usagef("--rename %s: there is no such column that could have been renamed", flag)
		}
	}
	return nil
}

// pairs returns the renames of a table's columns: those of the flags, and those that the answers say.
func (r *run) pairs(ctx context.Context, a *app, was, want *state.Table, used map[string]bool) ([]state.Rename, error) {
	var found []state.Rename
	gone, come := map[string]bool{}, map[string]bool{}
	for _, flag := range r.options.renames {
		from, to, _ := strings.Cut(flag, "=")
		parts := strings.Split(from, ".")
		if len(parts) == 3 && parts[0] == a.app && parts[1] == want.Model && was.Column(parts[2]) != nil && want.Column(to) != nil {
			used[flag], gone[parts[2]], come[to] = true, true, true
			found = append(found, state.Rename{Table: want.Name, From: parts[2], To: to})
		}
	}
	for _, c := range was.Columns {
		if want.Column(c.Name) != nil || gone[c.Name] {
			continue
		}
		for _, n := range want.Columns {
			if was.Column(n.Name) != nil || come[n.Name] || n.Type != c.Type || n.Null != c.Null {
				continue
			}
			yes, err := r.yes(ctx, "Was %s.%s.%s renamed to %s? [y/N] ", a.app, want.Model, c.Name, n.Name)
			if err != nil {
				return nil, err
			}
			if yes {
				come[n.Name] = true
				found = append(found, state.Rename{Table: want.Name, From: c.Name, To: n.Name})
				break
			}
		}
	}
	return found, nil
}

// inOrder puts renames so that none takes a name that is still in use. Two columns that change
// names go through a third.
func inOrder(t *state.Table, renames []state.Rename) []state.Rename {
	inUse := map[string]bool{}
	for _, c := range t.Columns {
		inUse[c.Name] = true
	}
	var done []state.Rename
	apply := func(r state.Rename) {
		inUse[r.From], inUse[r.To] = false, true
		done = append(done, r)
	}
	for len(renames) > 0 {
		i := slices.IndexFunc(renames, func(r state.Rename) bool { return !inUse[r.To] })
		if i < 0 {
			aside := state.Rename{Table: t.Name, From: renames[0].From, To: "renaming_" + renames[0].From}
			renames[0].From = aside.To
			apply(aside)
			continue
		}
		apply(renames[i])
		renames = slices.Delete(renames, i, i+1)
	}
	return done
}

// yes asks a question; where nobody can be asked the answer is no.
func (r *run) yes(ctx context.Context, format string, args ...any) (bool, error) {
	if !r.asks {
		return false, nil
	}
	answer, err := r.ask(ctx, fmt.Sprintf(format, args...))
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", err
}
