package auth_test

import (
	"bytes"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/command"
)

func TestChangePasswordCommand(t *testing.T) {
	const failed = "the password of 'joe' was not changed: 3 attempts failed"
	cases := func(name string, run func(t *commandTest)) commandCase {
		return commandCase{name, func(t *commandTest) {
			t.has("joe", "qwerty")
			run(t)
		}}
	}
	runCommands(t, "django/auth_tests/test_management.py/ChangepasswordManagementCommandTestCase.", []commandCase{
		cases("test_get_pass", func(t *commandTest) {
			t.calls(typing([]string{"password"}), "changepassword", "joe")
			t.checks(t.user("joe"), "password")
		}),
		cases("test_get_pass_no_input", func(t *commandTest) {
			p := typing([]string{""})
			t.fails("the password was not changed: it was left blank", p, "changepassword", "joe")
			if len(p.asked) != 1 {
				t.Errorf("asked %q, want one question", p.asked)
			}
			t.checks(t.user("joe"), "qwerty")
		}),
		cases("test_system_username", func(t *commandTest) {
			t.has("someone", "qwerty")
			t.system = "someone"
			t.calls(typing([]string{"new_password"}), "changepassword")
			t.checks(t.user("someone"), "new_password")
			t.checks(t.user("joe"), "qwerty")
		}),
		cases("test_nonexistent_username", func(t *commandTest) {
			t.fails("there is no user 'test'", typing(nil), "changepassword", "test")
		}),
		cases("test_that_changepassword_command_changes_joes_password", func(t *commandTest) {
			t.calls(typing([]string{"not qwerty"}), "changepassword", "joe")
			t.wrote("Changing the password of 'joe'\nThe password of 'joe' was changed.\n", "")
			t.checks(t.user("joe"), "not qwerty")
		}),
		cases("test_that_max_tries_exits_1", func(t *commandTest) {
			p := typing([]string{"one"})
			p.answers[askAgain] = []string{"two"}
			t.fails(failed, p, "changepassword", "joe")
			if len(p.asked) != 6 {
				t.Errorf("asked %d times, want 6", len(p.asked))
			}
			p = typing([]string{"one"})
			p.answers[askAgain] = []string{"two"}
			var stderr bytes.Buffer
			if code := t.Main(t.Context(), &command.Env{Prompter: p, Stderr: &stderr}, []string{"changepassword", "--skip-checks", "joe"}); code != 1 {
				t.Errorf("exit status %d, want 1", code)
			}
		}),
		cases("test_password_validation", func(t *commandTest) {
			t.fails(failed, typing([]string{"1234567890"}), "changepassword", "joe")
			const text = "This password consists of digits only.\n"
			t.wrote("Changing the password of 'joe'\n", text+text+text)
			t.checks(t.user("joe"), "qwerty")
		}),
		cases("test_that_changepassword_command_works_with_nonascii_output", func(t *commandTest) {
			t.has("J\u00falia", "qwerty")
			t.calls(typing([]string{"not qwerty"}), "changepassword", "J\u00falia")
			t.wrote("Changing the password of 'J\u00falia'\nThe password of 'J\u00falia' was changed.\n", "")
		}),
	})
}

func TestRowsOfCommands(t *testing.T) {
	runCommands(t, "row/", []commandCase{
		{"K03", func(t *commandTest) {
			p := typing([]string{"not-the-same", "a-password"}, askUsername, "no spaces", askUsername, "", askUsername, "ada", askEmail, "nobody", askEmail, "")
			p.answers[askAgain][0] = "other"
			t.calls(p, "createsuperuser")
			t.wrote(created, "Error: A user name consists of letters, digits and the signs @ . + - _ only.\n"+
				"Error: the username cannot be blank.\n"+
				"Error: This is not an e-mail address such as name@example.com.\n"+
				"Error: the two passwords are not the same.\n")
			u := t.user("ada").(*auth.User)
			t.checks(u, "a-password")
			if !u.IsSuperuser || !u.IsStaff || !u.IsActive || u.Email != "" {
				t.Errorf("%+v", u)
			}
		}},
		{"K04", func(t *commandTest) {
			p := typing([]string{"a-password"}, askUsername, "ada", askEmail, "ada@EXAMPLE.com")
			t.calls(p, "create_superuser")
			t.wrote(created, "")
			if u := t.user("ada"); t.users.Email(u) != "ada@example.com" {
				t.Errorf("%+v", u)
			}
		}},
		{"K05", func(t *commandTest) {
			t.has("ada", "old")
			p := typing([]string{"first", "second"})
			p.answers[askAgain][0] = "other"
			t.system = "ada"
			t.calls(p, "changepassword")
			t.wrote("Changing the password of 'ada'\nThe password of 'ada' was changed.\n", "The two passwords are not the same. Please try again.\n")
			t.checks(t.user("ada"), "second")
		}},
	})
}
