package auth_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/database"
)

func TestUserRows(t *testing.T) {
	t.Parallel()
	runPeople(t, "row/", []peopleCase{
		{"U01", func(t *peopleTest) {
			_, err := t.users.Create(t.ctx, "", "a@example.com", "x", nil)
			t.wantError("no name", err, auth.ErrUsernameEmpty)
			t.user("john", nil)
			_, err = t.users.Create(t.ctx, "john", "", "x", nil)
			t.wantError("the name again", err, auth.ErrUsernameTaken)
			if !database.IsUniqueViolation(err) {
				t.Errorf("%v is no unique violation", err)
			}
		}},
		{"U03", func(t *peopleTest) {
			long := strings.Repeat("é", 150)
			u := t.user("john", nil)
			if u.FirstName != "" || u.LastName != "" {
				t.Errorf("the names are %q and %q at first", u.FirstName, u.LastName)
			}
			u.FirstName, u.LastName = long, long
			t.noError(t.users.Save(t.ctx, u))
			if got := t.reload(u).(*auth.User); got.FirstName != long || got.LastName != long {
				t.Error("150 characters do not fit")
			}
			u.FirstName = long + "x"
			t.wantError("151 characters", t.users.Save(t.ctx, u), auth.ErrText)
		}},
		{"U04", rowEmail},
		{"U05", rowPasswordIsHidden},
		{"U07", rowActive},
		{"U08", func(t *peopleTest) {
			u := t.user("john", nil)
			_, err := t.DB().NewInsert().Model(&userProfile{UserID: u.ID}).Exec(t.ctx)
			t.noError(err)
			if err := t.users.Delete(t.ctx, u); !database.IsForeignKeyViolation(err) {
				t.Errorf("Delete of a user whom a row refers to: %v, want a foreign key violation", err)
			}
			u.IsActive = false
			t.noError(t.users.Save(t.ctx, u, "is_active"))
			n, err := t.DB().NewSelect().Model((*userProfile)(nil)).Join("JOIN auth_user ON auth_user.id = profile.user_id").Count(t.ctx)
			if err != nil || n != 1 {
				t.Errorf("%d rows refer to the inactive user, %v; want 1", n, err)
			}
			_, err = t.DB().NewDelete().Model((*userProfile)(nil)).Where("1 = 1").Exec(t.ctx)
			t.noError(err)
			t.noError(t.users.Delete(t.ctx, u))
		}},
		{"U09", func(t *peopleTest) {
			u := t.user("root", func(u *auth.User) { u.IsSuperuser = true })
			t.wantBool("no.such", true)(t.Auth.HasPerm(t.ctx, u, "no.such"))
			t.wantBool("no.such for an object", true)(t.Auth.HasPermFor(t.ctx, u, "no.such", "object"))
			rows, err := t.groups.AllPermissions(t.ctx)
			t.noError(err)
			var all []string
			for _, p := range rows {
				all = append(all, p.Label())
			}
			t.wantPerms("AllPermissions", all...)(t.Auth.AllPermissions(t.ctx, u, nil))
		}},
		{"U10", rowLastLogin},
		{"U11", func(t *peopleTest) {
			u := t.user("john", nil)
			joined := t.reload(u).(*auth.User).DateJoined
			if age := time.Since(joined); age < 0 || age > time.Second {
				t.Errorf("joined %v ago, want now", age)
			}
			u.FirstName = "John"
			t.noError(t.users.Save(t.ctx, u))
			if got := t.reload(u).(*auth.User).DateJoined; !got.Equal(joined) {
				t.Errorf("joined %v after a save, want %v", got, joined)
			}
		}},
		{"U12", rowRelations},
		{"U13", rowLegacyLists},
		{"U14", func(t *peopleTest) {
			staff := t.user("staff", func(u *auth.User) { u.IsStaff = true })
			root, err := t.users.CreateSuperuser(t.ctx, "root", "", "x", nil)
			t.noError(err)
			for _, u := range []auth.Account{t.user("john", nil), staff, root} {
				if x, ok := t.reload(u).(*auth.User); !ok {
					t.Errorf("%v is a %T", u, x)
				}
			}
		}},
		{"U15", func(t *peopleTest) {
			t.wantBool("IsAnonymous of a user", false)(t.user("john", nil).IsAnonymous(), nil)
			t.wantBool("IsAnonymous of a visitor", true)((&auth.AnonymousUser{}).IsAnonymous(), nil)
		}},
		{"U16", func(t *peopleTest) {
			t.wantBool("IsAuthenticated of a user", true)(t.user("john", nil).IsAuthenticated(), nil)
			inactive := t.user("jim", func(u *auth.User) { u.IsActive = false })
			t.wantBool("IsAuthenticated of an inactive user", true)(t.reload(inactive).IsAuthenticated(), nil)
			t.wantBool("IsAuthenticated of a visitor", false)((&auth.AnonymousUser{}).IsAuthenticated(), nil)
		}},
		{"U18", func(t *peopleTest) {
			if got := t.users.Username(t.user("john", nil)); got != "john" {
				t.Errorf("the name is %q", got)
			}
			custom := t.with((*customUserModel)(nil), nil)
			if got := custom.users.Username(&customUserModel{Email: "a@example.com"}); got != "a@example.com" {
				t.Errorf("the name of a model that logs in by address is %q", got)
			}
		}},
	})
	t.Run("row/U17", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ first, last, want string }{
			{"John", "Lennon", "John Lennon"}, {"", "Lennon", "Lennon"}, {"John", "", "John"}, {"", "", ""},
		} {
			u := auth.User{AbstractUser: auth.AbstractUser{FirstName: c.first, LastName: c.last}}
			if got := u.FullName(); got != c.want || u.ShortName() != c.first {
				t.Errorf("FullName %q, ShortName %q; want %q, %q", got, u.ShortName(), c.want, c.first)
			}
		}
	})
}

func rowEmail(t *peopleTest) {
	u, err := t.users.CreateWithoutPassword(t.ctx, "nobody", "", nil)
	t.noError(err)
	if got := t.reload(u).(*auth.User).Email; got != "" {
		t.Errorf("the address is %q without one", got)
	}
	for in, want := range map[string]string{
		"lennon@TheBeatles.com": "lennon@thebeatles.com", `Abc\@DOMAIN.com`: `Abc\@domain.com`, "no at": "no at", "": "",
	} {
		u, err := t.users.CreateWithoutPassword(t.ctx, "for "+in, in, nil)
		t.noError(err)
		if got := t.reload(u).(*auth.User).Email; got != want {
			t.Errorf("the address %q is stored as %q, want %q", in, got, want)
		}
	}
	long := strings.Repeat("x", 254-len("@example.com")) + "@example.com"
	t.user("long", func(u *auth.User) { u.Email = long })
	_, err = t.users.CreateWithoutPassword(t.ctx, "longer", "x"+long, nil)
	t.wantError("an address of 255 characters", err, auth.ErrText)
	if names.ValidateEmail("a@b") == nil || names.ValidateEmail("a@localhost") != nil {
		t.Error("ValidateEmail accepts a@b or refuses a@localhost")
	}
}

func rowPasswordIsHidden(t *peopleTest) {
	for _, raw := range []string{"x", "", "a b", "\x00", "ünï☃", strings.Repeat("long", 1000), "\xff"} {
		u := t.user("user "+fmt.Sprintf("%.20q", raw), nil)
		t.noError(t.users.SetPassword(t.ctx, u, raw))
		t.noError(t.users.Save(t.ctx, u))
		stored := string(t.reload(u).(*auth.User).Password)
		if algorithm, _, ok := strings.Cut(stored, "$"); !ok || algorithm != "md5" || len(stored) > 128 {
			t.Errorf("the column holds %q", stored)
		}
		if len(raw) > 2 && strings.Contains(stored, raw) {
			t.Errorf("the column holds the raw password: %q", stored)
		}
		t.wantBool("CheckPassword", true)(t.users.CheckPassword(t.ctx, t.reload(u), raw))
		t.wantBool("CheckPassword of another", false)(t.users.CheckPassword(t.ctx, t.reload(u), raw+"x"))
	}
	u := t.user("shown", nil)
	t.noError(t.users.SetPassword(t.ctx, u, "raw secret"))
	hash := string(u.Password)
	for _, shown := range show(t.T, u) {
		if strings.Contains(shown, hash) || strings.Contains(shown, hash[4:]) || strings.Contains(shown, "raw secret") {
			t.Errorf("the password shows: %s", shown)
		}
	}
}

// show prints a user in all ways that programs print.
func show(t *testing.T, u *auth.User) []string {
	t.Helper()
	var shown []string
	for _, value := range []any{u, *u, u.Password, &u.Password, []any{u}, map[string]any{"u": *u}, struct{ U auth.User }{*u}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			shown = append(shown, fmt.Sprintf(verb, value))
		}
		if b, err := json.Marshal(value); err == nil {
			shown = append(shown, string(b))
		}
		for _, handler := range []func(*strings.Builder) slog.Handler{
			func(b *strings.Builder) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *strings.Builder) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b strings.Builder
			slog.New(handler(&b)).Info("test", "value", value)
			shown = append(shown, b.String())
		}
	}
	b, err := xml.Marshal(u.Password)
	if err != nil {
		t.Fatal(err)
	}
	return append(shown, string(b), fmt.Sprint(errors.New(u.Password.String())))
}

func rowActive(t *peopleTest) {
	u, err := t.users.CreateSuperuser(t.ctx, "root", "", "x", nil)
	t.noError(err)
	t.noError(t.users.Permissions(u).Add(t.ctx, t.permission("test")))
	u.(*auth.User).IsActive = false
	t.noError(t.users.Save(t.ctx, u))
	got, err := t.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: "root", Password: "x"})
	if err != nil || got != nil {
		t.Errorf("Authenticate of an inactive user = %v, %v", got, err)
	}
	b := &auth.ModelBackend{Users: t.users}
	if got, err := b.User(t.ctx, t.users.PK(u)); err != nil || got != nil {
		t.Errorf("the backend's User of an inactive user = %v, %v", got, err)
	}
	again := t.reload(u)
	t.wantBool("HasPerm", false)(t.Auth.HasPerm(t.ctx, again, "auth.test"))
	t.wantBool("HasPerms", false)(t.Auth.HasPerms(t.ctx, again, "auth.test"))
	t.wantBool("HasModulePerms", false)(t.Auth.HasModulePerms(t.ctx, again, "auth"))
	t.wantPerms("AllPermissions")(t.Auth.AllPermissions(t.ctx, again, nil))
}

func rowLastLogin(t *peopleTest) {
	u := t.user("john", nil)
	if got := t.reload(u).(*auth.User).LastLogin; !got.IsZero() {
		t.Errorf("the last log-in is %v before the first", got)
	}
	var nulls int
	t.noError(t.DB().NewRaw("SELECT count(*) FROM auth_user WHERE last_login IS NULL").Scan(t.ctx, &nulls))
	if nulls != 1 {
		t.Error("the last log-in is not NULL before the first")
	}
	b := t.Browser()
	stale := t.reload(u).(*auth.User)
	stale.FirstName = "not saved"
	statements := t.Queries.During(func() { t.forceLogin(b, stale) })
	var updates []string
	for _, s := range statements {
		if strings.Contains(s, "UPDATE") && strings.Contains(s, "auth_user") {
			updates = append(updates, s)
		}
	}
	if len(updates) != 1 || strings.Count(updates[0], "=") != 2 {
		t.Errorf("a log-in runs %q, want one UPDATE of one column", updates)
	}
	got := t.reload(u).(*auth.User)
	if age := time.Since(got.LastLogin); age < 0 || age > 5*time.Second || got.FirstName != "" {
		t.Errorf("after the log-in: %v ago, first name %q", age, got.FirstName)
	}
}

func rowRelations(t *peopleTest) {
	u := t.user("john", nil)
	g1, g2, g3 := t.group("1"), t.group("2"), t.group("3")
	groups := t.users.Groups(u)
	want := func(what string, want ...*auth.Group) {
		t.Helper()
		var ids []int64
		for _, g := range want {
			ids = append(ids, g.ID)
		}
		t.wantIDs(what, ids...)(groups.IDs(t.ctx))
		n, err := t.DB().NewSelect().TableExpr("auth_user_groups").Count(t.ctx)
		if err != nil || int(n) != len(want) {
			t.Errorf("%s: %d rows, %v; want %d", what, n, err, len(want))
		}
	}
	t.noError(groups.Set(t.ctx, g1, g2))
	want("Set", g1, g2)
	t.noError(groups.Add(t.ctx, g2, g3))
	t.noError(groups.Add(t.ctx, g3, g3))
	want("Add twice", g1, g2, g3)
	t.noError(groups.Remove(t.ctx, g1, g1))
	want("Remove", g2, g3)
	t.noError(groups.Set(t.ctx, g1))
	want("Set another", g1)
	t.noError(groups.Clear(t.ctx))
	want("Clear")
	perms := t.users.Permissions(u)
	p1, p2 := t.permission("p1"), t.permission("p2")
	t.noError(perms.Set(t.ctx, p1, p2))
	t.noError(perms.Add(t.ctx, p1))
	t.wantIDs("Set of permissions", p1.ID, p2.ID)(perms.IDs(t.ctx))
	t.noError(perms.Remove(t.ctx, p1))
	t.wantIDs("Remove of permissions", p2.ID)(perms.IDs(t.ctx))
	t.noError(perms.Clear(t.ctx))
	t.wantIDs("Clear of permissions")(perms.IDs(t.ctx))
}

func rowLegacyLists(t *peopleTest) {
	u := t.user("john", nil)
	g1, g2 := t.group("1"), t.group("2")
	list := func(want ...string) {
		t.Helper()
		groups, err := t.users.GroupList(t.ctx, u)
		if err != nil || fmt.Sprint(groups) != fmt.Sprint(want) {
			t.Errorf("GroupList = %v, %v; want %v", groups, err, want)
		}
	}
	list()
	t.wantBool("SetGroupIDs of two", true)(t.users.SetGroupIDs(t.ctx, u, g1.ID, g2.ID))
	list("1", "2")
	t.wantBool("SetGroupIDs of the same", false)(t.users.SetGroupIDs(t.ctx, u, g2.ID, g1.ID, g1.ID))
	t.Queries.AtMost(t.T, 0, func() { list("1", "2") })
	t.noError(t.users.Groups(u).Remove(t.ctx, g1))
	list("1", "2") // remembered on the user
	t.wantBool("SetGroupIDs of another", true)(t.users.SetGroupIDs(t.ctx, u, g1.ID))
	list("1")
	t.wantIDs("after SetGroupIDs", g1.ID)(t.users.Groups(u).IDs(t.ctx))
	if _, err := t.users.SetGroupIDs(t.ctx, u, g1.ID, 1000); !database.IsForeignKeyViolation(err) {
		t.Errorf("SetGroupIDs of no group: %v", err)
	}
	t.wantIDs("after the failure", g1.ID)(t.users.Groups(u).IDs(t.ctx))

	p := t.permission("p")
	t.wantBool("SetPermissionIDs of one", true)(t.users.SetPermissionIDs(t.ctx, u, p.ID))
	t.wantBool("SetPermissionIDs of the same", false)(t.users.SetPermissionIDs(t.ctx, u, p.ID))
	perms, err := t.users.PermissionList(t.ctx, u)
	if err != nil || len(perms) != 1 || perms[0].Label() != "auth.p" {
		t.Errorf("PermissionList = %v, %v", perms, err)
	}
	t.Queries.AtMost(t.T, 0, func() { _, _ = t.users.PermissionList(t.ctx, u) })
	t.wantBool("SetPermissionIDs of none", true)(t.users.SetPermissionIDs(t.ctx, u))
	if perms, err = t.users.PermissionList(t.ctx, u); err != nil || len(perms) != 0 {
		t.Errorf("PermissionList = %v, %v; want none", perms, err)
	}
}

// wantIDs fails unless these are the keys.
func (t *peopleTest) wantIDs(what string, want ...int64) func([]int64, error) {
	return func(got []int64, err error) {
		t.Helper()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
}
