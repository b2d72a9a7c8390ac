package core_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
)

// gate lets nobody pass.
type gate struct {
	rule web.Rule
	next http.Handler
}

func (g gate) ServeHTTP(http.ResponseWriter, *http.Request) {}
func (g gate) Rule() web.Rule                               { return g.rule }
func (g gate) Unwrap() http.Handler                         { return g.next }

func gated(r web.Rule) web.Middleware {
	return func(next http.Handler) http.Handler { return gate{r, next} }
}

func TestShowRoutes(t *testing.T) {
	t.Parallel()
	p, err := core.New(settings(t), core.App{Label: "shop", Routes: func(r *web.Router) {
		r.Get("/", "index", ok)
		r.Form("/buy/{id}/", "buy", ok, gated(web.Rule{Kind: web.KindLogin}), gated(web.Rule{Kind: web.KindPermission, Permissions: []string{"shop.buy"}, Refuse: true}))
		r.Handle([]string{"GET"}, "/files/", "", http.NotFoundHandler())
	}})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"": "GET       /static/{path:.+}  public                                static\n" +
			"GET       /                  public                                shop:index\n" +
			"GET,POST  /buy/{id}/         login + permission shop.buy (or 403)  shop:buy\n" +
			"GET       /files/            unknown\n" +
			"GET       /healthz           public  healthz\n" +
			"GET       /readyz            public  readyz\n",
		"--public": "GET  /static/{path:.+}  public  static\n" +
			"GET  /                  public  shop:index\n" +
			"GET  /files/            unknown\n" +
			"GET  /healthz           public  healthz\n" +
			"GET  /readyz            public  readyz\n",
	} {
		var args []string
		if line != "" {
			args = []string{line}
		}
		var out bytes.Buffer
		if err := p.Call(t.Context(), &command.Env{Stdout: &out}, "showroutes", args...); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("showroutes %s prints\n%swant\n%s", line, &out, want)
		}
		if err := p.Call(t.Context(), nil, "showroutes", args...); err != nil {
			t.Errorf("without output: %v", err)
		}
	}
}
