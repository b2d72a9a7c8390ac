package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/core/web"
)

// gate is a Guard of somebody else's.
type gate struct {
	http.Handler
	kind web.RuleKind
}

func (g *gate) Rule() web.Rule       { return web.Rule{Kind: g.kind} }
func (g *gate) Unwrap() http.Handler { return g.Handler }

func gated(kind web.RuleKind) web.Middleware {
	return func(next http.Handler) http.Handler { return &gate{next, kind} }
}

// unlessPublic is a wrapper around all routes that lets marked ones pass.
func unlessPublic(next http.Handler) http.Handler {
	if web.IsPublic(next) {
		return next
	}
	return &gate{next, "outer"}
}

// opaque cannot be looked through.
func opaque(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
}

func TestRulesOfWrappersAroundAllRoutes(t *testing.T) {
	t.Parallel()
	ok := func(http.ResponseWriter, *http.Request) error { return nil }
	for _, c := range []struct {
		name  string
		route []web.Middleware
		site  []web.Middleware
		want  string
	}{
		{"plain", nil, nil, "[public]"},
		{"marked", []web.Middleware{web.Public}, nil, "[public]"},
		{"plain, login for all", nil, []web.Middleware{unlessPublic}, "[outer]"},
		{"marked, login for all", []web.Middleware{web.Public}, []web.Middleware{unlessPublic}, "[public]"},
		{"marked within another wrapper", []web.Middleware{gated("inner"), web.Public}, []web.Middleware{unlessPublic}, "[inner public]"},
		{"guarded", []web.Middleware{gated("inner")}, []web.Middleware{unlessPublic}, "[outer inner]"},
		{"an opaque wrapper between", []web.Middleware{gated("inner")}, []web.Middleware{unlessPublic, opaque}, "[outer inner]"},
		{"only an opaque wrapper", []web.Middleware{gated("inner")}, []web.Middleware{opaque}, "[inner]"},
		{"opaque handler", []web.Middleware{opaque}, nil, "[unknown]"},
		{"opaque handler, login for all", []web.Middleware{opaque}, []web.Middleware{gated("outer")}, "[outer]"},
	} {
		r := web.NewRouter()
		r.Get("/x/", "x", ok, c.route...)
		if _, err := r.Build(web.Options{Wrap: c.site}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Lookup("x").Rules); got != c.want {
			t.Errorf("%s: rules %s, want %s", c.name, got, c.want)
		}
	}
}
