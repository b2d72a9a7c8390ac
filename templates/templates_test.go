package templates_test

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/templates"
	pages "github.com/go-belleville/belleville/templates"
)

// newSet returns the default pages in DEBUG, where a missing value is an error. Whoever asks for
// the user or the messages of a page that should not gets an error too.
func newSet() *templates.Set {
	refuse := func(context.Context) (any, error) { return nil, errors.New("must not be asked for here") }
	return templates.New(templates.Config{
		Debug:   true,
		Sources: []fs.FS{pages.Pages()},
		Funcs: template.FuncMap{
			"static": func(name string) (string, error) {
				_, err := fs.Stat(pages.Static(), name)
				return "/static/" + name, err
			},
			"url": func(name string, args ...any) (string, error) { return fmt.Sprint("/", name, "/", args), nil },
		},
		Providers: map[string]templates.Provider{"user": refuse, "perms": refuse, "messages": func(ctx context.Context) (any, error) {
			list, ok := ctx.Value(messagesKey{}).([]message)
			if !ok {
				return nil, errors.New("messages must not be asked for here")
			}
			return list, nil
		}},
	})
}

type messagesKey struct{}

type message struct{ Text, Tags string }

func (m message) HTML() template.HTML { return template.HTML(template.HTMLEscapeString(m.Text)) }

type form struct {
	forms.Form
	name, password forms.Field[string]
	next           forms.Field[string]
	accept         forms.Field[bool]
	kind           forms.Field[string]
}

// newForm has every kind of field that the pages know to show.
func newForm(t *testing.T, posted bool) *form {
	t.Helper()
	f := &form{
		name:     forms.Field[string]{Name: "username", Help: "As on your <b>letter</b>."},
		password: forms.Field[string]{Name: "password", Type: forms.Password{}, Help: "Eight characters."},
		next:     forms.Field[string]{Name: "token", Widget: forms.Hidden{}},
		accept:   forms.Field[bool]{Name: "accept", Help: "You must."},
		kind: forms.Field[string]{Name: "kind", Help: "One of two.", Widget: forms.Radios{}, Type: forms.Choice[string]{
			Options: []forms.Option[string]{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}}},
	}
	f.Declare(&f.name, &f.password, &f.next, &f.accept, &f.kind)
	if posted {
		f.Bind(forms.Data{Values: url.Values{"password": {"s3cret-word"}}})
		if _, err := forms.Validate(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		f.AddError(&forms.Error{Code: "invalid_login", Message: "Those do not go <together>."})
	}
	return f
}

// samples are the pages with the data that views give them.
func samples(t *testing.T) map[string]map[string]any {
	site := func(more map[string]any) map[string]any {
		data := map[string]any{"site_name": "Polls & more", "site": nil, "csrf_token": "t0ken"}
		for k, v := range more {
			data[k] = v
		}
		return data
	}
	all := map[string]map[string]any{
		"registration/logged_out.html":              site(map[string]any{"title": "Logged out"}),
		"registration/password_change_done.html":    site(map[string]any{"title": "Done"}),
		"registration/password_reset_done.html":     site(nil),
		"registration/password_reset_complete.html": site(map[string]any{"login_url": "/log/in/"}),
		"registration/logout_form.html":             site(nil),
		"base.html":                                 site(nil),
	}
	for _, posted := range []bool{false, true} {
		for _, name := range []string{"login", "password_change_form", "password_reset_form", "password_reset_confirm"} {
			key := "registration/" + name + ".html"
			if posted {
				key += " posted"
			}
			all[key] = site(map[string]any{"form": newForm(t, posted), "next": "/a/?b=1&c=2", "validlink": true})
		}
	}
	all["registration/password_reset_confirm.html bad link"] = site(map[string]any{"validlink": false, "form": nil})
	for _, name := range []string{"400", "403", "403_csrf", "404", "405", "413", "500", "503", "error"} {
		all[name+".html"] = nil
		all[name+".html full"] = map[string]any{"message": "Not <yours>.", "status": 400, "path": "/x", "detail": "a\nb"}
	}
	return all
}

func TestPages(t *testing.T) {
	t.Parallel()
	set := newSet()
	for name, data := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if strings.HasPrefix(name, "registration/") || name == "base.html" {
				ctx = context.WithValue(ctx, messagesKey{}, []message{{"All <well>", "success"}})
			}
			file, _, _ := strings.Cut(name, " ")
			var b strings.Builder
			if err := set.Render(ctx, &b, file, data); err != nil {
				t.Fatal(err)
			}
			doc, err := html.Parse(strings.NewReader(b.String()))
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, doc, file != "registration/logout_form.html" && file != "base.html")
			if strings.Contains(b.String(), "s3cret") {
				t.Error("the page shows the password that was posted")
			}
		})
	}
}

// TestEveryPageIsTested and can be put together.
func TestEveryPageIsTested(t *testing.T) {
	t.Parallel()
	set := newSet()
	tested := samples(t)
	for _, name := range set.Names() {
		mail := strings.HasPrefix(name, "registration/password_reset_email") || strings.HasSuffix(name, ".txt")
		part := strings.HasPrefix(name, "forms/") || name == "messages.html"
		if _, ok := tested[name]; !ok && !mail && !part {
			t.Errorf("%s has no sample here", name)
		}
	}
	if err := set.Check(); err != nil {
		t.Error(err)
	}
}

// checkDocument looks for what every page owes its readers and a strict content security policy.
func checkDocument(t *testing.T, doc *html.Node, whole bool) {
	t.Helper()
	ids, labelled, described, headings := map[string]int{}, map[string]bool{}, []string{}, 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		a := attrs(n)
		if id, ok := a["id"]; ok {
			ids[id]++
		}
		described = append(described, strings.Fields(a["aria-describedby"])...)
		if n.Data == "label" {
			labelled[a["for"]] = true
		}
		if n.Data == "h1" {
			headings++
		}
		checkElement(t, n, a)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q is there %d times", id, n)
		}
	}
	for _, id := range described {
		if ids[id] == 0 {
			t.Errorf("aria-describedby names %q, which is not there", id)
		}
	}
	for n := range doc.Descendants() {
		a := attrs(n)
		if n.Type == html.ElementNode && n.Data == "input" && a["type"] != "hidden" && !labelled[a["id"]] {
			t.Errorf("the input %q has no label", a["name"])
		}
		if href := a["href"]; n.Data == "a" && strings.HasPrefix(href, "#") && ids[href[1:]] == 0 {
			t.Errorf("a link leads to %q, which is not there", href)
		}
	}
	if whole && headings != 1 {
		t.Errorf("the page has %d h1, want 1", headings)
	}
}

func checkElement(t *testing.T, n *html.Node, a map[string]string) {
	t.Helper()
	for name, value := range a {
		if name == "style" || strings.HasPrefix(name, "on") {
			t.Errorf("<%s> has the attribute %s", n.Data, name)
		}
		if strings.Contains(value, "//") || strings.Contains(value, "Zgotmpl") {
			t.Errorf("<%s %s=%q> leads to another host or nowhere", n.Data, name, value)
		}
	}
	switch n.Data {
	case "script", "style":
		t.Errorf("the page has a <%s>", n.Data)
	case "form":
		if a["method"] != "post" {
			t.Errorf("a form has the method %q", a["method"])
		}
		if !strings.Contains(text(n), "csrfmiddlewaretoken=t0ken") {
			t.Error("a form is without its token")
		}
	case "title":
		if strings.TrimSpace(text(n)) == "" {
			t.Error("the title is empty")
		}
	}
}

// text is the text of an element, with hidden inputs as name=value.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
		if a := attrs(d); a["type"] == "hidden" {
			b.WriteString(a["name"] + "=" + a["value"] + " ")
		}
	}
	return b.String()
}

func attrs(n *html.Node) map[string]string {
	m := map[string]string{}
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
}

func TestWhatPagesSay(t *testing.T) {
	t.Parallel()
	ctx := context.WithValue(t.Context(), messagesKey{}, []message{{"All <well>", "success"}})
	set := newSet()
	tests := map[string][]string{
		"registration/login.html": {`<html lang="en">`, `name="viewport"`, `href="#content"`, `<title>Log in – Polls &amp; more</title>`,
			`name="next" value="/a/?b=1&amp;c=2"`, `href="/password_reset/[]"`, `<li class="success">All &lt;well&gt;</li>`,
			`aria-describedby="id_username_helptext"`, `As on your <b>letter</b>.`},
		"registration/login.html posted": {`<title>Error: Log in`, `role="alert"`, `Those do not go &lt;together&gt;.`, `<a href="#id_username">`,
			`aria-invalid="true"`, `aria-describedby="id_username_helptext id_username_error"`, `id="id_username_error"`, `<p>Token: `},
		"registration/logout_form.html":                     {`action="/logout/[]"`, `method="post"`},
		"registration/password_reset_complete.html":         {`href="/log/in/"`},
		"registration/password_reset_confirm.html bad link": {`does not work`, `href="/password_reset/[]"`},
		"registration/password_reset_confirm.html":          {`<button type="submit">`},
		"403.html":      {`<p class="status">403</p>`, `<title>You may not see this page</title>`},
		"403.html full": {`Not &lt;yours&gt;.`, "<pre tabindex=\"0\">a\nb</pre>"},
	}
	data := samples(t)
	for name, wants := range tests {
		file, _, _ := strings.Cut(name, " ")
		var b strings.Builder
		if err := set.Render(ctx, &b, file, data[name]); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, b.String())
			}
		}
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	data := map[string]any{"site_name": "O'Hara & Co", "protocol": "https", "domain": "polls.example", "uid": "MQ",
		"token": "c0-1", "username": "o'hara", "email": "a+b@example.com"}
	for name, want := range map[string]string{
		"registration/password_reset_email.html":  "https://polls.example/password_reset_confirm/[uidb64 MQ token c0-1]\n",
		"registration/password_reset_subject.txt": "A new password for O'Hara & Co\n",
	} {
		var b strings.Builder
		if err := newSet().RenderText(t.Context(), &b, name, data); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v; got\n%s\nwant it to contain %q", name, err, b.String(), want)
		}
	}
}

// TestColours holds every text colour against the backgrounds it stands on, in both schemes.
func TestColours(t *testing.T) {
	t.Parallel()
	css, err := fs.ReadFile(pages.Static(), "belleville.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the stylesheet has no dark colours")
	}
	if strings.Contains(string(css), "url(") || strings.Contains(string(css), "@import") {
		t.Error("the stylesheet loads something")
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		for _, c := range []struct {
			over  string
			least float64
			texts []string
		}{
			{"paper", 4.5, []string{"ink", "soft", "accent", "accent-strong", "bad"}},
			{"sheet", 4.5, []string{"ink", "soft", "accent", "bad"}},
			{"tint", 4.5, []string{"ink", "accent-strong"}},
			{"bad-tint", 4.5, []string{"ink", "bad"}},
			{"accent", 4.5, []string{"on-accent"}},
			{"accent-strong", 4.5, []string{"on-accent"}},
			{"sheet", 3, []string{"edge"}}, // the outline of an input
			{"paper", 3, []string{"edge"}},
		} {
			for _, name := range c.texts {
				if colours[name] == 0 || colours[c.over] == 0 {
					t.Fatalf("%s: the colour %s or %s is not there", scheme, name, c.over)
				}
				if got := contrast(colours[name], colours[c.over]); got < c.least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", scheme, name, c.over, got, c.least)
				}
			}
		}
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

func TestStatic(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(pages.Static(), "*")
	if want := []string{"belleville.css", "belleville.svg"}; err != nil || !slices.Equal(files, want) {
		t.Errorf("got %v, %v; want %v", files, err, want)
	}
}
