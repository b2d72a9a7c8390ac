// Package passwordtest holds the conformance test for implementations of [password.Validator].
// It is imported by tests only:
//
//	func TestHouseRules(t *testing.T) {
//		passwordtest.TestValidator(t, HouseRules{}, []string{"wine and cheese"}, []string{"belleville"})
//	}
package passwordtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
)

// TestValidator tests what [password.Validator] asks for, with passwords that v must accept and
// others that it must refuse while nothing is known of the user. Give at least one of either.
// If v is a [password.ChangedHook], it is told in the end that the first good password was set.
func TestValidator(t *testing.T, v password.Validator, good, bad []string) {
	t.Helper()
	TestValidatorAbout(t, v, nil, good, bad)
}

// TestValidatorAbout is [TestValidator] with a user of whom about is known.
func TestValidatorAbout(t *testing.T, v password.Validator, about []password.Attribute, good, bad []string) {
	t.Helper()
	for _, problem := range problems(t.Context(), v, about, good, bad) {
		t.Error(problem)
	}
}

// problems returns what v does wrong.
func problems(ctx context.Context, v password.Validator, about []password.Attribute, good, bad []string) []string {
	s := suite{ctx: ctx, v: v, about: about}
	if len(good) == 0 || len(bad) == 0 {
		s.reportf("give at least one good and one bad password")
		return s.found
	}
	s.settings()
	s.judgement(good, bad)
	s.concurrency(slices.Concat(good, bad))
	s.oddities()
	s.hook(good[0])
	return s.found
}

type suite struct {
	ctx   context.Context
	v     password.Validator
	about []password.Attribute
	found []string
}

func (s *suite) reportf(format string, args ...any) {
	s.found = append(s.found, fmt.Sprintf(format, args...))
}

func (s *suite) settings() {
	if text := s.v.HelpText(); text == "" || strings.TrimSpace(text) != text {
		s.reportf("HelpText() = %q, want a sentence without white space around it", text)
	}
	if c, ok := s.v.(password.Checker); ok {
		if err := c.Check(); err != nil {
			s.reportf("Check() = %v, want nil", err)
		}
	}
}

func (s *suite) judgement(good, bad []string) {
	before := slices.Clone(s.about)
	for _, raw := range good {
		if err := s.ask(raw, s.about); err != nil {
			s.reportf("Validate(%q) = %v, want nil: it is a good password", raw, err)
		}
	}
	for _, raw := range bad {
		err := s.ask(raw, s.about)
		if err == nil {
			s.reportf("Validate(%q) = nil, want a refusal: it is a bad password", raw)
			continue
		}
		s.refusal(raw, err)
	}
	if !slices.Equal(before, s.about) {
		s.reportf("Validate changed what is known of the user from %v to %v", before, s.about)
	}
}

// refusal looks at the reasons that v gave against raw.
func (s *suite) refusal(raw string, err error) {
	reasons := reasons(err)
	if len(reasons) == 0 || slices.Contains(reasons, nil) {
		s.reportf("Validate(%q) returned a %T, want a *forms.Error or a forms.Errors with at least one", raw, err)
		return
	}
	for _, e := range reasons {
		if e.Code == "" || strings.TrimSpace(e.Message) == "" {
			s.reportf("Validate(%q) gave the code %q and the message %q, want both", raw, e.Code, e.Message)
		}
		// A password that is a plain word may well stand in a sentence.
		if len(raw) > 3 && strings.ContainsFunc(raw, func(r rune) bool { return !unicode.IsLetter(r) }) && strings.Contains(e.Message, raw) {
			s.reportf("Validate(%q) shows the password in its message %q", raw, e.Message)
		}
	}
}

// concurrency asks for each password many times at once; run it with -race.
func (s *suite) concurrency(passwords []string) {
	for _, raw := range passwords {
		answers := make([]string, 4)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = fmt.Sprint(s.answer(raw, s.about)) })
		}
		group.Wait()
		if different := slices.Compact(answers); len(different) > 1 {
			s.reportf("Validate(%q) gave different answers at one time: %q", raw, different)
		}
	}
}

// oddities must be judged, this way or that, without a panic and without much delay.
func (s *suite) oddities() {
	const patience = 5 * time.Second
	for name, raw := range map[string]string{
		"nothing": "", "a NUL": "\x00", "invalid UTF-8": "\xff\xfe", "a megabyte": strings.Repeat("aé1 ", 1<<20/5),
	} {
		for _, about := range [][]password.Attribute{nil, {{}}, {{Name: "username", Value: "\xff"}}, s.about} {
			start := time.Now()
			if err := s.answer(raw, about); err != nil && len(reasons(err)) == 0 {
				s.reportf("Validate of %s failed for a user of %v: %v", name, about, err)
			}
			if took := time.Since(start); took > patience {
				s.reportf("Validate of %s took %v, want less than %v", name, took, patience)
			}
		}
	}
	done, cancel := context.WithCancel(s.ctx)
	cancel()
	late := suite{ctx: done, v: s.v}
	if err := late.answer("late", nil); errors.Is(err, errPanic) { // whether it judges or gives up is its own choice
		s.reportf("Validate with a context that has ended: %v", err)
	}
}

func (s *suite) hook(raw string) {
	if hook, ok := s.v.(password.ChangedHook); ok {
		if err := hook.PasswordChanged(s.ctx, raw, s.about); err != nil {
			s.reportf("PasswordChanged(%q) = %v, want nil", raw, err)
		}
	}
}

// ask is answer, reporting a panic.
func (s *suite) ask(raw string, about []password.Attribute) error {
	err := s.answer(raw, about)
	if errors.Is(err, errPanic) {
		s.reportf("Validate(%q): %v", raw, err)
	}
	return err
}

var errPanic = errors.New("panic")

// answer returns what Validate returns, or an error that wraps errPanic.
func (s *suite) answer(raw string, about []password.Attribute) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return s.v.Validate(s.ctx, raw, about)
}

// reasons returns the refusals that err consists of, none if it is a failure.
func reasons(err error) forms.Errors {
	var many forms.Errors
	if errors.As(err, &many) {
		return many
	}
	var one *forms.Error
	if errors.As(err, &one) {
		return forms.Errors{one}
	}
	return nil
}
