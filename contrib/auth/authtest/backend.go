package authtest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
)

// Backend tells [TestBackend] what it cannot know of a backend.
type Backend struct {
	// Users are those of the project that the backend belongs to. Required.
	Users *auth.Users
	// Right are credentials of a stored, active user whom the backend lets in. Required.
	Right auth.Credentials
	// Wrong are credentials of the backend's own type that it refuses.
	Wrong []auth.Credentials
	// Object is one that the backend decides about, for backends that know permissions on objects.
	Object any
}

// stranger is a type of credentials that no backend knows.
type stranger struct{ Name string }

// TestBackend runs the rules that every backend has to keep, as subtests. It logs in a few dozen
// times, so give the project a cheap hasher.
func TestBackend(t *testing.T, b auth.Backend, o Backend) {
	t.Helper()
	if o.Users == nil || o.Right == nil {
		t.Fatal("authtest: TestBackend needs Users and Right")
	}
	t.Run("name", func(t *testing.T) { testBackendName(t, b) })
	t.Run("right", func(t *testing.T) { testBackendRight(t, b, o) })
	t.Run("wrong", func(t *testing.T) { testBackendWrong(t, b, o) })
	t.Run("strange keys", func(t *testing.T) { testBackendKeys(t, b) })
	t.Run("ended context", func(t *testing.T) { testBackendContext(t, b, o) })
	t.Run("permissions", func(t *testing.T) { testBackendPermissions(t, b, o) })
	t.Run("concurrent use", func(t *testing.T) { testBackendConcurrent(t, b, o) })
}

func testBackendName(t *testing.T, b auth.Backend) {
	if b.Name() == "" {
		t.Error("Name is empty; sessions could not name the backend")
	}
	if first, second := b.Name(), b.Name(); first != second {
		t.Errorf("Name is %q and then %q; it must never change", first, second)
	}
}

// nobody reports whether an answer means that there is no such user, and fails the test for a nil
// pointer inside an interface, which callers cannot tell from a user.
func nobody(t *testing.T, what string, u auth.Account) bool {
	t.Helper()
	if u == nil {
		return true
	}
	if v := reflect.ValueOf(u); v.Kind() == reflect.Pointer && v.IsNil() {
		t.Errorf("%s returns a nil %T as an Account; return a plain nil", what, u)
		return true
	}
	if u.IsAnonymous() {
		t.Errorf("%s returns a visitor; return nil for nobody", what)
		return true
	}
	return false
}

// enter returns the user of the right credentials and the key.
func enter(t *testing.T, b auth.Backend, o Backend) (auth.Account, string) {
	t.Helper()
	u, err := b.Authenticate(t.Context(), nil, o.Right)
	if err != nil || nobody(t, "Authenticate", u) {
		t.Fatalf("Authenticate of the right credentials, without a request: %v, %v, want a user", u, err)
	}
	pk := o.Users.PK(u)
	if pk == "" {
		t.Fatalf("Authenticate returns a %T, which is no user of the project", u)
	}
	return u, pk
}

func testBackendRight(t *testing.T, b auth.Backend, o Backend) {
	_, pk := enter(t, b, o)
	again, err := b.User(t.Context(), pk)
	if err != nil || nobody(t, "User", again) || o.Users.PK(again) != pk {
		t.Errorf("User(%q) = %v, %v, want the user whom Authenticate returned", pk, again, err)
	}
	loader, ok := b.(auth.PermissionLoader)
	if !ok {
		return
	}
	for _, permissions := range []bool{false, true} {
		u, err := loader.LoadUser(t.Context(), pk, permissions)
		if err != nil || nobody(t, "LoadUser", u) || o.Users.PK(u) != pk {
			t.Errorf("LoadUser(%q, %v) = %v, %v, want the same user as User", pk, permissions, u, err)
		}
	}
}

// testBackendWrong: what is wrong is nobody, with or without the final say; a type that the
// backend does not know leaves the decision to others.
func testBackendWrong(t *testing.T, b auth.Backend, o Backend) {
	for _, c := range o.Wrong {
		u, err := b.Authenticate(t.Context(), nil, c)
		if !nobody(t, "Authenticate", u) || (err != nil && !errors.Is(err, auth.ErrPermissionDenied)) {
			t.Errorf("Authenticate of wrong credentials (%T): %v, %v, want nobody", c, u, err)
		}
	}
	for _, c := range []auth.Credentials{nil, stranger{"ada"}, &stranger{}, "ada", map[string]string{"username": "ada"}} {
		if u, err := b.Authenticate(t.Context(), nil, c); !nobody(t, "Authenticate", u) || err != nil {
			t.Errorf("Authenticate(%T) = %v, %v, want nil, nil for a type that the backend does not know", c, u, err)
		}
	}
}

func testBackendKeys(t *testing.T, b auth.Backend) {
	keys := []string{"", " ", "x", "-1", "0", "007", "99999999999999999999", "1; DROP TABLE auth_user", "a\x00b", "\xff", "é"}
	for _, pk := range keys {
		if u, err := b.User(t.Context(), pk); !nobody(t, "User", u) || err != nil {
			t.Errorf("User(%q) = %v, %v, want nil, nil", pk, u, err)
		}
	}
}

// testBackendContext: a question that could not be asked is an error, and not a no.
func testBackendContext(t *testing.T, b auth.Backend, o Backend) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if u, err := b.Authenticate(ctx, nil, o.Right); u == nil && err == nil {
		t.Error("Authenticate with a context that has ended says that right credentials are wrong; return the context's error")
	}
}

// testBackendPermissions: what is listed is granted, and nobody's questions are answered too.
func testBackendPermissions(t *testing.T, b auth.Backend, o Backend) {
	u, _ := enter(t, b, o)
	authorizer, decides := b.(auth.Authorizer)
	modules, knowsApps := b.(auth.ModuleAuthorizer)
	lister, lists := b.(auth.PermissionLister)
	for _, who := range []auth.Account{u, &auth.AnonymousUser{}} {
		for _, obj := range []any{nil, o.Object, struct{}{}} {
			if decides {
				if _, err := authorizer.HasPerm(t.Context(), who, "no such.permission\x00", obj); bad(err) {
					t.Errorf("HasPerm of an unknown permission, for %v on %v: %v", who, obj, err)
				}
			}
			if !lists {
				continue
			}
			for name, list := range map[string]func(context.Context, auth.Account, any) (auth.PermissionSet, error){
				"UserPermissions": lister.UserPermissions, "GroupPermissions": lister.GroupPermissions,
			} {
				set, err := list(t.Context(), who, obj)
				if bad(err) {
					t.Errorf("%s for %v on %v: %v", name, who, obj, err)
				}
				for perm := range set {
					if !decides {
						break
					}
					if ok, err := authorizer.HasPerm(t.Context(), who, perm, obj); !ok || err != nil {
						t.Errorf("%s lists %q for %v on %v, and HasPerm says %v, %v", name, perm, who, obj, ok, err)
					}
				}
			}
		}
		if knowsApps {
			if _, err := modules.HasModulePerms(t.Context(), who, "no_such_app"); bad(err) {
				t.Errorf("HasModulePerms of an unknown app, for %v: %v", who, err)
			}
		}
	}
}

// bad reports whether an error is other than the final say.
func bad(err error) bool { return err != nil && !errors.Is(err, auth.ErrPermissionDenied) }

func testBackendConcurrent(t *testing.T, b auth.Backend, o Backend) {
	_, pk := enter(t, b, o)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if u, err := b.Authenticate(t.Context(), nil, o.Right); u == nil || err != nil {
				t.Errorf("Authenticate = %v, %v in a goroutine, want the user", u, err)
			}
			if u, err := b.User(t.Context(), pk); u == nil || err != nil {
				t.Errorf("User = %v, %v in a goroutine, want the user", u, err)
			}
		})
	}
	group.Wait()
}
