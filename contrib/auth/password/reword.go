package password

import (
	"context"

	"github.com/go-belleville/belleville/core/forms"
)

// Reword is a validator that judges as another one does and says it in other words: in another
// language, or in a project's own tone.
type Reword struct {
	Validator Validator // must not be nil
	// Message returns the sentence for one refusal; its code and parameters tell which. nil, and an
	// empty sentence, keep the original message. The request's language is in ctx, if anywhere.
	Message func(ctx context.Context, e *forms.Error) string
	Help    string // replaces the help text if not empty
}

var (
	_ Validator   = Reword{}
	_ ChangedHook = Reword{}
	_ Checker     = Reword{}
)

// Validate implements [Validator]. Codes and parameters stay as they are.
func (v Reword) Validate(ctx context.Context, raw string, about []Attribute) error {
	err := v.Validator.Validate(ctx, raw, about)
	if err == nil || v.Message == nil {
		return err
	}
	found, failure := refusals(err)
	if failure != nil {
		return failure
	}
	reworded := make(forms.Errors, len(found))
	for i, e := range found {
		reworded[i] = e
		if message := v.Message(ctx, e); message != "" {
			reworded[i] = &forms.Error{Code: e.Code, Message: message, Params: e.Params}
		}
	}
	return reworded
}

// HelpText implements [Validator].
func (v Reword) HelpText() string {
	if v.Help != "" {
		return v.Help
	}
	return v.Validator.HelpText()
}

// PasswordChanged implements [ChangedHook]: it tells the validator within, if that wants to know.
func (v Reword) PasswordChanged(ctx context.Context, raw string, about []Attribute) error {
	if hook, ok := v.Validator.(ChangedHook); ok {
		return hook.PasswordChanged(ctx, raw, about)
	}
	return nil
}

// Check implements [Checker]: it checks the validator within.
func (v Reword) Check() error {
	return Check([]Validator{v.Validator})
}
