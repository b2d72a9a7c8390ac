package command

import (
	"os/user"
	"strings"
)

// SystemUser returns the name under which the program runs: the first of the environment variables
// LOGNAME, USER, LNAME and USERNAME that is not empty, or what the system says; "" when it cannot say.
// getenv is [os.Getenv] or takes its place.
func SystemUser(getenv func(string) string) string { return systemUser(getenv, user.Current) }

func systemUser(getenv func(string) string, current func() (*user.User, error)) string {
	for _, name := range []string{"LOGNAME", "USER", "LNAME", "USERNAME"} {
		if value := getenv(name); value != "" {
			return value
		}
	}
	u, err := current()
	if err != nil {
		return ""
	}
	return u.Username[strings.LastIndexByte(u.Username, '\\')+1:] // without the domain that Windows puts before it
}
