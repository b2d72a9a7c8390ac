package guides_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-belleville/belleville/internal/docs"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestNginx runs two processes of the demo behind nginx, with the file that the guide shows.
func TestNginx(t *testing.T) {
	t.Parallel()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("REQUIRE_NGINX") == "1" {
			t.Fatal("nginx is not installed, and REQUIRE_NGINX=1")
		}
		t.Skip("nginx is not installed")
	}
	manage := filepath.Join(t.TempDir(), "manage")
	if out, err := exec.Command("go", "build", "-o", manage, "../../../cmd/manage").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	front := freeAddress(t)
	s := &fleet{manage: manage, env: append(os.Environ(),
		"DATABASE_URL="+testdb.PostgresURL(t), "SECRET_KEY="+strings.Repeat("a-key-for-tests-", 4),
		"ALLOWED_HOSTS=127.0.0.1", "DJANGO_SUPERUSER_USERNAME=grace", "DJANGO_SUPERUSER_PASSWORD=hopper-1906",
		"DJANGO_SUPERUSER_EMAIL=grace@example.org", "GORACE=atexit_sleep_ms=0")}
	s.migrateTwice(t)
	one, two := s.start(t, freeAddress(t)), s.start(t, freeAddress(t))
	startNginx(t, nginx, guideConfig(t, front, one.address, two.address), front)

	v := newVisitor(t, "http://"+front)
	v.logIn(t, "grace", "hopper-1906")
	for range 10 {
		v.mustBe(t, "grace")
	}
	for _, p := range []*process{one, two} {
		if !strings.Contains(p.log.String(), "/api/whoami") {
			t.Errorf("%s was asked nothing", p.address)
		}
	}
	one.stop(t)
	for range 10 {
		v.mustBe(t, "grace") // the other one knows the session
	}
	s.start(t, one.address)
	two.stop(t)
	for range 10 {
		v.mustBe(t, "grace") // and so does a new one
	}
	if status := v.get(t, "/readyz"); status != http.StatusNotFound {
		t.Errorf("visitors see /readyz: status %d", status)
	}
	limited := false
	for range 20 {
		limited = limited || v.post(t, "/accounts/login/", url.Values{"username": {"grace"}, "password": {"guess"}}) == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("twenty attempts to log in at once were all taken")
	}
}

// guideConfig is the nginx file of the guide, with addresses of this machine and without https.
func guideConfig(t *testing.T, front, one, two string) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/guides/processes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range docs.Parse("processes.md", text).Blocks {
		if b.Lang == "nginx" {
			return strings.NewReplacer("127.0.0.1:8001", one, "127.0.0.1:8002", two, "listen 443 ssl", "listen "+front).Replace(b.Text)
		}
	}
	t.Fatal("the guide has no nginx file")
	return ""
}

func startNginx(t *testing.T, program, config, address string) {
	t.Helper()
	dir := t.TempDir()
	whole := "daemon off; pid nginx.pid; error_log stderr; events {}\nhttp {\naccess_log off;\n"
	if os.Geteuid() == 0 {
		whole = "user root;\n" + whole
	}
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		whole += kind + "_temp_path " + kind + ";\n"
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(whole+config+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-c", file, "-e", "stderr")
	run(t, cmd, address)
}

// fleet starts processes of the demo on one database.
type fleet struct {
	manage string
	env    []string
}

func (s *fleet) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.manage, args...)
	cmd.Env = s.env
	return cmd
}

// migrateTwice migrates in two processes at once, as two machines of one release do.
func (s *fleet) migrateTwice(t *testing.T) {
	t.Helper()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if out, err := s.command("migrate", "--noinput").CombinedOutput(); err != nil {
				t.Errorf("migrate: %v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	if out, err := s.command("createsuperuser", "--noinput").CombinedOutput(); err != nil {
		t.Fatalf("createsuperuser: %v\n%s", err, out)
	}
}

func (s *fleet) start(t *testing.T, address string) *process {
	t.Helper()
	return run(t, s.command("runserver", address), address)
}

// process is a program that listens.
type process struct {
	cmd     *exec.Cmd
	address string
	log     *output
}

// output is written by a program and read by the test.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// run starts a program and waits until it listens.
func run(t *testing.T, cmd *exec.Cmd, address string) *process {
	t.Helper()
	p := &process{cmd: cmd, address: address, log: &output{}}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait() // how it ended is asked by stop
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			_ = conn.Close()
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s does not listen on %s:\n%s", cmd.Path, address, p.log)
	return nil
}

// stop ends a process as its supervisor does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%s ended with %v:\n%s", p.address, err, p.log)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the address is what was wanted
	return l.Addr().String()
}

// visitor is somebody with cookies.
type visitor struct {
	site   string
	client *http.Client
	body   string
}

func newVisitor(t *testing.T, site string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{site: site, client: &http.Client{Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v *visitor) do(t *testing.T, r *http.Request, err error) int {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // only read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	v.body = string(text)
	return resp.StatusCode
}

func (v *visitor) get(t *testing.T, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.site+path, nil)
	return v.do(t, r, err)
}

func (v *visitor) post(t *testing.T, path string, form url.Values) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.site+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.site)
	}
	return v.do(t, r, err)
}

func (v *visitor) logIn(t *testing.T, name, password string) {
	t.Helper()
	if status := v.post(t, "/accounts/login/", url.Values{"username": {name}, "password": {password}}); status != http.StatusFound {
		t.Fatalf("the log-in: status %d\n%s", status, v.body)
	}
}

// mustBe asks the site who the visitor is.
func (v *visitor) mustBe(t *testing.T, name string) {
	t.Helper()
	if status := v.get(t, "/api/whoami"); status != http.StatusOK || !strings.Contains(v.body, fmt.Sprintf(`"username":%q`, name)) {
		t.Errorf("whoami: status %d, %s", status, v.body)
	}
}
