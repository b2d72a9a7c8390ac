package core_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/command"
)

func TestUserCommands(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*commandRun){
		"CommandTests.test_command": func(r *commandRun) {
			r.prints("dance", "I don't feel like dancing Rock'n'Roll.\n")
		},
		"CommandTests.test_command_style": func(r *commandRun) {
			r.prints("dance --style=Jive", "I don't feel like dancing Jive.\n")
			r.prints("dance --style Jive", "I don't feel like dancing Jive.\n")
		},
		"CommandTests.test_explode": func(r *commandRun) {
			r.refuses("explode", `there is no command "explode"`)
		},
		"CommandTests.test_system_exit": func(r *commandRun) {
			var exit *command.Exit
			if err := r.call("dance --example=raise"); !errors.As(err, &exit) || exit.Code != 3 {
				r.Errorf("from code the error is %v, want exit status 3", err)
			}
			if code := r.types("dance --example=raise"); code != 3 || r.stderr != "error: the dance was called off\n" {
				r.Errorf("typed: exit status %d, stderr %q", code, r.stderr)
			}
		},
		"CommandTests.test_call_command_option_parsing": func(r *commandRun) {
			r.prints("dance --opt-3", "option3=true")
			if strings.Contains(r.stdout, "opt-3") {
				r.Errorf("stdout %q", r.stdout)
			}
		},
		"CommandTests.test_calling_a_command_with_only_empty_parameter_should_ends_gracefully": func(r *commandRun) {
			r.prints("hal --empty", "Dave, I can't do that.\n")
		},
		"CommandTests.test_calling_command_with_app_labels_and_parameters_should_be_ok": func(r *commandRun) {
			r.prints("hal myapp --verbosity 3", "Dave, my mind is going. I can feel it. I can feel it.\n")
		},
		"CommandTests.test_calling_command_with_parameters_and_app_labels_at_the_end_should_be_ok": func(r *commandRun) {
			r.prints("hal --verbosity 3 myapp", "Dave, my mind is going. I can feel it. I can feel it.\n")
		},
		"CommandTests.test_calling_a_command_with_no_app_labels_and_parameters_raise_command_error": func(r *commandRun) {
			r.refuses("hal", "I'm sorry Dave")
		},
		"CommandTests.test_output_transaction": func(r *commandRun) {
			for _, line := range []string{"sqlmigrate user_commands 0001", "sqlmigrate user_commands 0001 --backwards"} {
				r.prints(line, " TABLE x")
				if !strings.HasPrefix(r.stdout, "BEGIN;") || !strings.HasSuffix(strings.TrimSpace(r.stdout), "COMMIT;") {
					r.Errorf("%s prints %q", line, r.stdout)
				}
			}
		},
		"CommandTests.test_call_command_no_checks": func(r *commandRun) {
			r.prints("dance --verbosity=0")
			if len(r.ran) != 0 {
				r.Errorf("the checks %q ran", r.ran)
			}
			r.prints("dance --verbosity=0 --skip-checks=false")
			if !slices.Equal(r.ran, []string{"staticfiles", "models", "other"}) {
				r.Errorf("the checks %q ran, want each once", r.ran)
			}
		},
		"CommandTests.test_check_migrations": func(r *commandRun) {
			r.prints("dance")
			if r.stderr != "" {
				r.Errorf("stderr %q", r.stderr)
			}
			r.prints("migrations_checked")
			if r.stderr != "1 migration(s) are not applied yet: run `manage migrate`.\n" {
				r.Errorf("stderr %q", r.stderr)
			}
		},
		"CommandTests.test_call_command_unrecognized_option": func(r *commandRun) {
			r.refuses("dance --unrecognized=1", "dance: unknown flag: --unrecognized; `help dance` lists the options")
			r.refuses("dance --unrecognized=1 --unrecognized2=1", "unknown flag: --unrecognized")
		},
		"CommandTests.test_call_command_with_required_parameters_in_options": func(r *commandRun) {
			r.prints("required_option --need-me=foo --needme2=bar", "need-me=foo", "needme2=bar")
			r.refuses("required_option --need-me=foo", "required_option: give --needme2")
		},
		"CommandTests.test_call_command_with_required_parameters_in_mixed_options": func(r *commandRun) {
			r.prints("required_option --need-me=foo --needme2 bar", "need-me=foo", "needme2=bar")
		},
		"CommandTests.test_command_add_arguments_after_common_arguments": func(r *commandRun) {
			r.prints("common_args --own --skip-checks", "own=true", "skip-checks=true")
		},
		"CommandTests.test_requires_system_checks_empty": func(r *commandRun) {
			if code := r.types("no_system_checks"); code != 0 || len(r.ran) != 0 {
				r.Errorf("exit status %d, the checks %q ran", code, r.ran)
			}
		},
		"CommandTests.test_requires_system_checks_specific": func(r *commandRun) {
			r.prints("specific_system_checks --skip-checks=false")
			if !slices.Equal(r.ran, []string{"staticfiles", "models"}) {
				r.Errorf("the checks %q ran", r.ran)
			}
		},
		"CommandRunTests.test_disallowed_abbreviated_options": func(r *commandRun) {
			if code := r.types("set_option --set foo"); code != 0 || r.stderr != "" || r.stdout != "set=foo\nargs=[]\n" {
				r.Errorf("exit status %d, stdout %q, stderr %q", code, r.stdout, r.stderr)
			}
		},
		"CommandRunTests.test_skip_checks": func(r *commandRun) {
			r.broken = true
			if code := r.types("set_option --set foo"); code != 1 || !strings.Contains(r.stderr, "staticfiles.E001") || r.stdout != "" {
				r.Errorf("with a mistake: exit status %d, stdout %q, stderr %q", code, r.stdout, r.stderr)
			}
			if code := r.types("set_option --skip-checks --set foo"); code != 0 || r.stderr != "" || !strings.Contains(r.stdout, "set=foo\n") {
				r.Errorf("exit status %d, stdout %q, stderr %q", code, r.stdout, r.stderr)
			}
		},
	} {
		t.Run("django/user_commands/tests.py/"+name, func(t *testing.T) {
			t.Parallel()
			run(newCommandRun(t))
		})
	}
}

func TestUserCommandGroups(t *testing.T) {
	t.Parallel()
	values := map[string]string{"append_const": "[42]", "const": "31", "count": "1", "flag_false": "false", "flag_true": "true"}
	for name, run := range map[string]func(*commandRun){
		"test_mutually_exclusive_group_required_options": func(r *commandRun) {
			r.prints("mutually_exclusive_required --foo-id=1", "foo-id=1")
			r.prints("mutually_exclusive_required --foo-name=foo", "foo-name=foo")
			r.refuses("mutually_exclusive_required", "mutually_exclusive_required: give one of --foo-id, --foo-name, --foo-list, --append_const, --const, --count, --flag_false, --flag_true")
			r.refuses("mutually_exclusive_required --foo-id=1 --const", "give only one of --foo-id, --const")
		},
		"test_mutually_exclusive_group_required_const_options": func(r *commandRun) {
			for _, name := range constantNames {
				want := name + "=" + values[name]
				r.prints("mutually_exclusive_required --"+name, want)
				r.prints("mutually_exclusive_required --"+name+"="+strings.Trim(values[name], "[]"), want)
			}
		},
		"test_mutually_exclusive_group_required_with_same_dest_options": func(r *commandRun) {
			// From code as from a terminal options have the names of their flags, so that none is mistaken for another.
			r.refuses("mutually_exclusive_required_with_same_dest --for=1 --until=2", "give only one of --for, --until")
			r.refuses("mutually_exclusive_required_with_same_dest", "give one of --for, --until")
		},
		"test_mutually_exclusive_group_required_with_same_dest_args": func(r *commandRun) {
			for _, args := range []string{"--until=1", "--until 1", "--for=1", "--for 1"} {
				r.prints("mutually_exclusive_required_with_same_dest "+args, "=1\n")
			}
		},
		"test_required_list_option": func(r *commandRun) {
			for _, name := range []string{"mutually_exclusive_required", "required_list_option"} {
				r.prints(name+" --foo-list=1,2", "foo-list=[1,2]")
				r.prints(name+" --foo-list=1 --foo-list=2", "foo-list=[1,2]")
			}
			r.refuses("required_list_option", "give --foo-list")
		},
		"test_required_const_options": func(r *commandRun) {
			line, want := "required_constant_option", ""
			for _, name := range constantNames {
				line += " --" + name
				want += name + "=" + values[name] + "\n"
			}
			r.prints(line, want)
			r.refuses("required_constant_option --const", "give --append_const")
		},
		"test_subparser": func(r *commandRun) {
			r.prints("subparser foo 12", `args=["12"]`)
		},
		"test_subparser_dest_args": func(r *commandRun) {
			r.prints("subparser_dest foo --bar=12", "bar=12")
		},
		"test_subparser_dest_required_args": func(r *commandRun) {
			r.prints("subparser_required foo_1 foo_2 --bar=12", "bar=12")
			r.refuses("subparser_required foo_1", "subparser_required foo_1 needs one of the commands foo_2")
		},
		"test_subparser_invalid_option": func(r *commandRun) {
			r.refuses("subparser test 12", `subparser has no command "test": choose from foo`)
			r.refuses("subparser_dest", "subparser_dest needs one of the commands foo")
			r.refuses("subparser_dest --bar=12 foo", "unknown flag: --bar")
		},
	} {
		t.Run("django/user_commands/tests.py/CommandTests."+name, func(t *testing.T) {
			t.Parallel()
			run(newCommandRun(t))
		})
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{
		"":                                0,
		"help":                            0,
		"dance --help":                    0,
		"help subparser foo":              0,
		"dance":                           0,
		"explode":                         1,
		"help explode":                    1,
		"hal":                             1,
		"dance --nonsense":                2,
		"no_system_checks argument":       2,
		"subparser":                       2,
		"check --fail-level=NONSENSE":     2,
		"check --tag=nonsense":            2,
		"check":                           0,
		"check --tag=models":              0,
		"migrate nosuch":                  1,
		"migrate --check":                 1,
		"showmigrations nosuch":           2,
		"showmigrations --plan --list":    2,
		"sqlmigrate user_commands 0002":   1,
		"sqlmigrate user_commands":        2,
		"dance --example=raise":           3,
		"dance --skip-checks=maybe":       2,
		"required_option --need-me=1":     2,
		"mutually_exclusive_required":     2,
		"no_system_checks --skip-checks":  2,
		"specific_system_checks -- --set": 2,
	} {
		t.Run(fmt.Sprintf("%q", line), func(t *testing.T) {
			t.Parallel()
			r := newCommandRun(t)
			if got := r.types(line); got != want {
				t.Errorf("the exit status is %d, want %d\nstdout: %s\nstderr: %s", got, want, r.stdout, r.stderr)
			}
		})
	}
}
