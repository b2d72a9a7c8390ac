package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core/database"
)

// TestCodenameRenamedElsewhere swaps the names of two permissions in another process, between requests
// whose statements are prepared and have run: what the user has counts under its name of now.
func TestCodenameRenamedElsewhere(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		other, err := database.Open(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		rename := func(from, to string) {
			t.Helper()
			r, err := other.ExecContext(t.Context(), `UPDATE auth_permission SET codename = ? WHERE codename = ?`, to, from)
			if n, nErr := affected(r, err); err != nil || nErr != nil || n != 1 {
				t.Fatalf("%s was not renamed: %d rows, %v, %v", from, n, err, nErr)
			}
			// A process that writes by SQL says so to those that keep users; without a cache this does nothing.
			if err := s.Auth.Users().TellChanged(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ofUser, ofGroup := newUser(t, s, "own", nil), newUser(t, s, "grouped", nil)
		grant(t, s, ofUser, addPerm)
		g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "adders"))
		p := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), addPerm))
		if err := s.Auth.Groups().Permissions(g).Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if err := s.Auth.Users().Groups(ofGroup).Add(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		for _, u := range []*auth.User{ofUser, ofGroup} {
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, u)
			want := func(when string, status int) {
				t.Helper()
				for range 7 { // PostgreSQL plans anew five times, and then no more
					if page := b.Get(t, "/add/"); page.Status != status {
						t.Errorf("%s, %s: status %d, want %d", u.Username, when, page.Status, status)
					}
				}
			}
			want("before", http.StatusOK)
			rename("add_customuser", "waiting")
			rename("change_customuser", "add_customuser")
			want("with the name at another permission", http.StatusFound)
			rename("add_customuser", "change_customuser")
			rename("waiting", "add_customuser")
			want("with the name back", http.StatusOK)
		}
	})
}

func affected(r interface{ RowsAffected() (int64, error) }, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// TestManyPermissions gives a user 1,001 permissions by groups that overlap and one of his own. They
// come with the user, each of them once, in one statement.
func TestManyPermissions(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx, u := t.Context(), newUser(t, s, "heavy", nil)
		id := giveMany(t, s, u)
		for range 2 {
			s.Queries.AtMost(t, 1, func() {
				b := &auth.ModelBackend{Users: s.Auth.Users()}
				loaded, err := b.LoadUser(ctx, fmt.Sprint(u.ID), true)
				if err != nil {
					t.Fatal(err)
				}
				all, err := s.Auth.AllPermissions(ctx, loaded, nil)
				if err != nil || len(all) != 1001 {
					t.Errorf("%d permissions, %v; want 1001", len(all), err)
				}
				group, err := s.Auth.GroupPermissions(ctx, loaded, nil)
				if err != nil || len(group) != 1000 || !group.Has("heavy.ünï:12:x_999") || group.Has(addPerm) {
					t.Errorf("%d permissions by groups, %v; want 1000 without the user's own", len(group), err)
				}
			})
		}
		if _, err := s.DB().ExecContext(ctx, `DELETE FROM auth_group_permissions WHERE permission_id = ?`, id); err != nil {
			t.Fatal(err)
		}
		if ok, err := s.Auth.HasPerm(ctx, must[auth.Account](t)(s.Auth.Users().ByPK(ctx, fmt.Sprint(u.ID))), "heavy.ünï:12:x_999"); ok || err != nil {
			t.Errorf("a permission that was taken away: %v, %v", ok, err)
		}
	})
}

// giveMany makes 1,000 permissions that two groups have, both of them the user's, and gives him one
// more. It returns the id of the last.
func giveMany(t *testing.T, s *authtest.Site, u *auth.User) int64 {
	t.Helper()
	ctx := t.Context()
	types := must[int64](t)(newType(ctx, s))
	perms := make([]*auth.Permission, 1000)
	for i := range perms {
		perms[i] = &auth.Permission{Name: "many", ContentTypeID: types, Codename: fmt.Sprintf("ünï:12:x_%d", i)}
	}
	if _, err := s.DB().NewInsert().Model(&perms).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		g := must[*auth.Group](t)(s.Auth.Groups().Create(ctx, name))
		if err := s.Auth.Groups().Permissions(g).Add(ctx, perms...); err != nil {
			t.Fatal(err)
		}
		if err := s.Auth.Users().Groups(u).Add(ctx, g); err != nil {
			t.Fatal(err)
		}
	}
	grant(t, s, u, addPerm)
	return perms[999].ID
}

func newType(ctx context.Context, s *authtest.Site) (id int64, err error) {
	err = s.DB().NewRaw(`INSERT INTO django_content_type (app_label, model) VALUES (?, ?) RETURNING id`, "heavy", "thing").Scan(ctx, &id)
	return id, err
}
