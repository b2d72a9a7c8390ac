package password

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/go-belleville/belleville/core/forms"
)

// MinimumLength refuses short passwords with the code "password_too_short"; the parameter
// "min_length" is the least length.
type MinimumLength struct {
	Min int // in characters, not bytes; 0 means 8
}

var (
	_ Validator = MinimumLength{}
	_ Checker   = MinimumLength{}
)

// Validate implements [Validator].
func (v MinimumLength) Validate(_ context.Context, raw string, _ []Attribute) error {
	if err := v.Check(); err != nil {
		return err
	}
	if utf8.RuneCountInString(raw) >= v.least() {
		return nil
	}
	return &forms.Error{
		Code:    "password_too_short",
		Message: "This password is too short: it needs at least " + v.characters() + ".",
		Params:  map[string]any{"min_length": v.least()},
	}
}

// HelpText implements [Validator].
func (v MinimumLength) HelpText() string {
	return "The password needs at least " + v.characters() + "."
}

// Check implements [Checker].
func (v MinimumLength) Check() error {
	if v.Min < 0 {
		return fmt.Errorf("password: MinimumLength.Min is %d: set it to the number of characters that a password needs", v.Min)
	}
	return nil
}

func (v MinimumLength) least() int {
	if v.Min == 0 {
		return 8
	}
	return v.Min
}

func (v MinimumLength) characters() string {
	if v.least() == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", v.least())
}
