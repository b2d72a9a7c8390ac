package forms_test

import (
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/forms"
)

// cleanOne checks one field and says what became of it: "value" or "!code".
func cleanOne[T any](t *testing.T, field *forms.Field[T], in forms.Data) string {
	t.Helper()
	field.Name = "f"
	var f struct{ forms.Form }
	f.Declare(field)
	f.Bind(in)
	ok, err := forms.Validate(t.Context(), &f)
	if err != nil {
		t.Fatal(err)
	}
	if ok != field.Valid() {
		t.Errorf("the form is %v, the field %v", ok, field.Valid())
	}
	if !ok {
		for _, e := range field.Errors() {
			if e.Message == "" || strings.ContainsAny(e.Message, "{}") {
				t.Errorf("%s says %q", e.Code, e.Message)
			}
		}
		return "!" + field.Errors()[0].Code
	}
	return fmt.Sprintf("%#v", field.Value)
}

func one(v ...string) forms.Data { return forms.Data{Values: url.Values{"f": v}} }

func TestTextTypes(t *testing.T) {
	t.Parallel()
	upper := func(s string) string { return strings.ToUpper(s) + "!" }
	for _, c := range []struct {
		name  string
		field forms.Field[string]
		in    string
		want  string
	}{
		{"plain", forms.Field[string]{}, " a b\t", `"a b"`},
		{"only space", forms.Field[string]{}, " \u3000\n", "!required"},
		{"optional", forms.Field[string]{Optional: true}, " ", `""`},
		{"keep space", forms.Field[string]{Type: forms.Char{KeepSpace: true}}, " a ", `" a "`},
		{"max in characters", forms.Field[string]{Type: forms.Char{MaxLength: 3}}, "äöü", `"äöü"`},
		{"too long", forms.Field[string]{Type: forms.Char{MaxLength: 3}}, "abcd", "!max_length"},
		{"max after strip", forms.Field[string]{Type: forms.Char{MaxLength: 3}}, " abc ", `"abc"`},
		{"too short", forms.Field[string]{Type: forms.Char{MinLength: 3}}, "ab", "!min_length"},
		{"normalized", forms.Field[string]{Type: forms.Char{Normalize: upper, MaxLength: 3}}, "ab", `"AB!"`},
		{"length after normalizing", forms.Field[string]{Type: forms.Char{Normalize: upper, MaxLength: 3}}, "abc", "!max_length"},
		{"NUL", forms.Field[string]{}, "a\x00b", "!null_characters_not_allowed"},
		{"NUL in an optional field", forms.Field[string]{Optional: true}, "\x00", "!null_characters_not_allowed"},
		{"password untouched", forms.Field[string]{Type: forms.Password{}}, " p w ", `" p w "`},
		{"password of spaces", forms.Field[string]{Type: forms.Password{}}, "  ", `"  "`},
		{"password empty", forms.Field[string]{Type: forms.Password{}}, "", "!required"},
		{"password NUL", forms.Field[string]{Type: forms.Password{}}, "\x00", "!null_characters_not_allowed"},
		{"password max", forms.Field[string]{Type: forms.Password{MaxLength: 2}}, "abc", "!max_length"},
		{"email", forms.Field[string]{Type: forms.Email{}}, " a.b+c@example.com ", `"a.b+c@example.com"`},
		{"email localhost", forms.Field[string]{Type: forms.Email{}}, "root@localhost", `"root@localhost"`},
		{"email name", forms.Field[string]{Type: forms.Email{}}, "Ada <a@example.com>", "!invalid"},
		{"email brackets", forms.Field[string]{Type: forms.Email{}}, "<a@example.com>", "!invalid"},
		{"email comment", forms.Field[string]{Type: forms.Email{}}, "a@example.com (x)", "!invalid"},
		{"email two", forms.Field[string]{Type: forms.Email{}}, "a@example.com, b@example.com", "!invalid"},
		{"email no domain", forms.Field[string]{Type: forms.Email{}}, "a@example", "!invalid"},
		{"email no at", forms.Field[string]{Type: forms.Email{}}, "example.com", "!invalid"},
		{"email line break", forms.Field[string]{Type: forms.Email{}}, "a@example.com\r\nBcc: b@example.com", "!invalid"},
		{"email long", forms.Field[string]{Type: forms.Email{}}, strings.Repeat("a", 310) + "@example.com", "!max_length"},
		{"email short max", forms.Field[string]{Type: forms.Email{MaxLength: 5}}, "a@b.de", "!max_length"},
		{"email own check passes", forms.Field[string]{Type: forms.Email{Check: func(string) error { return nil }}}, "x", `"x"`},
		{"email own check", forms.Field[string]{Type: forms.Email{Check: func(string) error { return errors.New("no") }}}, "a@b.de", "!invalid"},
		{"email own code", forms.Field[string]{Type: forms.Email{Check: func(string) error { return &forms.Error{Code: "own", Message: "m"} }}}, "a@b.de", "!own"},
		{"email optional", forms.Field[string]{Type: forms.Email{}, Optional: true}, "", `""`},
		{"matches", forms.Field[string]{Validators: []func(context.Context, string) error{
			forms.Matches(regexp.MustCompile(`^\w+$`), &forms.Error{Code: "invalid", Message: "m"})}}, "a b", "!invalid"},
		{"choice", forms.Field[string]{Type: colours}, "r", `"r"`},
		{"choice not offered", forms.Field[string]{Type: colours}, "x", "!invalid_choice"},
		{"choice disabled", forms.Field[string]{Type: colours}, "b", "!invalid_choice"},
		{"choice is not stripped", forms.Field[string]{Type: colours}, " r", "!invalid_choice"},
		{"choice none", forms.Field[string]{Type: colours}, "", "!required"},
		{"choice optional", forms.Field[string]{Type: colours, Optional: true}, "", `""`},
	} {
		if got := cleanOne(t, &c.field, one(c.in)); got != c.want {
			t.Errorf("%s: %q became %s, want %s", c.name, c.in, got, c.want)
		}
	}
	if got := cleanOne(t, &forms.Field[string]{}, one("first", "last")); got != `"last"` {
		t.Errorf("two values became %s, want the last", got)
	}
}

var colours = forms.Choice[string]{Options: []forms.Option[string]{{Value: "r", Label: "Red"}, {Value: "b", Label: "Blue", Disabled: true}}}

func TestOtherTypes(t *testing.T) {
	t.Parallel()
	limits := forms.Integer{Min: new(int64(1)), Max: new(int64(9))}
	for in, want := range map[string]string{
		" 7 ": "7", "9.00": "9", "0": "!min_value", "10": "!max_value", "": "!required", "x": "!invalid", "1.5": "!invalid",
		"1e1": "!invalid", "0x1": "!invalid", "1_0": "!invalid", "99999999999999999999": "!invalid", ".": "!invalid",
	} {
		if got := cleanOne(t, &forms.Field[int64]{Type: limits}, one(in)); got != want {
			t.Errorf("integer: %q became %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"on": "true", "true": "true", "x": "true", "": "false", "False": "false", "0": "false", "off": "false"} {
		if got := cleanOne(t, &forms.Field[bool]{Optional: true}, one(in)); got != want {
			t.Errorf("boolean: %q became %s, want %s", in, got, want)
		}
	}
	if got := cleanOne(t, &forms.Field[bool]{}, one()); got != "!required" {
		t.Errorf("a box that must be ticked gave %s", got)
	}
	ids := forms.Choice[int64]{Options: []forms.Option[int64]{{Value: 3}, {Value: 0, Label: "none"}}}
	for in, want := range map[string]string{"3": "3", "0": "0", "03": "!invalid_choice", "": "!required"} {
		if got := cleanOne(t, &forms.Field[int64]{Type: ids}, one(in)); got != want {
			t.Errorf("choice of numbers: %q became %s, want %s", in, got, want)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	lines := forms.Lines{Min: 2, Max: 3, MaxLength: 5, Unique: true}
	for in, want := range map[string]string{
		" a \r\n\r\nb\n": `[]string{"a", "b"}`, "a\rb": `[]string{"a", "b"}`, "": "!required", "\n \n": "!required",
		"a": "!too_few", "a\nb\nc\nd": "!too_many", "a\nabcdef": "!max_length", "a\nb\na": "!duplicate",
	} {
		if got := cleanOne(t, &forms.Field[[]string]{Type: lines}, one(in)); got != want {
			t.Errorf("lines: %q became %s, want %s", in, got, want)
		}
	}
	several := forms.MultipleChoice[int]{Options: []forms.Option[int]{{Value: 1}, {Value: 2}, {Value: 3, Disabled: true}}}
	for want, in := range map[string][]string{
		"[]int{1, 2}": {"2", "1", "2"}, "[]int{2}": {"2"}, "!invalid_choice": {"1", "4"}, "!required": nil,
	} {
		if got := cleanOne(t, &forms.Field[[]int]{Type: several}, one(in...)); got != want {
			t.Errorf("multiple choice: %q became %s, want %s", in, got, want)
		}
	}
	if got := cleanOne(t, &forms.Field[[]int]{Type: several}, one("3")); got != "!invalid_choice" {
		t.Errorf("a disabled option was taken: %s", got)
	}
	if got := cleanOne(t, &forms.Field[[]int]{Type: several, Optional: true}, one()); got != "[]int(nil)" {
		t.Errorf("no choice became %s", got)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	file := func(name string, size int64) forms.Data {
		return forms.Data{Files: map[string][]*multipart.FileHeader{"f": {{Filename: name, Size: size}}}}
	}
	pictures := forms.File{MaxSize: 10, MaxLength: 8, Extensions: []string{".png"}}
	for _, c := range []struct {
		name string
		typ  forms.File
		in   forms.Data
		want string
	}{
		{"fine", pictures, file("a.PNG", 10), "a.PNG"},
		{"too large", pictures, file("a.png", 11), "!max_size"},
		{"empty", pictures, file("a.png", 0), "!empty"},
		{"empty allowed", forms.File{AllowEmpty: true}, file("a", 0), "a"},
		{"long name", pictures, file("abcdefg.png", 1), "!max_length"},
		{"other kind", pictures, file("a.exe", 1), "!invalid_extension"},
		{"no extension", pictures, file("png", 1), "!invalid_extension"},
		{"NUL in the name", forms.File{}, file("a\x00.png", 1), "!invalid"},
		{"no UTF-8", forms.File{}, file("a\xff.png", 1), "!invalid"},
		{"nothing chosen", pictures, file("", 0), "!required"},
		{"nothing", pictures, forms.Data{}, "!required"},
		{"a form that is not multipart", pictures, one("a.png"), "!invalid"},
	} {
		field := forms.Field[*multipart.FileHeader]{Type: c.typ}
		got := cleanOne(t, &field, c.in)
		if field.Value != nil {
			got = field.Value.Filename
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
