package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"github.com/go-belleville/belleville/core/command"
)

func (a *Auth) createsuperuser() command.Command {
	return command.Command{
		Name: "createsuperuser", Summary: "Make a user who may do everything", ChecksMigrations: true,
		Details: "What is not given as an option is asked for. With --noinput nothing is asked: what is not\n" +
			"given is read from DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL and so on, the\n" +
			"password from DJANGO_SUPERUSER_PASSWORD; without it the user cannot log in by one.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			s := superuser{auth: a, given: map[string]*string{}}
			if a.users.model.problem == nil {
				for _, name := range a.users.model.askedFor() {
					s.given[name] = fs.String(name, "", "the user's "+labelOf(name))
				}
			}
			noInput, verbosity := command.NoInput(fs), command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, _ []string) error {
				s.env, s.flags = env, fs
				return s.run(ctx, *noInput, *verbosity)
			}
		},
	}
}

// superuser is one run of createsuperuser.
type superuser struct {
	auth   *Auth
	env    *command.Env
	flags  *pflag.FlagSet
	given  map[string]*string // options by their name
	fields []*userField       // the one with the name first

	values   map[string]string // answers by the field's name
	password *string           // nil: none is right
}

func (s *superuser) run(ctx context.Context, noInput bool, verbosity int) error {
	var err error
	if s.fields, err = s.auth.userFields(); err != nil {
		return err
	}
	s.values = map[string]string{}
	switch {
	case noInput:
		err = s.fromEnvironment(ctx)
	case !s.env.Prompt().Interactive():
		// No error: Django's command leaves scripts that call it without a terminal running.
		s.env.Printf("No superuser was made: there is no terminal to ask at. Run `%s createsuperuser` at one,\n"+
			"or with --noinput and what it needs as options or in the environment.\n", s.env.Program)
		return nil
	default:
		err = s.ask(ctx)
	}
	if err != nil {
		return err
	}
	if err := s.create(ctx); err != nil {
		return err
	}
	if verbosity > 0 {
		s.env.Printf("Superuser created.\n")
	}
	return nil
}

// create stores the user, and what it is related to in the same transaction.
func (s *superuser) create(ctx context.Context) error {
	if !s.hasMany() {
		_, err := s.createIn(ctx, s.auth.users)
		return err
	}
	return s.auth.users.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		u, err := s.createIn(ctx, s.auth.users.In(tx))
		if err != nil {
			return err
		}
		for _, f := range s.fields {
			if err := f.relate(ctx, tx, s.auth.users.key(u), s.values[f.name]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *superuser) hasMany() bool {
	for _, f := range s.fields {
		if f.isMany() {
			return true
		}
	}
	return false
}

func (s *superuser) createIn(ctx context.Context, users *Users) (Account, error) {
	name, email := s.values[s.fields[0].name], s.values[users.EmailField()]
	fill := func(u Account) error { return s.fill(u, s.fields[1:]) }
	if s.password == nil {
		return users.CreateSuperuserWithoutPassword(ctx, name, email, fill)
	}
	return users.CreateSuperuser(ctx, name, email, *s.password, fill)
}

// fill puts answers into a user.
func (s *superuser) fill(u Account, fields []*userField) error {
	v := reflect.ValueOf(u).Elem()
	for _, f := range fields {
		if text := s.values[f.name]; text != "" && !f.isMany() {
			if err := f.set(v, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromEnvironment reads options and then environment variables, and asks nothing.
func (s *superuser) fromEnvironment(ctx context.Context) error {
	for _, f := range s.fields {
		variable := "DJANGO_SUPERUSER_" + strings.ToUpper(f.name)
		value, known := *s.given[f.name], s.flags.Changed(f.name)
		if !known || value == "" && !f.isName {
			fromEnv, set := s.env.Variable(variable)
			value, known = fromEnv, known || set
		}
		if !known || value == "" && !f.isName && !f.mayBeBlank {
			return fmt.Errorf("with --noinput, give --%s or %s", f.name, variable)
		}
		problem, err := f.check(ctx, value)
		if err != nil {
			return err
		}
		if problem != "" {
			return errors.New(problem)
		}
		s.values[f.name] = value
	}
	if raw := s.env.Lookup("DJANGO_SUPERUSER_PASSWORD"); raw != "" && s.auth.users.model.hasPassword() {
		s.password = &raw
	}
	return nil
}

// ask asks for what was not given: the name, the required columns, the password twice.
func (s *superuser) ask(ctx context.Context) error {
	for _, f := range s.fields {
		if err := s.askField(ctx, f); err != nil {
			return err
		}
	}
	if !s.auth.users.model.hasPassword() {
		return nil
	}
	raw, err := s.askPassword(ctx)
	s.password = &raw
	return err
}

// askField takes an option or asks. A name that somebody else has is asked for again although it was
// given; any other option that is wrong is an error.
func (s *superuser) askField(ctx context.Context, f *userField) error {
	if s.flags.Changed(f.name) {
		value := *s.given[f.name]
		problem, err := f.check(ctx, value)
		if err != nil {
			return err
		}
		if problem == "" {
			s.values[f.name] = value
			return nil
		}
		if !f.isName || value == "" {
			return errors.New(problem)
		}
		s.env.Errorf("Error: %s\n", problem)
	}
	fallback, err := s.defaultAnswer(ctx, f)
	if err != nil {
		return err
	}
	prompt := f.prompt(fallback)
	for {
		value, err := s.env.Prompt().Ask(ctx, prompt)
		if err != nil {
			return err
		}
		if value == "" {
			value = fallback
		}
		problem, err := f.check(ctx, value)
		if err != nil {
			return err
		}
		if problem == "" {
			s.values[f.name] = value
			return nil
		}
		s.env.Errorf("Error: %s\n", problem)
	}
}

// defaultAnswer is, for the name alone, that of the system's user without accents, capitals and
// spaces, where it can be a user name and is free.
func (s *superuser) defaultAnswer(ctx context.Context, f *userField) (string, error) {
	if !f.isName || f.isReference() {
		return "", nil
	}
	name := strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r > '~' {
			return -1
		}
		return r
	}, norm.NFKD.String(s.env.User)))
	if name == "" {
		return "", nil
	}
	problem, err := f.check(ctx, name)
	if err != nil || problem != "" {
		return "", err
	}
	return name, nil
}

func (s *superuser) askPassword(ctx context.Context) (string, error) {
	p := s.env.Prompt()
	candidate := s.auth.users.New()
	if err := s.fill(candidate, s.fields); err != nil {
		return "", err
	}
	for {
		raw, err := p.AskSecret(ctx, "Password: ")
		if err != nil {
			return "", err
		}
		again, err := p.AskSecret(ctx, "Password (again): ")
		switch {
		case err != nil:
			return "", err
		case raw != again:
			s.env.Errorf("Error: the two passwords are not the same.\n")
			continue
		case strings.TrimSpace(raw) == "":
			s.env.Errorf("Error: a blank password is not allowed.\n")
			continue
		}
		problem := s.auth.users.ValidatePassword(ctx, raw, candidate)
		if problem == nil {
			return raw, nil
		}
		s.env.Errorf("%s\n", problem)
		answer, err := p.Ask(ctx, "Make the user with this password all the same? [y/N]: ")
		if err != nil {
			return "", err
		}
		if strings.EqualFold(answer, "y") {
			return raw, nil
		}
	}
}

// labelOf turns a column's name into words: "first_name" is "first name", "email" "e-mail address".
func labelOf(column string) string {
	if column == "email" {
		return "e-mail address"
	}
	return strings.ReplaceAll(column, "_", " ")
}

func upperFirst(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:size]) + s[size:]
}
