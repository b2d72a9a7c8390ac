package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/examples/polls"
)

// TestBesideDjango logs in at a real Django's admin and opens a page of the demo behind the same
// address. Both pages side by side are the picture beside-django.png, which is written to the folder
// that E2E_SCREENSHOTS names. The Django is one that internal/djangotest/install.sh unpacked.
func TestBesideDjango(t *testing.T) {
	allocator := browsers(t)
	pythonpath := djangoPath(t)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancelTime)
	s, version := beside(t, pythonpath)
	p := &person{t: t, ctx: ctx, view: view{"half", 620, 492, "light"}, site: s}
	p.do(emulation.SetDeviceMetricsOverride(p.view.width, p.view.height, 2, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: p.view.scheme}}))

	p.open("/polls/1/")
	if got := p.path(); got != "/accounts/login/" {
		t.Fatalf("before the log-in a question leads to %s", got)
	}
	p.open("/admin/login/?next=/admin/auth/user/")
	p.fill("username", "ada", "password", "countess-of-code")
	left := p.side("#user-tools strong")
	if left.Path != "/admin/auth/user/" {
		t.Fatalf("after the log-in at Django's admin ada is at %s", left.Path)
	}
	p.sees("bob@example.com")
	p.open("/polls/1/")
	p.do(chromedp.Click(`.options li:last-child label`, chromedp.ByQuery))
	p.click(`form[action$="/vote/"] button`)
	right := p.side(`header a[href="/accounts/profile/"]`)
	if right.Path != "/polls/1/" || right.Cookie != left.Cookie || left.Cookie == "" {
		t.Errorf("at Belleville ada is at %s with the session %q, want /polls/1/ with Django's, %q", right.Path, right.Cookie, left.Cookie)
	}
	p.compose(map[string]any{"Left": left, "Right": right, "Django": version})
}

// side is one half of the picture: a page as it stood in the browser.
type side struct {
	Path, Picture, Cookie string
	// Name is where the page names the user, in per cent of its width and height.
	Name struct{ X, Y, W, H float64 }
}

// side takes a picture of what the browser shows, and looks which session it has. The page names
// ada in what the selector finds.
func (p *person) side(selector string) side {
	p.t.Helper()
	var picture []byte
	var name string
	s := side{Path: p.path()}
	p.do(chromedp.Text(selector, &name, chromedp.ByQuery))
	if !strings.EqualFold(strings.TrimSpace(name), "ada") {
		p.t.Errorf("at %s the page names the user %q, want ada", s.Path, name)
	}
	p.do(chromedp.Evaluate(`window.scrollTo(0, 0), document.activeElement.blur(), (text => {
		const range = document.createRange()
		range.selectNodeContents(text) // the letters, without what is around them
		const r = range.getBoundingClientRect()
		return {X: r.x / innerWidth * 100, Y: r.y / innerHeight * 100, W: r.width / innerWidth * 100, H: r.height / innerHeight * 100}
	})(document.querySelector('`+selector+`'))`, &s.Name))
	p.do(chromedp.CaptureScreenshot(&picture), chromedp.ActionFunc(func(ctx context.Context) error {
		cookies, err := network.GetCookies().Do(ctx)
		for _, c := range cookies {
			if c.Name == "sessionid" && len(c.Value) == 32 {
				s.Cookie = c.Value[:8] // enough to compare by eye
			}
		}
		return err
	}))
	s.Picture = base64.StdEncoding.EncodeToString(picture)
	return s
}

// compose puts both sides next to each other.
func (p *person) compose(data any) {
	p.t.Helper()
	text, err := os.ReadFile("testdata/beside.html")
	if err != nil {
		p.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := template.Must(template.New("beside").Parse(string(text))).Execute(&out, data); err != nil {
		p.t.Fatal(err)
	}
	var png []byte
	p.do(chromedp.Navigate("about:blank"), emulation.SetDeviceMetricsOverride(1280, 720, 1.5, false),
		chromedp.ActionFunc(func(ctx context.Context) error {
			tree, err := page.GetFrameTree().Do(ctx)
			if err != nil {
				return err
			}
			return page.SetDocumentContent(tree.Frame.ID, out.String()).Do(ctx)
		}),
		chromedp.WaitReady("p"), chromedp.FullScreenshot(&png, 100))
	if folder := os.Getenv("E2E_SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "beside-django.png"), png, 0o644); err != nil {
			p.t.Error(err)
		}
	}
}

// djangoPath is the PYTHONPATH of a Django, or the test is skipped.
func djangoPath(t *testing.T) string {
	t.Helper()
	if named, ok := os.LookupEnv("DJANGO_PYTHONPATH"); ok {
		return named
	}
	cache := os.Getenv("DJANGO_CACHE")
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		cache = filepath.Join(base, "belleville-django")
	}
	text, err := os.ReadFile(filepath.Join(cache, "5.2", "pythonpath"))
	if err != nil {
		t.Skip("no picture beside Django: there is none; internal/djangotest/install.sh unpacks it from Debian's packages")
	}
	return strings.TrimSpace(string(text))
}

// beside serves the demo and Django's admin on one database, behind one address, with ada as a
// superuser. It returns the version of Django.
func beside(t *testing.T, pythonpath string) (*site, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "beside.sqlite3")
	db, err := core.OpenDB("sqlite://" + filepath.ToSlash(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	key := strings.Repeat("the-key-of-both-", 4)
	project, err := polls.NewProject(core.Settings{
		DB: db, Keys: []string{key}, AllowedHosts: []string{"127.0.0.1"},
		Mail: &mail.Mailer{Transport: new(mail.Memory)}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"migrate", "loaddemo"} {
		if err := project.Run(t.Context(), &command.Env{Program: "manage"}, []string{name}); err != nil {
			t.Fatal(err)
		}
	}
	makeSuperuser(t, auth.NewUsers(db, (*auth.User)(nil)), "ada")
	handler, err := project.Handler()
	if err != nil {
		t.Fatal(err)
	}
	address, version := startAdmin(t, pythonpath, key, file)
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(address)
		r.Out.Host = r.In.Host
	}}
	mux.Handle("/admin/", proxy)
	mux.Handle("/admin-static/", proxy)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &site{address: server.URL}, version
}

func makeSuperuser(t *testing.T, users *auth.Users, name string) {
	t.Helper()
	u, err := users.ByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	who := u.(*auth.User)
	who.IsStaff, who.IsSuperuser = true, true
	if err := users.Save(t.Context(), who, "is_staff", "is_superuser"); err != nil {
		t.Fatal(err)
	}
}

// startAdmin starts Django and returns its address and version. It ends with the test.
func startAdmin(t *testing.T, pythonpath, key, file string) (*url.URL, string) {
	t.Helper()
	python := os.Getenv("DJANGO_PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	shared, err := json.Marshal(map[string]string{"key": key, "database": file})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/admin.py", string(shared))
	cmd.Env = []string{"PYTHONPATH=" + pythonpath, "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1"}
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait() // what it ends with does not matter
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	port, version, found := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !found {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("Django does not start: %v\n%s", err, &errors)
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}, version
}
