package djangocheck

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// userTable is the table of the project's user model.
type userTable struct {
	name, pk string
	model    string // the Go type, for people
	readable bool   // the columns that are read below are there
}

// lookAtUserModel compares the project's user model with its table and with Django's.
func (r *run) lookAtUserModel(ctx context.Context) error {
	typ := reflect.TypeOf(r.auth.Users().New())
	model := r.db.Dialect().Tables().Get(typ)
	t := userTable{name: model.Name, model: typ.Elem().String()}
	if len(model.PKs) > 0 {
		t.pk = model.PKs[0].Name
	}
	django, err := r.adminsUserTable(ctx)
	if err != nil {
		return err
	}
	if !r.schema.has(t.name) {
		others := r.tablesLikeUsers()
		if django != "" {
			others = []string{django}
		}
		r.add("E020", "Name the struct of Django's AUTH_USER_MODEL in auth.NewUsers, with its table in the bun tag; docs/beside-django.md shows one.",
			"There is no table %s for the user model %s; Django's users seem to be in: %s.", t.name, t.model, orNone(others))
		return nil
	}
	if django != "" && django != t.name {
		r.add("E021", "Name the struct of Django's AUTH_USER_MODEL in auth.NewUsers, with its table in the bun tag.",
			"The users of Django's admin are in the table %s, this project's (%s) in %s: they are other people.", django, t.model, t.name)
	}
	var missing, own []string
	for _, f := range model.Fields {
		own = append(own, f.Name)
		if !r.schema.has(t.name, f.Name) {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) > 0 {
		r.add("E022", "Take the fields out of the struct, or add the columns with a migration of Django's model.",
			"The table %s lacks %d column(s) of the user model %s: %s.", t.name, len(missing), t.model, few(missing))
	}
	var required []string
	for _, name := range slices.Sorted(maps.Keys(r.schema[t.name])) {
		if r.schema[t.name][name].Required && !slices.Contains(own, name) {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		r.add("W024", "Add the fields to the struct, or let the database have defaults for them.",
			"No user can be made here, because the table %s wants values for column(s) that the user model %s lacks: %s.", t.name, t.model, few(required))
	}
	t.readable = t.pk != "" && r.schema.has(t.name, t.pk, "password", "last_login")
	r.userTable = t
	r.lookAtJoins()
	return nil
}

// lookAtJoins looks for the tables of the users' groups and permissions.
func (r *run) lookAtJoins() {
	model, _ := r.project.ModelOf(r.auth.Users().New())
	for _, j := range model.Joins {
		if !r.schema.has(j.Table, j.Sides[0].Column, j.Sides[1].Column) {
			r.add("E023", "Give the struct the name of Django's model, or the table its name: Django makes both names from them.",
				"There is no table %s with the columns %s and %s, so nobody has groups or permissions.", j.Table, j.Sides[0].Column, j.Sides[1].Column)
		}
	}
}

// tablesLikeUsers are the tables that look like those of user models.
func (r *run) tablesLikeUsers() []string {
	var all []string
	for _, table := range slices.Sorted(maps.Keys(r.schema)) {
		if r.schema.has(table, "password", "last_login") {
			all = append(all, table)
		}
	}
	return all
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "no table that could be found"
	}
	return strings.Join(names, ", ")
}
