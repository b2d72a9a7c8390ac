package auth

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
)

// The longest names that the table holds, in characters.
const (
	maxCodename = 100
	maxPermName = 255
)

// checkPermissions finds permissions of models that the table cannot hold or tell apart.
func (a *Auth) checkPermissions(context.Context) []check.Message {
	var found []check.Message
	for _, m := range a.project.models {
		found = append(found, checkBuiltin(m)...)
		found = append(found, checkCustom(m)...)
	}
	return found
}

// builtin returns the default permissions of a model.
func builtin(m core.Model) []core.Permission {
	all := m.AllPermissions()
	return all[:len(all)-len(m.Permissions)]
}

// checkBuiltin looks at the longest of the default permissions.
func checkBuiltin(m core.Model) []check.Message {
	name, codename := 0, 0
	for _, p := range builtin(m) {
		name, codename = max(name, utf8.RuneCountInString(p.Name)), max(codename, utf8.RuneCountInString(p.Codename))
	}
	var found []check.Message
	if name > maxPermName {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E007", Object: m.Label(),
			Text: fmt.Sprintf("The model's VerboseName is too long: at most %d characters leave room for its permissions' names.",
				utf8.RuneCountInString(m.VerboseName)-(name-maxPermName))})
	}
	if codename > maxCodename {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E011", Object: m.Label(),
			Text: fmt.Sprintf("The model's name is too long: at most %d characters leave room for its permissions' codenames.",
				utf8.RuneCountInString(m.Name)-(codename-maxCodename))})
	}
	return found
}

// checkCustom looks at the permissions that the model declares itself.
func checkCustom(m core.Model) []check.Message {
	var found []check.Message
	add := func(id, format string, args ...any) {
		found = append(found, check.Message{Level: check.Error, ID: id, Object: m.Label(), Text: fmt.Sprintf(format, args...)})
	}
	defaults, seen := map[string]bool{}, map[string]bool{}
	for _, p := range builtin(m) {
		defaults[p.Codename] = true
	}
	for _, p := range m.Permissions {
		if utf8.RuneCountInString(p.Name) > maxPermName {
			add("auth.E008", "The name of the permission %q is longer than %d characters.", p.Codename, maxPermName)
		}
		if utf8.RuneCountInString(p.Codename) > maxCodename {
			add("auth.E012", "The codename %q is longer than %d characters.", p.Codename, maxCodename)
		}
		switch {
		case defaults[p.Codename]:
			add("auth.E005", "The permission %q clashes with the one that every model has.", p.Codename)
		case seen[p.Codename]:
			add("auth.E006", "The permission %q is declared twice.", p.Codename)
		}
		seen[p.Codename] = true
	}
	return found
}
