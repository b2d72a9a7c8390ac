package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/password"
)

func TestCreateSuperuserOfAnotherModel(t *testing.T) {
	born := []string{"--noinput", "--email=joe@somewhere.org", "--date_of_birth=1976-04-01", "--first_name=Joe"}
	const secondTry = "superduperunguessablepassword"
	runCommands(t, superuserCases, []commandCase{
		{"test_swappable_user", func(t *commandTest) {
			t.with((*bornUser)(nil))
			t.calls(nil, "createsuperuser", born...)
			t.wrote(created, "")
			u := t.user("joe@somewhere.org").(*bornUser)
			if got := u.DateOfBirth.Format(time.DateOnly); got != "1976-04-01" || u.FirstName != "Joe" || t.users.HasUsablePassword(u) {
				t.Errorf("born %s, %+v", got, u)
			}
		}},
		{"test_swappable_user_missing_required_field", func(t *commandTest) {
			t.with((*bornUser)(nil))
			t.fails("with --noinput, give --email or DJANGO_SUPERUSER_EMAIL", nil, "createsuperuser", "--noinput")
			if n := t.count("auth_tests_customuser", "1 = 1"); n != 0 {
				t.Errorf("there are %d users", n)
			}
		}},
		{"test_swappable_user_username_non_unique", func(t *commandTest) {
			t.with((*manyNamesakes)(nil))
			for range 2 {
				t.calls(typing([]string{"nopasswd"}, askUsername, "joe"), "createsuperuser", "--email=joe@somewhere.org")
				t.wrote(created, "")
			}
			if n := t.count("auth_tests_nonunique", "username = ?", "joe"); n != 2 {
				t.Errorf("there are %d users of the name, want 2", n)
			}
		}},
		{"test_existing_username_meta_unique_constraint", func(t *commandTest) {
			t.with((*uniqueByRule)(nil))
			t.insert(&uniqueByRule{Username: "janet"})
			t.calls(typing([]string{"password"}, askUsername, "janet", askUsername, "joe"), "createsuperuser")
			t.wrote(created, "Error: that username is taken already.\n")
			t.user("joe")
		}},
		{"test_validate_password_against_required_fields", func(t *commandTest) {
			t.with((*bornUser)(nil), password.UserAttributeSimilarity{})
			t.calls(typing([]string{"josephine", secondTry}, askEmail, "joey@example.com", "First name: ", "josephine",
				"Date of birth: ", "1970-01-01", askBypass, "n"), "createsuperuser")
			t.wrote(created, "This password is too much like the first name.\n")
		}},
		{"test_validate_password_against_required_fields_via_option", func(t *commandTest) {
			t.with((*bornUser)(nil), password.UserAttributeSimilarity{})
			t.calls(typing([]string{"josephine", secondTry}, askBypass, "n"), "createsuperuser",
				"--first_name=josephine", "--date_of_birth=1970-01-01", "--email=joey@example.com")
			t.wrote(created, "This password is too much like the first name.\n")
		}},
		{"test_usermodel_without_password", func(t *commandTest) {
			t.with((*noPasswordUser)(nil))
			t.calls(typing(nil), "createsuperuser", "--noinput", "--username=username")
			t.wrote(created, "")
			t.user("username")
		}},
		{"test_usermodel_without_password_interactive", func(t *commandTest) {
			t.with((*noPasswordUser)(nil))
			t.calls(typing(nil, askUsername, "username"), "createsuperuser")
			t.wrote(created, "")
			t.user("username")
		}},
	})
}

// organise stores an address and a group and returns the options that name them.
func organise(t *commandTest) (address *emailRow, group *auth.Group) {
	t.with((*userWithFK)(nil))
	address, group = &emailRow{Email: "mymail@gmail.com"}, &auth.Group{Name: "mygroup"}
	t.insert(address, group)
	return address, group
}

func TestCreateSuperuserWithForeignKeys(t *testing.T) {
	const noGroup = "there is no group with the id 1."
	username := func(e *emailRow) string { return fmt.Sprintf("--username=%d", e.ID) }
	related := func(t *commandTest, e *emailRow, g *auth.Group) {
		t.Helper()
		t.wrote(created, "")
		if u := t.user(fmt.Sprint(e.ID)).(*userWithFK); u.EmailID != e.Email || u.GroupID != g.ID {
			t.Errorf("%+v", u)
		}
	}
	alone := func(t *commandTest) *emailRow {
		t.with((*userWithFK)(nil))
		e := &emailRow{Email: "mymail@gmail.com"}
		t.insert(e)
		return e
	}
	runCommands(t, superuserCases, []commandCase{
		{"test_fields_with_fk", func(t *commandTest) {
			e, g := organise(t)
			t.calls(nil, "createsuperuser", "--noinput", username(e), "--email="+e.Email, fmt.Sprintf("--group=%d", g.ID))
			related(t, e, g)
			t.fails("there is no e-mail address with the email mymail2@gmail.com.", nil,
				"createsuperuser", "--noinput", username(e), "--email=mymail2@gmail.com")
		}},
		{"test_fields_with_fk_interactive", func(t *commandTest) {
			e, g := organise(t)
			t.calls(typing([]string{"nopasswd"}, "Username (EmailRow.id): ", fmt.Sprint(e.ID), "E-mail address (EmailRow.email): ", e.Email,
				"Group (Group.id): ", fmt.Sprint(g.ID)), "createsuperuser")
			related(t, e, g)
		}},
		{"test_fields_with_fk_via_option_interactive", func(t *commandTest) {
			e, g := organise(t)
			t.calls(typing([]string{"nopasswd"}), "createsuperuser", username(e), "--email="+e.Email, fmt.Sprintf("--group=%d", g.ID))
			related(t, e, g)
		}},
		{"test_validate_fk", func(t *commandTest) {
			e := alone(t)
			t.fails(noGroup, nil, "createsuperuser", "--noinput", username(e), "--email="+e.Email, "--group=1", "-v0")
		}},
		{"test_validate_fk_environment_variable", func(t *commandTest) {
			e := alone(t)
			t.env["DJANGO_SUPERUSER_GROUP"] = "1"
			t.fails(noGroup, nil, "createsuperuser", "--noinput", username(e), "--email="+e.Email, "-v0")
		}},
		{"test_validate_fk_via_option_interactive", func(t *commandTest) {
			e := alone(t)
			t.fails(noGroup, typing([]string{"nopasswd"}, "Username (EmailRow.id): ", fmt.Sprint(e.ID),
				"E-mail address (EmailRow.email): ", e.Email), "createsuperuser", "--group=1", "-v0")
		}},
	})
}

func TestCreateSuperuserWithRelationsToMany(t *testing.T) {
	start := func(t *commandTest) string {
		t.with((*memberOfOrgs)(nil))
		one, two := &organization{Name: "Organization 1"}, &organization{Name: "Organization 2"}
		t.insert(one, two)
		return fmt.Sprintf("%d, %d", one.ID, two.ID)
	}
	related := func(t *commandTest, want int64) {
		t.Helper()
		u := t.user("joe").(*memberOfOrgs)
		if n := t.count("auth_tests_customuserwithm2m_orgs", "memberoforgs_id = ?", u.ID); n != want {
			t.Errorf("the user is in %d organizations, want %d", n, want)
		}
	}
	const askOrgs = "Orgs (Organization.id): "
	runCommands(t, superuserCases, []commandCase{
		{"test_fields_with_m2m", func(t *commandTest) {
			t.calls(nil, "createsuperuser", "--noinput", "--username=joe", "--orgs="+start(t))
			t.wrote(created, "")
			related(t, 2)
		}},
		{"test_environment_variable_m2m_non_interactive", func(t *commandTest) {
			t.env["DJANGO_SUPERUSER_ORGS"] = start(t)
			t.calls(nil, "createsuperuser", "--noinput", "--username=joe")
			t.wrote(created, "")
			related(t, 2)
		}},
		{"test_fields_with_m2m_interactive", func(t *commandTest) {
			orgs := start(t)
			t.calls(typing([]string{"nopasswd"}, askUsername, "joe", askOrgs, orgs), "createsuperuser")
			t.wrote(created, "")
			related(t, 2)
		}},
		{"test_fields_with_m2m_interactive_blank", func(t *commandTest) {
			start(t)
			t.calls(typing([]string{"nopasswd"}, askUsername, "joe", askOrgs, " ", askOrgs, "1"), "createsuperuser")
			t.wrote(created, "Error: the orgs cannot be blank.\n")
			related(t, 1)
		}},
		{"test_fields_with_m2m_and_through", func(t *commandTest) {
			t.with((*memberByMembership)(nil))
			const want = `auth: RequiredFields of auth_test.memberByMembership names "orgs", which is no column, ` +
				`nor a relation to many by a table auth_tests_throughuser_orgs that the model declares in Joins; ` +
				`a table that is a model of its own is not supported`
			t.fails(want, nil, "createsuperuser")
		}},
	})
}

func TestRequiredColumnsOfAllTypes(t *testing.T) {
	good := map[string]string{"whole": "-7", "positive": "200", "broken": "2.5", "yes": "y", "at": "2024-02-29 12:30"}
	runCommands(t, "", []commandCase{
		{"good", func(t *commandTest) {
			t.with((*variedUser)(nil))
			args := []string{"--noinput", "--username=joe", "--maybe="}
			for name, value := range good {
				args = append(args, "--"+name+"="+value)
			}
			t.calls(nil, "createsuperuser", args...)
			u := t.user("joe").(*variedUser)
			if u.Whole != -7 || u.Positive != 200 || u.Broken != 2.5 || !u.Yes || u.Maybe != nil ||
				!u.At.Equal(time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)) {
				t.Errorf("%+v", u)
			}
		}},
		{"bad", func(t *commandTest) {
			t.with((*variedUser)(nil))
			answers := []string{askUsername, "joe"}
			for _, q := range []struct{ prompt, bad, column string }{
				{"Whole: ", "40000", "whole"}, {"Positive: ", "-1", "positive"}, {"Broken: ", "half", "broken"}, {"Yes: ", "perhaps", "yes"}, {"At: ", "noon", "at"},
			} {
				answers = append(answers, q.prompt, q.bad, q.prompt, good[q.column])
			}
			t.calls(typing([]string{"a-password"}, append(answers, "Maybe: ", "2024-02-30", "Maybe: ", "2024-02-28T10:00:00+02:00")...), "createsuperuser")
			t.wrote(created, `Error: the whole cannot be "40000": write a whole number.`+"\n"+
				`Error: the positive cannot be "-1": write a whole number that is not negative.`+"\n"+
				`Error: the broken cannot be "half": write a number.`+"\n"+
				`Error: the yes cannot be "perhaps": write yes or no.`+"\n"+
				`Error: the at cannot be "noon": write a date and time like 1976-04-01 15:30.`+"\n"+
				`Error: the maybe cannot be "2024-02-30": write a date and time like 1976-04-01 15:30.`+"\n")
			u := t.user("joe").(*variedUser)
			if u.Maybe == nil || !u.Maybe.Equal(time.Date(2024, 2, 28, 8, 0, 0, 0, time.UTC)) {
				t.Errorf("%+v", u)
			}
		}},
	})
}
