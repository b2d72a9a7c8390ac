package auth_test

import (
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestByEmail(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *coretest.Site) {
		users := auth.NewUsers(s.DB(), (*auth.User)(nil))
		for name, address := range map[string]string{
			"a": "Mike@example.org", "b": "mike@example.org", "c": "mıke@example.org", "d": "m*ke@example.org",
			"e": "bücher@example.org", "f": "x]y-[^z@example.org", "g": "",
		} {
			if _, err := users.CreateWithoutPassword(t.Context(), name, address, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			address string
			want    []string
		}{
			{"MIKE@EXAMPLE.ORG", []string{"a", "b"}},
			{"mike@example.org", []string{"a", "b"}},
			{"mıke@example.org", []string{"c"}},
			{"M*KE@example.org", []string{"d"}},
			{"m?ke@example.org", nil},
			{"X]Y-[^Z@example.org", []string{"f"}},
			{"bücher@EXAMPLE.org", []string{"e"}},
			{"", nil},
			{"\x00", nil},
			{"\xff", nil},
			{"' OR 1=1 --", nil},
		} {
			found, err := users.ByEmail(t.Context(), tt.address)
			if err != nil {
				t.Errorf("ByEmail(%q): %v", tt.address, err)
			}
			var got []string
			for _, u := range found {
				got = append(got, users.Username(u))
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("ByEmail(%q) found %q, want %q", tt.address, got, tt.want)
			}
		}
	})
}

func TestUsernameTaken(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *coretest.Site) {
		users := auth.NewUsers(s.DB(), (*auth.User)(nil))
		for _, name := range []string{"Ada", "straße", "a[b]c"} {
			if _, err := users.CreateWithoutPassword(t.Context(), name, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		for name, want := range map[string]bool{
			"ada": true, "ADA": true, "Ada": true, "adam": false, "a?a": false, "STRAßE": true,
			"A[B]C": true, "abc": false, "": false, "\x00": false,
		} {
			if got, err := users.UsernameTaken(t.Context(), name); err != nil || got != want {
				t.Errorf("UsernameTaken(%q) = %v, %v; want %v", name, got, err, want)
			}
		}
	})
}

// SQLite itself does not know the case of letters beyond z.
func TestIgnoringCaseOnSQLite(t *testing.T) {
	t.Parallel()
	s := plain.SQLite(t)
	users := auth.NewUsers(s.DB(), (*auth.User)(nil))
	for _, name := range []string{"Ünï", "GASSE", "ΟΔΟΣ"} {
		if _, err := users.CreateWithoutPassword(t.Context(), name, name+"@example.org", nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ünÏ", "gaße", "οδος", "οδοσ"} {
		if taken, err := users.UsernameTaken(t.Context(), name); err != nil || !taken {
			t.Errorf("UsernameTaken(%q) = %v, %v; want true", name, taken, err)
		}
		if found, err := users.ByEmail(t.Context(), name+"@example.org"); err != nil || len(found) != 1 {
			t.Errorf("ByEmail(%q) = %d users, %v; want 1", name, len(found), err)
		}
	}
}

func TestSetText(t *testing.T) {
	t.Parallel()
	s := plain.SQLite(t)
	users := auth.NewUsers(s.DB(), (*auth.User)(nil))
	u := users.New()
	if err := users.SetText(u, "first_name", "Ada"); err != nil || users.Text(u, "first_name") != "Ada" {
		t.Errorf("SetText: %v, first name %q", err, users.Text(u, "first_name"))
	}
	if err := users.SetText(u, "id", "7"); err != nil || users.PK(u) != "7" {
		t.Errorf("SetText: %v, key %q", err, users.PK(u))
	}
	for column, text := range map[string]string{"id": "seven", "password": "x", "is_staff": "1", "none": "x"} {
		if err := users.SetText(u, column, text); err == nil {
			t.Errorf("SetText(%q, %q) is no error", column, text)
		}
	}
	for column, want := range map[string]int{"username": 150, "email": 254, "id": 0, "nickname": 0} {
		if got := users.MaxLength(column); got != want {
			t.Errorf("MaxLength(%q) = %d, want %d", column, got, want)
		}
	}
	if users.HasColumn("nickname") || !users.HasColumn("email") {
		t.Error("HasColumn is wrong about nickname or email")
	}
}
