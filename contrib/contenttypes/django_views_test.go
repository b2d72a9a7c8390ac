package contenttypes_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// shortcutCase is a path below /shortcut/ and where it leads; an empty location means 404.
type shortcutCase struct {
	model    any    // nil: the id below
	id       string // of the content type, when model is nil
	object   string
	location string
}

func TestDjangoShortcut(t *testing.T) {
	t.Parallel()
	author, scheme, article := (*Author)(nil), (*SchemeIncludedURL)(nil), (*Article)(nil)
	for name, requests := range map[string][]shortcutCase{
		"test_shortcut_with_absolute_url": {
			{author, "", "1", "http://testserver/authors/1/"},
			{author, "", "2", "http://testserver/authors/2/"},
		},
		"test_shortcut_with_absolute_url_including_scheme": {
			{scheme, "", "1", "http://test_scheme_included_http/"},
			{scheme, "", "2", "https://test_scheme_included_https/"},
			{scheme, "", "3", "//test_default_scheme_kept/"},
		},
		"test_shortcut_no_absolute_url": {{article, "", "1", ""}, {article, "", "2", ""}, {article, "", "3", ""}},
		"test_wrong_type_pk":            {{author, "", "nobody/expects", ""}, {author, "", "nobody", ""}},
		"test_shortcut_bad_pk":          {{author, "", "42424242", ""}},
		"test_nonint_content_type":      {{nil, "spam", "1", ""}},
		"test_bad_content_type":         {{nil, "42424242", "1", ""}},
	} {
		t.Run("django/contenttypes_tests/test_views.py/ContentTypesViewsTests."+name, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) {
				for _, c := range requests {
					id := c.id
					if c.model != nil {
						id = fmt.Sprint(must[*contenttypes.ContentType](t)(typesOf(s).For(t.Context(), c.model)).ID)
					}
					status := http.StatusFound
					if c.location == "" {
						status = http.StatusNotFound
					}
					page := s.Browser().Get(t, "/shortcut/"+id+"/"+c.object+"/")
					if page.Status != status || page.Location() != c.location {
						t.Errorf("%T %s: %d to %q, want %d to %q", c.model, c.object, page.Status, page.Location(), status, c.location)
					}
				}
			})
		})
	}
}

// TestDjangoShortcutView calls the view itself, as Django's ShortcutViewTests do.
func TestDjangoShortcutView(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exact    any
		location string
		err      func(error) bool
	}{
		"test_not_dependent_on_sites_app":         {(*FooWithURL)(nil), "http://Example.com/users/Boris/", nil},
		"test_model_without_get_absolute_url":     {(*FooNoURL)(nil), "", isNotFound},
		"test_model_with_broken_get_absolute_url": {(*FooBroken)(nil), "", func(err error) bool { return errors.Is(err, errBroken) }},
	} {
		t.Run("django/contenttypes_tests/test_views.py/ShortcutViewTests."+name, func(t *testing.T) {
			t.Parallel()
			change := func(s *core.Settings) { s.AllowedHosts = []string{"example.com"} }
			project.EachWith(t, change, func(t *testing.T, s *coretest.Site) {
				ct := must[*contenttypes.ContentType](t)(typesOf(s).ForExact(t.Context(), c.exact))
				r := httptest.NewRequest(http.MethodGet, "http://Example.com/", nil)
				r = web.SetVars(r, map[string]string{"content_type_id": fmt.Sprint(ct.ID), "object_id": "1"})
				r = r.WithContext(web.WithSite(r.Context(), s.Site()))
				w := httptest.NewRecorder()
				err := typesOf(s).Shortcut(w, r)
				if got := w.Header().Get("Location"); got != c.location {
					t.Errorf("leads to %q, want %q", got, c.location)
				}
				if (err == nil) != (c.err == nil) || (err != nil && !c.err(err)) {
					t.Errorf("error %v is not the wanted one", err)
				}
			})
		})
	}
}

func isNotFound(err error) bool {
	var status *web.StatusError
	return errors.As(err, &status) && status.Code == http.StatusNotFound
}
