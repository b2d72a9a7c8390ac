package password_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/password"
)

const djangoModule = `django.contrib.auth.password_validation.`

func TestFromSettings(t *testing.T) {
	t.Parallel()
	const startproject = `[
		{"NAME": "` + djangoModule + `UserAttributeSimilarityValidator"}, {"NAME": "` + djangoModule + `MinimumLengthValidator"},
		{"NAME": "` + djangoModule + `CommonPasswordValidator"}, {"NAME": "` + djangoModule + `NumericPasswordValidator"}]`
	if got, want := settingsOf(t, startproject), password.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("the setting of a new project gives %#v, want %#v", got, want)
	}
	got := settingsOf(t, `[{"NAME": "`+djangoModule+`UserAttributeSimilarityValidator",
		"OPTIONS": {"user_attributes": ["username", "phone"], "max_similarity": 0.5}}]`)
	want := []password.Validator{password.UserAttributeSimilarity{Attributes: []string{"username", "phone"}, MaxSimilarity: 0.5}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("options give %#v, want %#v", got, want)
	}
}

func TestFromSettingsInGo(t *testing.T) {
	t.Parallel()
	got, err := password.FromSettings([]password.Setting{
		{Name: djangoModule + "MinimumLengthValidator", Options: map[string]any{"min_length": 10}},
		{Name: djangoModule + "UserAttributeSimilarityValidator", Options: map[string]any{"user_attributes": []string{"phone"}}},
	}, nil)
	want := []password.Validator{password.MinimumLength{Min: 10}, password.UserAttributeSimilarity{Attributes: []string{"phone"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("FromSettings = %#v, %v; want %#v, nil", got, err, want)
	}
}

func TestFromSettingsOwn(t *testing.T) {
	t.Parallel()
	refused := errors.New("no such service")
	own := map[string]password.Maker{
		"shop.Length": func(o map[string]any) (password.Validator, error) {
			n, _ := o["n"].(float64)
			return password.MinimumLength{Min: int(n)}, nil
		},
		"shop.Broken": func(map[string]any) (password.Validator, error) { return nil, refused },
	}
	list, err := password.FromSettings(parse(t, `[{"NAME": "shop.Length", "OPTIONS": {"n": 10}}]`), own)
	if want := []password.Validator{password.MinimumLength{Min: 10}}; err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("FromSettings = %#v, %v; want %#v, nil", list, err, want)
	}
	if list, err = password.FromSettings(parse(t, `[{"NAME": "shop.Broken"}]`), own); list != nil || !errors.Is(err, refused) {
		t.Errorf("FromSettings = %#v, %v; want nil, %v", list, err, refused)
	}
}

func TestFromSettingsWrong(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		`{"NAME": ""}`:                            "no validator has this name",
		`{"NAME": "MinimumLengthValidator"}`:      "no validator has this name", // without its module
		`{"NAME": "` + djangoModule + `Numeric"}`: "no validator has this name",
		`{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_len": 9}}`:                         "option min_len must be left out",
		`{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_length": "9"}}`:                    "option min_length must be a number",
		`{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_length": 0}}`:                      "option min_length must be a number other than 0",
		`{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_length": 9.5}}`:                    "option min_length must be a whole number",
		`{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_length": 1e300}}`:                  "option min_length must be a whole number",
		`{"NAME": "` + djangoModule + `UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": "email"}}`: "option user_attributes must be a list of texts",
		`{"NAME": "` + djangoModule + `UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": [1]}}`:     "option user_attributes must be a list of texts",
		`{"NAME": "` + djangoModule + `CommonPasswordValidator", "OPTIONS": {"password_list_path": ""}}`:            "option password_list_path must be the path of a file",
		`{"NAME": "` + djangoModule + `NumericPasswordValidator", "OPTIONS": {"min_length": 8}}`:                    "option min_length must be left out",
	} {
		list, err := password.FromSettings(parse(t, `[`+commonSetting+`, `+setting+`]`), nil)
		if list != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("FromSettings(%s) = %v, %v; want an error with %q", setting, list, err, want)
		}
	}
}

func FuzzFromSettings(f *testing.F) {
	f.Add([]byte(caseSettings))
	f.Add([]byte(`[{"NAME": "` + djangoModule + `UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": [], "max_similarity": 1}}]`))
	f.Add([]byte(`[{"NAME": "` + djangoModule + `MinimumLengthValidator", "OPTIONS": {"min_length": -1e10}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var settings []password.Setting
		if json.Unmarshal(data, &settings) != nil {
			return
		}
		list, err := password.FromSettings(settings, nil)
		if err == nil && len(list) != len(settings) {
			t.Errorf("%s: %d validators without an error", data, len(list))
		}
		for _, v := range list {
			if v == nil || v.HelpText() == "" {
				t.Errorf("%s: validator %#v has no help text", data, v)
			}
		}
	})
}
