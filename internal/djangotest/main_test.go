package djangotest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// TestBesideDjango is the suite.
func TestBesideDjango(t *testing.T) {
	t.Parallel()
	for _, r := range found(t) {
		t.Run("django="+r.series(), func(t *testing.T) {
			t.Parallel()
			s := &suite{release: r}
			t.Cleanup(func() { s.report(t) })
			for _, group := range groups {
				t.Run(group.name, func(t *testing.T) {
					t.Parallel()
					testdb.EachURL(t, func(t *testing.T, url string) { group.run(t, s, url) })
				})
			}
		})
	}
}

// groups are the databases that steps are taken on, each with a Django process of its own.
var groups = []struct {
	name string
	run  func(t *testing.T, s *suite, url string)
}{
	{"shared", shared},
	{"madeByDjango", madeByDjango},
	{"swappedUser", swappedUser},
	{"swappedUserMadeByDjango", swappedUserMadeByDjango},
}

// suite is the run with one Django.
type suite struct {
	release

	mu           sync.Mutex
	run, skipped int
}

func (s *suite) count(skipped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if skipped {
		s.skipped++
	} else {
		s.run++
	}
}

// complete is the first Django that has all that the steps are about.
const complete = "5.2.15"

// report prints what was done.
func (s *suite) report(t *testing.T) {
	fmt.Printf("django=%s steps run=%d skipped=%d\n", s.version, s.run, s.skipped)
	if s.skipped > 0 && s.has(complete) {
		t.Errorf("Django %s has all that the steps are about, but %d were skipped", s.version, s.skipped)
	}
}

// release is a Django that can be run.
type release struct {
	version string // "5.2.19"
	python  string // the interpreter
	path    string // PYTHONPATH
}

// series is the version without its last number.
func (r release) series() string {
	parts := strings.SplitN(r.version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// has tells whether the version is that one or a later one.
func (r release) has(version string) bool {
	return slices.Compare(numbers(r.version), numbers(version)) >= 0
}

// numbers are the leading numbers of a version.
func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		all = append(all, n)
	}
	return all
}

// found returns the Djangos to run with, the newest first. Without any the test is skipped or, where
// one is required, fails.
func found(t *testing.T) []release {
	t.Helper()
	var all []release
	var problems []string
	for _, path := range paths(t) {
		r, err := probe(path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b release) int { return slices.Compare(numbers(b.version), numbers(a.version)) })
	required := os.Getenv("REQUIRE_DJANGO") == "1"
	if required && !slices.ContainsFunc(all, func(r release) bool { return r.series() == "4.2" }) {
		t.Fatalf("REQUIRE_DJANGO=1, but there is no Django 4.2: run internal/djangotest/install.sh\n%s", strings.Join(problems, "\n"))
	}
	if len(all) == 0 {
		t.Skip("not tested beside Django: there is none; internal/djangotest/install.sh unpacks it from Debian's packages, DJANGO_PYTHONPATH names another")
	}
	if os.Getenv("DJANGO_ALL") != "1" {
		all = all[:1]
	}
	return all
}

// paths are the PYTHONPATHs that may have a Django: the one that is named, or those that install.sh
// made, and the interpreter's own.
func paths(t *testing.T) []string {
	t.Helper()
	if named, ok := os.LookupEnv("DJANGO_PYTHONPATH"); ok {
		return []string{named}
	}
	cache := os.Getenv("DJANGO_CACHE")
	if cache == "" {
		base := os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			base = filepath.Join(os.Getenv("HOME"), ".cache")
		}
		cache = filepath.Join(base, "belleville-django")
	}
	files, err := filepath.Glob(filepath.Join(cache, "[0-9]*", "pythonpath"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(string(text)))
	}
	if len(all) == 0 {
		all = append(all, "")
	}
	return all
}

// probe asks Python for the Django of a path.
func probe(path string) (release, error) {
	r := release{python: os.Getenv("DJANGO_PYTHON"), path: path}
	if r.python == "" {
		r.python = "/usr/bin/python3"
	}
	cmd := exec.Command(r.python, "-c", "import django.http, django.contrib.auth.hashers\nprint(django.get_version())")
	cmd.Env = r.environ()
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("PYTHONPATH=%s: %w: %s", path, err, bytes.TrimSpace(errors.Bytes()))
	}
	r.version = strings.TrimSpace(string(out))
	return r, nil
}

// environ is the environment of Python: nothing of ours but what it needs.
func (r release) environ(more ...string) []string {
	env := []string{"PYTHONPATH=" + r.path, "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	return append(env, more...)
}
