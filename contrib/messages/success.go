package messages

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-belleville/belleville/core/web"
)

// SuccessMessage says that a form was accepted: the last thing a form's view does before its
// redirect, or a form's Save at its end, what SuccessMessageMixin is in Django. Each {name} in text
// stands for a clean value of the form, and it is an error to name one that is not given:
//
//	err := messages.SuccessMessage(ctx, "{name} was added.", web.Data{"name": form.Name.Value})
//
// An empty text says nothing. As in every text, what a visitor typed is escaped when it is shown.
func SuccessMessage(ctx context.Context, text string, values web.Data) error {
	text, err := fill(text, values)
	if err != nil {
		return err
	}
	return Success(ctx, text)
}

// fill replaces each {name}. A brace that begins no name stays as it is.
func fill(text string, values web.Data) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsFunc(name, notInName) {
			b.WriteByte('{')
			text = rest
			continue
		}
		value, given := values[name]
		if !given {
			return "", fmt.Errorf("messages: the success message names {%s}, which it was not given", name)
		}
		fmt.Fprint(&b, value)
		text = after
	}
}

func notInName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
