package rig

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Django is a Django that can be run with gunicorn.
type Django struct {
	// Version is Django's, Python, Gunicorn and Psycopg those of what it runs with.
	Version, Python, Gunicorn, Psycopg string

	python, path string
}

// ErrNoDjango says that there is nothing to compare with, and what to do.
var ErrNoDjango = errors.New("no Django to compare with: internal/djangotest/install.sh unpacks one from Debian's packages (or name one in DJANGO_PYTHONPATH), apt-get install gunicorn")

// FindDjango looks for the Django of a series ("5.2") where internal/djangotest/install.sh unpacks it,
// or for the one that DJANGO_PYTHONPATH names. DJANGO_PYTHON is the interpreter, by default
// /usr/bin/python3, which must have gunicorn. The error wraps [ErrNoDjango].
func FindDjango(ctx context.Context, series string) (*Django, error) {
	d := &Django{python: os.Getenv("DJANGO_PYTHON"), path: os.Getenv("DJANGO_PYTHONPATH")}
	if d.python == "" {
		d.python = "/usr/bin/python3"
	}
	if d.path == "" {
		cache := os.Getenv("DJANGO_CACHE")
		if cache == "" {
			base, err := os.UserCacheDir()
			if err != nil {
				return nil, fmt.Errorf("%w (%w)", ErrNoDjango, err)
			}
			cache = filepath.Join(base, "belleville-django")
		}
		text, err := os.ReadFile(filepath.Join(cache, series, "pythonpath"))
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrNoDjango, err)
		}
		d.path = strings.TrimSpace(string(text))
	}
	cmd := exec.CommandContext(ctx, d.python, "-c", "import platform, django.http, gunicorn, psycopg2\n"+
		"print(django.get_version(), platform.python_version(), gunicorn.__version__, psycopg2.__version__.split()[0])")
	cmd.Env = append(os.Environ(), d.Env()...)
	out, err := cmd.Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) != 4 {
		return nil, fmt.Errorf("%w (%s with PYTHONPATH=%s: %w)", ErrNoDjango, d.python, d.path, err)
	}
	d.Version, d.Python, d.Gunicorn, d.Psycopg = words[0], words[1], words[2], words[3]
	return d, nil
}

// Env is the environment in which Python finds this Django.
func (d *Django) Env() []string { return []string{"PYTHONPATH=" + d.path, "LANG=C.UTF-8"} }

// Program says how to run a Django project below gunicorn with as many sync workers. The project's
// files are copied to dir, and wsgi is the application in them, as in "site:application".
func (d *Django) Program(name, dir string, files fs.FS, wsgi string, workers int, env []string) (Program, error) {
	if err := os.CopyFS(dir, files); err != nil {
		return Program{}, err
	}
	return Program{
		Name: name, Path: d.python, Dir: dir, Logs: filepath.Dir(dir), Env: append(d.Env(), env...),
		Args: []string{"-m", "gunicorn", "--bind", Address, "--workers", strconv.Itoa(workers), "--worker-class", "sync", "--log-level", "warning", wsgi},
	}, nil
}
