package djangocheck_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
)

// TestCases has a database made wrong for each finding.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, s *authtest.Site)
		o     options
		look  djangocheck.Options
		kind  string // of the database, when only one can be so
		want  []string
		says  []string // what the first says
	}{
		{name: "no history", spoil: sql("DROP TABLE django_migrations"), want: []string{"E002"}, says: []string{"--fake-initial"}},
		{name: "migrations of an older Django", want: []string{"E003"}, says: []string{"1 of the 12", "auth.0012_alter_user_first_name_max_length"},
			spoil: sql("DELETE FROM django_migrations WHERE app = 'auth' AND name LIKE '0012%'")},
		{name: "content types of an older Django", want: []string{"E003"}, says: []string{"1 of the 2", "contenttypes.0002_remove_content_type_name"},
			spoil: sql("DELETE FROM django_migrations WHERE app = 'contenttypes' AND name LIKE '0002%'")},
		{name: "migrations not applied", want: []string{"E004"}, says: []string{"sessions.0001_initial", "Run migrate"},
			spoil: sql("DELETE FROM django_migrations WHERE app = 'sessions'")},
		{name: "migrations of a newer Django", want: []string{"W005"}, says: []string{"auth", "0013_passkeys"},
			spoil: sql("INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0013_passkeys', '2026-01-01 00:00:00+00:00')")},
		{name: "migrations of Django's own apps", want: nil,
			spoil: sql("INSERT INTO django_migrations (app, name, applied) VALUES ('admin', '0001_initial', '2026-01-01 00:00:00+00:00')")},

		{name: "a column that is gone", want: []string{"E022"}, says: []string{"auth_user", "first_name"}, spoil: sql("ALTER TABLE auth_user DROP COLUMN first_name")},
		{name: "a column of Django's alone", want: []string{"W024"}, says: []string{"badge"}, kind: "postgres", spoil: sql("ALTER TABLE auth_user ADD COLUMN badge integer NOT NULL")},
		{name: "no groups of users", want: []string{"E023"}, says: []string{"auth_user_groups"}, spoil: sql("DROP TABLE auth_user_groups")},

		{name: "an unknown hasher", want: []string{"E030"}, says: []string{"2 of 3 users", "bcrypt", "hashers.BCrypt{}"}, spoil: func(t *testing.T, s *authtest.Site) {
			addUser(t, s, "a", "bcrypt$$2b$12$"+strings.Repeat("x", 53), time.Now())
			addUser(t, s, "b", "bcrypt$$2b$12$"+strings.Repeat("x", 53), time.Time{})
			addUser(t, s, "c", pbkdf2("1000"), time.Now())
		}},
		{name: "a hasher of nobody's", want: []string{"E030"}, says: []string{"quantum", "hashers.Hasher"}, spoil: user("quantum$1$x")},
		{name: "no hash at all", want: []string{"W033"}, says: []string{"1 of 1 users"}, spoil: user("letmein")},
		{name: "hashes of other costs", want: []string{"W032"}, says: []string{"Of the 1 users", "pbkdf2_sha256, iterations 600000", "Django42"}, spoil: user(pbkdf2("600000"))},
		{name: "the costs of Django 4.2", want: []string{"E031"}, says: []string{"Django 4.2", "600000", "iterations 1000", "hashers.Django42()"}, look: djangocheck.Options{Django: "4.2"}},
		{name: "the costs of Django 3.2", want: []string{"E031"}, says: []string{"260000", "hashers.Django32()"}, look: djangocheck.Options{Django: "3.2"}},
		{name: "the list of Django 3.2", look: djangocheck.Options{Django: "3.2"}, o: options{hashers: hashers.Django32()}},
		{name: "the list of Django 4.2", look: djangocheck.Options{Django: "4.2"}, o: options{hashers: hashers.Django42()}},
		{name: "the list of Django 5.2", look: djangocheck.Options{Django: "5.2"}, o: options{hashers: hashers.Django52()}},
		{name: "another algorithm first", look: djangocheck.Options{Django: "3.2"}, o: options{hashers: append(hashers.Django32(), hashers.Scrypt{})[1:]},
			want: []string{"E031"}},
		{name: "lists that differ", look: djangocheck.Options{Django: "3.2"}, o: options{hashers: append(hashers.Django32()[:3:3], hashers.Scrypt{})},
			want: []string{"W034"}, says: []string{"Django 3.2 has bcrypt_sha256", "this project has scrypt"}},

		{name: "another key", want: []string{"E042"}, says: []string{"1 of 1 live", "SECRET_KEY"}, spoil: session("another key", time.Hour, nil)},
		{name: "a key that was changed", want: []string{"W047"}, says: []string{"1 of 2 live", "SECRET_KEY_FALLBACKS"}, spoil: func(t *testing.T, s *authtest.Site) {
			session("another key", time.Hour, nil)(t, s)
			session(coretest.Key, time.Minute, nil)(t, s)
		}},
		{name: "two keys at once", want: []string{"E042"}, says: []string{"1 of 2 live"}, spoil: func(t *testing.T, s *authtest.Site) {
			session("another key", time.Minute, nil)(t, s)
			session(coretest.Key, time.Hour, nil)(t, s)
		}},
		{name: "another key in sessions that are over", want: []string{"I046"}, spoil: func(t *testing.T, s *authtest.Site) {
			addRow(t, s.DB(), "old", "x:y:z", time.Now().Add(-time.Minute))
		}},
		{name: "a session class of Django's own", want: []string{"E042"}, says: []string{"dbstore.Config.Salt"}, spoil: salted},
		{name: "a session class that is known", spoil: salted, o: options{store: func(s core.Settings) sessions.Store {
			return dbstore.NewWith(s.DB, s.Keys, dbstore.Config{Salt: ownSalt})
		}}},
		{name: "pickled sessions", want: []string{"E043"}, says: []string{"1 of 1 live", "SESSION_SERIALIZER", "JSONSerializer"}, spoil: pickled},
		{name: "sessions of Django 2", want: []string{"W045"}, says: []string{"before 3.1"}, spoil: func(t *testing.T, s *authtest.Site) {
			text := strings.Repeat("0123456789", 4) + `:{"_auth_user_id": "1"}`
			addRow(t, s.DB(), "two", base64.StdEncoding.EncodeToString([]byte(text)), time.Now().Add(time.Hour))
		}},
		{name: "another backend", want: []string{"E044"}, says: []string{"1 of 1 live", "allauth.account.auth_backends.AuthenticationBackend", "Name()"},
			spoil: session(coretest.Key, time.Hour, loggedIn("1", "allauth.account.auth_backends.AuthenticationBackend"))},
		{name: "a backend of an odd name", want: []string{"E044"}, says: []string{"no dotted path"}, spoil: session(coretest.Key, time.Hour, loggedIn("1", "\x1b[2J"))},
		{name: "a backend that is there", spoil: session(coretest.Key, time.Hour, loggedIn("1", auth.EmailBackendName)),
			o: options{backends: []auth.Backend{&auth.ModelBackend{}, &auth.EmailBackend{}}}},
		{name: "sessions kept elsewhere", want: []string{"E041"}, says: []string{"1 live sessions"}, spoil: session(coretest.Key, time.Hour, nil),
			o: options{store: func(s core.Settings) sessions.Store { return cookiestore.New(s.Keys) }}},
		{name: "nobody's sessions kept elsewhere", o: options{store: func(s core.Settings) sessions.Store { return cookiestore.New(s.Keys) }}},
		{name: "a cache in front", spoil: session(coretest.Key, time.Hour, nil), o: options{store: func(s core.Settings) sessions.Store {
			return cacheddb.New(dbstore.New(s.DB, s.Keys), cacheddb.Config{Cache: cacheddb.NewMemory(1)})
		}}},
		{name: "no table of sessions", want: []string{"E040"}, spoil: sql("DROP TABLE django_session")},

		{name: "times of another offset", kind: "sqlite", want: []string{"E051"}, says: []string{"1 of 1", "auth_user.last_login"}, spoil: func(t *testing.T, s *authtest.Site) {
			user(pbkdf2("1000"))(t, s)
			execute(t, s.DB(), "UPDATE auth_user SET last_login = '2026-01-01 12:00:00+09:00'")
		}},
		{name: "times written otherwise", kind: "sqlite", want: []string{"E050"}, says: []string{"django_session.expire_date"}, spoil: func(t *testing.T, s *authtest.Site) {
			session(coretest.Key, time.Hour, nil)(t, s)
			execute(t, s.DB(), "UPDATE django_session SET expire_date = '2999-01-01T12:00:00Z'")
		}},
		{name: "times as Django writes them", kind: "sqlite", spoil: func(t *testing.T, s *authtest.Site) {
			user(pbkdf2("1000"))(t, s)
			execute(t, s.DB(), "UPDATE auth_user SET last_login = '2026-01-01 12:00:00', date_joined = '2026-01-01 12:00:00.123456'")
		}},
		{name: "columns without a zone", kind: "postgres", want: []string{"E052"}, says: []string{"django_session.expire_date", "ALTER TABLE", "AT TIME ZONE"},
			spoil: sql("ALTER TABLE django_session ALTER COLUMN expire_date TYPE timestamp without time zone")},
		{name: "local times", want: []string{"W054"}, says: []string{"9h0m0s", "USE_TZ"}, spoil: localTimes(9 * time.Hour)},
		{name: "local times behind UTC", want: []string{"W054"}, says: []string{"-3h30m0s"}, spoil: localTimes(-3*time.Hour - 30*time.Minute)},
		{name: "a log-in that happened before", spoil: localTimes(-2 * time.Minute)},

		{name: "stale content types", want: []string{"W060"}, says: []string{"1 content type(s)", "auth.profile", "remove_stale_contenttypes"},
			spoil: sql("INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'profile'), ('blog', 'entry')")},
		{name: "missing content types", want: []string{"W061"}, says: []string{"sessions.session", "Run migrate"}, spoil: func(t *testing.T, s *authtest.Site) {
			execute(t, s.DB(), "DELETE FROM auth_permission")
			execute(t, s.DB(), "DELETE FROM django_content_type WHERE app_label = 'sessions'")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			each := plain.Each
			if c.kind == "sqlite" {
				each = func(t *testing.T, f func(*testing.T, *authtest.Site)) { f(t, plain.SQLite(t)) }
			}
			each(t, func(t *testing.T, s *authtest.Site) {
				if c.kind == "postgres" && !isPostgres(s) {
					t.Skip("a case of PostgreSQL: SQLite has no such columns")
				}
				if c.spoil != nil {
					c.spoil(t, s)
				}
				found := rebuilt(t, s, c.o, nil).find(t, c.look)
				if n := len(found); n > 0 && found[n-1].ID == "djangocheck.I046" && !contains(c.want, "I046") {
					found = found[:n-1] // nobody is logged in
				}
				want(t, found, c.want...)
				if len(found) > 0 {
					says(t, found[0], c.says...)
				}
			})
		})
	}
}

func contains(all []string, one string) bool { return strings.Contains(strings.Join(all, " "), one) }

// sql spoils a database by a statement.
func sql(text string) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) { execute(t, s.DB(), text) }
}

// user adds somebody who has just logged in.
func user(hash string) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) { addUser(t, s, "carla", hash, time.Now()) }
}

// session adds one that was signed by a key so long ago.
func session(key string, ago time.Duration, data map[string]string) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		if data == nil {
			data = map[string]string{}
		}
		addSession(t, s.DB(), ago.String(), key, time.Now().Add(-ago), data)
	}
}

// ownSalt is that of a class named Kept.
const ownSalt = "django.contrib.sessions.Kept"

func salted(t *testing.T, s *authtest.Site) {
	text, err := signing.Dumps(signing.Keys{coretest.Key}, ownSalt, map[string]string{}, time.Now(), true)
	if err != nil {
		t.Fatal(err)
	}
	addRow(t, s.DB(), "one", text, time.Now().Add(time.Hour))
}

// pickled adds a session as PickleSerializer writes it: the empty dict in Python's format.
func pickled(t *testing.T, s *authtest.Site) {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write([]byte("\x80\x05}\x94.")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	payload := "." + base64.RawURLEncoding.EncodeToString(packed.Bytes())
	text := signing.TimestampSigner{Keys: signing.Keys{coretest.Key}, Salt: sessions.Salt}.Sign(payload)
	addRow(t, s.DB(), "pickle", text, time.Now().Add(time.Hour))
}

// localTimes adds a log-in that was written in a zone so far from UTC.
func localTimes(zone time.Duration) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		now := time.Now().Add(-24 * time.Hour)
		u := addUser(t, s, "carla", pbkdf2("1000"), now.Add(zone))
		addSession(t, s.DB(), "one", coretest.Key, now, loggedIn(s.Auth.Users().PK(u), auth.ModelBackendName))
	}
}
