package auth_test

import (
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/password"
)

const superuserCases = "django/auth_tests/test_management.py/CreatesuperuserManagementCommandTestCase."

// joeOptions are the options that a superuser needs without questions.
var joeOptions = []string{"--noinput", "--username=joe", "--email=joe@somewhere.org"}

func TestCreateSuperuserWithoutQuestions(t *testing.T) {
	environment := func(t *commandTest, values ...string) {
		for _, value := range values {
			name, value, _ := strings.Cut(value, "=")
			t.env["DJANGO_SUPERUSER_"+name] = value
		}
	}
	runCommands(t, superuserCases, []commandCase{
		{"test_no_email_argument", func(t *commandTest) {
			t.fails("with --noinput, give --email or DJANGO_SUPERUSER_EMAIL", nil, "createsuperuser", "--noinput", "--username=joe")
		}},
		{"test_basic_usage", func(t *commandTest) {
			t.calls(nil, "createsuperuser", joeOptions...)
			t.wrote(created, "")
			u := t.user("joe").(*auth.User)
			if u.Email != "joe@somewhere.org" || t.users.HasUsablePassword(u) || !u.IsSuperuser || !u.IsStaff || !u.IsActive {
				t.Errorf("%+v", u)
			}
		}},
		{"test_validate_username", func(t *commandTest) {
			t.fails("A user name consists of letters, digits and the signs @ . + - _ only.", nil,
				"createsuperuser", "--noinput", "--username=🤠", "--email=joe@somewhere.org")
		}},
		{"test_verbosity_zero", func(t *commandTest) {
			t.calls(nil, "createsuperuser", append(joeOptions, "--verbosity=0")...)
			t.wrote("", "")
			if u := t.user("joe"); t.users.Email(u) != "joe@somewhere.org" || t.users.HasUsablePassword(u) {
				t.Errorf("%+v", u)
			}
		}},
		{"test_email_in_username", func(t *commandTest) {
			t.calls(nil, "createsuperuser", "--noinput", "--username=joe+admin@somewhere.org", "--email=joe@somewhere.org", "-v0")
			if u := t.user("joe+admin@somewhere.org"); t.users.Email(u) != "joe@somewhere.org" || t.users.HasUsablePassword(u) {
				t.Errorf("%+v", u)
			}
		}},
		{"test_passing_stdin", func(t *commandTest) {
			// What a command reads from is what it was given; without it there is nothing to read.
			p := typing([]string{"a-password"}, askEmail, "")
			t.calls(p, "createsuperuser", "--username=janet")
			if len(p.asked) != 3 {
				t.Errorf("asked %q, want the address and the password twice", p.asked)
			}
			t.calls(nil, "createsuperuser", append(joeOptions, "-v0")...)
			t.user("joe")
		}},
		{"test_blank_username_non_interactive", func(t *commandTest) {
			t.fails("the username cannot be blank.", typing(nil), "createsuperuser", "--noinput", "--username=")
		}},
		{"test_blank_email_allowed_non_interactive", func(t *commandTest) {
			t.calls(nil, "createsuperuser", "--noinput", "--email=", "--username=joe")
			t.wrote(created, "")
			if u := t.user("joe"); t.users.Email(u) != "" {
				t.Errorf("%+v", u)
			}
		}},
		{"test_blank_email_allowed_non_interactive_environment_variable", func(t *commandTest) {
			environment(t, "EMAIL=")
			t.calls(nil, "createsuperuser", "--noinput", "--username=joe")
			t.wrote(created, "")
			if u := t.user("joe"); t.users.Email(u) != "" {
				t.Errorf("%+v", u)
			}
		}},
		{"test_existing_username_non_interactive", func(t *commandTest) {
			t.has("janet", "")
			t.fails("that username is taken already.", nil, "createsuperuser", "--noinput", "--username=janet", "--email=")
		}},
		{"test_environment_variable_non_interactive", func(t *commandTest) {
			environment(t, "PASSWORD=test_password", "USERNAME=test_superuser", "EMAIL=joe@somewhere.org", "FIRST_NAME=ignored")
			t.calls(nil, "createsuperuser", "--noinput", "-v0")
			u := t.user("test_superuser").(*auth.User)
			t.checks(u, "test_password")
			if u.Email != "joe@somewhere.org" || u.FirstName != "" {
				t.Errorf("%+v", u)
			}
		}},
		{"test_ignore_environment_variable_non_interactive", func(t *commandTest) {
			environment(t, "USERNAME=test_superuser", "EMAIL=joe@somewhere.org")
			t.calls(nil, "createsuperuser", "--noinput", "--username=cmd_superuser", "--email=cmd@somewhere.org", "-v0")
			if u := t.user("cmd_superuser"); t.users.Email(u) != "cmd@somewhere.org" || t.users.HasUsablePassword(u) {
				t.Errorf("%+v", u)
			}
		}},
		{"test_skip_if_not_in_TTY", func(t *commandTest) {
			t.calls(nil, "createsuperuser")
			if !strings.HasPrefix(t.stdout, "No superuser was made: there is no terminal to ask at.") || t.count("auth_user", "1 = 1") != 0 {
				t.Errorf("stdout %q, %d users", t.stdout, t.count("auth_user", "1 = 1"))
			}
		}},
	})
}

func TestCreateSuperuserAsks(t *testing.T) {
	runCommands(t, superuserCases, []commandCase{
		{"test_default_username", func(t *commandTest) {
			t.system = "joe"
			t.calls(typing([]string{"password"}, "Username (leave blank to use 'joe'): ", "", askEmail, ""), "createsuperuser")
			t.wrote(created, "")
			t.user("joe")
		}},
		{"test_password_validation", func(t *commandTest) {
			t.calls(typing([]string{"1234567890", "password"}, askUsername, "joe1234567890", askEmail, "", askBypass, "n"), "createsuperuser")
			t.wrote(created, "This password consists of digits only.\n")
			t.checks(t.user("joe1234567890"), "password")
		}},
		{"test_password_validation_bypass", func(t *commandTest) {
			t.calls(typing([]string{"1234567890"}, askUsername, "joe1234567890", askEmail, "", askBypass, "y"), "createsuperuser")
			t.wrote(created, "This password consists of digits only.\n")
			t.checks(t.user("joe1234567890"), "1234567890")
		}},
		{"test_blank_username", func(t *commandTest) {
			t.fails("the username cannot be blank.", typing(nil), "createsuperuser", "--username=")
		}},
		{"test_invalid_username", func(t *commandTest) {
			t.calls(typing([]string{"password"}, askUsername, strings.Repeat("x", 150)+"y", askUsername, "janet", askEmail, ""), "createsuperuser")
			t.wrote(created, "Error: the username has at most 150 characters; this one has 151.\n")
			t.user("janet")
		}},
		{"test_keyboard_interrupt", func(t *commandTest) {
			t.fails("Operation cancelled.", typing(nil, askUsername, ctrlC), "createsuperuser")
			t.wrote("", "")
		}},
		{"test_existing_username", func(t *commandTest) {
			t.has("janet", "")
			t.calls(typing([]string{"password"}, askUsername, "janet", askUsername, "joe", askEmail, ""), "createsuperuser")
			t.wrote(created, "Error: that username is taken already.\n")
			t.user("joe")
		}},
		{"test_existing_username_provided_via_option_and_interactive", func(t *commandTest) {
			t.has("janet", "")
			t.calls(typing([]string{"password"}, askUsername, "janet1", askEmail, "test@test.com"), "createsuperuser", "--username=janet")
			t.wrote(created, "Error: that username is taken already.\n")
			t.user("janet1")
		}},
		{"test_validation_mismatched_passwords", func(t *commandTest) {
			p := typing([]string{"password", "password2"}, askUsername, "joe1234567890", askEmail, "")
			p.answers[askAgain][0] = "not password"
			t.calls(p, "createsuperuser")
			t.wrote(created, "Error: the two passwords are not the same.\n")
			t.checks(t.user("joe1234567890"), "password2")
		}},
		{"test_validation_blank_password_entered", func(t *commandTest) {
			t.calls(typing([]string{"", "password2"}, askUsername, "joe1234567890", askEmail, ""), "createsuperuser")
			t.wrote(created, "Error: a blank password is not allowed.\n")
			t.checks(t.user("joe1234567890"), "password2")
		}},
		{"test_ignore_environment_variable_interactive", func(t *commandTest) {
			t.env["DJANGO_SUPERUSER_PASSWORD"] = "test_password"
			t.env["DJANGO_SUPERUSER_USERNAME"] = "test_superuser"
			t.env["DJANGO_SUPERUSER_EMAIL"] = "joe@somewhere.org"
			t.calls(typing([]string{"cmd_password"}), "createsuperuser", "--username=cmd_superuser", "--email=cmd@somewhere.org", "-v0")
			u := t.user("cmd_superuser")
			t.checks(u, "cmd_password")
			if t.users.Email(u) != "cmd@somewhere.org" {
				t.Errorf("%+v", u)
			}
		}},
		{"test_validate_password_against_username", func(t *commandTest) {
			t.with((*auth.User)(nil), password.UserAttributeSimilarity{})
			t.calls(typing([]string{"supremelycomplex", "superduperunguessablepassword"}, askUsername, "supremelycomplex", askEmail, "", askBypass, "n"), "createsuperuser")
			t.wrote(created, "This password is too much like the username.\n")
		}},
		{"test_non_ascii_verbose_name", func(t *commandTest) {
			// A model's own word for the name is the name of its column.
			t.with((*uzivatel)(nil))
			t.system = "foo"
			t.calls(typing([]string{"nopasswd"}, "Uživatel (leave blank to use 'foo'): ", "foo"), "createsuperuser")
			t.wrote(created, "")
		}},
	})
}

func TestDefaultUsername(t *testing.T) {
	offers := func(t *commandTest, prompt string) {
		t.Helper()
		if err := t.call(typing(nil, prompt, ctrlC), "createsuperuser"); err == nil || err.Error() != "Operation cancelled." {
			t.Errorf("with the system's user %q: %v, want the question %q", t.system, err, prompt)
		}
	}
	runCommands(t, "django/auth_tests/test_management.py/GetDefaultUsernameTestCase.", []commandCase{
		{"test_simple", func(t *commandTest) {
			t.system = "joe"
			offers(t, "Username (leave blank to use 'joe'): ")
		}},
		{"test_existing", func(t *commandTest) {
			t.has("joe", "")
			t.system = "joe"
			offers(t, askUsername)
		}},
		{"test_i18n", func(t *commandTest) {
			t.system = "J\u00falia"
			offers(t, "Username (leave blank to use 'julia'): ")
		}},
		{"test_getuser_raises_exception", func(t *commandTest) {
			t.system = "" // what core/command.SystemUser returns then
			offers(t, askUsername)
		}},
	})
}
