package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/forms"
)

// byEmail is a project whose users log in by their address.
var byEmail = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.EmailUser)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App())
	return a, p, err
})

func TestEmailUserIgnoresCase(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		users, ctx := s.Auth.Users(), t.Context()
		u, err := users.Create(ctx, "Ada.Lovelace@EXAMPLE.org", "", "secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := users.Email(u); got != "Ada.Lovelace@example.org" {
			t.Errorf("the address is stored as %q", got)
		}
		for _, spelling := range []string{"Ada.Lovelace@example.org", "ada.lovelace@EXAMPLE.ORG", "ADA.LOVELACE@example.org", " Ada.Lovelace@example.org ",
			"ａda.lovelace@example.org"} {
			found, err := users.ByUsername(ctx, spelling)
			if err != nil || !users.Same(found, u) {
				t.Errorf("ByUsername(%q) = %v, %v; want the user", spelling, found, err)
			}
			if got, err := s.Auth.Authenticate(ctx, nil, auth.PasswordCredentials{Username: spelling, Password: "secret"}); err != nil || got == nil {
				t.Errorf("Authenticate(%q) = %v, %v; want the user", spelling, got, err)
			}
			if _, err := users.Create(ctx, spelling, "", "other", nil); !errors.Is(err, auth.ErrUsernameTaken) {
				t.Errorf("Create(%q): %v, want ErrUsernameTaken", spelling, err)
			}
			taken, err := users.UsernameTaken(ctx, strings.TrimSpace(spelling))
			if err != nil || !taken && !strings.HasPrefix(spelling, "ａ") {
				t.Errorf("UsernameTaken(%q) = %v, %v", spelling, taken, err)
			}
		}
		for _, other := range []string{"ada.lovelace@example.com", "ada%@example.org", "ada_lovelace@example.org", "ada.lovelace", "", "\x00", "\xff"} {
			if _, err := users.ByUsername(ctx, other); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByUsername(%q): %v, want ErrNoUser", other, err)
			}
		}
	})
}

// A dotless ı is no i, though PostgreSQL's UPPER makes one of both.
func TestEmailUserOfLookalikes(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		users, ctx := s.Auth.Users(), t.Context()
		if _, err := users.Create(ctx, "mike@example.org", "", "secret", nil); err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"mıke@example.org", "MİKE@example.org", "mike@exämple.org"} {
			if found, err := users.ByUsername(ctx, address); !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("ByUsername(%q) = %v, %v; want ErrNoUser", address, found, err)
			}
		}
		// The Kelvin sign is a k to NFKC, so both are one address.
		if _, err := users.Create(ctx, "mi\u212ae@example.org", "", "x", nil); !errors.Is(err, auth.ErrUsernameTaken) {
			t.Errorf("Create with a Kelvin sign: %v, want ErrUsernameTaken", err)
		}
	})
}

func TestEmailUserIsClean(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		users, ctx := s.Auth.Users(), t.Context()
		for _, address := range []string{"no address", "a@b", "@example.org", "mıke@example.org", "jörg@example.org", "a b@example.org", "a@example.org\nBcc: b@example.org"} {
			_, err := users.Create(ctx, address, "", "x", nil)
			var refusal *forms.Error
			if !errors.As(err, &refusal) || refusal.Code != "invalid" {
				t.Errorf("Create(%q): %v, want a refusal with the code invalid", address, err)
			}
		}
		for _, address := range []string{"", "a\x00@example.org", strings.Repeat("x", 250) + "@example.org"} {
			if _, err := users.Create(ctx, address, "", "x", nil); !errors.Is(err, auth.ErrUsernameEmpty) && !errors.Is(err, auth.ErrText) {
				t.Errorf("Create(%.20q): %v", address, err)
			}
		}
		u, err := users.Create(ctx, "", "o'hara@bücher.example", "x", nil)
		if err != nil || users.Username(u) != "o'hara@bücher.example" {
			t.Errorf("Create by the argument email = %v, %v", u, err)
		}
		if n, err := s.DB().NewSelect().Model((*auth.EmailUser)(nil)).Count(ctx); err != nil || n != 1 {
			t.Errorf("%d users were stored, %v; want 1", n, err)
		}
	})
}

// A look-up by address uses the unique index on either database.
func TestEmailUserIndex(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx := t.Context()
		statements := s.Queries.During(func() { _, _ = s.Auth.Users().ByUsername(ctx, "ada@example.org") })
		if len(statements) != 1 {
			t.Fatalf("ByUsername runs %q", statements)
		}
		conn, err := s.DB().Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		explain, column := "EXPLAIN QUERY PLAN ", 3
		if database.IsPostgres(s.DB()) {
			explain, column = "EXPLAIN ", 0
			if _, err := conn.ExecContext(ctx, "SET enable_seqscan = off"); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := conn.QueryContext(ctx, explain+statements[0])
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		plan := ""
		for rows.Next() {
			values := []any{new(any), new(any), new(any), new(any)}
			if err := rows.Scan(values[:column+1]...); err != nil {
				t.Fatal(err)
			}
			plan += fmt.Sprintln(*values[column].(*any))
		}
		if !strings.Contains(plan, "auth_emailuser_email_upper") {
			t.Errorf("the plan does not use the index:\n%s", plan)
		}
	})
}

func TestEmailUserTables(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx := t.Context()
		for table, want := range map[string]bool{
			"auth_emailuser": true, "auth_emailuser_groups": true, "auth_emailuser_user_permissions": true,
			"auth_user": false, "auth_user_groups": false, "auth_group": true,
		} {
			_, err := s.DB().NewSelect().TableExpr("?", bun.Ident(table)).Count(ctx)
			if (err == nil) != want {
				t.Errorf("the table %s is there: %v, want %v", table, err == nil, want)
			}
		}
		if _, err := s.Auth.Groups().Permission(ctx, "auth.change_emailuser"); err != nil {
			t.Errorf("the model's permissions: %v", err)
		}
		app, _ := s.App("auth")
		steps, err := app.Migrations.Migrations(s.DB().Dialect().Name())
		if err != nil {
			t.Fatal(err)
		}
		last := steps[len(steps)-1]
		if last.Name != "0013_emailuser" {
			t.Fatalf("the last migration is %s", last.Name)
		}
		for range 2 {
			for _, step := range []func() error{func() error { return last.Down(ctx, s.DB()) }, func() error { return last.Up(ctx, s.DB()) }} {
				if err := step(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := s.Auth.Users().Create(ctx, "ada@example.org", "", "x", nil); err != nil {
			t.Errorf("after going back and forth: %v", err)
		}
	})
}

// TestReadyModels: each model's tables are in the migrations of a project with that model alone.
func TestReadyModels(t *testing.T) {
	t.Parallel()
	for model, want := range map[auth.Account][]string{
		(*auth.User)(nil):          {"0001_initial"},
		(*auth.EmailUser)(nil):     {"0001_initial", "0013_emailuser"},
		(*customUserModel)(nil):    {"0001_initial"},
		(*auth.AnonymousUser)(nil): {"0001_initial"},
	} {
		app := auth.New(auth.Config{Users: auth.NewUsers(database.Broken(errors.New("no database")), model)}).App()
		steps, err := app.Migrations.Migrations(dialect.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range steps {
			got = append(got, m.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%T: migrations %q, want %q", model, got, want)
		}
		hasUsers := strings.Contains(steps[0].UpSQL, `"auth_user"`)
		if _, isDefault := model.(*auth.User); hasUsers != isDefault {
			t.Errorf("%T: auth_user is made: %v", model, hasUsers)
		}
	}
}

func TestEmailUserCommands(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		run := func(p *typist, args ...string) (string, error) {
			var out bytes.Buffer
			env := &command.Env{
				Stdout: &out, Stderr: &out, Program: "manage", User: "root", Prompter: p,
				LookupEnv: func(string) (string, bool) { return "", false },
			}
			err := s.Call(t.Context(), env, "createsuperuser", args...)
			return out.String(), err
		}
		const password = "correct horse battery"
		p := typing([]string{password}, askEmail, "no address", askEmail, "Ada@EXAMPLE.org")
		out, err := run(p)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{askEmail, askEmail, askPassword, askAgain}; !slices.Equal(p.asked, want) {
			t.Errorf("asked %q, want %q", p.asked, want)
		}
		if !strings.Contains(out, "This is not an e-mail address") || !strings.HasSuffix(out, "Superuser created.\n") {
			t.Errorf("wrote %q", out)
		}
		u, err := s.Auth.Users().ByUsername(t.Context(), "ada@example.org")
		if err != nil || !u.(*auth.EmailUser).IsSuperuser || u.(*auth.EmailUser).Email != "Ada@example.org" {
			t.Errorf("the superuser is %+v, %v", u, err)
		}
		again := typing([]string{password}, askEmail, "ADA@example.org", askEmail, "bob@example.org")
		if out, err = run(again); err != nil || !strings.Contains(out, "taken") {
			t.Errorf("an address that is taken in another case: %q, %v", out, err)
		}
	})
}
