package names

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalizeUsername returns the NFKC form of a name, so that names that look alike because one is
// typed in full-width or composed letters are stored alike. It takes any length; what a stranger
// has sent goes through [CleanUsername], which looks at the length first.
func NormalizeUsername(name string) string {
	return norm.NFKC.String(name)
}

// CleanUsername returns the name that raw stands for: without white space around it, and
// normalised. most is its greatest length in characters, 0 meaning [MaxUsername]; rules are tried in
// order on the normalised name. A length is refused before the name is normalised, and again after
// it, because one character can become eighteen.
func CleanUsername(raw string, most int, rules ...func(name string) error) (string, error) {
	if most == 0 {
		most = MaxUsername
	}
	name := strip(raw)
	if name == "" {
		return "", refuse("required", "Please give a user name.", nil)
	}
	if err := checkLength(name, most); err != nil {
		return "", err
	}
	name = NormalizeUsername(name)
	if err := checkLength(name, most); err != nil {
		return "", err
	}
	for _, rule := range rules {
		if err := rule(name); err != nil {
			return "", err
		}
	}
	return name, nil
}

// UnicodeUsername refuses a name which is empty, longer than [MaxUsername], or holds anything but
// letters and numbers of any script and the signs @ . + - _. It is the rule of Django's own user
// model. Combining marks are no letters, so some scripts cannot be written under it.
func UnicodeUsername(name string) error {
	return checkName(name, "letters", func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r)
	})
}

// ASCIIUsername is [UnicodeUsername] for the letters a to z and A to Z and the digits 0 to 9 alone.
func ASCIIUsername(name string) error {
	return checkName(name, "unaccented letters", func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsNumber(r))
	})
}

func checkName(name, letters string, allowed func(r rune) bool) error {
	if err := checkLength(name, MaxUsername); err != nil {
		return err
	}
	foreign := func(r rune) bool { return !allowed(r) && !strings.ContainsRune("@.+-_", r) }
	if name == "" || strings.ContainsFunc(name, foreign) {
		return refuse("invalid", "A user name consists of "+letters+", digits and the signs @ . + - _ only.", nil)
	}
	return nil
}

func checkLength(name string, most int) error {
	n := utf8.RuneCountInString(name)
	if n <= most {
		return nil
	}
	return refuse("max_length", fmt.Sprintf("A user name has at most %d characters; this one has %d.", most, n),
		map[string]any{"limit_value": most, "show_value": n})
}
