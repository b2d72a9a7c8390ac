package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
)

// The longest names that the tables hold, in characters.
const (
	maxCodename  = 100
	maxPermName  = 255
	maxModelName = 100
)

// check looks at the user model, the backends, the hashers and the models' permissions.
func (a *Auth) check(context.Context) []check.Message {
	var found []check.Message
	found = append(found, a.checkUserModel()...)
	found = append(found, a.checkConfig()...)
	for _, m := range a.project.models {
		found = append(found, checkPermissions(m)...)
	}
	return found
}

func (a *Auth) checkUserModel() []check.Message {
	m := a.users.model
	object := m.typ.String()
	var found []check.Message
	if slices.Contains(m.required, m.username.Name) {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E002", Object: object,
			Text: fmt.Sprintf("RequiredFields names %q, the field that users log in by.", m.username.Name),
			Hint: "Take it out of RequiredFields: createsuperuser asks for it anyway."})
	}
	if !m.username.Tag.HasOption("unique") {
		level, id := check.Warning, "auth.W004"
		if a.onlyModelBackend() {
			level, id = check.Error, "auth.E003"
		}
		found = append(found, check.Message{Level: level, ID: id, Object: object,
			Text: fmt.Sprintf("Users log in by %q, which is not unique.", m.username.Name),
			Hint: "Add `unique` to the field's bun tag, and the index to a migration."})
	}
	return found
}

func (a *Auth) onlyModelBackend() bool {
	if len(a.backends) != 1 {
		return false
	}
	_, ok := a.backends[0].(*ModelBackend)
	return ok
}

func (a *Auth) checkConfig() []check.Message {
	var found []check.Message
	if len(a.backends) == 0 {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E101", Text: ErrNoBackends.Error()})
	}
	seen := map[string]bool{}
	for _, b := range a.backends {
		if seen[b.Name()] {
			found = append(found, check.Message{Level: check.Error, ID: "auth.E102",
				Text: fmt.Sprintf("Two backends have the name %q.", b.Name()),
				Hint: "Sessions could not tell them apart: give one of them another name."})
		}
		seen[b.Name()] = true
	}
	for _, problem := range a.users.hashers.Problems() {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E103", Text: problem})
	}
	return found
}

// checkPermissions finds permissions of a model that the tables cannot hold or tell apart.
func checkPermissions(m core.Model) []check.Message {
	var found []check.Message
	add := func(id, format string, args ...any) {
		found = append(found, check.Message{Level: check.Error, ID: id, Object: m.Label(), Text: fmt.Sprintf(format, args...)})
	}
	if len([]rune(m.Name)) > maxModelName {
		add("contenttypes.E005", "The name of the model is longer than %d characters.", maxModelName)
	}
	builtin := len(m.AllPermissions()) - len(m.Permissions)
	seen := map[string]bool{}
	for i, p := range m.AllPermissions() {
		switch {
		case i < builtin:
			found = append(found, checkBuiltin(m, p)...)
		case seen[p.Codename] && isBuiltin(m, builtin, p.Codename):
			add("auth.E005", "The permission %q clashes with the one that every model has.", p.Codename)
		case seen[p.Codename]:
			add("auth.E006", "The permission %q is declared twice.", p.Codename)
		}
		if i >= builtin && len([]rune(p.Name)) > maxPermName {
			add("auth.E008", "The name of the permission %q is longer than %d characters.", p.Codename, maxPermName)
		}
		if i >= builtin && len([]rune(p.Codename)) > maxCodename {
			add("auth.E012", "The codename %q is longer than %d characters.", p.Codename, maxCodename)
		}
		seen[p.Codename] = true
	}
	return found
}

func isBuiltin(m core.Model, builtin int, codename string) bool {
	return slices.ContainsFunc(m.AllPermissions()[:builtin], func(p core.Permission) bool { return p.Codename == codename })
}

func checkBuiltin(m core.Model, p core.Permission) []check.Message {
	switch {
	case len([]rune(p.Name)) > maxPermName:
		return []check.Message{{Level: check.Error, ID: "auth.E007", Object: m.Label(),
			Text: fmt.Sprintf("The verbose name is too long: %q has more than %d characters.", p.Name, maxPermName)}}
	case len([]rune(p.Codename)) > maxCodename:
		return []check.Message{{Level: check.Error, ID: "auth.E011", Object: m.Label(),
			Text: fmt.Sprintf("The name of the model is too long: %q has more than %d characters.", p.Codename, maxCodename)}}
	}
	return nil
}
