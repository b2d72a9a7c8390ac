package forms

import (
	"context"
	"strconv"
	"strings"
)

// Integer is the type of a whole number. The error codes are invalid, min_value and max_value.
type Integer struct {
	// Min and Max are the limits, both allowed; nil means none.
	Min, Max *int64
}

// Clean implements [Type]. A fraction of zeros is taken: some devices send 5.0 for 5.
func (i Integer) Clean(_ context.Context, in Input) (int64, bool, error) {
	s := strings.TrimSpace(in.Text())
	if s == "" {
		return 0, true, nil
	}
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return 0, false, withCode("invalid", newError("invalid_number", nil))
	case i.Min != nil && n < *i.Min:
		return 0, false, newError("min_value", map[string]any{"min": *i.Min, "value": n})
	case i.Max != nil && n > *i.Max:
		return 0, false, newError("max_value", map[string]any{"max": *i.Max, "value": n})
	}
	return n, false, nil
}

// Texts implements [Type].
func (i Integer) Texts(v int64) []string { return []string{strconv.FormatInt(v, 10)} }

// Widget returns a line for a number.
func (i Integer) Widget() Widget { return Line{Type: "number"} }

// Attrs returns min and max.
func (i Integer) Attrs() Attrs {
	a := Attrs{}
	if i.Min != nil {
		a["min"] = strconv.FormatInt(*i.Min, 10)
	}
	if i.Max != nil {
		a["max"] = strconv.FormatInt(*i.Max, 10)
	}
	return a
}

// Boolean is the type of a box that is ticked or not. When the field is not optional, it must be
// ticked.
type Boolean struct{}

// Clean implements [Type]. Nothing, "false", "off" and "0" are false, anything else is true.
func (Boolean) Clean(_ context.Context, in Input) (bool, bool, error) {
	v := ticked(in.Text())
	return v, !v, nil
}

func ticked(text string) bool {
	switch strings.ToLower(text) {
	case "", "false", "off", "0":
		return false
	}
	return true
}

// Texts implements [Type].
func (Boolean) Texts(v bool) []string {
	if v {
		return []string{"on"}
	}
	return nil
}

// Widget returns a box to tick.
func (Boolean) Widget() Widget { return Checkbox{} }
