package tokens_test

import (
	"crypto/sha512"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func date(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999"} {
		if d, err := time.Parse(layout, text); err == nil {
			return d
		}
	}
	t.Fatalf("%q is no date", text)
	return time.Time{}
}

type vector struct {
	Secret string
	User   struct {
		ID              int
		Email, Password string
		LastLogin       *string `json:"last_login"`
	}
	Now    string `json:"now_local_naive"`
	Token  string
	UIDB64 string
	Checks []struct {
		Case, Token  string
		SecondsLater int  `json:"seconds_later"`
		Timeout      *int // seconds
		Valid        bool
	}
}

func (v vector) subject(t *testing.T) tokens.Subject {
	t.Helper()
	s := tokens.Subject{PK: strconv.Itoa(v.User.ID), Password: v.User.Password, Email: v.User.Email}
	if v.User.LastLogin != nil {
		s.LastLogin = date(t, *v.User.LastLogin)
	}
	return s
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range djangovectors.Section[vector](t, "password_reset_token") {
		s, now := v.subject(t), date(t, v.Now)
		g := tokens.Generator{Keys: signing.Keys{v.Secret}, Now: at(now)}
		if got := g.Make(s); got != v.Token {
			t.Errorf("user %s: Make = %q, want %q", s.PK, got, v.Token)
		}
		if got := signing.EncodeURLSafeBase64([]byte(s.PK)); got != v.UIDB64 {
			t.Errorf("user %s: uid %q, want %q", s.PK, got, v.UIDB64)
		}
		for _, c := range v.Checks {
			g, s := g, s
			g.Now = at(now.Add(time.Duration(c.SecondsLater) * time.Second))
			if c.Timeout != nil {
				g.Timeout = time.Duration(*c.Timeout) * time.Second
			}
			switch c.Case {
			case "password changed":
				s.Password += "x"
			case "email changed":
				s.Email = "other@example.com"
			case "last_login changed":
				s.LastLogin = now
			case "other pk":
				s.PK += "0"
			case "secret rotated, old one in SECRET_KEY_FALLBACKS":
				g.Keys = signing.Keys{"another secret", v.Secret}
			case "secret rotated, no fallback":
				g.Keys = signing.Keys{"another secret"}
			}
			if got := g.Check(s, c.Token); got != c.Valid {
				t.Errorf("user %s, %s: Check(%q) = %v, want %v", s.PK, c.Case, c.Token, got, c.Valid)
			}
		}
	}
}

var john = tokens.Subject{
	PK: "1", Password: "md5$salt$hash", Email: "john@example.com",
	LastLogin: time.Date(2026, 3, 9, 10, 11, 12, 345678000, time.UTC),
}

var noon = time.Date(2026, 7, 17, 12, 0, 0, 0, time.UTC)

func TestWallClock(t *testing.T) {
	t.Parallel()
	tokyo, chicago := time.FixedZone("JST", 9*60*60), time.FixedZone("CDT", -5*60*60)
	made := func(loc *time.Location, now time.Time) string {
		return tokens.Generator{Keys: signing.Keys{"k"}, Location: loc, Now: at(now)}.Make(john)
	}
	// A clock on a wall in Tokyo shows what one in Greenwich shows nine hours later.
	if got, want := made(tokyo, noon), made(time.UTC, noon.Add(9*time.Hour)); got != want {
		t.Errorf("token of Tokyo %q, want %q", got, want)
	}
	if got, want := made(chicago, noon), made(nil, noon.Add(-5*time.Hour)); got != want {
		t.Errorf("token of Chicago %q, want %q", got, want)
	}
	if got, want := made(nil, noon.In(tokyo)), made(nil, noon); got != want {
		t.Errorf("token of a clock that tells Tokyo's time %q, want %q", got, want)
	}
}

func TestLastLogin(t *testing.T) {
	t.Parallel()
	g := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(noon)}
	token := g.Make(john)
	same, later, never := john, john, john
	same.LastLogin = john.LastLogin.Truncate(time.Second).In(time.FixedZone("", 3600))
	later.LastLogin = john.LastLogin.Add(time.Second)
	never.LastLogin = time.Time{}
	if !g.Check(same, token) {
		t.Error("a last login without its fraction, in another zone, makes another token")
	}
	if g.Check(later, token) || g.Check(never, token) {
		t.Error("the token is valid after another login, or without one")
	}
}

func TestWithoutKeyOrSubject(t *testing.T) {
	t.Parallel()
	good := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(noon)}
	token := good.Make(john)
	for name, keys := range map[string]signing.Keys{"nil": nil, "none": {}, "empty": {""}, "empty first": {"", "k"}} {
		g := tokens.Generator{Keys: keys, Now: at(noon)}
		old := tokens.LegacyGenerator{Keys: keys, Now: at(noon)}
		if a, b := g.Make(john), old.Make(john); a != "" || b != "" {
			t.Errorf("%s keys: Make = %q and %q, want nothing", name, a, b)
		}
		if g.Check(john, "") || old.Check(john, "") {
			t.Errorf("%s keys: the empty token is valid", name)
		}
		if got, want := g.Check(john, token), name == "empty first"; got != want {
			t.Errorf("%s keys: Check of a token by \"k\" = %v, want %v", name, got, want)
		}
	}
	if got := good.Make(tokens.Subject{}); got != "" {
		t.Errorf("Make of no subject = %q, want nothing", got)
	}
	if good.Check(tokens.Subject{}, token) || good.Check(tokens.Subject{}, "") {
		t.Error("a token is valid for no subject")
	}
	early := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))}
	if got := early.Make(john); got != "" {
		t.Errorf("Make before 2001 = %q, want nothing", got)
	}
}

// Whoever writes the number of a valid token in another way must not get in.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	g := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(noon)}
	token := g.Make(john)
	digits, sum, _ := strings.Cut(token, "-")
	for _, other := range []string{
		"0" + token, "+" + token, " " + token, token + " ", token + "\n", token + "\x00", token + "-", "-" + token,
		strings.ToUpper(digits) + "-" + sum, digits + "-" + strings.ToUpper(sum), digits + "_" + sum, digits, digits + "-",
		"zzzzzzzzzzzzz-" + sum, "1y2p0ij32e8e8-" + sum, "０" + token, strings.Repeat("z", 1<<20) + token,
	} {
		if g.Check(john, other) {
			t.Errorf("Check(%.60q) = true, want false", other)
		}
	}
}

func TestPurposes(t *testing.T) {
	t.Parallel()
	reset := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(noon)}
	confirm, long := reset, reset
	confirm.Salt = "shop.confirm"
	long.Hash = sha512.New
	token, confirmed, longer := reset.Make(john), confirm.Make(john), long.Make(john)
	for name, got := range map[string]bool{
		"own salt":            confirm.Check(john, confirmed) && !confirm.Check(john, token) && !reset.Check(john, confirmed),
		"own hash":            long.Check(john, longer) && !long.Check(john, token) && !reset.Check(john, longer),
		"length of own hash":  len(longer) == len("dbv000-")+64,
		"length of Django's":  len(token) == len("dbv000-")+32,
		"the default is read": reset.Check(john, token),
	} {
		if !got {
			t.Errorf("%s: tokens %q, %q, %q", name, token, confirmed, longer)
		}
	}
}

// The known answers were made by Django 3.2 with the value and the hash that 1.4 had.
func TestLegacyGenerator(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key   string
		s     tokens.Subject
		day   time.Time
		token string
	}{
		{
			"interop-secret-key",
			tokens.Subject{
				PK: "1", Password: "sha1$a1976$a36cc8cbf81742a8fb52e221aaeab48ed7f58ab4", Email: "not@hashed",
				LastLogin: time.Date(2012, 3, 23, 10, 11, 12, 999999000, time.UTC),
			},
			time.Date(2012, 4, 1, 0, 0, 0, 0, time.UTC), "364-2a28779a9f4f376aa445",
		},
		{
			"ключ", tokens.Subject{PK: "42", Password: "pbkdf2_sha256$10000$s$h="},
			time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC), "7an-eb4bfb8c4b6e97508c64",
		},
	}
	for _, tt := range tests {
		g := tokens.LegacyGenerator{Keys: signing.Keys{tt.key}, Now: at(tt.day)}
		if got := g.Make(tt.s); got != tt.token {
			t.Errorf("Make on %v = %q, want %q", tt.day, got, tt.token)
		}
		changed := tt.s
		changed.Password += "x"
		if g.Check(changed, tt.token) {
			t.Errorf("%q is valid after a new password", tt.token)
		}
		rotated := g
		rotated.Keys = signing.Keys{"new", tt.key}
		if !rotated.Check(tt.s, tt.token) {
			t.Errorf("%q is not valid with its key second", tt.token)
		}
		if (tokens.Generator{Keys: g.Keys, Now: g.Now}).Check(tt.s, tt.token) {
			t.Errorf("%q of the old form is valid for the new generator", tt.token)
		}
	}
}

func TestLegacyDays(t *testing.T) {
	t.Parallel()
	evening := time.Date(2012, 4, 1, 23, 59, 0, 0, time.UTC)
	token := tokens.LegacyGenerator{Keys: signing.Keys{"k"}, Now: at(evening)}.Make(john)
	tests := []struct {
		days  int
		later time.Duration
		loc   *time.Location
		want  bool
	}{
		{0, 0, nil, true},
		{0, 3 * 24 * time.Hour, nil, true},
		{0, 3*24*time.Hour + 59*time.Second, nil, true},
		{0, 3*24*time.Hour + time.Minute, nil, false}, // midnight has passed
		{1, 24 * time.Hour, nil, true},
		{1, 24*time.Hour + time.Minute, nil, false},
		{1, 24*time.Hour + time.Minute, time.FixedZone("", -60*60), true}, // not there
		{1, -48 * time.Hour, nil, true},
	}
	for _, tt := range tests {
		g := tokens.LegacyGenerator{Keys: signing.Keys{"k"}, Days: tt.days, Location: tt.loc, Now: at(evening.Add(tt.later))}
		if got := g.Check(john, token); got != tt.want {
			t.Errorf("%d days, %v later in %v: Check = %v, want %v", tt.days, tt.later, tt.loc, got, tt.want)
		}
	}
}

func TestDefaultClock(t *testing.T) {
	t.Parallel()
	g, old := tokens.Generator{Keys: signing.Keys{"k"}}, tokens.LegacyGenerator{Keys: signing.Keys{"k"}}
	if !g.Check(john, g.Make(john)) || !old.Check(john, old.Make(john)) {
		t.Error("a token made now is not valid now")
	}
}

func FuzzCheck(f *testing.F) {
	g, old := tokens.Generator{Keys: signing.Keys{"k", "older"}, Now: at(noon)}, tokens.LegacyGenerator{Keys: signing.Keys{"k"}, Now: at(noon)}
	valid := map[string]bool{g.Make(john): true}
	validOld := map[string]bool{old.Make(john): true}
	for token := range valid {
		f.Add(token)
	}
	for token := range validOld {
		f.Add(token)
	}
	for _, token := range []string{"", "-", "dbv000-", "1y2p0ij32e8e7-0", "zzzzzzzzzzzzzz-0", "0-0-0", "\xff-\xff"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if g.Check(john, token) != valid[token] {
			t.Errorf("Check(%q) = %v", token, !valid[token])
		}
		if old.Check(john, token) != validOld[token] {
			t.Errorf("legacy Check(%q) = %v", token, !validOld[token])
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	g := tokens.Generator{Keys: signing.Keys{"k"}, Now: at(noon)}
	token := g.Make(john)
	b.ReportAllocs()
	for b.Loop() {
		g.Check(john, token)
	}
}
