package password_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
)

const (
	classSimilarity = "django/auth_tests/test_validators.py/UserAttributeSimilarityValidatorTest."
	classCommon     = "django/auth_tests/test_validators.py/CommonPasswordValidatorTest."
	classLength     = "django/auth_tests/test_validators.py/MinimumLengthValidatorTest."
	classNumeric    = "django/auth_tests/test_validators.py/NumericPasswordValidatorTest."
	classModule     = "django/auth_tests/test_validators.py/PasswordValidationTest."
)

// testclient is the user of Django's cases.
func testclient() []password.Attribute {
	return djangoUser("testclient", "testclient@example.com", "Test", "Client")
}

func accepts(t *testing.T, v password.Validator, raw string, about []password.Attribute) {
	t.Helper()
	if err := v.Validate(t.Context(), raw, about); err != nil {
		t.Errorf("%T.Validate(%q) = %v, want nil", v, raw, err)
	}
}

// refuses wants one refusal with the code and the message.
func refuses(t *testing.T, v password.Validator, raw string, about []password.Attribute, code, message string) {
	t.Helper()
	found := refusals(t, v.Validate(t.Context(), raw, about))
	if len(found) != 1 || found[0].Code != code || found[0].Message != message {
		t.Errorf("%T.Validate(%q) = %v, want one refusal with code %s: %s", v, raw, found, code, message)
	}
}

// settingsOf reads AUTH_PASSWORD_VALIDATORS as Django's cases set it.
func settingsOf(t *testing.T, text string) []password.Validator {
	t.Helper()
	list, err := password.FromSettings(parse(t, text), nil)
	if err != nil {
		t.Fatalf("FromSettings(%s): %v", text, err)
	}
	return list
}

func parse(t *testing.T, text string) []password.Setting {
	t.Helper()
	var settings []password.Setting
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		t.Fatalf("settings %s: %v", text, err)
	}
	return settings
}

const (
	commonSetting = `{"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}`
	caseSettings  = `[` + commonSetting + `, {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
		"OPTIONS": {"min_length": 12}}]`
	tooCommon  = "Too many people use this password."
	allNumeric = "This password consists of digits only."
)

func tooShort(least int) string {
	return fmt.Sprintf("This password is too short: it needs at least %d characters.", least)
}

func tooSimilar(label string) string { return "This password is too much like the " + label + "." }

func TestDjangoSettings(t *testing.T) {
	t.Parallel()
	t.Run(classModule+"test_get_default_password_validators", func(t *testing.T) {
		t.Parallel()
		list := settingsOf(t, caseSettings)
		if len(list) != 2 {
			t.Fatalf("%d validators, want 2", len(list))
		}
		if _, ok := list[0].(password.CommonPassword); !ok {
			t.Errorf("first validator is a %T, want CommonPassword", list[0])
		}
		if v, ok := list[1].(password.MinimumLength); !ok || v.Min != 12 {
			t.Errorf("second validator is %#v, want MinimumLength{12}", list[1])
		}
	})
	t.Run(classModule+"test_get_password_validators_custom", func(t *testing.T) {
		t.Parallel()
		list := settingsOf(t, `[`+commonSetting+`]`)
		if len(list) != 1 {
			t.Fatalf("%d validators, want 1", len(list))
		}
		if _, ok := list[0].(password.CommonPassword); !ok {
			t.Errorf("validator is a %T, want CommonPassword", list[0])
		}
		if list := settingsOf(t, `[]`); list == nil || len(list) != 0 {
			t.Errorf("no setting gives %#v, want an empty list", list)
		}
	})
	t.Run(classModule+"test_get_password_validators_custom_invalid", func(t *testing.T) {
		t.Parallel()
		list, err := password.FromSettings(parse(t, `[{"NAME": "json.tool"}]`), nil)
		const want = "password: AUTH_PASSWORD_VALIDATORS: json.tool: no validator has this name: correct it, or hand over your own under it"
		if list != nil || err == nil || err.Error() != want {
			t.Errorf("FromSettings(json.tool) = %v, %v; want the error %q", list, err, want)
		}
	})
}

func TestDjangoModule(t *testing.T) {
	t.Parallel()
	t.Run(classModule+"test_validate_password", func(t *testing.T) {
		t.Parallel()
		list := settingsOf(t, caseSettings)
		for raw, want := range map[string]forms.Errors{
			"sufficiently-long": nil,
			"django4242":        {{Code: "password_too_short", Message: tooShort(12)}},
			"password":          {{Code: "password_too_common", Message: tooCommon}, {Code: "password_too_short", Message: tooShort(12)}},
		} {
			got := refusals(t, password.Validate(t.Context(), list, raw, nil))
			if !slices.EqualFunc(got, want, func(a, b *forms.Error) bool { return a.Code == b.Code && a.Message == b.Message }) {
				t.Errorf("Validate(%q) = %v, want %v", raw, got, want)
			}
		}
		if err := password.Validate(t.Context(), []password.Validator{}, "password", nil); err != nil {
			t.Errorf("Validate with an empty list = %v, want nil", err)
		}
	})
	t.Run(classModule+"test_password_changed", func(t *testing.T) {
		t.Parallel()
		if err := password.Changed(t.Context(), settingsOf(t, caseSettings), "password", nil); err != nil {
			t.Errorf("Changed = %v, want nil", err)
		}
	})
	t.Run(classModule+"test_password_changed_with_custom_validator", func(t *testing.T) {
		t.Parallel()
		var told []string
		about := []password.Attribute{{Name: "username", Value: "a user"}}
		err := password.Changed(t.Context(), []password.Validator{hook{told: &told}}, "password", about)
		if want := []string{"password", "a user"}; err != nil || !slices.Equal(told, want) {
			t.Errorf("Changed = %v and told %q; want nil, %q", err, told, want)
		}
	})
	t.Run(classModule+"test_password_validators_help_texts", func(t *testing.T) {
		t.Parallel()
		texts := password.HelpTexts(settingsOf(t, caseSettings))
		if len(texts) != 2 || !strings.Contains(texts[1], "12 characters") {
			t.Errorf("HelpTexts = %q, want two, the second with \"12 characters\"", texts)
		}
		if texts := password.HelpTexts(nil); texts == nil || len(texts) != 0 {
			t.Errorf("HelpTexts of an empty list = %#v, want an empty slice", texts)
		}
	})
	t.Run(classModule+"test_password_validators_help_text_html", func(t *testing.T) {
		t.Parallel()
		html := string(password.HelpHTML(settingsOf(t, caseSettings)))
		if strings.Count(html, "<li>") != 2 || !strings.Contains(html, "12 characters") {
			t.Errorf("HelpHTML = %s, want two items with \"12 characters\"", html)
		}
	})
	t.Run(classModule+"test_password_validators_help_text_html_escaping", func(t *testing.T) {
		t.Parallel()
		html := password.HelpHTML([]password.Validator{password.Reword{Validator: password.Numeric{}, Help: "Must contain &"}})
		if want := template.HTML("<ul><li>Must contain &amp;</li></ul>"); html != want {
			t.Errorf("HelpHTML = %s, want %s", html, want)
		}
		var page strings.Builder // a template must not escape it once more
		if err := template.Must(template.New("").Parse("{{.}}")).Execute(&page, html); err != nil || page.String() != string(html) {
			t.Errorf("in a template HelpHTML is %s, %v; want %s", page.String(), err, html)
		}
	})
	t.Run(classModule+"test_empty_password_validator_help_text_html", func(t *testing.T) {
		t.Parallel()
		if html := password.HelpHTML(settingsOf(t, `[]`)); html != "" {
			t.Errorf("HelpHTML of an empty list = %q, want nothing", html)
		}
	})
}

func TestDjangoMinimumLength(t *testing.T) {
	t.Parallel()
	t.Run(classLength+"test_validate", func(t *testing.T) {
		t.Parallel()
		accepts(t, password.MinimumLength{}, "12345678", nil)
		accepts(t, password.MinimumLength{Min: 3}, "123", nil)
		refuses(t, password.MinimumLength{}, "1234567", nil, "password_too_short", tooShort(8))
		refuses(t, password.MinimumLength{Min: 3}, "12", nil, "password_too_short", tooShort(3))
		for least, v := range map[int]password.MinimumLength{8: {}, 3: {Min: 3}} {
			e := refusals(t, v.Validate(t.Context(), "12", nil))[0]
			if e.Params["min_length"] != least || len(e.Params) != 1 {
				t.Errorf("parameters %v, want min_length %d", e.Params, least)
			}
		}
	})
	t.Run(classLength+"test_help_text", func(t *testing.T) {
		t.Parallel()
		const want = "The password needs at least 8 characters."
		if got := (password.MinimumLength{}).HelpText(); got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
	})
	t.Run(classLength+"test_l10n", func(t *testing.T) {
		t.Parallel()
		// Whoever translates is handed the number that chooses between singular and plural.
		translated := func(least int) password.Validator {
			return password.Reword{Validator: password.MinimumLength{Min: least}, Message: func(_ context.Context, e *forms.Error) string {
				return fmt.Sprintf("%s for %v", e.Code, e.Params["min_length"])
			}}
		}
		refuses(t, translated(0), "", nil, "password_too_short", "password_too_short for 8")
		refuses(t, translated(1), "", nil, "password_too_short", "password_too_short for 1")
		// The original words are chosen in the same way, in the error and in the help text.
		refuses(t, password.MinimumLength{Min: 1}, "", nil, "password_too_short", "This password is too short: it needs at least 1 character.")
		if got, want := (password.MinimumLength{Min: 1}).HelpText(), "The password needs at least 1 character."; got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
		if got, want := (password.MinimumLength{Min: 8}).HelpText(), "The password needs at least 8 characters."; got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
	})
	t.Run(classLength+"test_custom_error", func(t *testing.T) {
		t.Parallel()
		say := func(_ context.Context, e *forms.Error) string {
			return fmt.Sprintf("Your password must be %d characters long", e.Params["min_length"])
		}
		refuses(t, password.Reword{Validator: password.MinimumLength{}, Message: say}, "1234567", nil,
			"password_too_short", "Your password must be 8 characters long")
		refuses(t, password.Reword{Validator: password.MinimumLength{Min: 3}, Message: say}, "12", nil,
			"password_too_short", "Your password must be 3 characters long")
	})
}

func TestDjangoSimilarity(t *testing.T) {
	t.Parallel()
	t.Run(classSimilarity+"test_validate", func(t *testing.T) {
		t.Parallel()
		const code = "password_too_similar"
		all, first := password.UserAttributeSimilarity{}, password.UserAttributeSimilarity{Attributes: []string{"first_name"}}
		accepts(t, all, "testclient", nil)
		refuses(t, all, "testclient", testclient(), code, tooSimilar("username"))
		refuses(t, all, "example.com", testclient(), code, tooSimilar("email address"))
		strict, equal := first, first
		strict.MaxSimilarity, equal.MaxSimilarity = 0.3, 1
		refuses(t, strict, "testclient", testclient(), code, tooSimilar("first name"))
		refuses(t, equal, "Test", testclient(), code, tooSimilar("first name"))
		err := password.Check([]password.Validator{password.UserAttributeSimilarity{MaxSimilarity: 0.09}})
		if err == nil || !strings.Contains(err.Error(), "must be at least 0.1") {
			t.Errorf("MaxSimilarity 0.09: Check = %v, want an error", err)
		}
		accepts(t, first, "testclient", testclient())
	})
	t.Run(classSimilarity+"test_validate_property", func(t *testing.T) {
		t.Parallel()
		// What is known of a user need not be a column; without a label its name is shown.
		about := []password.Attribute{{Name: "username", Value: "foobar"}}
		refuses(t, password.UserAttributeSimilarity{}, "foobar", about, "password_too_similar", tooSimilar("username"))
	})
	t.Run(classSimilarity+"test_help_text", func(t *testing.T) {
		t.Parallel()
		const want = "The password must not be like the user name, the e-mail address or other personal details."
		if got := (password.UserAttributeSimilarity{}).HelpText(); got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
	})
	for name, tt := range map[string]struct {
		say  func(context.Context, *forms.Error) string
		want string
	}{
		"test_custom_error": {
			func(_ context.Context, e *forms.Error) string {
				return fmt.Sprintf("The password is too close to the %s.", e.Params["verbose_name"])
			},
			"The password is too close to the username.",
		},
		"test_custom_error_verbose_name_not_used": {
			func(context.Context, *forms.Error) string { return "The password is too close to a user attribute." },
			"The password is too close to a user attribute.",
		},
	} {
		t.Run(classSimilarity+name, func(t *testing.T) {
			t.Parallel()
			v := password.Reword{Validator: password.UserAttributeSimilarity{}, Message: tt.say}
			refuses(t, v, "testclient", testclient(), "password_too_similar", tt.want)
		})
	}
}

func TestDjangoCommon(t *testing.T) {
	t.Parallel()
	const code = "password_too_common"
	t.Run(classCommon+"test_validate", func(t *testing.T) {
		t.Parallel()
		accepts(t, password.CommonPassword{}, "a-safe-password", nil)
		refuses(t, password.CommonPassword{}, "godzilla", nil, code, tooCommon)
	})
	t.Run(classCommon+"test_common_hexed_codes", func(t *testing.T) {
		t.Parallel()
		refuses(t, password.CommonPassword{}, "asdfjkl:", nil, code, tooCommon)
		refuses(t, password.CommonPassword{}, "&#2336:", nil, code, tooCommon)
	})
	t.Run(classCommon+"test_validate_custom_list", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "common-passwords-custom.txt")
		if err := os.WriteFile(path, []byte("from-my-custom-list\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := password.FromSettings([]password.Setting{{
			Name:    "django.contrib.auth.password_validation.CommonPasswordValidator",
			Options: map[string]any{"password_list_path": path},
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		accepts(t, list[0], "a-safe-password", nil)
		refuses(t, list[0], "from-my-custom-list", nil, code, tooCommon)
	})
	t.Run(classCommon+"test_validate_django_supplied_file", func(t *testing.T) {
		t.Parallel()
		entries, err := password.Builtin().Entries()
		if err != nil || len(entries) < 50_000 {
			t.Fatalf("the built-in list has %d entries, %v; want 50,000", len(entries), err)
		}
		for _, entry := range entries {
			if entry != strings.ToLower(entry) {
				t.Errorf("entry %q has capitals", entry)
			}
		}
	})
	t.Run(classCommon+"test_help_text", func(t *testing.T) {
		t.Parallel()
		const want = "The password must not be one that many people use."
		if got := (password.CommonPassword{}).HelpText(); got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
	})
	t.Run(classCommon+"test_custom_error", func(t *testing.T) {
		t.Parallel()
		v := password.Reword{Validator: password.CommonPassword{}, Message: func(context.Context, *forms.Error) string {
			return "This password has been used too much."
		}}
		refuses(t, v, "godzilla", nil, code, "This password has been used too much.")
	})
}

func TestDjangoNumeric(t *testing.T) {
	t.Parallel()
	const code = "password_entirely_numeric"
	t.Run(classNumeric+"test_validate", func(t *testing.T) {
		t.Parallel()
		accepts(t, password.Numeric{}, "a-safe-password", nil)
		refuses(t, password.Numeric{}, "42424242", nil, code, allNumeric)
	})
	t.Run(classNumeric+"test_help_text", func(t *testing.T) {
		t.Parallel()
		const want = "The password must not consist of digits only."
		if got := (password.Numeric{}).HelpText(); got != want {
			t.Errorf("HelpText() = %q, want %q", got, want)
		}
	})
	t.Run(classNumeric+"test_custom_error", func(t *testing.T) {
		t.Parallel()
		v := password.Reword{Validator: password.Numeric{}, Message: func(context.Context, *forms.Error) string {
			return "This password is all digits."
		}}
		refuses(t, v, "42424242", nil, code, "This password is all digits.")
	})
}
