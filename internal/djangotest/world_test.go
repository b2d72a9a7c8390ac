package djangotest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core"
)

const (
	secretKey = "the key of both sides, ünïcode included: 0123456789-abcdefghijklm"
	secret    = "correct horse battery"
	// zone is not UTC, so that what depends on it shows.
	zone = "Asia/Tokyo"
)

// rules are the settings that steps change.
type rules struct {
	keys    []string // SECRET_KEY and its fallbacks
	hashers []string // names, the preferred one first; none means this Django's own
	engine  string   // of sessions; empty means the database
}

// standard are the settings of most steps.
var standard = rules{keys: []string{secretKey}, hashers: []string{"pbkdf2_sha256", "md5"}}

func (r rules) equal(o rules) bool {
	return slices.Equal(r.keys, o.keys) && slices.Equal(r.hashers, o.hashers) && r.engine == o.engine
}

// site is one side: what can be done there other than by a visitor.
type site interface {
	name() string
	root() string // of its addresses: "/go"
	use(t *testing.T, r rules)

	createUser(t *testing.T, u newUser) (pk string)
	createSuperuser(t *testing.T, name string, more ...string)
	user(t *testing.T, name string) facts
	setPassword(t *testing.T, name, raw string)
	checkPassword(t *testing.T, name, raw string) bool
	setActive(t *testing.T, name string, active bool)
	createGroup(t *testing.T, name string, permissions ...string)
	grant(t *testing.T, name string, permissions, groups []string)
	revoke(t *testing.T, name string, permissions, groups []string)
	deleteUser(t *testing.T, name string)
	mails(t *testing.T) []string
}

// newUser is a user to make.
type newUser struct {
	name, email, password, nickname string
	staff, superuser                bool
}

// facts are what a site knows of a user.
type facts struct {
	PK          string   `json:"pk"`
	Email       string   `json:"email"`
	FirstName   string   `json:"first_name"`
	Password    string   `json:"password"`
	Active      bool     `json:"active"`
	Staff       bool     `json:"staff"`
	Superuser   bool     `json:"superuser"`
	Groups      []string `json:"groups"`
	Permissions []string `json:"permissions"`
}

// whoami is what a site says of a visitor.
type whoami struct {
	Username    string          `json:"username"`
	Backend     string          `json:"backend"`
	Permissions []string        `json:"permissions"`
	Has         map[string]bool `json:"has"`
}

// world is both sides on one database, behind one address.
type world struct {
	*suite
	django     *django
	belleville *belleville
	front      *httptest.Server
}

// newWorld starts both. Nobody has migrated the database.
func newWorld(t *testing.T, s *suite, dbURL string, people *core.App) *world {
	t.Helper()
	files := t.TempDir()
	w := &world{suite: s, belleville: newBelleville(t, s.release, dbURL, files, people), django: startDjango(t, s.release, dbURL, files, people != nil)}
	mux := http.NewServeMux()
	mux.Handle("/go/", w.belleville)
	mux.Handle("/dj/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(w.django.address)
		r.Out.Host = r.In.Host
	}})
	w.front = httptest.NewServer(mux)
	t.Cleanup(w.front.Close)
	return w
}

// step takes one step, which the first Django of that version has.
func (w *world) step(t *testing.T, name, since string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if !w.has(since) {
			w.count(true)
			t.Skipf("Django %s does not have it, the first that does is %s", w.version, since)
		}
		w.count(false)
		f(t)
	})
}

// both takes a step in both directions.
func (w *world) both(t *testing.T, name, since string, f func(t *testing.T, here, there site)) {
	t.Helper()
	w.step(t, name+"/belleville-django", since, func(t *testing.T) { f(t, w.belleville, w.django) })
	w.step(t, name+"/django-belleville", since, func(t *testing.T) { f(t, w.django, w.belleville) })
}

// with changes the settings of both sides for the rest of a step.
func (w *world) with(t *testing.T, r rules) {
	t.Helper()
	w.belleville.use(t, r)
	w.django.use(t, r)
	t.Cleanup(func() {
		w.belleville.use(t, standard)
		w.django.use(t, standard)
	})
}

// add makes a user at a site, named after the step, with the password secret.
func add(t *testing.T, s site) string {
	t.Helper()
	name := nameOf(t)
	s.createUser(t, newUser{name: name, email: name + "@example.org", password: secret, nickname: "nick"})
	return name
}

// nameOf is a user name that no other step has.
func nameOf(t *testing.T) string {
	parts := strings.Split(t.Name(), "/")
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' {
			return c
		}
		return -1
	}, strings.ToLower(strings.Join(parts[max(0, len(parts)-2):], ".")))
}

// person is somebody with one cookie jar for both sides.
type person struct {
	world  *world
	client *http.Client
}

func (w *world) person(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{w, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer.
type page struct {
	status int
	header http.Header
	body   string
}

func (p *page) location() string { return p.header.Get("Location") }

// get asks for a page of a site.
func (p *person) get(t *testing.T, s site, path string) *page {
	t.Helper()
	return p.ask(t, http.MethodGet, s.root()+path, nil)
}

// post sends a form to a site, with a token of that site.
func (p *person) post(t *testing.T, s site, path string, form url.Values) *page {
	t.Helper()
	return p.postWith(t, s, path, form, p.token(t, s))
}

// postWith sends a form with any token.
func (p *person) postWith(t *testing.T, s site, path string, form url.Values, token string) *page {
	t.Helper()
	sent := url.Values{"csrfmiddlewaretoken": {token}}
	maps.Copy(sent, form)
	return p.ask(t, http.MethodPost, s.root()+path, sent)
}

var tokenField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

// token is the token of a form at a site.
func (p *person) token(t *testing.T, s site) string {
	t.Helper()
	answer := p.get(t, s, "/form/")
	m := tokenField.FindStringSubmatch(answer.body)
	if m == nil {
		t.Fatalf("the form of %s has no token: status %d, %.500s", s.name(), answer.status, answer.body)
	}
	return m[1]
}

// ask sends a request.
func (p *person) ask(t *testing.T, method, path string, form url.Values) *page {
	t.Helper()
	return p.askWith(t, method, path, form, nil)
}

// askWith sends a request with further headers.
func (p *person) askWith(t *testing.T, method, path string, form url.Values, header http.Header) *page {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, p.world.front.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.world.front.URL)
	}
	maps.Copy(r.Header, header)
	res, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 500 {
		t.Fatalf("%s %s: status %d, %.2000s", method, path, res.StatusCode, text)
	}
	return &page{res.StatusCode, res.Header, string(text)}
}

// cookie returns the value of a cookie, "" for none.
func (p *person) cookie(t *testing.T, name string) string {
	t.Helper()
	u, err := url.Parse(p.world.front.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// read asks for JSON.
func (p *person) read(t *testing.T, s site, path string, into any) {
	t.Helper()
	answer := p.get(t, s, path)
	if err := json.Unmarshal([]byte(answer.body), into); err != nil || answer.status != http.StatusOK {
		t.Fatalf("%s%s: status %d, %v: %.500s", s.root(), path, answer.status, err, answer.body)
	}
}

// login logs in by a site's page and tells whether that worked.
func (p *person) login(t *testing.T, s site, name, raw string) bool {
	t.Helper()
	answer := p.post(t, s, "/accounts/login/", url.Values{"username": {name}, "password": {raw}})
	return answer.status == http.StatusFound
}

// mustLogin logs in by a site's page.
func (p *person) mustLogin(t *testing.T, s site, name, raw string) {
	t.Helper()
	if !p.login(t, s, name, raw) {
		t.Fatalf("%s does not log %s in", s.name(), name)
	}
}

// who asks a site who the visitor is there.
func (p *person) who(t *testing.T, s site, perms ...string) whoami {
	t.Helper()
	var answer whoami
	p.read(t, s, "/whoami/?"+url.Values{"perm": perms}.Encode(), &answer)
	return answer
}

// wantUser fails unless the visitor is that user at a site, "" being nobody, and the protected page
// says so too.
func (p *person) wantUser(t *testing.T, s site, name string) {
	t.Helper()
	if got := p.who(t, s).Username; got != name {
		t.Errorf("at %s the visitor is %q, want %q", s.name(), got, name)
	}
	answer := p.get(t, s, "/page/")
	if name == "" && (answer.status != http.StatusFound || !strings.HasPrefix(answer.location(), s.root()+"/accounts/login/?")) {
		t.Errorf("the protected page of %s: status %d to %q, want a redirect to the log-in", s.name(), answer.status, answer.location())
	}
	if name != "" && (answer.status != http.StatusOK || answer.body != "page of "+name) {
		t.Errorf("the protected page of %s: status %d, %.300q, want the page of %s", s.name(), answer.status, answer.body, name)
	}
}
