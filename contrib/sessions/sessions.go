package sessions

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Config says where sessions are kept and what their cookie looks like. Only Store is required;
// the zero value of everything else is Django's default.
type Config struct {
	// Store keeps the sessions.
	Store Store
	// CookieName is the cookie's name; empty means "sessionid".
	CookieName string
	// CookieAge is how long a session lives after its last change; 0 means two weeks. A store that
	// has an Age of its own wants the same one.
	CookieAge time.Duration
	// CookieDomain is the domain attribute; empty sends none, so that only this host gets it.
	CookieDomain string
	// CookiePath is the path attribute; empty means "/".
	CookiePath string
	// CookieSecure sends the cookie over https only. Turn it on in production.
	CookieSecure bool
	// HostPrefix puts "__Host-" in front of the name, which makes browsers insist on https, the
	// path "/" and no domain. It implies CookieSecure.
	HostPrefix bool
	// CookieScripts lets scripts read the cookie (no HttpOnly). Leave it off.
	CookieScripts bool
	// CookieSameSite is the SameSite attribute; 0 means Lax.
	CookieSameSite http.SameSite
	// ExpireAtBrowserClose sends cookies that go with the browser, unless a session says otherwise.
	ExpireAtBrowserClose bool
	// SaveEveryRequest saves and sends the cookie at each request, so that a session lives as
	// long as its visitor keeps coming.
	SaveEveryRequest bool
	// Cache keeps sessions in memory until the store says that they changed; see package changes
	// for what that means, and [Teller] for which stores can. nil takes the project's,
	// core.Settings.Cache, and without that one every request reads its session from the store. A
	// store outside of the database needs a feed of its own, such as redisstore.NewFeed.
	Cache *changes.Feed
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Sessions is the service that hands each request its session. It is made by [New] and safe for
// concurrent use.
type Sessions struct {
	cfg   Config
	given Config // for the checks
	kept  *changes.Kept[Record]
	// uncached is why sessions are not kept in memory although there is a feed.
	uncached error
}

// New returns the service. It does no I/O.
func New(c Config) *Sessions {
	given := c
	if c.CookieName == "" {
		c.CookieName = "sessionid"
	}
	if c.CookieAge == 0 {
		c.CookieAge = 14 * 24 * time.Hour
	}
	if c.CookiePath == "" {
		c.CookiePath = "/"
	}
	if c.CookieSameSite == 0 {
		c.CookieSameSite = http.SameSiteLaxMode
	}
	if c.HostPrefix {
		c.CookieName, c.CookieSecure, c.CookiePath, c.CookieDomain = hostPrefix+c.CookieName, true, "/", ""
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Sessions{cfg: c, given: given}
	s.keep(c.Cache)
	return s
}

const hostPrefix = "__Host-"

// Store returns the store.
func (s *Sessions) Store() Store { return s.cfg.Store }

// Config returns the configuration with its defaults filled in.
func (s *Sessions) Config() Config { return s.cfg }

// Open returns the session of a key outside of a request; "" begins a new one, as does what is no
// key. Save it yourself.
func (s *Sessions) Open(key string) *Session {
	if !ValidKey(key) {
		key = ""
	}
	return &Session{cfg: &s.cfg, kept: s.kept, key: key}
}

type sessionKey struct{}

// Of returns the request's session, nil when the request passed through no middleware. A nil
// session answers with [ErrNoSession], so the result can be used without a check.
func Of(ctx context.Context) *Session {
	s, _ := ctx.Value(sessionKey{}).(*Session)
	return s
}

// With returns a context that carries a session, for tests and for work outside of requests.
func With(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

//go:embed migrations/*.sql
var migrations embed.FS

// Row is a session in the database, in Django's table. Stores that keep sessions elsewhere leave
// the table empty.
type Row struct {
	bun.BaseModel `bun:"table:django_session,alias:session"`

	SessionKey  string    `bun:"session_key,pk,type:varchar(40)"`
	SessionData string    `bun:"session_data,notnull,type:text"`
	ExpireDate  time.Time `bun:"expire_date,notnull"`
}

// App returns the app for core.New. It comes before every app that uses sessions.
func (s *Sessions) App() core.App {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("sessions: " + err.Error()) // the folder is embedded above
	}
	return core.App{
		Label:        "sessions",
		Models:       []core.Model{{Of: (*Row)(nil), Name: "session", VerboseName: "session"}},
		Migrations:   migrate.Files(files),
		HandMigrated: true,
		Middleware:   []web.Middleware{s.Middleware},
		Commands:     []command.Command{s.clearsessions()},
		Probe:        s.probe,
		Checks:       []check.Check{{Run: s.check}, {Run: s.checkDeploy, Deploy: true, Tags: []string{"security"}}},
		Ready:        s.ready,
		Start:        s.cfg.Cache.Start,
		Close:        s.cfg.Cache.Close,
	}
}
