package auth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestModelJoins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model  auth.Account
		groups string // table and column, "" for none
		perms  string
	}{
		{(*auth.User)(nil), "auth_user_groups.user_id", "auth_user_user_permissions.user_id"},
		{(*auth.EmailUser)(nil), "auth_emailuser_groups.emailuser_id", "auth_emailuser_user_permissions.emailuser_id"},
		{(*uuidUser)(nil), "auth_tests_uuiduser_groups.uuiduser_id", "auth_tests_uuiduser_user_permissions.uuiduser_id"},
		{(*customUserModel)(nil), "", ""},
		{(*noKey)(nil), "", ""},
	} {
		m := auth.Model(c.model)
		if m.Of != c.model {
			t.Errorf("Model of %T describes %T", c.model, m.Of)
		}
		var got []string
		for _, j := range m.Joins {
			got = append(got, j.Table+"."+j.Sides[0].Column)
			if j.Sides[0].Of != c.model {
				t.Errorf("%s refers to %T", j.Table, j.Sides[0].Of)
			}
			if want := map[string]string{"group_id": "*auth.Group", "permission_id": "*auth.Permission"}[j.Sides[1].Column]; fmt.Sprintf("%T", j.Sides[1].Of) != want {
				t.Errorf("%s.%s refers to %T", j.Table, j.Sides[1].Column, j.Sides[1].Of)
			}
		}
		if want := strings.Fields(c.groups + " " + c.perms); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("Model of %T has the joins %q, want %q", c.model, got, want)
		}
	}
}

// The column of a join table has the type of the key that it refers to, and the database checks
// what is put into it.
func TestCreateJoins(t *testing.T) {
	t.Parallel()
	people.Each(t, func(t *testing.T, s *authtest.Site) {
		for table, want := range map[string][2]string{
			"auth_tests_uuiduser_groups":                {"uuiduser_id uuid", "char(32)"},
			"auth_tests_extensionuser_user_permissions": {"extensionuser_id bigint", "integer"},
			"auth_tests_custompermissionsuser_groups":   {"permissionsuser_id bigint", "integer"},
		} {
			column, kind, _ := strings.Cut(want[0], " ")
			query := "SELECT data_type FROM information_schema.columns WHERE table_name = ? AND column_name = ?"
			if !database.IsPostgres(s.DB()) {
				kind, query = want[1], "SELECT type FROM pragma_table_info(?) WHERE name = ?"
			}
			var got string
			if err := s.DB().NewRaw(query, table, column).Scan(t.Context(), &got); err != nil || !strings.EqualFold(got, kind) {
				t.Errorf("%s.%s is a %q, %v; want %s", table, column, got, err, kind)
			}
		}
		nobody := database.NewUUID()
		_, err := s.DB().NewRaw("INSERT INTO auth_tests_uuiduser_groups (uuiduser_id, group_id) VALUES (?, 1)", nobody).Exec(t.Context())
		if !database.IsForeignKeyViolation(err) {
			t.Errorf("a row of nobody: %v, want a foreign key violation", err)
		}
	})
}

func TestCreateJoinsBackAndForth(t *testing.T) {
	t.Parallel()
	people.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx := t.Context()
		for range 2 {
			if err := auth.DropJoins((*extensionUser)(nil))(ctx, s.DB()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.DB().NewSelect().TableExpr("auth_tests_extensionuser_groups").Count(ctx); err == nil {
				t.Fatal("the table is there after DropJoins")
			}
			if err := auth.CreateJoins((*extensionUser)(nil))(ctx, s.DB()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCreateJoinsRefuses(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		for model, want := range map[auth.Account]string{
			(*customUserModel)(nil): "without auth.Permissions", (*noKey)(nil): "0 primary keys",
		} {
			for name, step := range map[string]func(context.Context, bun.IDB) error{"CreateJoins": auth.CreateJoins(model), "DropJoins": auth.DropJoins(model)} {
				wantText(t, name, step(t.Context(), db), want)
			}
		}
	})
}
