package password

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Setting is one entry of Django's AUTH_PASSWORD_VALIDATORS, as JSON writes it.
type Setting struct {
	Name    string         `json:"NAME"`
	Options map[string]any `json:"OPTIONS,omitempty"`
}

// Maker makes a validator from the options of a [Setting]. It does no I/O.
type Maker func(options map[string]any) (Validator, error)

// FromSettings returns the validators that a Django project has named, so that a running project's
// policy carries over. Names that are not Django's are looked up in own, which may be nil. A name
// or an option that is not known is an error: a rule must not be lost by a slip of the pen.
func FromSettings(settings []Setting, own map[string]Maker) ([]Validator, error) {
	list := make([]Validator, 0, len(settings))
	for _, s := range settings {
		v, err := fromSetting(s, own)
		if err != nil {
			return nil, fmt.Errorf("password: AUTH_PASSWORD_VALIDATORS: %s: %w", s.Name, err)
		}
		list = append(list, v)
	}
	return list, nil
}

var errUnknownValidator = errors.New("no validator has this name: correct it, or hand over your own under it")

func fromSetting(s Setting, own map[string]Maker) (Validator, error) {
	if maker, ok := own[s.Name]; ok {
		return maker(s.Options)
	}
	o := options{given: s.Options}
	var v Validator
	class, isDjango := strings.CutPrefix(s.Name, "django.contrib.auth.password_validation.")
	if !isDjango {
		return nil, errUnknownValidator
	}
	switch class {
	case "UserAttributeSimilarityValidator":
		v = UserAttributeSimilarity{Attributes: o.texts("user_attributes"), MaxSimilarity: o.number("max_similarity")}
	case "MinimumLengthValidator":
		v = MinimumLength{Min: o.whole("min_length")}
	case "CommonPasswordValidator":
		v = CommonPassword{List: o.list("password_list_path")}
	case "NumericPasswordValidator":
		v = Numeric{}
	default:
		return nil, errUnknownValidator
	}
	return v, o.done()
}

// options reads the options of one setting and remembers the first that is wrong.
type options struct {
	given map[string]any
	known []string
	err   error
}

func (o *options) take(key string) (any, bool) {
	o.known = append(o.known, key)
	v, ok := o.given[key]
	return v, ok
}

func (o *options) wrong(key, want string) {
	if o.err == nil {
		o.err = fmt.Errorf("option %s must be %s", key, want)
	}
}

func (o *options) number(key string) float64 {
	v, ok := o.take(key)
	if !ok {
		return 0
	}
	n, ok := v.(float64)
	if i, isInt := v.(int); isInt {
		n, ok = float64(i), true
	}
	if !ok || n == 0 { // 0 would mean the default
		o.wrong(key, "a number other than 0")
	}
	return n
}

func (o *options) whole(key string) int {
	n := o.number(key)
	if n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 {
		o.wrong(key, "a whole number")
		return 0
	}
	return int(n)
}

func (o *options) texts(key string) []string {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	switch list := v.(type) {
	case []string:
		return slices.Clone(list)
	case []any:
		texts := make([]string, 0, len(list))
		for _, item := range list {
			text, ok := item.(string)
			if !ok {
				break
			}
			texts = append(texts, text)
		}
		if len(texts) == len(list) {
			return texts
		}
	}
	o.wrong(key, "a list of texts")
	return nil
}

func (o *options) list(key string) *List {
	v, ok := o.take(key)
	if !ok {
		return nil
	}
	path, ok := v.(string)
	if !ok || path == "" {
		o.wrong(key, "the path of a file")
		return nil
	}
	return ListFS(os.DirFS(filepath.Dir(path)), filepath.Base(path))
}

func (o *options) done() error {
	for key := range o.given {
		if !slices.Contains(o.known, key) {
			o.wrong(key, "left out: there is no such option")
		}
	}
	return o.err
}
