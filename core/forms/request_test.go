package forms_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

func request(kind, body string) *http.Request {
	r := httptest.NewRequest("POST", "/?q=1;2", strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

const urlencoded = "application/x-www-form-urlencoded"

// multi makes a multipart body out of names with values; a name with a colon is "name:filename".
func multi(t testing.TB, pairs ...string) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		name, filename, isFile := strings.Cut(pairs[i], ":")
		var part io.Writer
		var err error
		if isFile {
			part, err = w.CreateFormFile(name, filename)
		} else {
			part, err = w.CreateFormField(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	kind, body := multi(t, "a", "1", "a", "2\xff", "f:../cat.png", "meow", "f:dog.png", "")
	for _, c := range []struct {
		name, kind, body, want string
	}{
		{"urlencoded", urlencoded, "a=1&a=2&b=%C3%A4+x", "map[a:[1 2] b:[ä x]] map[]"},
		{"no UTF-8", urlencoded, "a=%ff&%fe=1", "map[a:[\uFFFD] \uFFFD:[1]] map[]"},
		{"misspelt values are left out", urlencoded, "a=%zz&b=1;2&c=3", "map[c:[3]] map[]"},
		{"empty", urlencoded, "", "map[] map[]"},
		{"JSON is no form", "application/json", `{"a":1}`, "map[] map[]"},
		{"no content type", "", "a=1", "map[] map[]"},
		{"multipart", kind, body, "map[a:[1 2\uFFFD]] map[f:[cat.png:4 dog.png:0]]"},
	} {
		d, err := forms.Read(request(c.kind, c.body), forms.Limits{})
		files := map[string][]string{}
		for name, list := range d.Files {
			for _, f := range list {
				files[name] = append(files[name], fmt.Sprint(f.Filename, ":", f.Size))
			}
		}
		if got := fmt.Sprint(map[string][]string(d.Values), " ", files); got != c.want || err != nil {
			t.Errorf("%s: got %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestReadTwice(t *testing.T) {
	t.Parallel()
	r := request(urlencoded, "a=1")
	r.PostFormValue("a") // what a token check before the view does
	if d, err := forms.Read(r, forms.Limits{}); err != nil || d.Values.Get("a") != "1" {
		t.Errorf("got %v, %v; want what was parsed before", d.Values, err)
	}
	kind, body := multi(t, "a", "1", "f:x", "y")
	r = request(kind, body)
	r.PostFormValue("a")
	if d, err := forms.Read(r, forms.Limits{}); err != nil || d.Values.Get("a") != "1" || len(d.Files["f"]) != 1 {
		t.Errorf("got %v, %v; want what was parsed before", d, err)
	}
}

func status(err error) int {
	rec := httptest.NewRecorder()
	web.Error(rec, httptest.NewRequest("GET", "/", nil), err)
	return rec.Code
}

func TestLimits(t *testing.T) {
	t.Parallel()
	kind, body := multi(t, "a", "1", "f:x", strings.Repeat("y", 500), "g:x", "z")
	long := "a=" + strings.Repeat("x", 500)
	many := strings.Repeat("a=1&", 11) + "b=2"
	for _, c := range []struct {
		name, kind, body string
		limits           forms.Limits
		want             int // 0 for none
	}{
		{"fits exactly", urlencoded, long, forms.Limits{Body: int64(len(long))}, 0},
		{"body", urlencoded, long, forms.Limits{Body: int64(len(long)) - 1}, 413},
		{"multipart body", kind, body, forms.Limits{Body: 300}, 413},
		{"small memory only means a temporary file", kind, body, forms.Limits{Memory: 1}, 0},
		{"usual body", urlencoded, "a=" + strings.Repeat("x", 2621440), forms.Limits{}, 413},
		{"values", urlencoded, many, forms.Limits{Values: 11}, 400},
		{"as many values", urlencoded, many, forms.Limits{Values: 12}, 0},
		{"usual values", urlencoded, strings.Repeat("a=1&", 1001), forms.Limits{}, 400},
		{"files", kind, body, forms.Limits{Files: 1}, 400},
		{"as many files", kind, body, forms.Limits{Files: 2}, 0},
		{"cut off", kind, body[:len(body)-30], forms.Limits{}, 400},
		{"no boundary", "multipart/form-data", body, forms.Limits{}, 400},
	} {
		_, err := forms.Read(request(c.kind, c.body), c.limits)
		got := 0
		if err != nil {
			got = status(err)
		}
		if got != c.want {
			t.Errorf("%s: got %d (%v), want %d", c.name, got, err, c.want)
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) != (c.want == 413) {
			t.Errorf("%s: %v; want an *http.MaxBytesError for 413 alone", c.name, err)
		}
		f := newSignup()
		f.Limits = c.limits
		if _, err := forms.Accept(request(c.kind, c.body), f); (err != nil) != (c.want != 0) {
			t.Errorf("%s: Accept gave %v", c.name, err)
		}
	}
}

// TestRouteLimit shows that the route's limit counts when the form has none.
func TestRouteLimit(t *testing.T) {
	t.Parallel()
	router := web.NewRouter()
	view := func(w http.ResponseWriter, r *http.Request) error {
		f := newSignup()
		_, err := forms.Accept(r, f)
		return err
	}
	router.Post("/small/", "small", view, web.BodyLimit(100))
	router.Post("/large/", "large", view, web.BodyLimit(4<<20))
	h, err := router.Build(web.Options{BodyLimit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		size int
		want int
	}{{"/small/", 50, 200}, {"/small/", 101, 413}, {"/large/", 3 << 20, 200}, {"/large/", 5 << 20, 413}} {
		r := httptest.NewRequest("POST", c.path, strings.NewReader("name="+strings.Repeat("x", c.size-5)))
		r.Header.Set("Content-Type", urlencoded)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != c.want {
			t.Errorf("%s with %d bytes: got %d, want %d", c.path, c.size, rec.Code, c.want)
		}
	}
}

type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }

func TestClientGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "POST", "/", brokenBody{errors.New("connection reset")})
	r.Header.Set("Content-Type", urlencoded)
	cancel()
	if _, err := forms.Read(r, forms.Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// every has a field of each type.
type every struct {
	forms.Form
	Name     forms.Field[string]
	Email    forms.Field[string]
	Password forms.Field[string]
	Age      forms.Field[int64]
	Agree    forms.Field[bool]
	Colour   forms.Field[string]
	Several  forms.Field[[]int]
	Lines    forms.Field[[]string]
	Token    forms.Field[string]
	Photo    forms.Field[*multipart.FileHeader]
}

func newEvery() *every {
	f := &every{
		Name:     forms.Field[string]{Name: "name", Type: forms.Char{MinLength: 2, MaxLength: 5}},
		Email:    forms.Field[string]{Name: "email", Type: forms.Email{MaxLength: 30}, Optional: true},
		Password: forms.Field[string]{Name: "password", Type: forms.Password{}},
		Age:      forms.Field[int64]{Name: "age", Type: forms.Integer{Min: new(int64(0)), Max: new(int64(150))}, Optional: true},
		Agree:    forms.Field[bool]{Name: "agree", Optional: true},
		Colour:   forms.Field[string]{Name: "colour", Type: colours, Widget: forms.Radios{}, Optional: true},
		Several: forms.Field[[]int]{Name: "several", Optional: true,
			Type: forms.MultipleChoice[int]{Options: []forms.Option[int]{{Value: 1}, {Value: 2}}}},
		Lines: forms.Field[[]string]{Name: "lines", Type: forms.Lines{Max: 3, MaxLength: 5}, Optional: true},
		Token: forms.Field[string]{Name: "token", Widget: forms.Hidden{}, Optional: true},
		Photo: forms.Field[*multipart.FileHeader]{Name: "photo", Type: forms.File{MaxSize: 10}, Optional: true},
	}
	f.Declare(&f.Name, &f.Email, &f.Password, &f.Age, &f.Agree, &f.Colour, &f.Several, &f.Lines, &f.Token, &f.Photo)
	return f
}

// checkEvery holds a form that was checked against what its types promise.
func checkEvery(t *testing.T, f *every, ok bool) {
	t.Helper()
	if ok == f.HasErrors() {
		t.Errorf("valid is %v with %v", ok, f.Errors())
	}
	n := len([]rune(f.Name.Value))
	if f.Name.Value != "" && (n < 2 || n > 5) || strings.ContainsRune(f.Name.Value+f.Password.Value+f.Token.Value, 0) {
		t.Errorf("took the name %q, password %q, token %q", f.Name.Value, f.Password.Value, f.Token.Value)
	}
	if a := f.Age.Value; a < 0 || a > 150 || len(f.Lines.Value) > 3 || len(f.Several.Value) > 2 {
		t.Errorf("took %d, %q, %v", a, f.Lines.Value, f.Several.Value)
	}
	if strings.ContainsAny(f.Email.Value, "\r\n<>, ") && !strings.Contains(f.Email.Value, `"`) {
		t.Errorf("took the address %q", f.Email.Value)
	}
	if c := f.Colour.Value; c != "" && c != "r" {
		t.Errorf("took the colour %q", c)
	}
	html, err := f.Render()
	if err != nil {
		t.Fatal(err)
	}
	if p := f.Password.Value; len(p) > 12 && strings.Contains(string(html), p) {
		t.Errorf("the page shows the password %q", p)
	}
	if strings.Contains(strings.ToLower(string(html)), "<script") {
		t.Errorf("the page has what was typed as markup:\n%s", html)
	}
}

func FuzzAccept(f *testing.F) {
	for _, body := range []string{
		"", "name=ada&password=correct+horse+battery", "name=%00&age=1e9&agree=on&colour=b", "several=1&several=3&lines=a%0d%0ab",
		"email=a@example.com&token=<script>&name=<script>", "a=%zz;&&=", "name=\xff\xfe", "age=-0&lines=%0a%0a%0a%0a",
	} {
		f.Add(urlencoded, body)
	}
	kind, body := multi(f, "name", "ada", "photo:c.png", "meow", "password", "secret secret")
	f.Add(kind, body)
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := request("", body)
		r.Header["Content-Type"] = []string{kind}
		form := newEvery()
		form.Limits.Body = 1 << 16
		ok, err := forms.Accept(r, form)
		if err != nil {
			if s := status(err); s != 400 && s != 413 {
				t.Errorf("got %v with the status %d, want 400 or 413", err, s)
			}
			return
		}
		checkEvery(t, form, ok)
		query, err := url.ParseQuery(body)
		if err == nil {
			form = newEvery()
			form.Bind(forms.Data{Values: query})
			ok, err = forms.Validate(t.Context(), form)
			if err != nil {
				t.Fatal(err)
			}
			checkEvery(t, form, ok)
		}
	})
}
