package password

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-belleville/belleville/core/forms"
)

// UserAttributeSimilarity refuses passwords that resemble what is known of the user, with the code
// "password_too_similar"; the parameter "verbose_name" is the label of the attribute.
//
// A value is compared as a whole and word by word, in small letters. The similarity of two texts is
// twice the number of characters they share, in whatever order, through the number of all their
// characters: 1 for an anagram, 0 for nothing in common.
type UserAttributeSimilarity struct {
	// Attributes are the names of those that are looked at, in this order; the first that resembles
	// the password is reported. nil means username, first_name, last_name and email.
	Attributes []string
	// MaxSimilarity is the least similarity that is refused, 0.1 to 1; 0 means 0.7.
	MaxSimilarity float64
}

var (
	_ Validator = UserAttributeSimilarity{}
	_ Checker   = UserAttributeSimilarity{}
)

// Validate implements [Validator].
func (v UserAttributeSimilarity) Validate(_ context.Context, raw string, about []Attribute) error {
	if err := v.Check(); err != nil {
		return err
	}
	if len(about) == 0 {
		return nil
	}
	c := comparison{text: lower(raw), limit: v.limit()}
	c.length = utf8.RuneCountInString(c.text)
	for _, name := range v.attributes() {
		i := slices.IndexFunc(about, func(a Attribute) bool { return a.Name == name })
		if i < 0 || about[i].Value == "" || !c.resembles(lower(about[i].Value)) {
			continue
		}
		label := about[i].Label
		if label == "" {
			label = name
		}
		return &forms.Error{
			Code:    "password_too_similar",
			Message: "This password is too much like the " + label + ".",
			Params:  map[string]any{"verbose_name": label},
		}
	}
	return nil
}

// HelpText implements [Validator].
func (UserAttributeSimilarity) HelpText() string {
	return "The password must not be like the user name, the e-mail address or other personal details."
}

// Check implements [Checker].
func (v UserAttributeSimilarity) Check() error {
	if limit := v.limit(); !(limit >= 0.1 && limit <= 1) {
		return fmt.Errorf("password: UserAttributeSimilarity.MaxSimilarity is %v: it must be at least 0.1 and at most 1", limit)
	}
	return nil
}

func (v UserAttributeSimilarity) limit() float64 {
	if v.MaxSimilarity == 0 {
		return 0.7
	}
	return v.MaxSimilarity
}

func (v UserAttributeSimilarity) attributes() []string {
	if v.Attributes == nil {
		return []string{"username", "first_name", "last_name", "email"}
	}
	return v.Attributes
}

// comparison holds one password against many words. Its characters are counted only when a word
// of fitting length turns up, so that a very long password costs next to nothing.
type comparison struct {
	text   string
	length int
	limit  float64
	bag    *bag
}

func (c *comparison) resembles(value string) bool {
	for word := range strings.FieldsFuncSeq(value, notWord) {
		if c.near(word) {
			return true
		}
	}
	return c.near(value)
}

func (c *comparison) near(word string) bool {
	n := utf8.RuneCountInString(word)
	if ratio(min(n, c.length), n+c.length) < c.limit {
		return false // even if all of the shorter one were shared
	}
	if c.bag == nil {
		c.bag = newBag(c.text)
	}
	return ratio(c.bag.shared(newBag(word)), n+c.length) >= c.limit
}

// ratio is the similarity of texts with all characters together, of which each has shared in common.
func ratio(shared, all int) float64 {
	if all == 0 {
		return 1
	}
	return 2 * float64(shared) / float64(all)
}

// bag counts how often each character occurs.
type bag struct {
	ascii [utf8.RuneSelf]int
	other map[rune]int
}

func newBag(s string) *bag {
	b := &bag{}
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.ascii[r]++
		case b.other == nil:
			b.other = map[rune]int{r: 1}
		default:
			b.other[r]++
		}
	}
	return b
}

func (b *bag) shared(c *bag) int {
	n := 0
	for i := range b.ascii {
		n += min(b.ascii[i], c.ascii[i])
	}
	for r, count := range c.other {
		n += min(count, b.other[r])
	}
	return n
}

// notWord is Python's \W.
func notWord(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
}
