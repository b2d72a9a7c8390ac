package auth_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/command"
)

// typist answers questions: each prompt with its answers in turn, the last one again and again.
type typist struct {
	answers map[string][]string
	asked   []string
}

const (
	askPassword = "Password: "
	askAgain    = "Password (again): "
	askBypass   = "Make the user with this password all the same? [y/N]: "
	askEmail    = "E-mail address: "
	askUsername = "Username: "
)

// ctrlC is the answer of somebody who leaves.
const ctrlC = "\x03"

// typing makes a typist who gives each password twice, and answers further prompts: prompt and
// answer in turn.
func typing(passwords []string, promptsAndAnswers ...string) *typist {
	p := &typist{answers: map[string][]string{}}
	for _, raw := range passwords {
		p.answers[askPassword] = append(p.answers[askPassword], raw)
		p.answers[askAgain] = append(p.answers[askAgain], raw)
	}
	for i := 0; i < len(promptsAndAnswers); i += 2 {
		prompt := promptsAndAnswers[i]
		p.answers[prompt] = append(p.answers[prompt], promptsAndAnswers[i+1])
	}
	return p
}

var _ command.Prompter = (*typist)(nil)

func (p *typist) Interactive() bool { return true }

func (p *typist) Ask(_ context.Context, prompt string) (string, error) {
	p.asked = append(p.asked, prompt)
	answers := p.answers[prompt]
	if len(answers) == 0 {
		return "", fmt.Errorf("nobody expected the question %q, but %q", prompt, slices.Collect(maps.Keys(p.answers)))
	}
	if len(answers) > 1 {
		p.answers[prompt] = answers[1:]
	}
	if answers[0] == ctrlC {
		return "", command.ErrInterrupted
	}
	return answers[0], nil
}

func (p *typist) AskSecret(ctx context.Context, prompt string) (string, error) {
	return p.Ask(ctx, prompt)
}

// commandTest is a test of commands on one database.
type commandTest struct {
	*testing.T
	*authtest.Site
	users *auth.Users

	env    map[string]string // environment variables
	system string            // the name of the system's user
	stdout string            // what the last command wrote
	stderr string
}

// commandCase is one such test under the name of a case or row.
type commandCase struct {
	name string
	run  func(*commandTest)
}

// runCommands runs cases on both databases.
func runCommands(t *testing.T, prefix string, cases []commandCase) {
	t.Helper()
	t.Parallel()
	for _, c := range cases {
		t.Run(prefix+c.name, func(t *testing.T) {
			t.Parallel()
			commandSites.Each(t, func(t *testing.T, s *authtest.Site) {
				c.run(&commandTest{T: t, Site: s, users: s.Auth.Users(), env: map[string]string{}})
			})
		})
	}
}

// with goes on with users of another model or with other validators.
func (t *commandTest) with(model auth.Account, validators ...password.Validator) {
	t.Helper()
	if validators == nil {
		validators = []password.Validator{password.Numeric{}}
	}
	a, p, err := newCommandProject(t.Settings(), model, validators...)
	t.noError(err)
	t.Site, t.users = &authtest.Site{Site: t.Site.On(t.T, p), Auth: a}, a.Users()
}

// call runs a command as from code. Without a typist there is no terminal.
func (t *commandTest) call(p *typist, name string, args ...string) error {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := &command.Env{
		Stdout: &stdout, Stderr: &stderr, Program: "manage", User: t.system,
		LookupEnv: func(name string) (string, bool) { value, ok := t.env[name]; return value, ok },
	}
	if p != nil {
		env.Prompter = p
	}
	err := t.Call(t.Context(), env, name, args...)
	t.stdout, t.stderr = stdout.String(), stderr.String()
	return err
}

// calls is call of a command that succeeds.
func (t *commandTest) calls(p *typist, name string, args ...string) {
	t.Helper()
	if err := t.call(p, name, args...); err != nil {
		t.Fatalf("%s %q: %v\nstdout: %s\nstderr: %s", name, args, err, t.stdout, t.stderr)
	}
}

// fails is call of a command that fails with a text.
func (t *commandTest) fails(want string, p *typist, name string, args ...string) {
	t.Helper()
	if err := t.call(p, name, args...); err == nil || err.Error() != want {
		t.Errorf("%s %q: the error is %v, want %q\nstdout: %s\nstderr: %s", name, args, err, want, t.stdout, t.stderr)
	}
}

// wrote fails the test unless the last command wrote exactly this.
func (t *commandTest) wrote(stdout, stderr string) {
	t.Helper()
	if t.stdout != stdout || t.stderr != stderr {
		t.Errorf("stdout %q, stderr %q; want %q, %q", t.stdout, t.stderr, stdout, stderr)
	}
}

func (t *commandTest) noError(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// user returns the user of a name.
func (t *commandTest) user(name string) auth.Account {
	t.Helper()
	u, err := t.users.ByUsername(t.Context(), name)
	t.noError(err)
	return u
}

// has makes a user of auth.User.
func (t *commandTest) has(name, raw string) {
	t.Helper()
	_, err := t.users.Create(t.Context(), name, "", raw, nil)
	t.noError(err)
}

// checks fails the test unless this is the user's password.
func (t *commandTest) checks(u auth.Account, raw string) {
	t.Helper()
	if ok, err := t.users.CheckPassword(t.Context(), u, raw); err != nil || !ok {
		t.Errorf("the password of %v is not %q (%v)", u, raw, err)
	}
}

// insert stores rows.
func (t *commandTest) insert(rows ...any) {
	t.Helper()
	for _, row := range rows {
		_, err := t.DB().NewInsert().Model(row).Exec(t.Context())
		t.noError(err)
	}
}

// count is how many rows a query finds.
func (t *commandTest) count(table, where string, args ...any) int64 {
	t.Helper()
	n, err := t.DB().NewSelect().TableExpr("?", bun.Ident(table)).Where(where, args...).Count(t.Context())
	t.noError(err)
	return n
}

const created = "Superuser created.\n"
