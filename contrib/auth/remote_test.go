package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

// remoteClass is one of Django's test classes.
type remoteClass struct {
	name          string
	backend       func() *auth.RemoteUserBackend
	header        string
	persistent    bool
	suffix        string // of the names that the server sends
	noCreate      bool
	lets, configs bool // inactive users in; Configure is set
}

func remoteClasses() []remoteClass {
	standard := func() *auth.RemoteUserBackend { return &auth.RemoteUserBackend{} }
	return []remoteClass{
		{name: "RemoteUserTest", backend: standard, header: "Remote-User"},
		{name: "RemoteUserNoCreateTest", header: "Remote-User", noCreate: true, backend: func() *auth.RemoteUserBackend {
			return &auth.RemoteUserBackend{
				ModelBackend: auth.ModelBackend{StoredName: "auth_tests.test_remote_user.RemoteUserNoCreateBackend"}, KnownOnly: true,
			}
		}},
		{name: "AllowAllUsersRemoteUserBackendTest", header: "Remote-User", lets: true, backend: func() *auth.RemoteUserBackend {
			return &auth.RemoteUserBackend{ModelBackend: auth.ModelBackend{AllowInactive: true}}
		}},
		{name: "RemoteUserCustomTest", header: "Remote-User", suffix: "@example.com", configs: true, backend: customRemote},
		{name: "CustomHeaderRemoteUserTest", backend: standard, header: "Authuser"},
		{name: "PersistentRemoteUserTest", backend: standard, header: "Remote-User", persistent: true},
	}
}

// customRemote takes the part before the "@", the address from another header, and gives those
// whom it knows already their name as last name.
func customRemote() *auth.RemoteUserBackend {
	b := &auth.RemoteUserBackend{ModelBackend: auth.ModelBackend{StoredName: "auth_tests.test_remote_user.CustomRemoteUserBackend"}}
	b.Clean = func(name string) string { name, _, _ = strings.Cut(name, "@"); return name }
	b.Configure = func(ctx context.Context, r *http.Request, u auth.Account, created bool) error {
		user := u.(*auth.User)
		user.Email = r.Header.Get("Remote-Email")
		if !created {
			user.LastName = user.Username
		}
		return b.Users.Save(ctx, u)
	}
	return b
}

// remoteTest is a site of a class with a browser behind its server.
type remoteTest struct {
	*authtest.Site
	t     *testing.T
	class remoteClass
	b     *coretest.Browser
}

func newRemote(t *testing.T, s *authtest.Site, class remoteClass) *remoteTest {
	t.Helper()
	s = rebuild(t, s, func(c *auth.Config) { c.Backends = []auth.Backend{&auth.ModelBackend{}, class.backend()} }, remoteApp(auth.RemoteUser{
		Header: class.header, Persistent: class.persistent,
		Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, // where httptest's requests come from
	}))
	return &remoteTest{s, t, class, s.Browser()}
}

func remoteApp(c auth.RemoteUser) func(*auth.Auth) core.App {
	return func(a *auth.Auth) core.App {
		return core.App{Label: "remote", Requires: []string{"auth"}, Middleware: []web.Middleware{a.RemoteUserMiddleware(c)}}
	}
}

// ask returns the name of the user to a page when the server sends a name; without for none.
func (r *remoteTest) ask(sent ...string) string {
	r.t.Helper()
	r.b.Header.Del(r.class.header)
	if len(sent) > 0 {
		r.b.Header[r.class.header] = sent[:1]
	}
	page := r.b.Get(r.t, "/who/")
	if page.Status != http.StatusOK {
		r.t.Fatalf("status %d: %.300s", page.Status, page.Body)
	}
	return page.Body
}

func (r *remoteTest) want(what, got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: the user is %q, want %q", what, got, want)
	}
}

func (r *remoteTest) wantUsers(n int64) {
	r.t.Helper()
	if got := must[int64](r.t)(r.DB().NewSelect().Model((*auth.User)(nil)).Count(r.t.Context())); got != n {
		r.t.Errorf("there are %d users, want %d", got, n)
	}
}

// known stores a user without a password.
func (r *remoteTest) known(name string, fill func(*auth.User)) *auth.User {
	r.t.Helper()
	u := r.Auth.Users().New().(*auth.User)
	u.Username = name
	if fill != nil {
		fill(u)
	}
	if err := r.Auth.Users().Insert(r.t.Context(), u); err != nil {
		r.t.Fatal(err)
	}
	return u
}

func (r *remoteTest) stored(name string) *auth.User {
	r.t.Helper()
	return must[auth.Account](r.t)(r.Auth.Users().ByUsername(r.t.Context(), name)).(*auth.User)
}

func TestDjangoRemoteUser(t *testing.T) {
	t.Parallel()
	for _, class := range remoteClasses() {
		for name, run := range map[string]func(*remoteTest){
			"test_no_remote_user":               (*remoteTest).noRemoteUser,
			"test_unknown_user":                 (*remoteTest).unknownUser,
			"test_known_user":                   (*remoteTest).knownUser,
			"test_last_login":                   (*remoteTest).lastLogin,
			"test_header_disappears":            (*remoteTest).headerDisappears,
			"test_user_switch_forces_new_login": (*remoteTest).userSwitch,
			"test_inactive_user":                (*remoteTest).inactiveUser,
			"test_csrf_validation_passes_after_process_request_login": (*remoteTest).csrfAfterLogin,
		} {
			t.Run("django/auth_tests/test_remote_user.py/"+class.name+"."+name, func(t *testing.T) {
				t.Parallel()
				guarded.Each(t, func(t *testing.T, s *authtest.Site) { run(newRemote(t, s, class)) })
			})
		}
	}
}

// csrfAfterLogin: the middleware logs the user in, which gives the browser a new secret, and the
// form's token is compared with the one that came with the request.
func (r *remoteTest) csrfAfterLogin() {
	settings := r.Settings()
	settings.CSRF = &csrf.Tokens{}
	s := rebuildWith(r.t, r.Site, settings, func(c *auth.Config) { c.Backends = []auth.Backend{&auth.ModelBackend{}, r.class.backend()} }, remoteApp(auth.RemoteUser{
		Header: r.class.header, Persistent: r.class.persistent, Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	}))
	const secret = "abcdefghijklmnopqrstuvwxyzabcdef"
	for form, want := range map[string]int{"": http.StatusForbidden, "csrfmiddlewaretoken=" + secret: http.StatusOK} {
		b := s.Browser()
		b.SetCookie("csrftoken", secret)
		req := httptest.NewRequest(http.MethodPost, "http://testserver/who/", strings.NewReader(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header[r.class.header] = []string{"fakeuser"}
		page := b.Send(r.t, req)
		if page.Status != want {
			r.t.Errorf("a post with the form %q: status %d, want %d", form, page.Status, want)
		}
		if !r.class.noCreate && want == http.StatusOK && (b.Cookie("csrftoken") == secret || page.Body != "fakeuser") {
			r.t.Errorf("the log-in leaves the secret as it was, or the user is %q", page.Body)
		}
	}
}

func (r *remoteTest) noRemoteUser() {
	r.want("no header", r.ask(), "")
	r.want("an empty header", r.ask(""), "")
	r.wantUsers(0)
}

func (r *remoteTest) unknownUser() {
	if r.class.noCreate {
		r.want("an unknown name", r.ask("newuser"), "")
		r.wantUsers(0)
		return
	}
	if r.class.configs {
		r.b.Header.Set("Remote-Email", "user@example.com")
	}
	r.want("an unknown name", r.ask("newuser"), "newuser")
	r.wantUsers(1)
	u := r.stored("newuser")
	if r.class.configs && (u.Email != "user@example.com" || u.LastName != "") {
		r.t.Errorf("the new user has the address %q and the last name %q, want the header's and none", u.Email, u.LastName)
	}
	r.want("the same name again", r.ask("newuser"), "newuser")
	r.wantUsers(1)
}

func (r *remoteTest) knownUser() {
	r.known("knownuser", nil)
	r.known("knownuser2", nil)
	r.want("a known name", r.ask("knownuser"+r.class.suffix), "knownuser")
	r.want("another known name", r.ask("knownuser2"+r.class.suffix), "knownuser2")
	r.wantUsers(2)
	if !r.class.configs {
		return
	}
	for _, name := range []string{"knownuser", "knownuser2"} {
		if u := r.stored(name); u.Email != "" || u.LastName != name {
			r.t.Errorf("%s has the address %q and the last name %q, want none and the name", name, u.Email, u.LastName)
		}
	}
}

func (r *remoteTest) lastLogin() {
	long := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	r.known("knownuser", func(u *auth.User) { u.LastLogin = long })
	r.want("a known name", r.ask("knownuser"+r.class.suffix), "knownuser")
	u := r.stored("knownuser")
	if u.LastLogin.Equal(long) {
		r.t.Error("the first request leaves last_login as it was")
	}
	u.LastLogin = long
	if err := r.Auth.Users().Save(r.t.Context(), u, "last_login"); err != nil {
		r.t.Fatal(err)
	}
	r.want("the same name again", r.ask("knownuser"+r.class.suffix), "knownuser")
	if got := r.stored("knownuser").LastLogin; !got.Equal(long) {
		r.t.Errorf("a later request of the session sets last_login to %v", got)
	}
}

func (r *remoteTest) headerDisappears() {
	r.known("knownuser", nil)
	r.want("a known name", r.ask("knownuser"+r.class.suffix), "knownuser")
	if r.class.persistent {
		r.want("no header", r.ask(), "knownuser")
		return
	}
	r.want("no header", r.ask(), "")
	newUser(r.t, r.Site, "modeluser", nil)
	if !authtest.Login(r.t, r.Auth, r.b, auth.PasswordCredentials{Username: "modeluser", Password: "test"}) {
		r.t.Fatal("the log-in was refused")
	}
	r.want("no header for a user of another backend", r.ask(), "modeluser")
}

func (r *remoteTest) userSwitch() {
	r.known("knownuser", nil)
	r.want("a known name", r.ask("knownuser"+r.class.suffix), "knownuser")
	want := "newnewuser"
	if r.class.noCreate {
		want = ""
	}
	r.want("another name", r.ask("newnewuser"), want)
}

func (r *remoteTest) inactiveUser() {
	r.known("knownuser", func(u *auth.User) { u.IsActive = false })
	want := ""
	if r.class.lets {
		want = "knownuser"
	}
	r.want("an inactive user", r.ask("knownuser"+r.class.suffix), want)
}

func TestRemoteUserRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{{"B16", testRowB16}, {"Y03", testRowY03}, {"Y04", testRowY04}, {"G37", testRowG37}})
}

func testRowB16(t *testing.T, s *authtest.Site) {
	r := newRemote(t, s, remoteClasses()[0])
	ask := func(name string) auth.Account {
		return must[auth.Account](t)(r.Auth.Authenticate(t.Context(), nil, auth.RemoteUserCredentials{Username: name}))
	}
	u, ok := ask("ada").(*auth.User)
	if !ok || u.Username != "ada" || u.Backend() != "django.contrib.auth.backends.RemoteUserBackend" {
		t.Fatalf("an unknown name gives %+v, want a new user ada of Django's backend", u)
	}
	stored := r.stored("ada")
	if r.Auth.Users().HasUsablePassword(stored) {
		t.Error("the new user has a usable password, so a reset mail would be sent")
	}
	if again := ask("ada"); r.Auth.Users().PK(again) != r.Auth.Users().PK(u) {
		t.Errorf("the same name gives %v, want the same user", again)
	}
	if got := ask(""); got != nil {
		t.Errorf("the empty name gives %v, want nobody", got)
	}
	r.known("idle", func(u *auth.User) { u.IsActive = false })
	if got := ask("idle"); got != nil {
		t.Errorf("an inactive user's name gives %v, want nobody", got)
	}
	// Names are taken as they are: no normalisation makes one user of two.
	if got := ask("ﬀ"); got == nil || r.Auth.Users().Username(got) != "ﬀ" {
		t.Errorf("a name with a ligature gives %v, want a user of that name", got)
	}
	for _, name := range []string{"a\x00b", "\xff", strings.Repeat("x", 151)} {
		if got := ask(name); got != nil {
			t.Errorf("the name %.20q, which the column cannot hold, gives %v, want nobody", name, got)
		}
	}
}

func testRowY03(t *testing.T, s *authtest.Site) {
	r := newRemote(t, s, remoteClasses()[3]) // whose backend cleans names
	r.want("a new name", r.ask("newuser@example.com"), "newuser")
	key := r.b.Cookie("sessionid")
	r.want("the same name in another form", r.ask("newuser@elsewhere.org"), "newuser")
	if got := r.b.Cookie("sessionid"); got != key {
		t.Error("the same user was logged in again; the session's backend cleans the name")
	}
	r.want("another name", r.ask("other@example.com"), "other")
	r.want("no header", r.ask(), "")
	if got := r.b.Cookie("sessionid"); got != "" {
		t.Errorf("after the log-out the browser has the session %q, want none", got)
	}
}

func testRowY04(t *testing.T, s *authtest.Site) {
	r := newRemote(t, s, remoteClasses()[5])
	r.want("a new name", r.ask("newuser"), "newuser")
	r.want("no header", r.ask(), "newuser")
	r.want("another name", r.ask("other"), "other")
}

// testRowG37: whose header, from whom, in which spelling.
func testRowG37(t *testing.T, s *authtest.Site) {
	r := newRemote(t, s, remoteClasses()[0])
	request := func(peer string, header http.Header) (int, string) {
		req := httptest.NewRequest(http.MethodGet, "http://testserver/who/", nil)
		req.RemoteAddr, req.Header = peer, header
		page := r.Browser().Send(t, req)
		return page.Status, page.Body
	}
	const proxy = "192.0.2.7:5000"
	for _, c := range []struct {
		name   string
		peer   string
		header http.Header
		status int
		user   string
	}{
		{"from the proxy", proxy, http.Header{"Remote-User": {"ada"}}, 200, "ada"},
		{"from the proxy by IPv6", "[::ffff:192.0.2.7]:5000", http.Header{"Remote-User": {"ada"}}, 200, "ada"},
		{"from anybody else", "198.51.100.1:5000", http.Header{"Remote-User": {"ada"}}, 200, ""},
		{"from a socket", "@", http.Header{"Remote-User": {"ada"}}, 200, ""},
		{"from nowhere", "ada", http.Header{"Remote-User": {"ada"}}, 200, ""},
		{"with an underscore", proxy, http.Header{"Remote_user": {"ada"}}, 400, ""},
		{"in both spellings", proxy, http.Header{"Remote-User": {"ada"}, "Remote_user": {"root"}}, 400, ""},
		{"in capitals that no client sends", proxy, http.Header{"REMOTE-USER": {"ada"}}, 400, ""},
		{"twice", proxy, http.Header{"Remote-User": {"ada", "root"}}, 400, ""},
		{"another header", proxy, http.Header{"X-Remote-User": {"ada"}}, 200, ""},
	} {
		status, user := request(c.peer, c.header)
		if status != c.status || (status == http.StatusOK && user != c.user) {
			t.Errorf("%s: status %d for %q, want %d for %q", c.name, status, user, c.status, c.user)
		}
	}
	// The session of a remote user is of no use to somebody who comes without the header.
	r.want("a name", r.ask("ada"), "ada")
	first := r.b.Cookie("sessionid")
	r.want("another name", r.ask("grace"), "grace")
	stolen := r.b.Cookie("sessionid")
	if stolen == first {
		t.Error("two users had one session")
	}
	r.want("no header", r.ask(), "")
	thief := r.Browser()
	thief.SetCookie("sessionid", stolen)
	if page := thief.Get(t, "/who/"); page.Body != "" {
		t.Errorf("the old session's cookie still gives the user %q", page.Body)
	}
}

func TestRemoteUserFromASocket(t *testing.T) {
	t.Parallel()
	s := guarded.SQLite(t)
	s = rebuild(t, s, withBackends(&auth.RemoteUserBackend{}), remoteApp(auth.RemoteUser{Header: "remote-user", UnixSocket: true}))
	for peer, want := range map[string]string{"@": "ada", "": "ada", "192.0.2.1:80": ""} {
		r := httptest.NewRequest(http.MethodGet, "http://testserver/who/", nil)
		r.RemoteAddr = peer
		r.Header.Set("Remote-User", "ada")
		if page := s.Browser().Send(t, r); page.Body != want {
			t.Errorf("from %q the user is %q, want %q", peer, page.Body, want)
		}
	}
}

// Two requests of a new user at once make one user.
func TestRemoteUserMadeOnce(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		r := newRemote(t, s, remoteClasses()[0])
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				u, err := r.Auth.Authenticate(t.Context(), nil, auth.RemoteUserCredentials{Username: "ada"})
				if err != nil || u == nil {
					t.Errorf("Authenticate = %v, %v, want the user", u, err)
				}
			})
		}
		group.Wait()
		r.wantUsers(1)
	})
}
