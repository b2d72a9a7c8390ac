package password

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/core/forms"
)

// CommonPassword refuses the passwords of a list with the code "password_too_common". White space
// around a password and the case of its letters make no difference.
type CommonPassword struct {
	List *List // nil means the built-in list of some 50,000, unpacked when first needed
}

var (
	_ Validator = CommonPassword{}
	_ Checker   = CommonPassword{}
)

// Validate implements [Validator]. It fails if the list cannot be read.
func (v CommonPassword) Validate(_ context.Context, raw string, _ []Attribute) error {
	found, err := v.list().Contains(raw)
	if err != nil {
		return err
	}
	if !found {
		return nil
	}
	return &forms.Error{Code: "password_too_common", Message: "Too many people use this password."}
}

// HelpText implements [Validator].
func (CommonPassword) HelpText() string {
	return "The password must not be one that many people use."
}

// Check implements [Checker]: it reads the list.
func (v CommonPassword) Check() error {
	n, err := v.list().Len()
	if err == nil && n == 0 {
		err = errors.New("password: the list of CommonPassword is empty: fill it, or leave List nil for the built-in one")
	}
	return err
}

func (v CommonPassword) list() *List {
	if v.List == nil {
		return builtin
	}
	return v.List
}
