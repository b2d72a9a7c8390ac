package gorillastore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	gorilla "github.com/gorilla/sessions"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/gorillastore"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// visitor is a browser in front of one handler.
type visitor struct {
	jar map[string]*http.Cookie
}

// do sends a request through a handler written for gorilla/sessions.
func (v *visitor) do(t *testing.T, h func(w http.ResponseWriter, r *http.Request)) []*http.Cookie {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range v.jar {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	h(w, r)
	if v.jar == nil {
		v.jar = map[string]*http.Cookie{}
	}
	for _, c := range w.Result().Cookies() {
		if v.jar[c.Name] = c; c.MaxAge < 0 {
			delete(v.jar, c.Name)
		}
	}
	return w.Result().Cookies()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get returns the session of a name and fails the test when that is an error.
func get(t *testing.T, s gorilla.Store, r *http.Request, name string) *gorilla.Session {
	t.Helper()
	session, err := s.Get(r, name)
	must(t, err)
	return session
}

func TestGorilla(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	store := gorillastore.New(behind)
	var v visitor
	cookies := v.do(t, func(w http.ResponseWriter, r *http.Request) {
		s := get(t, store, r, "sessionid")
		if !s.IsNew || s.ID != "" || len(s.Values) != 0 {
			t.Errorf("the first session is %+v", s)
		}
		s.Values["name"], s.Values["n"], s.Values["f"] = "ada", 3, 1.5
		s.Values["list"] = []string{"a", "b"}
		s.Values["struct"] = struct{ A int }{7}
		s.AddFlash("welcome")
		if again := get(t, store, r, "sessionid"); again != s {
			t.Error("Get gives another session in the same request")
		}
		must(t, s.Save(r, w))
	})
	if len(cookies) != 1 || !sessions.ValidKey(cookies[0].Value) || cookies[0].MaxAge != 1209600 || !cookies[0].HttpOnly ||
		cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Path != "/" || cookies[0].Secure {
		t.Errorf("the cookies are %v", cookies)
	}
	v.do(t, func(w http.ResponseWriter, r *http.Request) {
		s := get(t, store, r, "sessionid")
		if s.IsNew || s.ID != v.jar["sessionid"].Value {
			t.Errorf("the second session is new %v, ID %q", s.IsNew, s.ID)
		}
		want := map[any]any{"name": "ada", "n": 3, "f": 1.5, "list": []any{"a", "b"}, "struct": map[string]any{"A": 7}, "_flash": []any{"welcome"}}
		if !reflect.DeepEqual(s.Values, want) {
			t.Errorf("the values are %v, want %v", s.Values, want)
		}
		if got := s.Flashes(); !reflect.DeepEqual(got, []any{"welcome"}) {
			t.Errorf("the flashes are %v", got)
		}
		delete(s.Values, "list")
		s.Values["n"] = 4
		must(t, gorilla.Save(r, w)) // all sessions of the request, by the registry
	})
	// What gorilla wrote is what package sessions reads.
	own := sessions.New(sessions.Config{Store: behind}).Open(v.jar["sessionid"].Value)
	names, err := own.Names(t.Context())
	n, _, _ := sessions.Get[int](t.Context(), own, "n")
	if strings.Join(names, " ") != "f n name struct" || n != 4 || err != nil {
		t.Errorf("the session has %v, n = %d, %v", names, n, err)
	}
	// A negative age deletes the session and its cookie.
	old := v.jar["sessionid"].Value
	cookies = v.do(t, func(w http.ResponseWriter, r *http.Request) {
		s := get(t, store, r, "sessionid")
		s.Options.MaxAge = -1
		must(t, s.Save(r, w))
	})
	if len(cookies) != 1 || cookies[0].MaxAge != -1 || cookies[0].Value != "" {
		t.Errorf("the cookies are %v, want a deletion", cookies)
	}
	if _, err := behind.Load(t.Context(), old); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("the deleted session: %v, want ErrNotFound", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	store := gorillastore.New(memstore.New())
	var v visitor
	v.do(t, func(w http.ResponseWriter, r *http.Request) {
		get(t, store, r, "cart").Values["a"] = "tea"
		get(t, store, r, "visit").Values["a"] = 1
		must(t, gorilla.Save(r, w))
	})
	v.do(t, func(w http.ResponseWriter, r *http.Request) {
		if a, b := get(t, store, r, "cart").Values["a"], get(t, store, r, "visit").Values["a"]; a != "tea" || b != 1 {
			t.Errorf("the sessions say %v and %v", a, b)
		}
	})
	if len(v.jar) != 2 || v.jar["cart"].Value == v.jar["visit"].Value {
		t.Errorf("the cookies are %v, want two with different keys", v.jar)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	behind := &memstore.Store{Now: clock}
	store := gorillastore.New(behind)
	store.Now = clock
	for age, want := range map[int]time.Duration{0: 14 * 24 * time.Hour, 60: time.Minute} {
		var v visitor
		cookies := v.do(t, func(w http.ResponseWriter, r *http.Request) {
			s := get(t, store, r, "s")
			s.Options.MaxAge, s.Options.Path = age, "/x/"
			must(t, s.Save(r, w))
		})
		r, err := behind.Load(t.Context(), v.jar["s"].Value)
		if err != nil || r.Expires.Sub(now) != want || cookies[0].MaxAge != age || cookies[0].Path != "/x/" {
			t.Errorf("MaxAge %d: ends after %v, %v, cookie %v", age, r.Expires.Sub(now), err, cookies[0])
		}
	}
	if store.Options.Path != "/" {
		t.Error("a session changed the options of the store")
	}
}

func TestTampered(t *testing.T) {
	t.Parallel()
	store := gorillastore.New(memstore.New())
	for _, value := range []string{"", "short", "abcdefghijklmnopqrstuvwxyz012345", "MTI3|tampered|x", strings.Repeat("a", 5000)} {
		v := visitor{jar: map[string]*http.Cookie{"s": {Name: "s", Value: value}}}
		v.do(t, func(w http.ResponseWriter, r *http.Request) {
			s := get(t, store, r, "s")
			if !s.IsNew || len(s.Values) != 0 || s.ID != "" {
				t.Errorf("%.20q gives the session %+v, want a new one", value, s)
			}
			s.Values["a"] = 1
			must(t, s.Save(r, w))
		})
		if v.jar["s"].Value == value {
			t.Errorf("%.20q was adopted", value)
		}
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	store := gorillastore.New(behind)
	for _, tt := range []struct {
		key, value any
		want       string
	}{{1, "x", "names are text"}, {struct{}{}, "x", "names are text"}, {"f", func() {}, `"f" cannot be written as JSON`}} {
		var v visitor
		cookies := v.do(t, func(w http.ResponseWriter, r *http.Request) {
			s := get(t, store, r, "s")
			s.Values[tt.key] = tt.value
			if err := s.Save(r, w); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Save with %v = %v, want an error with %q", tt.key, err, tt.want)
			}
		})
		if len(cookies) != 0 {
			t.Errorf("an error set the cookie %v", cookies)
		}
	}
}

// TestMerge lets two requests change one session at once, and a third one that deletes it.
func TestMerge(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	store := gorillastore.New(behind)
	var v visitor
	v.do(t, func(w http.ResponseWriter, r *http.Request) {
		s := get(t, store, r, "s")
		s.Values["gone"], s.Values["kept"] = 1, 1
		must(t, s.Save(r, w))
	})
	key := v.jar["s"].Value
	request := func() *http.Request {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "s", Value: key})
		return r
	}
	var all sync.WaitGroup
	loaded := make(chan struct{})
	var ready sync.WaitGroup
	ready.Add(4)
	for i := range 4 {
		all.Go(func() {
			r := request()
			s, err := store.Get(r, "s")
			ready.Done()
			<-loaded
			s.Values[fmt.Sprint("n", i)] = i
			if i == 0 {
				delete(s.Values, "gone")
			}
			if err = errors.Join(err, s.Save(r, httptest.NewRecorder())); err != nil {
				t.Error(err)
			}
		})
	}
	ready.Wait()
	close(loaded)
	all.Wait()
	record, err := behind.Load(t.Context(), key)
	if err != nil || len(record.Data) != 5 || record.Data["gone"] != nil {
		t.Errorf("the session has %v, %v; want kept and n0 to n3", record.Data, err)
	}
	r := request()
	s := get(t, store, r, "s")
	must(t, behind.Delete(t.Context(), key))
	s.Values["back"] = 1
	if err := s.Save(r, httptest.NewRecorder()); !errors.Is(err, sessions.ErrGone) {
		t.Errorf("Save of a deleted session = %v, want ErrGone", err)
	}
}

// TestByHand saves a session that was not got from the store.
func TestByHand(t *testing.T) {
	t.Parallel()
	behind := memstore.New()
	store := gorillastore.New(behind)
	key, err := behind.Create(t.Context(), sessions.Record{Data: sessions.Data{"old": []byte("1")}, Expires: time.Now().Add(time.Hour)})
	must(t, err)
	s := gorilla.NewSession(store, "s")
	s.ID, s.Values["new"] = key, 2
	must(t, s.Save(httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()))
	if r, err := behind.Load(t.Context(), key); err != nil || len(r.Data) != 1 || string(r.Data["new"]) != "2" {
		t.Errorf("the session has %s, %v; want new alone", r.Data, err)
	}
}

// down is a store that does not answer.
type down struct{ sessions.Store }

var errDown = errors.New("the database is away")

func (down) Load(context.Context, string) (sessions.Record, error) {
	return sessions.Record{}, errDown
}

func TestDown(t *testing.T) {
	t.Parallel()
	v := visitor{jar: map[string]*http.Cookie{"s": {Name: "s", Value: "abcdefghijklmnopqrstuvwxyz012345"}}}
	v.do(t, func(_ http.ResponseWriter, r *http.Request) {
		if s, err := gorillastore.New(down{}).Get(r, "s"); s == nil || !errors.Is(err, errDown) {
			t.Errorf("Get = %v, %v; want a session and the store's error", s, err)
		}
	})
}
