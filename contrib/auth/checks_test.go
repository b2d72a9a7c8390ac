package auth_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// Checked lends its name to models with one permission or another.
type Checked struct {
	bun.BaseModel `bun:"table:checked"`

	ID int64 `bun:"id,pk"`
}

// The user models of Django's cases. Plain has no rule for its names.
type (
	plainUser struct {
		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser

		Username string `bun:"username,notnull"`
	}
	uniqueUser struct {
		bun.BaseModel `bun:"table:plain_users"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser

		Username string `bun:"username,notnull,unique"`
	}
	keyUser struct {
		auth.BaseUser

		Username string `bun:"username,pk"`
	}
	requiredUser struct {
		bun.BaseModel `bun:"table:plain_users"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser

		Username    string    `bun:"username,notnull,unique"`
		DateOfBirth time.Time `bun:"date_of_birth,notnull"`
	}
)

func (*requiredUser) RequiredFields() []string { return []string{"username", "date_of_birth"} }

// messages are the ids and objects of what the checks of auth and contenttypes find.
func messages(t *testing.T, p *core.Project, deploy bool) []string {
	t.Helper()
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range p.Check(t.Context(), deploy) {
		if strings.HasPrefix(m.ID, "auth.") || strings.HasPrefix(m.ID, "contenttypes.") {
			found = append(found, m.Level.String()+" "+m.ID+" "+m.Object)
		}
	}
	return found
}

func wantMessages(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the checks find %q, want %q", got, want)
	}
}

// checkModel returns what is found about one model.
func checkModel(t *testing.T, m core.Model) []string {
	t.Helper()
	m.Of = (*Checked)(nil)
	s := rebuild(t, guarded.SQLite(t), nil, func(*auth.Auth) core.App {
		return core.App{Label: "checked", Models: []core.Model{m}}
	})
	return messages(t, s.Project, false)
}

// checkUsers returns what is found about a project whose users are of a model.
func checkUsers(t *testing.T, model auth.Account, uniques []core.Unique, backends ...auth.Backend) []string {
	t.Helper()
	settings := guarded.SQLite(t).Settings()
	types := contenttypes.New(settings.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(settings.DB, settings.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(settings.DB, model), Sessions: sess, Types: types, Backends: backends})
	m := auth.Model(model)
	m.Uniques = uniques
	p, err := core.New(settings, types.App(), sess.App(), a.App(), core.App{Label: "accounts", Models: []core.Model{m}})
	if err != nil {
		t.Fatal(err)
	}
	return messages(t, p, false)
}

// other is a backend that is not the default one.
type other struct{ nobody }

const longName = "some ridiculously long verbose name that is out of control"

func TestDjangoChecks(t *testing.T) {
	t.Parallel()
	perms := func(list ...core.Permission) core.Model { return core.Model{Permissions: list} }
	my, second := core.Permission{Codename: "my_custom_permission", Name: "Some permission"}, core.Permission{Codename: "other_one", Name: "Some other permission"}
	for name, c := range map[string]struct {
		model core.Model
		want  []string
	}{
		"test_clashing_default_permissions": {
			perms(core.Permission{Codename: "change_checked", Name: "Can edit permission (duplicate)"}), []string{"ERROR auth.E005 checked.checked"}},
		"test_non_clashing_custom_permissions": {perms(my, second), nil},
		"test_clashing_custom_permissions": {
			perms(my, second, core.Permission{Codename: my.Codename, Name: "Some permission with duplicate permission code"}), []string{"ERROR auth.E006 checked.checked"}},
		"test_verbose_name_max_length": {core.Model{VerboseName: strings.Repeat(longName, 5)}, []string{"ERROR auth.E007 checked.checked"}},
		"test_model_name_max_length": {core.Model{Name: "x" + strings.Repeat("x", 93)}, []string{
			"ERROR auth.E011 checked." + strings.Repeat("x", 94)}},
		"test_custom_permission_name_max_length": {
			perms(core.Permission{Codename: "my_custom_permission", Name: strings.Repeat(longName, 5)}), []string{"ERROR auth.E008 checked.checked"}},
		"test_custom_permission_codename_max_length": {
			perms(core.Permission{Codename: strings.Repeat("x", 101), Name: "Custom permission"}), []string{"ERROR auth.E012 checked.checked"}},
		"test_empty_default_permissions": {core.Model{DefaultPermissions: []string{}}, nil},
	} {
		t.Run("django/auth_tests/test_checks.py/ModelsPermissionsChecksTests."+name, func(t *testing.T) {
			t.Parallel()
			wantMessages(t, checkModel(t, c.model), c.want...)
		})
	}
}

func TestDjangoUserModelChecks(t *testing.T) {
	t.Parallel()
	const file = "django/auth_tests/test_checks.py/UserModelChecksTests."
	whole := []core.Unique{{Name: "username_unique", Columns: []string{"username"}}}
	partial := []core.Unique{{Name: "partial_username_unique", Columns: []string{"username"}, Where: "password IS NOT NULL"}}
	object := " auth_test.plainUser"
	for name, run := range map[string]func(*testing.T){
		"test_username_not_in_required_fields": func(t *testing.T) {
			wantMessages(t, checkUsers(t, (*requiredUser)(nil), nil), "ERROR auth.E002 auth_test.requiredUser")
		},
		"test_username_non_unique": func(t *testing.T) {
			wantMessages(t, checkUsers(t, (*plainUser)(nil), nil), "ERROR auth.E003"+object)
			wantMessages(t, checkUsers(t, (*plainUser)(nil), nil, other{}), "WARNING auth.W004"+object)
		},
		"test_username_partially_unique": func(t *testing.T) {
			wantMessages(t, checkUsers(t, (*plainUser)(nil), partial), "ERROR auth.E003"+object)
			wantMessages(t, checkUsers(t, (*plainUser)(nil), partial, other{}), "WARNING auth.W004"+object)
		},
		"test_username_unique_with_model_constraint": func(t *testing.T) {
			wantMessages(t, checkUsers(t, (*plainUser)(nil), whole))
			wantMessages(t, checkUsers(t, (*plainUser)(nil), whole, other{}))
		},
	} {
		t.Run(file+name, func(t *testing.T) { t.Parallel(); run(t) })
	}
}

func TestDjangoMiddlewareChecks(t *testing.T) {
	t.Parallel()
	const file = "django/auth_tests/test_checks.py/MiddlewareChecksTests."
	// project puts an app with middleware before or behind the others, and takes auth's own away.
	project := func(t *testing.T, first, noAuth bool, fill func(*auth.Auth, *core.App)) *core.Project {
		settings := guarded.SQLite(t).Settings()
		types := contenttypes.New(settings.DB)
		sess := sessions.New(sessions.Config{Store: dbstore.New(settings.DB, settings.Keys)})
		a := auth.New(auth.Config{Users: auth.NewUsers(settings.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
		app, closed := a.App(), core.App{Label: "closed"}
		fill(a, &closed)
		if noAuth {
			app.Middleware = nil
		}
		apps := []core.App{types.App(), sess.App(), app, closed}
		if first {
			apps = []core.App{closed, types.App(), sess.App(), app}
		}
		p, err := core.New(settings, apps...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	inside := func(a *auth.Auth, app *core.App) { app.RouteMiddleware = []web.Middleware{a.LoginRequiredByDefault} }
	outside := func(a *auth.Auth, app *core.App) { app.Middleware = []web.Middleware{a.LoginRequiredByDefault} }
	t.Run(file+"test_correct_order_with_login_required_middleware", func(t *testing.T) {
		t.Parallel()
		wantMessages(t, messages(t, project(t, false, false, inside), false))
		wantMessages(t, messages(t, project(t, true, false, inside), false)) // routes come behind all middleware
		wantMessages(t, messages(t, project(t, false, false, outside), false))
	})
	t.Run(file+"test_incorrect_order_with_login_required_middleware", func(t *testing.T) {
		t.Parallel()
		wantMessages(t, messages(t, project(t, true, false, outside), false), "ERROR auth.E013 closed")
	})
	t.Run(file+"test_missing_authentication_with_login_required_middleware", func(t *testing.T) {
		t.Parallel()
		wantMessages(t, messages(t, project(t, false, true, inside), false), "ERROR auth.E013 closed")
		wantMessages(t, messages(t, project(t, false, true, outside), false), "ERROR auth.E013 closed")
	})
	t.Run("row/X06", func(t *testing.T) {
		t.Parallel()
		wantMessages(t, messages(t, project(t, true, false, outside), false), "ERROR auth.E013 closed")
	})
}

// The methods of these models are not what they seem to be.
type (
	listedUser    struct{ uniqueUser }
	anonymousUser struct{ uniqueUser }
	outsideUser   struct{ uniqueUser }
)

func (*listedUser) RequiredFields() string { return "date_of_birth" }
func (*anonymousUser) IsAnonymous() bool   { return true }
func (*outsideUser) IsAuthenticated() bool { return false }

func TestCheckRows(t *testing.T) {
	t.Parallel()
	t.Run("row/X01", func(t *testing.T) {
		wantMessages(t, checkUsers(t, (*listedUser)(nil), nil), "ERROR auth.E001 auth_test.listedUser")
	})
	t.Run("row/X04", func(t *testing.T) {
		wantMessages(t, checkUsers(t, (*anonymousUser)(nil), nil), "CRITICAL auth.C009 auth_test.anonymousUser")
		wantMessages(t, checkUsers(t, (*outsideUser)(nil), nil), "CRITICAL auth.C010 auth_test.outsideUser")
	})
	t.Run("row/X02", func(t *testing.T) {
		wantMessages(t, checkUsers(t, (*requiredUser)(nil), nil), "ERROR auth.E002 auth_test.requiredUser")
		wantMessages(t, checkUsers(t, (*uniqueUser)(nil), nil))
	})
	t.Run("row/X03", func(t *testing.T) {
		wantMessages(t, checkUsers(t, (*plainUser)(nil), nil), "ERROR auth.E003 auth_test.plainUser")
		wantMessages(t, checkUsers(t, (*plainUser)(nil), nil, &auth.ModelBackend{}, other{}), "WARNING auth.W004 auth_test.plainUser")
		wantMessages(t, checkUsers(t, (*uniqueUser)(nil), nil))
		wantMessages(t, checkUsers(t, (*keyUser)(nil), nil))
		wantMessages(t, checkUsers(t, (*plainUser)(nil), []core.Unique{{Columns: []string{"username", "id"}}}), "ERROR auth.E003 auth_test.plainUser")
	})
	t.Run("row/X05", func(t *testing.T) {
		limits := core.Model{Name: strings.Repeat("x", 93), VerboseName: strings.Repeat("ü", 244), Permissions: []core.Permission{
			{Codename: strings.Repeat("ü", 100), Name: strings.Repeat("ü", 255)}}}
		wantMessages(t, checkModel(t, limits))
		over := core.Model{Name: strings.Repeat("x", 94), VerboseName: strings.Repeat("ü", 245), Permissions: []core.Permission{
			{Codename: strings.Repeat("ü", 101), Name: strings.Repeat("ü", 256)},
			{Codename: "add_" + strings.Repeat("x", 94), Name: "a"}, {Codename: "b", Name: "b"}, {Codename: "b", Name: "c"},
		}}
		object := " checked." + over.Name
		wantMessages(t, checkModel(t, over), "ERROR auth.E007"+object, "ERROR auth.E011"+object, "ERROR auth.E008"+object,
			"ERROR auth.E012"+object, "ERROR auth.E005"+object, "ERROR auth.E006"+object)
		// The example of Django 1.4 clashes since every model has "view".
		task := core.Model{Name: "task", Permissions: []core.Permission{{Codename: "view_task", Name: "Can see available tasks"}}}
		wantMessages(t, checkModel(t, task), "ERROR auth.E005 checked.task")
	})
	t.Run("row/X08", testNeedsApps)
	t.Run("row/R22", testNeedsApps)
}

// testNeedsApps: auth is refused without contenttypes and without sessions.
func testNeedsApps(t *testing.T) {
	s := guarded.SQLite(t)
	types, sess, a := s.Auth.Types().App(), s.Auth.Config().Sessions.App(), s.Auth.App()
	for missing, apps := range map[string][]core.App{"contenttypes": {sess, a}, "sessions": {types, a}} {
		if _, err := core.New(s.Settings(), apps...); err == nil || !strings.Contains(err.Error(), `needs the app "`+missing+`"`) {
			t.Errorf("without %s: error %v, want one that says that it is needed", missing, err)
		}
	}
}

// pages is an app with one route behind a rule.
func pages(wrap func(*auth.Auth) web.Middleware, perms ...core.Permission) func(*auth.Auth) core.App {
	return func(a *auth.Auth) core.App {
		return core.App{Label: "pages", Permissions: perms, Routes: func(r *web.Router) { r.Get("/page/", "page", plainView, wrap(a)) }}
	}
}

func TestRoutesAskForWhatSomebodyCanHave(t *testing.T) {
	t.Parallel()
	asks := func(perms ...string) func(*auth.Auth) web.Middleware {
		return func(a *auth.Auth) web.Middleware { return a.PermissionRequired(perms...) }
	}
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		newPerm(t, s, "by_hand")
		for _, c := range []struct {
			name string
			app  func(*auth.Auth) core.App
			want []string
		}{
			{"a model's", pages(asks(addPerm)), nil},
			{"an app's", pages(asks("pages.fly"), core.Permission{Codename: "fly", Name: "Can fly"}), nil},
			{"a row's", pages(asks("auth.by_hand")), nil},
			{"nobody's", pages(asks("auth_tests.add_costumuser")), []string{"ERROR auth.E104 pages:page"}},
			{"no name at all", pages(asks(noSuchPerm)), []string{"ERROR auth.E104 pages:page"}},
			{"two of nobody's", pages(asks("a.b", addPerm, "c.d")), []string{"ERROR auth.E104 pages:page", "ERROR auth.E104 pages:page"}},
			{"nothing", pages(func(a *auth.Auth) web.Middleware { return a.Require(auth.Access{}) }), []string{"ERROR auth.E105 pages:page"}},
			{"within another wrapper", pages(func(a *auth.Auth) web.Middleware {
				return func(next http.Handler) http.Handler { return a.LoginRequired(a.PermissionRequired("a.b")(next)) }
			}), []string{"ERROR auth.E104 pages:page"}},
		} {
			t.Logf("a permission of %s", c.name)
			wantMessages(t, messages(t, rebuild(t, s, nil, c.app).Project, false), c.want...)
		}
		// Without the table it cannot be known, and migrate must be able to run.
		bad := rebuild(t, s, nil, pages(asks("a.b")))
		for _, table := range []string{"auth_group_permissions", "auth_user_user_permissions", "auth_permission"} {
			if _, err := s.DB().NewRaw("DROP TABLE ?", bun.Ident(table)).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		wantMessages(t, messages(t, bad.Project, false), "WARNING auth.W104 pages:page")
	})
}

func TestConfigChecks(t *testing.T) {
	t.Parallel()
	header := auth.RemoteUser{Header: "X-User", Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}}
	for name, c := range map[string]struct {
		change func(*auth.Config)
		app    func(*auth.Auth) core.App
		deploy bool
		want   []string
	}{
		"nothing wrong":              {want: nil},
		"no backends":                {change: withBackends(), want: []string{"ERROR auth.E101 "}},
		"two backends of one name":   {change: withBackends(&auth.ModelBackend{}, &auth.ModelBackend{}), want: []string{"ERROR auth.E102 "}},
		"no hashers":                 {change: hashList(), want: []string{"ERROR auth.E103 "}},
		"a login page that is none":  {change: func(c *auth.Config) { c.LoginURL = "signin" }, want: []string{"ERROR auth.E106 "}},
		"a login page of that name":  {change: func(c *auth.Config) { c.LoginURL = "auth_tests:plain" }},
		"remote users of nobody":     {change: withBackends(&auth.RemoteUserBackend{}), app: remoteApp(auth.RemoteUser{Header: "X-User"}), want: []string{"ERROR auth.E107 "}},
		"remote users of no header":  {change: withBackends(&auth.RemoteUserBackend{}), app: remoteApp(auth.RemoteUser{Proxies: header.Proxies}), want: []string{"ERROR auth.E107 "}},
		"remote users, no backend":   {app: remoteApp(header), want: []string{"ERROR auth.E109 "}},
		"remote users":               {change: withBackends(&auth.RemoteUserBackend{}), app: remoteApp(header)},
		"a weak hasher":              {change: hashList(hashers.MD5{}, hashers.PBKDF2SHA256{}), deploy: true, want: []string{"WARNING auth.W110 "}},
		"a weak hasher for old ones": {change: hashList(hashers.PBKDF2SHA256{}, hashers.MD5{}), deploy: true},
		"Django's hashers":           {change: hashList(hashers.Django52()...), deploy: true},
		"no name for a route":        {change: func(c *auth.Config) { c.LogoutRedirectURL = "home" }, want: []string{"ERROR auth.E106 "}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			var apps []func(*auth.Auth) core.App
			if c.app != nil {
				apps = append(apps, c.app)
			}
			s := rebuild(t, guarded.SQLite(t), c.change, apps...)
			wantMessages(t, messages(t, s.Project, c.deploy), c.want...)
		})
	}
}

// hashList is a change of Config.Hashers.
func hashList(list ...hashers.Hasher) func(*auth.Config) {
	return func(c *auth.Config) {
		c.Hashers = hashers.New(hashers.Config{List: append([]hashers.Hasher{}, list...)})
	}
}
