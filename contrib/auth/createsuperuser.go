package auth

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/command"
)

func (a *Auth) createsuperuser() command.Command {
	return command.Command{
		Name: "createsuperuser", Summary: "Make a user who may do everything",
		Details: "What is not given as an option is asked for. With --noinput nothing is asked: the\n" +
			"environment variables DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL and\n" +
			"DJANGO_SUPERUSER_PASSWORD are read, and without a password the user cannot log in by one.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			s := superuser{auth: a, given: map[string]*string{}}
			fs.BoolVar(&s.noInput, "noinput", false, "ask nothing")
			fs.BoolVar(&s.noInput, "no-input", false, "the same")
			for _, f := range s.fields() {
				s.given[f.Name] = fs.String(f.Name, "", "the user's "+labelOf(f.Name))
			}
			return func(ctx context.Context, env *command.Env, _ []string) error {
				s.env, s.flags = env, fs
				return s.run(ctx)
			}
		},
	}
}

// superuser is one run of createsuperuser.
type superuser struct {
	auth    *Auth
	env     *command.Env
	flags   *pflag.FlagSet
	noInput bool
	given   map[string]*string
}

// fields are the column of the name and the required ones.
func (s *superuser) fields() []*schema.Field {
	m := s.auth.users.model
	if m.problem != nil {
		return nil
	}
	fields := []*schema.Field{m.username}
	for _, name := range m.required {
		if f := m.table.LookupField(name); f != nil {
			fields = append(fields, f)
		}
	}
	return fields
}

func (s *superuser) run(ctx context.Context) error {
	values, raw := map[string]string{}, (*string)(nil)
	var err error
	if s.noInput {
		values, raw, err = s.fromEnvironment(ctx)
	} else {
		values, raw, err = s.ask(ctx)
	}
	if err != nil {
		return err
	}
	users := s.auth.users
	fill := users.superuser(func(u Account) error {
		for _, f := range s.fields()[1:] {
			if err := users.SetText(u, f.Name, values[f.Name]); err != nil {
				return err
			}
		}
		return nil
	})
	name, email := values[users.UsernameField()], names.NormalizeEmail(values[users.EmailField()])
	if users.model.email != nil {
		values[users.EmailField()] = email
	}
	if raw == nil {
		_, err = users.CreateWithoutPassword(ctx, name, email, fill)
	} else {
		_, err = users.Create(ctx, name, email, *raw, fill)
	}
	if err != nil {
		return err
	}
	s.env.Printf("Superuser created.\n")
	return nil
}

// fromEnvironment reads options and then environment variables, and asks nothing.
func (s *superuser) fromEnvironment(ctx context.Context) (map[string]string, *string, error) {
	values := map[string]string{}
	for i, f := range s.fields() {
		value := *s.given[f.Name]
		if !s.flags.Changed(f.Name) {
			value = s.env.Lookup("DJANGO_SUPERUSER_" + strings.ToUpper(f.Name))
			if value == "" {
				return nil, nil, command.Usagef("with --noinput, give --%s or DJANGO_SUPERUSER_%s", f.Name, strings.ToUpper(f.Name))
			}
		}
		if i == 0 {
			if problem, err := s.nameProblem(ctx, value); err != nil || problem != "" {
				return nil, nil, cmpErr(err, problem)
			}
		}
		values[f.Name] = value
	}
	if raw := s.env.Lookup("DJANGO_SUPERUSER_PASSWORD"); raw != "" {
		return values, &raw, nil
	}
	return values, nil, nil
}

func cmpErr(err error, problem string) error {
	if err != nil {
		return err
	}
	return command.Usagef("%s", problem)
}

// ask asks for what was not given: the name, the required columns, the password twice.
func (s *superuser) ask(ctx context.Context) (map[string]string, *string, error) {
	p := s.env.Prompt()
	if !p.Interactive() {
		return nil, nil, fmt.Errorf("no superuser was made: there is no terminal to ask at; use --noinput with options and DJANGO_SUPERUSER_PASSWORD, or run `%s createsuperuser` at a terminal", s.env.Program)
	}
	values := map[string]string{}
	fallback, err := s.defaultName(ctx)
	if err != nil {
		return nil, nil, err
	}
	for i, f := range s.fields() {
		if s.flags.Changed(f.Name) {
			value := *s.given[f.Name]
			if i == 0 {
				if problem, err := s.nameProblem(ctx, value); err != nil || problem != "" {
					return nil, nil, cmpErr(err, problem)
				}
			}
			values[f.Name] = value
			continue
		}
		if i > 0 {
			fallback = ""
		}
		if values[f.Name], err = s.askField(ctx, f, i == 0, fallback); err != nil {
			return nil, nil, err
		}
	}
	raw, err := s.askPassword(ctx, values)
	if err != nil {
		return nil, nil, err
	}
	return values, &raw, nil
}

func (s *superuser) askField(ctx context.Context, f *schema.Field, isName bool, fallback string) (string, error) {
	prompt := upperFirst(labelOf(f.Name))
	if fallback != "" {
		prompt += fmt.Sprintf(" (leave blank to use '%s')", fallback)
	}
	for {
		value, err := s.env.Prompt().Ask(ctx, prompt+": ")
		if err != nil {
			return "", err
		}
		if value == "" {
			value = fallback
		}
		problem := ""
		switch {
		case isName:
			if problem, err = s.nameProblem(ctx, value); err != nil {
				return "", err
			}
		case s.auth.users.model.email != nil && f.Name == s.auth.users.EmailField() && value != "":
			if e := names.ValidateEmail(value); e != nil {
				problem = e.Error()
			}
		case !isText(f):
			if e := s.auth.users.SetText(s.auth.users.New(), f.Name, value); e != nil {
				problem = e.Error()
			}
		}
		if problem == "" {
			return value, nil
		}
		s.env.Errorf("Error: %s\n", problem)
	}
}

// nameProblem says what is wrong with a user name, "" for nothing.
func (s *superuser) nameProblem(ctx context.Context, name string) (string, error) {
	users := s.auth.users
	if name == "" {
		return fmt.Sprintf("the %s cannot be blank.", labelOf(users.UsernameField())), nil
	}
	name = names.NormalizeUsername(name)
	if users.UsernameField() == users.EmailField() {
		if err := names.ValidateEmail(name); err != nil {
			return err.Error(), nil
		}
	} else if err := names.UnicodeUsername(name); err != nil {
		return err.Error(), nil
	}
	_, err := users.ByUsername(ctx, name)
	switch {
	case err == nil:
		return fmt.Sprintf("that %s is taken already.", labelOf(users.UsernameField())), nil
	case errors.Is(err, ErrNoUser):
		return "", nil
	}
	return "", err
}

// defaultName is the name of the system's user where it can be a user name and is free.
func (s *superuser) defaultName(ctx context.Context) (string, error) {
	name := systemUser()
	if name == "" {
		return "", nil
	}
	problem, err := s.nameProblem(ctx, name)
	if err != nil || problem != "" {
		return "", err
	}
	return name, nil
}

// systemUser returns the name under which the program runs, lower-cased and without spaces.
func systemUser() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	name := u.Username
	if i := strings.LastIndexByte(name, '\\'); i >= 0 {
		name = name[i+1:]
	}
	return strings.ReplaceAll(strings.ToLower(name), " ", "")
}

func (s *superuser) askPassword(ctx context.Context, values map[string]string) (string, error) {
	p := s.env.Prompt()
	for {
		raw, err := askTwice(ctx, p)
		switch {
		case errors.Is(err, errMismatch):
			s.env.Errorf("Error: the two passwords are not the same.\n")
			continue
		case err != nil:
			return "", err
		case strings.TrimSpace(raw) == "":
			s.env.Errorf("Error: a blank password is not allowed.\n")
			continue
		}
		problem := s.auth.users.ValidatePassword(ctx, raw, s.candidate(values))
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

// candidate is the user as far as it is known, for the validators.
func (s *superuser) candidate(values map[string]string) Account {
	users := s.auth.users
	u := users.New()
	for _, f := range s.fields() {
		_ = users.SetText(u, f.Name, values[f.Name]) // what does not fit was refused before
	}
	return u
}

var errMismatch = errors.New("the two passwords are not the same")

func askTwice(ctx context.Context, p command.Prompter) (string, error) {
	first, err := p.AskSecret(ctx, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := p.AskSecret(ctx, "Password (again): ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errMismatch
	}
	return first, nil
}

// labelOf turns a column's name into words: "first_name" is "first name", "email" "e-mail address".
func labelOf(column string) string {
	if column == "email" {
		return "e-mail address"
	}
	return strings.ReplaceAll(column, "_", " ")
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
