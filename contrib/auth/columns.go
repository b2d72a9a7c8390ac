package auth

import (
	"strconv"
	"strings"
)

// UsernameLabel returns what people call the column by which users log in: "username",
// "e-mail address".
func (us *Users) UsernameLabel() string { return labelOf(us.model.username.Name) }

// UsernameMaxLength returns how many characters the column by which users log in can hold, as its
// bun tag says ("type:varchar(150)"), and 0 when that says nothing.
func (us *Users) UsernameMaxLength() int { return varcharLength(us.model.username.UserSQLType) }

// varcharLength reads the length out of "varchar(150)", 0 for any other type.
func varcharLength(sqlType string) int {
	rest, found := strings.CutPrefix(strings.ToLower(sqlType), "varchar(")
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	if !found || err != nil || n < 0 {
		return 0
	}
	return n
}
