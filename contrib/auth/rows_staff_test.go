package auth_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
)

// The flag gates the pages of an admin. There are none yet, so a page guarded as theirs will be
// stands for them.
func TestStaffGate(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		t.Run("row/U06", func(t *testing.T) {
			s := rebuild(t, s, nil, adminPages)
			for name, tt := range map[string]struct {
				fill func(*auth.User)
				want int
			}{
				"staff":    {func(u *auth.User) { u.IsStaff = true }, 200},
				"ordinary": {nil, 302},
				"super":    {func(u *auth.User) { u.IsSuperuser = true }, 302},
				"inactive": {func(u *auth.User) { u.IsStaff, u.IsActive = true, false }, 302},
			} {
				u := newUser(t, s, name, tt.fill)
				b := s.Browser()
				authtest.ForceLogin(t, s.Auth, b, u)
				page := b.Get(t, "/admin/")
				if page.Status != tt.want || (tt.want == 302 && page.Location() != "/admin/login/?next=/admin/") {
					t.Errorf("the admin as %s: status %d to %q, want %d", name, page.Status, page.Location(), tt.want)
				}
			}
			// What counts is the row as it is now.
			u := newUser(t, s, "promoted", nil)
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, u)
			u.IsStaff = true
			if err := s.Auth.Users().Save(t.Context(), u, "is_staff"); err != nil {
				t.Fatal(err)
			}
			if page := b.Get(t, "/admin/"); page.Status != 200 {
				t.Errorf("the admin after a promotion: status %d, want 200", page.Status)
			}
		})
	})
}
