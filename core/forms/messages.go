package forms

import (
	"fmt"
	"slices"
	"strings"
)

// newError makes an error with the usual sentence of its code.
func newError(code string, params map[string]any) *Error {
	return &Error{Code: code, Message: fill(sentence(code), params), Params: params}
}

// sentence returns what people are told when the field has no message of its own. Where a code
// needs other words for other types, they have names of their own here; see [withCode].
func sentence(code string) string {
	switch code {
	case "required":
		return "Please fill this in."
	case "required_tick":
		return "Please tick this box."
	case "required_choice":
		return "Please choose."
	case "required_file":
		return "Please choose a file."
	case "null_characters_not_allowed":
		return "This holds a character that cannot be stored (NUL). Please remove it."
	case "max_length":
		return "Please use at most {max} characters; these are {length}."
	case "min_length":
		return "Please use at least {min} characters; these are {length}."
	case "invalid_email":
		return "Please enter an e-mail address, such as name@example.com."
	case "invalid_number":
		return "Please enter a whole number."
	case "max_value":
		return "Please enter a number of {max} or less."
	case "min_value":
		return "Please enter a number of {min} or more."
	case "invalid_choice":
		return "Please choose one of the options offered."
	case "too_few":
		return "Please enter at least {min}, one a line."
	case "too_many":
		return "Please enter at most {max}, one a line."
	case "duplicate":
		return "“{line}” is there twice."
	case "invalid_file":
		return "No file arrived. Please choose it again."
	case "empty":
		return "This file is empty."
	case "max_size":
		return "This file is too large: {size} bytes, where {max} are allowed."
	case "invalid_extension":
		return "Please choose a file of one of these kinds: {allowed}."
	}
	return "Please enter something else."
}

// fill puts the parameters into a sentence.
func fill(text string, params map[string]any) string {
	if len(params) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var pairs []string
	for name, value := range params {
		pairs = append(pairs, "{"+name+"}", fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// withCode gives the error another code, where one code has different sentences by type.
func withCode(code string, e *Error) *Error {
	return &Error{Code: code, Message: e.Message, Params: e.Params}
}

// attrNames sorts attributes so that a page is always the same.
func attrNames(a Attrs) []string {
	names := make([]string, 0, len(a))
	for name := range a {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
