package messages

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
)

// Config says how messages are kept. Only Sessions is required; the zero value of everything else
// is Django's default.
type Config struct {
	// Sessions keep what is too long for the cookie, and lend it their domain and flags. It may be nil
	// with a Storage that needs none.
	Sessions *sessions.Sessions
	// Keys sign the cookie: SECRET_KEY and its fallbacks. nil takes the project's.
	Keys signing.Keys
	// Storage keeps the messages; nil means a [FallbackStorage] of cookie and session.
	Storage Storage
	// Level is the lowest level that is taken; 0 means LevelInfo.
	Level Level
	// Tags are words for the class attribute by level. They go over the default ones, so that
	// {LevelError: "danger"} changes one and {LevelInfo: ""} takes one away.
	Tags map[Level]string
	// Users is the queue that each user has in the database. Its messages are shown with the others,
	// without a level. nil means that there is none, and no table.
	Users *UserMessages
	// DropUnshown deletes all messages with every HTML page, whether or not the page shows them, as
	// Django 0.91 did. By default they wait for a page that does.
	DropUnshown bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log is told of messages that no storage had room for; nil means slog.Default().
	Log *slog.Logger
}

// Messages is the service that gives each request its [Queue]. It is made by [New] and safe for
// concurrent use once the project is ready.
type Messages struct {
	cfg     Config
	storage Storage
	tags    *tagTable
}

// New returns the service. It does no I/O and does not fail; what is wrong with the configuration is
// found before any command runs.
func New(c Config) *Messages {
	if c.Level == 0 {
		c.Level = LevelInfo
	}
	m := &Messages{cfg: c, tags: newTagTable(c.Tags)}
	m.useKeys(c.Keys)
	return m
}

// useKeys makes the default storage, unless the project has another.
func (m *Messages) useKeys(keys signing.Keys) {
	m.storage = m.cfg.Storage
	if m.storage == nil {
		cookie := NewCookieStorage(CookieConfig{Keys: keys, Sessions: m.cfg.Sessions, KeepOldest: true, Now: m.cfg.Now})
		m.storage = FallbackStorage{cookie, SessionStorage{}}
	}
}

// App returns the app for core.New. It comes after the app of sessions, and with Config.Users after
// those of auth and of the user model.
func (m *Messages) App() core.App {
	app := core.App{
		Label:      "messages",
		Middleware: []web.Middleware{m.Middleware},
		ContextProcessors: map[string]templates.Provider{
			"messages":               m.forPage,
			"DEFAULT_MESSAGE_LEVELS": func(context.Context) (any, error) { return DefaultLevels(), nil },
		},
		Ready: m.ready,
	}
	if m.cfg.Sessions != nil || m.cfg.Storage == nil {
		app.Requires = append(app.Requires, "sessions")
	}
	if m.cfg.Users != nil {
		app.Requires = append(app.Requires, "auth")
		app.Migrations = m.cfg.Users
	}
	return app
}

// forPage is `.messages` in templates. A mail has none: nobody's visit is being answered.
func (m *Messages) forPage(ctx context.Context) (any, error) {
	q := Of(ctx)
	if q == nil || web.RequestOf(ctx) == nil {
		return []Message(nil), nil
	}
	return q.Read(ctx)
}

// ready finds what is wrong with the configuration.
func (m *Messages) ready(p *core.Project) error {
	if m.cfg.Sessions == nil && m.cfg.Storage == nil {
		return errors.New("messages.Config needs Sessions, the service whose app is in the project, or a Storage that works without")
	}
	if len(m.cfg.Keys) == 0 {
		m.useKeys(p.Settings().Keys)
	}
	before := []string{}
	if m.cfg.Sessions != nil {
		before = append(before, "sessions")
	}
	if m.cfg.Users != nil {
		if m.cfg.Users.problem != nil {
			return m.cfg.Users.problem
		}
		before = append(before, "auth")
		if model, ok := p.ModelOf(m.cfg.Users.model); ok {
			before = append(before, model.AppLabel())
		}
	}
	return comesAfter(p.Apps(), before)
}

// comesAfter returns an error when the app of messages stands before one of the others, inside of
// whose middleware, or behind whose tables, it belongs.
func comesAfter(apps []core.App, others []string) error {
	place := func(label string) int {
		return slices.IndexFunc(apps, func(a core.App) bool { return a.Label == label })
	}
	for _, label := range others {
		if place("messages") < place(label) {
			return fmt.Errorf("the app messages stands before %s in core.New: put it behind, since it needs what %s brings", label, label)
		}
	}
	return nil
}

func (m *Messages) log() *slog.Logger {
	if m.cfg.Log != nil {
		return m.cfg.Log
	}
	return slog.Default()
}
