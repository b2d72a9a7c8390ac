package e2e

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/examples/polls"
)

// browserNames are looked for in PATH, in this order.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// browser returns the path of a browser, or skips the test; with REQUIRE_BROWSER=1 it fails it.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("REQUIRE_BROWSER") == "1" {
		t.Fatal("REQUIRE_BROWSER=1, but no browser is installed: apt-get install chromium")
	}
	t.Skip("not tested in a browser: none is installed (on Debian: apt-get install chromium)")
	return ""
}

// view is a size of window and a colour scheme.
type view struct {
	name          string
	width, height int64
	scheme        string
}

var views = []view{
	{"phone-light", 360, 740, "light"}, {"phone-dark", 360, 740, "dark"},
	{"desktop-light", 1280, 800, "light"}, {"desktop-dark", 1280, 800, "dark"},
}

// browsers returns what starts windows of a browser with a profile of its own.
func browsers(t *testing.T) context.Context {
	t.Helper()
	path := browser(t)
	profile, err := os.MkdirTemp("", "belleville-e2e")
	if err != nil {
		t.Fatal(err)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true))...)
	t.Cleanup(func() {
		stop()
		chromedp.FromContext(allocator).Allocator.Wait()
		_ = os.RemoveAll(profile) // the browser may still be writing its last words there
	})
	return allocator
}

// TestJourney goes through the demo once in each view. The screenshots are kept in the folder that
// E2E_SCREENSHOTS names; without it they are only taken.
func TestJourney(t *testing.T) {
	allocator := browsers(t)
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			for try := 1; !journeyIn(t, allocator, v); try++ {
				if try == 2 {
					t.Fatal("the browser ended by itself, twice")
				}
				t.Log("the browser ended by itself; once more with a new one")
			}
		})
	}
}

// errGone is what a journey panics with when its browser ended by itself, as Chromium does now and
// then on a busy machine; that says nothing about the site.
var errGone = errors.New("the browser is gone")

// journeyIn makes the journey in a browser of its own, and returns false when that has ended by itself.
func journeyIn(t *testing.T, allocator context.Context, v view) (ended bool) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, cancelTime := context.WithTimeout(ctx, 2*time.Minute)
	defer cancelTime()
	defer func() {
		switch p := recover(); p {
		case nil:
		case errGone:
			ended = false
		default:
			panic(p)
		}
	}()
	p := &person{t: t, ctx: ctx, view: v, site: demo(t), again: true}
	p.do(emulation.SetDeviceMetricsOverride(v.width, v.height, 1, v.width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}))
	p.watch()
	p.journey()
	return true
}

// site is the demo, served.
type site struct {
	address string
	outbox  *mail.Memory
}

// demo serves the demo with its users and questions on a database of its own.
func demo(t *testing.T) *site {
	t.Helper()
	db, err := core.OpenDB("sqlite://" + filepath.ToSlash(t.TempDir()) + "/e2e.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &site{outbox: new(mail.Memory)}
	project, err := polls.NewProject(core.Settings{
		DB: db, Keys: []string{strings.Repeat("a-key-for-tests-", 4)}, AllowedHosts: []string{"127.0.0.1"},
		Security: web.Security{ContentPolicy: "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
		Mail:     &mail.Mailer{Transport: s.outbox}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"migrate", "loaddemo"} {
		if err := project.Run(t.Context(), &command.Env{Program: "manage"}, []string{name}); err != nil {
			t.Fatal(err)
		}
	}
	handler, err := project.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.address = server.URL
	return s
}

// person is somebody at a browser.
type person struct {
	t    *testing.T
	ctx  context.Context
	view view
	site *site

	again bool // when the browser ends by itself, somebody begins anew
}

func (p *person) do(actions ...chromedp.Action) {
	p.t.Helper()
	err := chromedp.Run(p.ctx, actions...)
	if errors.Is(p.ctx.Err(), context.Canceled) { // nobody here has cancelled it
		if p.again {
			panic(errGone)
		}
		p.t.Fatal(errGone)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// watch fails the test when a page breaks the site's strict content policy, which the browser
// tells as an error in its log.
func (p *person) watch() {
	p.do(log.Enable())
	chromedp.ListenTarget(p.ctx, func(ev any) {
		if e, ok := ev.(*log.EventEntryAdded); ok && e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
			p.t.Errorf("the browser complains of %s: %s", e.Entry.URL, e.Entry.Text)
		}
	})
}

func (p *person) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.site.address+path), chromedp.WaitReady("main"))
}

// path returns where the browser is.
func (p *person) path() string {
	p.t.Helper()
	var location string
	p.do(chromedp.Location(&location))
	u, err := url.Parse(location)
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Path
}

func (p *person) text() string {
	p.t.Helper()
	var text string
	p.do(chromedp.Text("body", &text, chromedp.ByQuery))
	return text
}

// sees fails the test when a text is not on the page.
func (p *person) sees(text string) {
	p.t.Helper()
	if page := p.text(); !strings.Contains(page, text) {
		p.t.Fatalf("at %s there is no %q; the page reads:\n%s", p.path(), text, page)
	}
}

// fill types into fields, by name, and sends the form with the Enter key of the last one.
func (p *person) fill(pairs ...string) {
	p.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		field := `input[name="` + pairs[i] + `"]`
		p.do(chromedp.WaitVisible(field, chromedp.ByQuery),
			chromedp.Evaluate("document.querySelector('"+field+"').value = ''", nil), chromedp.SendKeys(field, pairs[i+1], chromedp.ByQuery))
	}
	p.submit(chromedp.SendKeys(`input[name="`+pairs[len(pairs)-2]+`"]`, kb.Enter, chromedp.ByQuery))
}

// submit does what leads to another page and waits for it.
func (p *person) submit(action chromedp.Action) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`document.body.dataset.old = "1"`, nil), action)
	const arrived = `document.readyState === "complete" && !!document.body && !document.body.dataset.old`
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var done bool
		err := chromedp.Run(p.ctx, chromedp.Evaluate(arrived, &done)) // fails while the page changes
		if err == nil && done {
			return
		}
		if time.Now().After(deadline) || p.ctx.Err() != nil {
			p.t.Fatalf("no new page came after %s: %v", p.path(), err)
		}
	}
}

func (p *person) click(selector string) {
	p.t.Helper()
	p.submit(chromedp.Click(selector, chromedp.ByQuery))
}

// picture takes a screenshot of the whole page and checks that nothing is wider than the window.
func (p *person) picture(name string) {
	p.t.Helper()
	var wide bool
	var png []byte
	p.do(chromedp.Evaluate(`document.documentElement.scrollWidth > window.innerWidth`, &wide), chromedp.FullScreenshot(&png, 100))
	if wide {
		p.t.Errorf("the page %s (%s) must be scrolled sideways", p.path(), name)
	}
	folder := os.Getenv("E2E_SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+"-"+p.view.name+".png"), png, 0o644); err != nil {
		p.t.Error(err)
	}
}
