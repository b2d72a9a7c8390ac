package makemigrations

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/plan"
	"github.com/go-belleville/belleville/core/command"
)

// ask asks a person.
func (r *run) ask(ctx context.Context, prompt string) (string, error) {
	return r.env.Prompt().Ask(ctx, prompt)
}

// settle gives an app's indexes and constraints their names and finds out what has to be known before
// anything is written: what may be dropped, and which values the rows get that are there already.
func (r *run) settle(ctx context.Context, a *app) error {
	from := a.start.Clone()
	for _, rename := range a.renames {
		from.Apply(rename)
	}
	a.models.KeepNames(from)
	changes, err := plan.Compare(from, a.models)
	if err != nil || r.options.check {
		return err
	}
	for _, c := range changes {
		switch c.Kind {
		case plan.DropTable:
			err = r.mayDrop(ctx, a, from.Table(c.Table).Model, "the table "+c.Table+" with all its rows")
		case plan.DropColumn:
			err = r.mayDrop(ctx, a, a.models.Table(c.Table).Model+"."+c.Old.Name, "the column "+c.Old.Name+" of "+c.Table+" with all its values")
		case plan.AddColumn, plan.ModifyColumn:
			err = r.findValue(ctx, a, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mayDrop returns an error unless something may be dropped.
func (r *run) mayDrop(ctx context.Context, a *app, name, what string) error {
	if r.options.allowDrop {
		return nil
	}
	if !r.asks {
		return fmt.Errorf("%s.%s is in no model any more: --allow-drop drops %s, --rename %s.%s=NEW renames it", a.app, name, what, a.app, name)
	}
	yes, err := r.yes(ctx, "Drop %s? [y/N] ", what)
	if err != nil || yes {
		return err
	}
	return fmt.Errorf("nothing is written, since %s is to stay: put it back into the models", what)
}

// findValue finds a value for the rows that are there already, when a column needs one.
func (r *run) findValue(ctx context.Context, a *app, c plan.Change) error {
	model := a.models.Table(c.Table).Model
	label := a.app + "." + model + "." + c.New.Name
	adds := c.Kind == plan.AddColumn && !c.New.Null && c.New.Default == "" && !c.New.Identity
	narrows := c.Kind == plan.ModifyColumn && c.Old.Null && !c.New.Null && c.New.Default == ""
	if !adds && !narrows {
		return nil
	}
	var err error
	value := r.given(label)
	switch {
	case value != "":
	case !r.asks && narrows:
		return nil // the migration fails, and loses nothing, when there are such rows
	case !r.asks:
		return fmt.Errorf("%s may not be NULL and has no default, so the rows that are there already need a value: give --default %s=SQL, such as 0 or \"'none'\", or take notnull out of its tag", label, label)
	case narrows:
		value, err = r.ask(ctx, fmt.Sprintf("%s may no longer be NULL. A value, as SQL, for the rows that have NULL\n(0, 'none', …; nothing: the migration stops when there are any): ", label))
	default:
		for value == "" && err == nil {
			value, err = r.ask(ctx, fmt.Sprintf("%s may not be NULL and has no default. A value, as SQL, for the rows that are\nthere already (0, 'none', current_timestamp, …): ", label))
			value = strings.TrimSpace(value)
		}
	}
	if err != nil {
		return err
	}
	if value = strings.TrimSpace(value); value != "" {
		a.fill[plan.Column{Table: c.Table, Column: c.New.Name}] = value
	}
	return nil
}

// given is the value that a flag gives for a column.
func (r *run) given(label string) string {
	for _, flag := range r.options.defaults {
		if name, value, _ := strings.Cut(flag, "="); name == label {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// useUp refuses flags that were of no use: they are typing errors.
func (r *run) useUp() error {
	for _, flag := range r.options.defaults {
		label, _, _ := strings.Cut(flag, "=")
		used := false
		for _, a := range r.apps {
			for c := range a.fill {
				t := a.models.Table(c.Table)
				used = used || t != nil && label == a.app+"."+t.Model+"."+c.Column
			}
		}
		if !used {
			return command.Usagef("--default %s: no new column of that name needs a value", flag)
		}
	}
	return nil
}
