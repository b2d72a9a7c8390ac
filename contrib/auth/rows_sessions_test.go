package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// testRowL13: also that a fallback key renews a session once, and that the vectors hold.
func testRowL13(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	oldKey, oldHash := v.key(), v.session()[auth.SessionHash]
	const newSecret = "a-new-key-for-tests-only-0123456789-abcdefghijklmnopqrstu"
	settings := s.Settings()
	settings.Keys = signing.Keys{newSecret, coretest.Key}
	rotated := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, rotated, v.b.Visits(rotated.Site)}
	if got := v.user(); got != "ada" {
		t.Fatalf("with the old key as a fallback the user is %q, want ada", got)
	}
	if v.key() == oldKey || v.rows(oldKey) != 0 || v.session()[auth.SessionHash] == oldHash {
		t.Error("the session was not renewed: it has its old key, row or hash")
	}
	renewed := v.key()
	if got := v.user(); got != "ada" || v.key() != renewed {
		t.Errorf("the next request: user %q, renewed again: %v; want ada and no", got, v.key() != renewed)
	}
	settings.Keys = signing.Keys{newSecret}
	alone := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, alone, v.b.Visits(alone.Site)}
	if got := v.user(); got != "ada" {
		t.Errorf("without the fallback the renewed session gives %q, want ada", got)
	}
	settings.Keys = signing.Keys{"another-key-for-tests-only-0123456789-abcdefghijklmnopqr"}
	lost := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, lost, v.b.Visits(lost.Site)}
	if got := v.user(); got != "" {
		t.Errorf("with another key and no fallback the session gives %q, want nobody", got)
	}
	testFallbackVectors(t, s)
}

// testFallbackVectors shows that a session with each of the vectors' hashes is taken.
func testFallbackVectors(t *testing.T, s *authtest.Site) {
	for _, v := range djangovectors.Section[struct {
		Secret    string
		Fallbacks []string
		Password  string   `json:"password_field"`
		Hash      string   `json:"session_auth_hash"`
		Old       []string `json:"fallback_hashes"`
	}](t, "session_auth_hash_fallbacks") {
		u := newUser(t, s, "vector", nil)
		u.Password = auth.Hash(v.Password)
		if err := s.Auth.Users().Save(t.Context(), u, "password"); err != nil {
			t.Fatal(err)
		}
		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB(), s.Settings().Keys)})
		a := auth.New(auth.Config{Users: s.Auth.Users(), Sessions: sess, Types: s.Auth.Types(), Keys: append(signing.Keys{v.Secret}, v.Fallbacks...)})
		for _, hash := range append(v.Old, v.Hash) {
			session := sess.Open("")
			for name, value := range map[string]string{auth.SessionUserID: s.Auth.Users().PK(u), auth.SessionBackend: auth.ModelBackendName, auth.SessionHash: hash} {
				if err := session.Set(t.Context(), name, value); err != nil {
					t.Fatal(err)
				}
			}
			if err := session.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			a.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx := sessions.With(r.Context(), session)
				if got, err := auth.UserOf(ctx); err != nil || got.IsAnonymous() {
					t.Errorf("with the hash %.8s… UserOf = %v, %v, want the user", hash, got, err)
				}
				if got, _, _ := sessions.Get[string](ctx, session, auth.SessionHash); got != v.Hash {
					t.Errorf("with the hash %.8s… the session has %.8s… afterwards, want the first key's", hash, got)
				}
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(t.Context()))
		}
	}
}

func testRowL15(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	if page := v.b.Get(t, "/raw/"); page.Location() != "/login/?next=/raw/" {
		t.Errorf("a visitor gets %d to %q, want the login page", page.Status, page.Location())
	}
	v.login("ada")
	if page := v.b.Get(t, "/raw/"); page.Status != http.StatusForbidden || !strings.Contains(page.Body, "Only for staff.") {
		t.Errorf("a user gets %d, want the error page", page.Status)
	}
	u = reload(t, s, u)
	u.IsStaff = true
	if err := s.Auth.Users().Save(t.Context(), u, "is_staff"); err != nil {
		t.Fatal(err)
	}
	if page := v.b.Get(t, "/raw/"); page.Status != http.StatusOK {
		t.Errorf("staff gets %d, want the page", page.Status)
	}
}

func testRowL16(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	page := v.login("ada")
	if len(page.Cookies) != 1 || len(page.Cookies[0].Value) != 32 {
		t.Fatalf("the log-in sets the cookies %v, want one with a key", page.Cookies)
	}
	for name, value := range v.session() {
		if len(value) > 4 && strings.Contains(fmt.Sprint(page.Header), value) {
			t.Errorf("the answer's headers show the session's %s", name)
		}
	}
}

// testRowL17: there is one Login, Logout and KeepSession; each obeys its request's context.
func testRowL17(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	ctx, cancel := context.WithCancel(sessions.With(auth.WithUser(t.Context(), u), s.Auth.Config().Sessions.Open("")))
	r := httptest.NewRequest(http.MethodPost, "/", nil).WithContext(ctx)
	done := make(chan error)
	for name, f := range map[string]func() error{
		"Login":       func() error { return s.Auth.Login(r, u, auth.LoginOptions{}) },
		"KeepSession": func() error { return s.Auth.KeepSession(r, u) },
		"Logout":      func() error { return s.Auth.Logout(r) },
	} {
		go func() { done <- f() }()
		if err := <-done; err != nil {
			t.Errorf("%s in a goroutine: %v", name, err)
		}
	}
	cancel()
	if err := s.Auth.Login(r, u, auth.LoginOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Login after the context ended: %v, want its error", err)
	}
}

func testRowL18(t *testing.T, s *authtest.Site) {
	s = rebuild(t, s, withBackends(&auth.ModelBackend{AllowInactive: true}))
	newUser(t, s, "test", func(u *auth.User) { u.IsActive = false })
	u := authenticate(t, s)
	if u == nil || s.Auth.Users().IsActive(u) {
		t.Fatalf("Authenticate = %v, want the disabled account", u)
	}
	if data, err := login(t, s, u, auth.LoginOptions{}); err != nil || data[auth.SessionUserID] == "" {
		t.Errorf("Login = %v, %v; that an account is disabled is the view's own business", data, err)
	}
}

func testRowB07(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	recorded := &recording{}
	with := func(list ...auth.Backend) *authtest.Site {
		return rebuild(t, s, withBackends(list...), sessionApp)
	}
	before := with(&auth.ModelBackend{}, recorded)
	v := &visitor{t, before, before.Browser()}
	v.login("ada")
	if got := v.session()[auth.SessionBackend]; got != "django.contrib.auth.backends.ModelBackend" {
		t.Errorf("the session has the backend %q, want Django's name of the first", got)
	}
	if got := v.user(); got != "ada" || recorded.users != 0 {
		t.Errorf("the user is %q, and the other backend was asked for it %d times; want ada and never", got, recorded.users)
	}
	after := with(recorded)
	v = &visitor{t, after, v.b.Visits(after.Site)}
	if page := v.b.Get(t, "/login_required/"); page.Status != http.StatusFound || recorded.users != 0 {
		t.Errorf("after the backend was taken out: status %d, the other asked %d times; want 302 and never", page.Status, recorded.users)
	}
}

// recording knows nobody and counts how often it is asked for a user.
type recording struct {
	nobody
	users int
}

func (r *recording) User(context.Context, string) (auth.Account, error) {
	r.users++
	return nil, nil
}

func testRowB08(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	if _, err := s.DB().NewDelete().Model((*sessions.Row)(nil)).Where("1 = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := v.user(); got != "" {
		t.Errorf("after all sessions were deleted the user is %q, want nobody", got)
	}
}

func testRowG06(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	newUser(t, s, "eve", nil)
	v := newVisitor(t, s)
	v.post("/put/", "name", "planted", "value", "by an attacker")
	planted := v.key()
	v.login("ada")
	attacker := &visitor{t, v.s, v.s.Browser()}
	attacker.b.SetCookie("sessionid", planted)
	if got := attacker.user(); got != "" || v.rows(planted) != 0 {
		t.Errorf("the key from before the log-in gives %q and has %d rows, want nobody and none", got, v.rows(planted))
	}
	// The same user again keeps the session; another one, and one whose password changed, do not.
	key := v.key()
	v.login("ada")
	if v.key() != key || v.session()["planted"] == "" {
		t.Errorf("a second log-in of the same user changed the key (%v) or lost the data", v.key() != key)
	}
	v.login("eve")
	if data := v.session(); v.key() == key || data["planted"] != "" || v.rows(key) != 0 {
		t.Errorf("another user's log-in keeps the key (%v) or the data %v", v.key() == key, data)
	}
	v.login("ada")
	v.post("/put/", "name", "mine", "value", "x")
	key = v.key()
	if err := s.Auth.Users().SetPassword(t.Context(), u, "test"); err != nil { // the same password under a new salt
		t.Fatal(err)
	}
	if err := s.Auth.Users().Save(t.Context(), u, "password"); err != nil {
		t.Fatal(err)
	}
	v.login("ada")
	if data := v.session(); v.key() == key || data["mine"] != "" {
		t.Errorf("a log-in after a change of password keeps the key (%v) or the data %v", v.key() == key, data)
	}
}

func testRowG08(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	v.post("/put/", "name", "secret", "value", "x")
	old := v.key()
	page := v.post("/logout/")
	if len(page.Cookies) != 1 || page.Cookies[0].MaxAge >= 0 || v.rows(old) != 0 {
		t.Errorf("the log-out sets the cookies %v and leaves %d rows, want the cookie expired and none", page.Cookies, v.rows(old))
	}
	v.b.SetCookie("sessionid", old)
	if v.user() != "" || len(v.session()) != 0 {
		t.Errorf("the old cookie gives the user %q and the data %v, want nothing", v.user(), v.session())
	}
}

func testRowG09(t *testing.T, s *authtest.Site) { testRowL12(t, s) }

func testRowG40(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	without := rebuild(t, s, withBackends(&auth.RemoteUserBackend{}))
	v = &visitor{t, without, v.b.Visits(without.Site)}
	if got := v.user(); got != "" {
		t.Errorf("a session of a backend that is not configured gives %q, want nobody", got)
	}
}

// testRowG49: a session that names a user and has no hash, or something else in its place.
func testRowG49(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	for _, spoil := range []func(context.Context, *sessions.Session) error{
		func(ctx context.Context, s *sessions.Session) error { return s.Delete(ctx, auth.SessionHash) },
		func(ctx context.Context, s *sessions.Session) error { return s.Set(ctx, auth.SessionHash, "") },
		func(ctx context.Context, s *sessions.Session) error { return s.Set(ctx, auth.SessionHash, true) },
	} {
		v := newVisitor(t, s)
		v.login("ada")
		session := s.Auth.Config().Sessions.Open(v.key())
		if err := errors.Join(spoil(t.Context(), session), session.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		key := v.key()
		if got := v.user(); got != "" || v.rows(key) != 0 {
			t.Errorf("a session without a good hash gives %q and has %d rows, want nobody and none", got, v.rows(key))
		}
	}
}

func testRowY07(t *testing.T, s *authtest.Site) {
	sess := s.Auth.Config().Sessions
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*auth.User)(nil)), Sessions: sess, Types: s.Auth.Types()})
	p, err := core.New(s.Settings(), s.Auth.Types().App(), a.App(), sess.App())
	if err == nil {
		err = p.Ready()
	}
	if err == nil || !strings.Contains(err.Error(), `"sessions" before "auth"`) {
		t.Errorf("auth before sessions: error %v, want one that says how to order them", err)
	}
}

// A deactivated user is nobody, and is somebody again when reactivated: the session stays.
func TestDeactivatedInASession(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "ada", nil)
		v := newVisitor(t, s)
		v.login("ada")
		for _, active := range []bool{false, true} {
			u.IsActive = active
			if err := s.Auth.Users().Save(t.Context(), u, "is_active"); err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "ada", false: ""}[active]
			if got := v.user(); got != want {
				t.Errorf("with is_active %v the user is %q, want %q", active, got, want)
			}
		}
	})
}

// What a session holds under auth's names is not taken on trust.
func TestStrangeSessions(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "ada", nil)
		for _, strange := range []any{7, nil, true, []string{"1"}, "", "x", "1; --", "\x00", strings.Repeat("9", 400)} {
			for _, name := range []string{auth.SessionUserID, auth.SessionBackend} {
				v := newVisitor(t, s)
				v.login("ada")
				session := s.Auth.Config().Sessions.Open(v.key())
				if err := errors.Join(session.Set(t.Context(), name, strange), session.Save(t.Context())); err != nil {
					t.Fatal(err)
				}
				if got := v.user(); got != "" {
					t.Errorf("a session with %s = %v gives %q, want nobody", name, strange, got)
				}
				v.login("ada")
				if got := v.user(); got != "ada" {
					t.Errorf("after a log-in over %s = %v the user is %q, want ada", name, strange, got)
				}
			}
		}
		_ = u
	})
}
