package docs_test

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/internal/docs"
)

const root = "../.."

// pages parses every page of the repository.
func pages(t *testing.T) map[string]*docs.Page {
	t.Helper()
	all, err := docs.All(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*docs.Page{}
	for _, p := range all {
		byName[p.Name] = p
	}
	if byName["docs/index.md"] == nil || byName["README.md"] == nil {
		t.Fatalf("the pages of the repository were not found: %d", len(all))
	}
	return byName
}

// TestLinks follows every link within the repository, on GitHub and on the site that MkDocs makes.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	links := 0
	for _, p := range all {
		for _, l := range p.Links {
			links++
			if err := follow(all, os.DirFS(root).(statFS), p.Name, l); err != nil {
				t.Errorf("%s:%d: the link to %q: %v", p.Name, l.Line, l.To, err)
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links were found", links)
	}
}

func follow(all map[string]*docs.Page, tree statFS, from string, l docs.Link) error {
	to, err := url.Parse(l.To)
	if err != nil {
		return err
	}
	if to.Scheme != "" || to.Host != "" {
		return outside(to)
	}
	name := from
	if to.Path != "" {
		if name = path.Join(path.Dir(from), to.Path); strings.HasPrefix(name, "..") || path.IsAbs(to.Path) {
			return fmt.Errorf("it leads out of the repository")
		}
		if _, err := tree.Stat(name); err != nil {
			return fmt.Errorf("there is no such file")
		}
	}
	if l.Image && !slices.Contains([]string{".png", ".svg"}, path.Ext(name)) {
		return fmt.Errorf("it is no picture")
	}
	if to.Fragment == "" {
		return nil
	}
	target := all[name]
	if target == nil {
		return fmt.Errorf("it names a place in a file that is no page")
	}
	for _, h := range target.Headings {
		if h.GitHub != to.Fragment {
			continue
		}
		if strings.HasPrefix(name, "docs/") && h.MkDocs != h.GitHub {
			return fmt.Errorf("the heading is #%s on GitHub and #%s on the site: word it so that they are one", h.GitHub, h.MkDocs)
		}
		return nil
	}
	return fmt.Errorf("%s has no heading for #%s", name, to.Fragment)
}

// outside looks at a link to another site, which is not fetched.
func outside(to *url.URL) error {
	switch {
	case to.Scheme != "https":
		return fmt.Errorf("it is not https")
	case !strings.Contains(to.Hostname(), ".") || to.User != nil:
		return fmt.Errorf("it has no proper host")
	case strings.HasSuffix(to.Hostname(), "example.com"), strings.HasSuffix(to.Hostname(), "example.org"):
		return fmt.Errorf("it is an example, not a link: write it as code")
	}
	return nil
}

type statFS interface {
	Stat(name string) (os.FileInfo, error)
}

// TestFollow shows that broken links are found.
func TestFollow(t *testing.T) {
	t.Parallel()
	all := map[string]*docs.Page{
		"docs/a.md": docs.Parse("docs/a.md", []byte("# A\n## One – two\n## `x.Y()` of it\n## Twice\n## Twice\n")),
		"README.md": docs.Parse("README.md", []byte("# A\n## One – two\n")),
	}
	tree := statOnly{"docs/a.md": true, "README.md": true, "docs/p.svg": true, "core": true}
	for _, c := range []struct {
		name, to string
		image    bool
		want     string // part of the error, "" for none
	}{
		{name: "a page", to: "a.md"},
		{name: "a folder", to: "../core"},
		{name: "a place on the page", to: "#a"},
		{name: "a place elsewhere", to: "a.md#xy-of-it"},
		{name: "a picture", to: "p.svg", image: true},
		{name: "another site", to: "https://pkg.go.dev/net/http#Handler"},
		{name: "no file", to: "b.md", want: "no such file"},
		{name: "no place", to: "a.md#three", want: "no heading"},
		{name: "out of the repository", to: "../../x.md", want: "out of"},
		{name: "absolute", to: "/docs/a.md", want: "out of"},
		{name: "a page as picture", to: "a.md", image: true, want: "no picture"},
		{name: "a place in a folder", to: "../core#x", want: "no page"},
		{name: "differs on the site", to: "a.md#one--two", want: "so that they are one"},
		{name: "differs on the site, outside of it", to: "../README.md#one--two"},
		{name: "differs when twice", to: "a.md#twice-1", want: "so that they are one"},
		{name: "not https", to: "http://pkg.go.dev", want: "not https"},
		{name: "no host", to: "https:///x", want: "proper host"},
		{name: "an example", to: "https://shop.example.com/", want: "as code"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := follow(all, tree, "docs/a.md", docs.Link{To: c.to, Image: c.image})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got the error %v, want %q", err, c.want)
			}
		})
	}
}

type statOnly map[string]bool

func (s statOnly) Stat(name string) (os.FileInfo, error) {
	if !s[name] {
		return nil, os.ErrNotExist
	}
	return nil, nil
}
