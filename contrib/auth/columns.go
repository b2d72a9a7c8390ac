package auth

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// UsernameLabel returns what people call the column by which users log in: "username",
// "e-mail address".
func (us *Users) UsernameLabel() string { return labelOf(us.model.username.Name) }

// MaxLength returns how many characters a column can hold, as its bun tag says
// ("type:varchar(150)"), and 0 when that says nothing or there is no such column.
func (us *Users) MaxLength(column string) int {
	f := us.model.table.LookupField(column)
	if f == nil {
		return 0
	}
	return varcharLength(f.UserSQLType)
}

// varcharLength reads the length out of "varchar(150)", 0 for any other type.
func varcharLength(sqlType string) int {
	rest, found := strings.CutPrefix(strings.ToLower(sqlType), "varchar(")
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	if !found || err != nil || n < 0 {
		return 0
	}
	return n
}

// HasColumn reports whether the user model has a column.
func (us *Users) HasColumn(column string) bool { return us.model.table.LookupField(column) != nil }

// Text returns a column of a user as text, "" for a visitor and for a model without the column.
func (us *Users) Text(u Account, column string) string {
	return us.model.text(u, us.model.table.LookupField(column))
}

// SetText puts text into a column of a user: a text, a whole number, a date, or what can be made of
// text (encoding.TextUnmarshaler). It saves nothing. [ErrText] says that the column cannot hold the
// text; any other error, that there is no such column. The password is set by
// [Users.SetPassword] only.
func (us *Users) SetText(u Account, column, text string) error {
	v, err := us.model.value(u)
	if err != nil {
		return err
	}
	f := us.model.table.LookupField(column)
	if f == nil || column == passwordColumn {
		return fmt.Errorf("auth: no text can be set in a column %q of %s", column, us.model.typ)
	}
	field := v.FieldByIndex(f.Index)
	switch t := field.Addr().Interface().(type) {
	case *time.Time:
		return setTime(t, column, text)
	case encoding.TextUnmarshaler:
		if err := t.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrText, column, err)
		}
		return nil
	}
	if !isText(f) && !field.CanInt() {
		return fmt.Errorf("auth: no text can be set in a column %q of %s", column, us.model.typ)
	}
	return us.model.setText(v, f, text)
}

// setTime reads a date, or a date and time in UTC or with its zone.
func setTime(t *time.Time, column, text string) error {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			*t = at
			return nil
		}
	}
	return fmt.Errorf("%w: %s holds dates, written as 2006-01-02", ErrText, column)
}

// Hash returns a user's encoded password.
func (us *Users) Hash(u Account) Hash { return u.base().Password }
