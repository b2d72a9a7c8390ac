package core

import (
	"html/template"
	"io/fs"
	"net/http"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	pages "github.com/go-belleville/belleville/templates"
)

// buildSite makes the router, the templates and the handler around them.
func (p *Project) buildSite() error {
	router := web.NewRouter()
	p.site = &web.Site{
		Router: router,
		Debug:  p.settings.Debug,
		Log:    p.settings.Log,
		Hosts: web.Hosts{
			Allowed:          p.settings.AllowedHosts,
			UseForwardedHost: p.settings.UseForwardedHost,
			SecureHeader:     p.settings.SecureProxyHeader,
			SecureValue:      p.settings.SecureProxyValue,
		},
	}
	p.files = newStaticFiles(p.sources(func(a App) fs.FS { return a.Static }, p.settings.Static, pages.Static()), p.settings.Debug)
	p.site.Templates = p.buildTemplates()
	router.Get("/static/{path:.+}", "static", p.files.serve, web.Public)
	protect, onMatch, err := p.againstForgery()
	if err != nil {
		return err
	}
	opts := web.Options{Wrap: onMatch, AppendSlash: !p.settings.NoAppendSlash, BodyLimit: p.settings.MaxBody}
	for _, app := range p.apps {
		if app.Routes != nil {
			app.Routes(router.App(app.Label))
		}
		opts.Wrap = append(opts.Wrap, app.RouteMiddleware...)
	}
	p.buildHealth(router)
	h, err := router.Build(opts)
	if err != nil {
		return err
	}
	p.handler = p.wrap(h, protect)
	return nil
}

// wrap puts everything around the router, from the inside out.
func (p *Project) wrap(h http.Handler, protect web.Middleware) http.Handler {
	var around []web.Middleware
	for _, app := range p.apps {
		around = append(around, app.Middleware...)
	}
	h = protect(web.Chain(h, around...))
	return p.enter(p.health.wrap(p.settings.Security.Middleware(p.site.Recover(p.site.CheckHost(h)))))
}

// Handler returns the whole site. It may be called before the database exists; it calls Ready.
func (p *Project) Handler() (http.Handler, error) {
	if err := p.Ready(); err != nil {
		return nil, err
	}
	return p.handler, nil
}

// buildTemplates makes the set of all templates with the project's functions and providers.
func (p *Project) buildTemplates() *templates.Set {
	funcs := template.FuncMap{
		"url":    p.site.Reverse,
		"static": p.files.url,
	}
	providers := map[string]templates.Provider{"csrf_token": csrf.TemplateToken}
	for _, app := range p.apps {
		for name, f := range app.TemplateFuncs {
			funcs[name] = f
		}
		for name, provider := range app.ContextProcessors {
			providers[name] = provider
		}
	}
	return templates.New(templates.Config{
		Sources:   p.sources(func(a App) fs.FS { return a.Templates }, p.settings.Templates, pages.Pages()),
		Funcs:     funcs,
		Providers: providers,
		Location:  p.settings.TimeZone,
		Debug:     p.settings.Debug,
	})
}

// sources lists file systems in the order in which a name is looked for: the project's own,
// each app's, the defaults.
func (p *Project) sources(of func(App) fs.FS, own, defaults fs.FS) []fs.FS {
	var list []fs.FS
	add := func(f fs.FS) {
		if f != nil {
			list = append(list, f)
		}
	}
	add(own)
	for _, app := range p.apps {
		add(of(app))
	}
	add(defaults)
	return list
}
