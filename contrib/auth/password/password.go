// Package password decides which passwords people may choose.
//
// A policy is a list of validators, in the order in which people read what they say. [Default] is
// the policy of a new Django project. Whoever sets a password asks [Validate] first, shows
// [HelpHTML] beside the input, and calls [Changed] when the new password has been stored:
//
//	policy := password.Default()
//	about := []password.Attribute{{Name: "username", Label: "user name", Value: "john"}}
//	if err := password.Validate(ctx, policy, raw, about); err != nil { … }
//
// Any type with the two methods of [Validator] can stand in the list; package passwordtest tests
// it. [Reword] changes the words of any validator, [FromSettings] reads Django's setting.
//
// The package hashes nothing, stores nothing, and never puts a password into an error.
package password

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core/forms"
)

// Attribute is one thing that is known of the person whose password is being set.
type Attribute struct {
	Name  string // the column: "username", "first_name", "last_name", "email", …
	Label string // what people call it: "e-mail address"; empty means Name
	Value string // empty if not known
}

// Validator judges passwords. It is made once and used by many requests at a time. It may also
// implement [ChangedHook] and [Checker].
type Validator interface {
	// Validate returns nil for a password that may be used. A *forms.Error or non-empty forms.Errors
	// says why it may not; any other error says that the validator could not tell, and the password is
	// not set. about may be empty, and raw any bytes of any length; neither is kept or changed, and
	// raw does not appear in the error.
	Validate(ctx context.Context, raw string, about []Attribute) error
	// HelpText says beforehand what is asked for: a sentence in plain text.
	HelpText() string
}

// ChangedHook is implemented by validators that want to know which passwords were set, to refuse
// them another time for example.
type ChangedHook interface {
	// PasswordChanged is called after raw has been stored. raw must not be kept as it is.
	PasswordChanged(ctx context.Context, raw string, about []Attribute) error
}

// Checker is implemented by validators that can be set up wrongly.
type Checker interface {
	// Check returns what is wrong with the settings, as a sentence that says how to put it right.
	// It may read files.
	Check() error
}

var errNoReason = errors.New("the password was refused without a reason: return a *forms.Error or nothing")

// Validate asks all validators of the list and returns all that they hold against the password, as
// forms.Errors in the order of the list. An empty list allows every password. If a validator fails,
// the error is another one and wraps what the validator returned: the password has not been judged.
func Validate(ctx context.Context, list []Validator, raw string, about []Attribute) error {
	var problems forms.Errors
	for _, v := range list {
		err := v.Validate(ctx, raw, about)
		if err == nil {
			continue
		}
		found, failure := refusals(err)
		if failure != nil {
			return fmt.Errorf("password: %T: %w", v, failure)
		}
		problems = append(problems, found...)
	}
	return problems.Err()
}

// refusals returns the reasons that err consists of, or the failure that it is instead. A refusal
// without a reason, such as a nil pointer, is a failure too: the password may be one to refuse.
func refusals(err error) (reasons forms.Errors, failure error) {
	var one *forms.Error
	switch {
	case errors.As(err, &reasons):
	case errors.As(err, &one):
		reasons = forms.Errors{one}
	default:
		return nil, err
	}
	if len(reasons) == 0 || slices.Contains(reasons, nil) {
		return nil, errNoReason
	}
	return reasons, nil
}

// Changed tells every validator which is a [ChangedHook] that raw has been stored. All are told;
// their errors are returned together.
func Changed(ctx context.Context, list []Validator, raw string, about []Attribute) error {
	var failures []error
	for _, v := range list {
		hook, ok := v.(ChangedHook)
		if !ok {
			continue
		}
		if err := hook.PasswordChanged(ctx, raw, about); err != nil {
			failures = append(failures, fmt.Errorf("password: %T: %w", v, err))
		}
	}
	return errors.Join(failures...)
}

// Check returns everything that the validators of the list find wrong with their settings. Call it
// once at the start: [Validate] fails as long as it returns an error.
func Check(list []Validator) error {
	var failures []error
	for i, v := range list {
		if v == nil {
			failures = append(failures, fmt.Errorf("password: validator %d of the list is nil: remove it or name one", i+1))
			continue
		}
		if c, ok := v.(Checker); ok {
			failures = append(failures, c.Check())
		}
	}
	return errors.Join(failures...)
}

// HelpTexts returns the help texts of the list, in its order.
func HelpTexts(list []Validator) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = v.HelpText()
	}
	return texts
}

// HelpHTML returns the help texts, escaped, as an unordered list; nothing for an empty list.
func HelpHTML(list []Validator) template.HTML {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<ul>")
	for _, text := range HelpTexts(list) {
		b.WriteString("<li>" + template.HTMLEscapeString(text) + "</li>")
	}
	b.WriteString("</ul>")
	return template.HTML(b.String())
}

// Default returns a new list with the four validators of a new Django project, in its order.
func Default() []Validator {
	return []Validator{UserAttributeSimilarity{}, MinimumLength{}, CommonPassword{}, Numeric{}}
}
