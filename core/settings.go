package core

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/logging"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// Settings are what differs from one installation of a project to the next. The zero value of
// each field is Django's default unless its comment says otherwise. Apps have settings of their
// own in the Config of their constructor.
type Settings struct {
	// DB is the database; see [OpenDB]. Required.
	DB *bun.DB
	// Keys are SECRET_KEY and then its fallbacks: the first signs, all verify. Required.
	Keys signing.Keys
	// Debug shows details of errors to visitors and re-reads templates. Never on in production.
	Debug bool
	// AllowedHosts are the Host headers answered: "example.com", ".example.com" with its
	// subdomains, "*" for any. Empty answers nothing, with Debug the local machine.
	AllowedHosts []string
	// TrustedOrigins may post to the site besides itself: "https://forms.example.com", or
	// "https://*.example.com" for a host with all its subdomains.
	TrustedOrigins []string
	// CSRF asks each form for a token, with Django's names and in its format. nil goes by what
	// browsers say of where a request comes from, which needs neither cookie nor field; see
	// package csrf.
	CSRF *csrf.Tokens
	// Security are the headers that protect the site's visitors, and the redirect to https.
	Security web.Security
	// Mail sends the project's messages; nil when there is nowhere to send them. A transport that
	// has the methods Start and Close of a [mail.Queue] is started and closed with the project, so
	// what is waiting in it is sent before the program ends.
	Mail *mail.Mailer
	// Cache keeps sessions, users and their permissions in memory until a process of this project
	// changes them; see package changes. nil, the default, keeps nothing. All processes that use the
	// database have one or none has. It is started and closed with the project.
	Cache *changes.Feed
	// TimeZone is the zone in which times are shown and, when the database is shared with
	// Django, in which its reset links count. nil means UTC.
	TimeZone *time.Location

	// UseForwardedHost believes X-Forwarded-Host. Only behind a proxy that always sets it.
	UseForwardedHost bool
	// SecureProxyHeader and SecureProxyValue name the header by which a proxy says that a
	// request came by https: "X-Forwarded-Proto", "https".
	SecureProxyHeader, SecureProxyValue string

	// RequestIDHeader names the header in which a proxy hands over the id of each request,
	// "X-Request-ID". Empty trusts nobody and makes an id for each. Answers carry it as X-Request-ID,
	// log lines as request_id.
	RequestIDHeader string
	// NoRequestLog leaves out the line that is logged for each request.
	NoRequestLog bool
	// NoHealth leaves out /healthz (the program answers) and /readyz (the database, its migrations
	// and all apps do; 503 with the names of those that do not). They are answered under any host
	// name, so that a load balancer can ask. An app's own route of that path wins.
	NoHealth bool

	// NoAppendSlash answers 404 for a path that lacks its last slash, instead of a redirect.
	NoAppendSlash bool
	// MaxBody is the largest request body in bytes where a route names no other. 0 means
	// 2,621,440 (2.5 MiB), a negative number no limit.
	MaxBody int64
	// ShutdownTimeout is how long requests under way may take once the server is told to stop.
	// 0 means 10 seconds.
	ShutdownTimeout time.Duration

	// DrainTime is how long /readyz says no before the server stops listening, so that a load balancer
	// has sent its requests elsewhere by then. 0 stops at once.
	DrainTime time.Duration

	// ExtraProcessors is by how much [Main] raises GOMAXPROCS once the project is made. A password that
	// is hashed on a thread of lowered priority holds one of Go's processors also while the system
	// gives its time to others; with as many more as hashes run at a time (one for each of the
	// machine's, by default) pages do not wait for them. 0 leaves GOMAXPROCS to Go, which then
	// follows a container's quota when it changes.
	ExtraProcessors int

	// Templates and Static hold the project's own pages and files; they win over every app's.
	Templates, Static fs.FS
	// Log takes what the project has to say; nil means slog.Default(). Its handler is wrapped by
	// [logging.Handler], so that lines of a request have its id, route and user.
	Log *slog.Logger

	problems []error
}

// defaultMaxBody is DATA_UPLOAD_MAX_MEMORY_SIZE.
const defaultMaxBody = 2621440

// OpenDB returns the database of a URL: "sqlite:path" or "postgres://user@host/name". Nothing is
// opened before the first use; see [database.Open].
func OpenDB(url string) (*bun.DB, error) { return database.Open(url) }

// defaultDatabase is used when DATABASE_URL is not set.
const defaultDatabase = "sqlite:db.sqlite3"

// SettingsFromEnv reads the settings from environment variables: DATABASE_URL, SECRET_KEY,
// SECRET_KEY_FALLBACKS, DEBUG, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS, TIME_ZONE, EMAIL_URL (see
// [mail.Open]; the terminal in DEBUG, else a server on localhost), DEFAULT_FROM_EMAIL,
// EXTRA_PROCESSORS, and CACHE_AGE and CACHE_LISTEN_URL, which are Age and URL of a [changes.Config]:
// without the first there is no cache. It always returns settings that a project can be built from;
// what is wrong with them is found by every command that needs them, so that `help` works without any.
func SettingsFromEnv(getenv func(string) string) Settings {
	var s Settings
	url := getenv("DATABASE_URL")
	if url == "" {
		url = defaultDatabase
	}
	db, err := OpenDB(url)
	if err != nil {
		s.problem(fmt.Errorf("DATABASE_URL: %w", err))
		db = database.Broken(err)
	}
	s.DB = db
	if s.Debug, err = parseBool(getenv("DEBUG")); err != nil {
		s.problem(fmt.Errorf("DEBUG: %w", err))
	}
	if key := getenv("SECRET_KEY"); key != "" {
		s.Keys = append(signing.Keys{key}, splitList(getenv("SECRET_KEY_FALLBACKS"))...)
	} else if s.Debug {
		// Log-ins made under it end with this process.
		s.Keys = signing.Keys{signing.RandomString(50, signing.Alphanumeric)}
	}
	s.AllowedHosts = splitList(getenv("ALLOWED_HOSTS"))
	s.TrustedOrigins = splitList(getenv("CSRF_TRUSTED_ORIGINS"))
	if zone := getenv("TIME_ZONE"); zone != "" {
		if s.TimeZone, err = time.LoadLocation(zone); err != nil {
			s.problem(fmt.Errorf("TIME_ZONE: there is no time zone %q; write one like Europe/Paris, or leave it out for UTC", zone))
		}
	}
	if text := getenv("EXTRA_PROCESSORS"); text != "" {
		if s.ExtraProcessors, err = strconv.Atoi(text); err != nil || s.ExtraProcessors < 0 {
			s.problem(fmt.Errorf("EXTRA_PROCESSORS: %q is no number of processors; write how many passwords are hashed at a time, or leave it out", text))
		}
	}
	s.Cache = s.cacheFromEnv(getenv)
	s.Mail = s.mailFromEnv(getenv)
	return s
}

// cacheFromEnv returns nil unless CACHE_AGE is given.
func (s *Settings) cacheFromEnv(getenv func(string) string) *changes.Feed {
	text := getenv("CACHE_AGE")
	if text == "" || text == "0" {
		return nil
	}
	age, err := time.ParseDuration(text)
	if err != nil || age <= 0 {
		s.problem(fmt.Errorf("CACHE_AGE: %q is no length of time; write one like 1m or 30s, or leave it out for no cache", text))
		return nil
	}
	return changes.New(changes.Config{DB: s.DB, Age: age, URL: getenv("CACHE_LISTEN_URL")})
}

// mailFromEnv puts a queue in front of the transport, so that a page that sends a message answers
// at once.
func (s *Settings) mailFromEnv(getenv func(string) string) *mail.Mailer {
	url := getenv("EMAIL_URL")
	switch {
	case url == "" && s.Debug:
		url = "console:"
	case url == "":
		url = "smtp://localhost:25?tls=none"
	}
	transport, err := mail.Open(url)
	if err != nil {
		s.problem(fmt.Errorf("EMAIL_URL: %w", err))
		transport = mail.Discard{}
	}
	return &mail.Mailer{Transport: mail.NewQueue(transport, mail.QueueConfig{Log: s.Log}), DefaultFrom: getenv("DEFAULT_FROM_EMAIL")}
}

func (s *Settings) problem(err error) { s.problems = append(s.problems, err) }

// Err returns what is wrong with the settings as one error, or nil.
func (s Settings) Err() error {
	errs := s.problems
	if s.DB == nil {
		errs = append(errs, errors.New("the settings name no database: set DB with core.OpenDB"))
	}
	if len(s.Keys) == 0 || s.Keys[0] == "" {
		errs = append(errs, errors.New("SECRET_KEY is not set: put a long random text into the environment variable SECRET_KEY (with DEBUG=1 a key is made up for each start)"))
	}
	return errors.Join(errs...)
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "", "no", "off":
		return false, nil
	case "yes", "on":
		return true, nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false; write 1 or 0", text)
	}
	return v, nil
}

func splitList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// withDefaults fills in what the zero value stands for.
func (s Settings) withDefaults() Settings {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.Log = slog.New(logging.Handler(s.Log.Handler()))
	if s.TimeZone == nil {
		s.TimeZone = time.UTC
	}
	if len(s.AllowedHosts) == 0 && s.Debug {
		s.AllowedHosts = []string{"localhost", ".localhost", "127.0.0.1", "[::1]"}
	}
	switch {
	case s.MaxBody == 0:
		s.MaxBody = defaultMaxBody
	case s.MaxBody < 0:
		s.MaxBody = 0
	}
	if s.ShutdownTimeout == 0 {
		s.ShutdownTimeout = 10 * time.Second
	}
	return s
}
