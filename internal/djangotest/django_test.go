package djangotest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// django is a running Django project, one of the two sites.
type django struct {
	swapped  bool
	database map[string]any
	address  *url.URL
	mail     string // the folder of its mails

	orders  io.WriteCloser
	answers *bufio.Reader
	log     *bytes.Buffer
}

var _ site = (*django)(nil)

// startDjango starts the project on a database, with a folder for sessions in files. It ends with
// the test.
func startDjango(t *testing.T, r release, dbURL, files string, swapped bool) *django {
	t.Helper()
	home := t.TempDir()
	if err := os.CopyFS(home, os.DirFS("site")); err != nil {
		t.Fatal(err)
	}
	d := &django{swapped: swapped, database: djangoDatabase(t, dbURL), mail: filepath.Join(home, "mail"), log: new(bytes.Buffer)}
	beside, err := json.Marshal(map[string]any{
		"key": secretKey, "database": d.database, "swapped": swapped, "mail": d.mail,
		"hashers": djangoHashers(standard.hashers), "zone": zone, "files": files,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(r.python, "manage.py", "serve")
	cmd.Dir = home
	cmd.Env = r.environ("BESIDE="+string(beside), "DJANGO_SUPERUSER_PASSWORD="+secret)
	cmd.Stderr = d.log
	if d.orders, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.stop(t, cmd) })
	d.answers = bufio.NewReader(out)
	port, err := d.answers.ReadString('\n')
	if err != nil {
		cmd.Wait() // the log is complete then
		t.Fatalf("Django does not start: %v\n%s", err, d.log)
	}
	d.address = &url.URL{Scheme: "http", Host: "127.0.0.1:" + strings.TrimSpace(port)}
	return d
}

// stop ends the program by closing its input, and shows what it said if the test failed.
func (d *django) stop(t *testing.T, cmd *exec.Cmd) {
	d.orders.Close()
	late := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
	cmd.Wait() // what it ends with does not matter
	late.Stop()
	if t.Failed() && d.log.Len() > 0 {
		t.Logf("Django's log:\n%s", d.log)
	}
}

// djangoDatabase is the entry in DATABASES for the URL of a test's database.
func djangoDatabase(t *testing.T, dbURL string) map[string]any {
	t.Helper()
	if path, ok := strings.CutPrefix(dbURL, "sqlite:"); ok {
		path, _, _ = strings.Cut(path, "?")
		path, err := url.PathUnescape(path)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": map[string]any{"timeout": 20}}
	}
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return map[string]any{
		"ENGINE": "django.db.backends.postgresql", "NAME": strings.TrimPrefix(u.Path, "/"),
		"HOST": u.Hostname(), "PORT": u.Port(), "USER": u.User.Username(), "PASSWORD": password,
		"OPTIONS": map[string]any{"options": "-c synchronous_commit=off"},
	}
}

// order has something done and reads the answer into into, which may be nil.
func (d *django) order(t *testing.T, name string, args map[string]any, into any) {
	t.Helper()
	if args == nil {
		args = map[string]any{}
	}
	line, err := json.Marshal(map[string]any{"order": name, "args": args})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.orders.Write(append(line, '\n')); err != nil {
		t.Fatalf("Django takes no orders: %v", err)
	}
	text, err := d.answers.ReadBytes('\n')
	if err != nil {
		t.Fatalf("Django does not answer to %s: %v", name, err)
	}
	var answer struct {
		Result json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("Django answers to %s with %q: %v", name, text, err)
	}
	if answer.Error != "" {
		t.Fatalf("Django: %s: %s", name, answer.Error)
	}
	if into != nil {
		if err := json.Unmarshal(answer.Result, into); err != nil {
			t.Fatalf("Django: %s answered %s: %v", name, answer.Result, err)
		}
	}
}

// outcome is how a management command ended.
type outcome struct {
	Out  string
	Code int
}

// manage runs a management command.
func (d *django) manage(t *testing.T, name string, args ...string) outcome {
	t.Helper()
	var o outcome
	d.order(t, "call", map[string]any{"name": name, "args": append([]string{}, args...)}, &o)
	return o
}

// mustManage runs a management command that has to succeed, and returns what it wrote.
func (d *django) mustManage(t *testing.T, name string, args ...string) string {
	t.Helper()
	o := d.manage(t, name, args...)
	if o.Code != 0 {
		t.Fatalf("Django's %s %v: exit status %d\n%s", name, args, o.Code, o.Out)
	}
	return o.Out
}

func (d *django) name() string { return "django" }
func (d *django) root() string { return "/dj" }

func (d *django) use(t *testing.T, r rules) {
	t.Helper()
	d.order(t, "restore", nil, nil)
	if r.equal(standard) {
		return
	}
	settings := map[string]any{"SECRET_KEY": r.keys[0], "PASSWORD_HASHERS": djangoHashers(r.hashers)}
	if r.engine != "" {
		settings["SESSION_ENGINE"] = "django.contrib.sessions.backends." + r.engine
	}
	if len(r.keys) > 1 {
		settings["SECRET_KEY_FALLBACKS"] = r.keys[1:]
	}
	d.order(t, "override", map[string]any{"settings": settings}, nil)
}

// djangoHashers are the classes of hashers, by their names; nil means those that Django has where
// nothing is set.
func djangoHashers(names []string) []string {
	classes := map[string]string{
		"pbkdf2_sha256": "project.hashers.PBKDF2", "argon2": "project.hashers.Argon2",
		"bcrypt_sha256": "project.hashers.BCryptSHA256", "scrypt": "project.hashers.Scrypt",
		"md5": "django.contrib.auth.hashers.MD5PasswordHasher",
	}
	var all []string
	for _, name := range names {
		all = append(all, classes[name])
	}
	return all
}

func (d *django) createUser(t *testing.T, u newUser) string {
	t.Helper()
	fields := map[string]any{}
	if d.swapped {
		fields["nickname"] = u.nickname
	}
	var pk string
	d.order(t, "create_user", map[string]any{
		"username": u.name, "password": u.password, "email": u.email, "staff": u.staff, "superuser": u.superuser, "fields": fields,
	}, &pk)
	return pk
}

func (d *django) user(t *testing.T, name string) facts {
	t.Helper()
	var f facts
	d.order(t, "user", map[string]any{"username": name}, &f)
	return f
}

func (d *django) setPassword(t *testing.T, name, raw string) {
	t.Helper()
	d.order(t, "set_password", map[string]any{"username": name, "password": raw}, nil)
}

func (d *django) checkPassword(t *testing.T, name, raw string) bool {
	t.Helper()
	var ok bool
	d.order(t, "check_password", map[string]any{"username": name, "password": raw}, &ok)
	return ok
}

func (d *django) setActive(t *testing.T, name string, active bool) {
	t.Helper()
	d.order(t, "set_active", map[string]any{"username": name, "active": active}, nil)
}

func (d *django) createGroup(t *testing.T, name string, permissions ...string) {
	t.Helper()
	d.order(t, "create_group", map[string]any{"name": name, "permissions": append([]string{}, permissions...)}, nil)
}

func (d *django) grant(t *testing.T, name string, permissions, groups []string) {
	t.Helper()
	d.order(t, "grant", map[string]any{"username": name, "permissions": append([]string{}, permissions...), "groups": append([]string{}, groups...)}, nil)
}

func (d *django) revoke(t *testing.T, name string, permissions, groups []string) {
	t.Helper()
	d.order(t, "revoke", map[string]any{"username": name, "permissions": append([]string{}, permissions...), "groups": append([]string{}, groups...)}, nil)
}

func (d *django) deleteUser(t *testing.T, name string) {
	t.Helper()
	d.order(t, "delete_user", map[string]any{"username": name}, nil)
}

// mustUpdate tells whether Django's hasher of an algorithm, "default" for the preferred one, takes a
// hash for out of date.
func (d *django) mustUpdate(t *testing.T, algorithm, encoded string) bool {
	t.Helper()
	var must bool
	d.order(t, "must_update", map[string]any{"algorithm": algorithm, "encoded": encoded}, &must)
	return must
}

// makePassword makes a hash of an algorithm.
func (d *django) makePassword(t *testing.T, algorithm, raw string) string {
	t.Helper()
	var encoded string
	d.order(t, "make_password", map[string]any{"algorithm": algorithm, "password": raw}, &encoded)
	return encoded
}

func (d *django) createSuperuser(t *testing.T, name string, more ...string) {
	t.Helper()
	d.mustManage(t, "createsuperuser", append([]string{"--noinput", "--username=" + name, "--email=" + name + "@example.org"}, more...)...)
}

func (d *django) mails(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.mail, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// planned matches one migration in the output of migrate --plan.
var planned = regexp.MustCompile(`(?m)^([a-z]+)\.(\d{4}_\w+)`)

// plan returns the apps that Django would migrate, once each.
func (d *django) plan(t *testing.T) map[string]int {
	t.Helper()
	apps := map[string]int{}
	for _, m := range planned.FindAllStringSubmatch(d.mustManage(t, "migrate", "--plan"), -1) {
		apps[m[1]]++
	}
	return apps
}

func (d *django) String() string { return fmt.Sprintf("Django at %s", d.address) }
