package forms

import (
	"context"
	"fmt"
	"slices"
)

// Option is one of the values that a [Choice] offers.
type Option[T comparable] struct {
	Value T
	// Label is what people read; empty prints the value.
	Label string
	// Group puts neighbours of the same group together under it; may be empty.
	Group string
	// Disabled shows the option without letting it be chosen.
	Disabled bool
}

// Choice is the type of one value out of several. A value's text is what fmt.Sprint makes of it,
// and options must differ in it. The error code is invalid_choice.
type Choice[T comparable] struct {
	// Options are what is offered.
	Options []Option[T]
	// Blank is the label of an option for no choice at all, put first in a list; an optional
	// field has one in any case.
	Blank string
}

// Clean implements [Type].
func (c Choice[T]) Clean(_ context.Context, in Input) (T, bool, error) {
	v, ok := pick(c.Options, in.Text())
	if in.Text() == "" && !ok {
		return v, true, nil
	}
	if !ok {
		return v, false, newError("invalid_choice", map[string]any{"value": in.Text()})
	}
	return v, false, nil
}

// pick finds the option whose text it is.
func pick[T comparable](options []Option[T], text string) (v T, ok bool) {
	for _, o := range options {
		if !o.Disabled && fmt.Sprint(o.Value) == text {
			return o.Value, true
		}
	}
	return v, false
}

// Texts implements [Type].
func (c Choice[T]) Texts(v T) []string { return []string{fmt.Sprint(v)} }

// Widget returns a list to choose from.
func (c Choice[T]) Widget() Widget { return Select{Blank: c.Blank} }

// Items returns the options for a widget.
func (c Choice[T]) Items() []Item { return itemsOf(c.Options) }

// MultipleChoice is the type of any number of values out of several, in the order of the options.
// The error code is invalid_choice.
type MultipleChoice[T comparable] struct {
	// Options are what is offered.
	Options []Option[T]
}

// Clean implements [Type].
func (m MultipleChoice[T]) Clean(_ context.Context, in Input) ([]T, bool, error) {
	for _, text := range in.Values {
		if _, ok := pick(m.Options, text); !ok {
			return nil, false, newError("invalid_choice", map[string]any{"value": text})
		}
	}
	var chosen []T
	for _, o := range m.Options {
		if !o.Disabled && slices.Contains(in.Values, fmt.Sprint(o.Value)) {
			chosen = append(chosen, o.Value)
		}
	}
	return chosen, len(chosen) == 0, nil
}

// Texts implements [Type].
func (m MultipleChoice[T]) Texts(v []T) []string {
	texts := make([]string, len(v))
	for i := range v {
		texts[i] = fmt.Sprint(v[i])
	}
	return texts
}

// Widget returns a box to tick for each option.
func (m MultipleChoice[T]) Widget() Widget { return Checkboxes{} }

// Items returns the options for a widget.
func (m MultipleChoice[T]) Items() []Item { return itemsOf(m.Options) }

func itemsOf[T comparable](options []Option[T]) []Item {
	items := make([]Item, len(options))
	for i, o := range options {
		items[i] = Item{Value: fmt.Sprint(o.Value), Label: o.Label, Group: o.Group, Disabled: o.Disabled}
		if o.Label == "" {
			items[i].Label = items[i].Value
		}
	}
	return items
}
