package forms

import "strings"

// Error says why a value was refused: a code for programs and tests, a sentence for people.
// The zero value is not useful. It is read-only once made and safe for concurrent use.
type Error struct {
	// Code names the reason and is Django's where Django has one ("required", "invalid_login").
	Code string
	// Message is a whole sentence in plain text, ready to be shown (and escaped) on a page.
	Message string
	// Params are the numbers and names that the message was made from; may be nil.
	Params map[string]any
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Errors is a list of reasons in the order in which they were found.
// A nil Errors means that nothing was refused; return it as a nil error by way of [Errors.Err].
type Errors []*Error

// Error returns the messages, one a line.
func (es Errors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Message
	}
	return strings.Join(texts, "\n")
}

// Err returns nil for an empty list and the list itself otherwise.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// Has reports whether one of the errors carries the code.
func (es Errors) Has(code string) bool {
	for _, e := range es {
		if e.Code == code {
			return true
		}
	}
	return false
}
