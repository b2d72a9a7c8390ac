package signing_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// set returns the Set-Cookie header that Set makes.
func set(t testing.TB, c signing.Cookies, cookie *http.Cookie, salt string) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := c.Set(w, cookie, salt); err != nil {
		t.Fatalf("Set(%v): %v", cookie, err)
	}
	return w.Header().Get("Set-Cookie")
}

// sent returns the text of the cookie as a browser sends it back.
func sent(t testing.TB, c signing.Cookies, name, value, salt string) string {
	t.Helper()
	header := set(t, c, &http.Cookie{Name: name, Value: value}, salt)
	pair, _, _ := strings.Cut(header, ";")
	return strings.TrimPrefix(pair, name+"=")
}

func request(cookies ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.Header.Add("Cookie", c)
	}
	return r
}

var cookieKeys = signing.Keys{"a secret"}

func TestSignedCookieDjangoCases(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"test_can_set_and_read_signed_cookies":                           testSetAndRead,
		"test_can_use_salt":                                              testCookieSalt,
		"test_detects_tampering":                                         testCookieTampering,
		"test_default_argument_suppresses_exceptions":                    testCookieDefault,
		"test_expired_legacy_cookie_raises_signature_expired":            testExpiredLegacy,
		"test_expired_new_style_cookie_does_not_fallback_to_legacy_salt": testExpiredNew,
		"test_legacy_salt_namespace_is_accepted_by_default":              testLegacyAccepted,
		"test_legacy_salt_namespace_not_accepted":                        testLegacyRefused,
		"test_max_age_argument":                                          testCookieMaxAge,
		"test_salt_namespace_is_unambiguous":                             testUnambiguous,
		"test_set_signed_cookie_max_age_argument":                        testSetMaxAge,
		"test_signed_cookies_with_binary_key":                            testBinaryKey,
	} {
		t.Run("django/signed_cookies_tests/tests.py/SignedCookieTest."+name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// wantCookie asserts what Get gives.
func wantCookie(t *testing.T, c signing.Cookies, r *http.Request, name, salt string, maxAge time.Duration, want string, wantErr error) {
	t.Helper()
	got, err := c.Get(r, name, salt, maxAge)
	if got != want || !errors.Is(err, wantErr) {
		t.Errorf("Get(%q, %q, %v) = %q, %v, want %q, %v", name, salt, maxAge, got, err, want, wantErr)
	}
}

func testSetAndRead(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys}
	text := sent(t, c, "c", "hello", "")
	if !strings.HasPrefix(text, "hello:") {
		t.Errorf("the cookie is %q, want it to begin with hello:", text)
	}
	wantCookie(t, c, request("c="+text), "c", "", 0, "hello", nil)
}

func testCookieSalt(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys}
	r := request("a=" + sent(t, c, "a", "hello", "one"))
	wantCookie(t, c, r, "a", "one", 0, "hello", nil)
	wantCookie(t, c, r, "a", "two", 0, "", signing.ErrBadSignature)
}

func tampered(t *testing.T, c signing.Cookies) *http.Request {
	text := sent(t, c, "c", "hello", "")
	return request("c=" + text[:len(text)-2] + "$$")
}

func testCookieTampering(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys}
	wantCookie(t, c, tampered(t, c), "c", "", 0, "", signing.ErrBadSignature)
}

// testCookieDefault: where Django's caller passes a default of None, ours ignores the error, and
// has the zero value.
func testCookieDefault(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys}
	if got, _ := c.Get(tampered(t, c), "c", "", 0); got != "" {
		t.Errorf("Get = %q, want nothing", got)
	}
	if got, _ := c.Get(request(), "c", "", 0); got != "" {
		t.Errorf("Get without a cookie = %q, want nothing", got)
	}
}

// legacy signs as Django did before 5.2.15.
func legacy(keys signing.Keys, name, salt, value string, seconds int64) string {
	return signing.TimestampSigner{Keys: keys.ForCookies(), Salt: name + salt, Now: at(seconds)}.Sign(value)
}

func testExpiredLegacy(t *testing.T) {
	r := request("a=" + legacy(cookieKeys, "a", "bc", "hello", 123456789))
	c := signing.Cookies{Keys: cookieKeys, Now: at(123456800)}
	wantCookie(t, c, r, "a", "bc", 10*time.Second, "", signing.ErrExpired)
	wantCookie(t, c, r, "a", "bc", 11*time.Second, "hello", nil)
}

func testExpiredNew(t *testing.T) {
	r := request("a=" + sent(t, signing.Cookies{Keys: cookieKeys, Now: at(123456789)}, "a", "hello", "bc"))
	c := signing.Cookies{Keys: cookieKeys, Now: at(123456800)}
	wantCookie(t, c, r, "a", "bc", 10*time.Second, "", signing.ErrExpired)
}

func testLegacyAccepted(t *testing.T) {
	r := request("ab=" + legacy(cookieKeys, "a", "bc", "hello", 123456789))
	wantCookie(t, signing.Cookies{Keys: cookieKeys}, r, "ab", "c", 0, "hello", nil)
}

func testLegacyRefused(t *testing.T) {
	r := request("a=" + legacy(cookieKeys, "a", "bc", "hello", 123456789))
	c := signing.Cookies{Keys: cookieKeys, RefuseLegacySalt: true}
	wantCookie(t, c, r, "a", "bc", 0, "", signing.ErrBadSignature)
}

func testCookieMaxAge(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys, Now: at(123456789)}
	r := request("c=" + sent(t, c, "c", "hello", ""))
	wantCookie(t, c, r, "c", "", 0, "hello", nil)
	c.Now = at(123456800)
	wantCookie(t, c, r, "c", "", 12*time.Second, "hello", nil)
	wantCookie(t, c, r, "c", "", 11*time.Second, "hello", nil)
	wantCookie(t, c, r, "c", "", 10*time.Second, "", signing.ErrExpired)
}

func testUnambiguous(t *testing.T) {
	for _, refuse := range []bool{false, true} {
		c := signing.Cookies{Keys: cookieKeys, RefuseLegacySalt: refuse}
		r := request("ab=" + sent(t, c, "a", "hello", "bc"))
		wantCookie(t, c, r, "ab", "c", 0, "", signing.ErrBadSignature)
	}
}

func testSetMaxAge(t *testing.T) {
	c := signing.Cookies{Keys: cookieKeys}
	for seconds, want := range map[int]string{100: "Max-Age=100", int((2 * time.Hour).Seconds()): "Max-Age=7200"} {
		header := set(t, c, &http.Cookie{Name: "c", Value: "value", MaxAge: seconds}, "")
		if !strings.Contains(header, "; "+want) {
			t.Errorf("Set-Cookie: %s, want %s in it", header, want)
		}
	}
}

func testBinaryKey(t *testing.T) {
	c := signing.Cookies{Keys: signing.Keys{"\xe7"}}
	wantCookie(t, c, request("c="+sent(t, c, "c", "hello", "")), "c", "", 0, "hello", nil)
}

func TestCookieVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Secret, Salt, Value string
		Name                string `json:"cookie_name"`
		Time                int64
		V2                  string `json:"signed_v2"`
		Legacy              string `json:"signed_legacy"`
	}
	for _, r := range djangovectors.Section[row](t, "signed_cookie") {
		c := signing.Cookies{Keys: signing.Keys{"another", r.Secret}, Now: at(r.Time)}
		strict := c
		strict.RefuseLegacySalt = true
		wantCookie(t, c, request(r.Name+"="+r.V2), r.Name, r.Salt, time.Second, r.Value, nil)
		wantCookie(t, strict, request(r.Name+"="+r.V2), r.Name, r.Salt, time.Second, r.Value, nil)
		wantCookie(t, c, request(r.Name+"="+r.Legacy), r.Name, r.Salt, time.Second, r.Value, nil)
		wantCookie(t, strict, request(r.Name+"="+r.Legacy), r.Name, r.Salt, time.Second, "", signing.ErrBadSignature)

		c.Keys = signing.Keys{r.Secret}
		old := c
		old.SignLegacySalt = true
		for _, x := range []struct {
			c    signing.Cookies
			want string
		}{{c, r.V2}, {old, r.Legacy}} {
			header := set(t, x.c, &http.Cookie{Name: r.Name, Value: r.Value}, r.Salt)
			if got := strings.Trim(strings.TrimPrefix(header, r.Name+"="), `"`); !strings.HasPrefix(got, x.want) {
				t.Errorf("Set-Cookie: %s, want the value %s", header, x.want)
			}
		}
	}
}

// TestCookieSaltIsUnambiguous: no two pairs of name and salt share a signature.
func TestCookieSaltIsUnambiguous(t *testing.T) {
	t.Parallel()
	t.Run("row/G42", func(t *testing.T) {
		t.Parallel()
		c := signing.Cookies{Keys: cookieKeys, RefuseLegacySalt: true}
		pairs := []struct{ name, salt string }{
			{"c", "ab"}, {"bc", "a"}, {"abc", ""},
			{"a", "bc"}, {"ab", "c"},
			{"c", "1:ab"}, {"c", "é"}, {"c", "ééc"}, {"cc", "éé"},
		}
		for i, from := range pairs {
			text := sent(t, c, from.name, "hello", from.salt)
			for j, to := range pairs {
				want, wantErr := "", signing.ErrBadSignature
				if i == j {
					want, wantErr = "hello", nil
				}
				wantCookie(t, c, request(to.name+"="+text), to.name, to.salt, 0, want, wantErr)
			}
		}
		// What Set makes is never the ambiguous kind, whatever Get accepts.
		lenient := signing.Cookies{Keys: cookieKeys}
		wantCookie(t, c, request("c="+sent(t, lenient, "c", "hello", "ab")), "c", "ab", 0, "hello", nil)
		// The ambiguous kind, as older Djangos make it, is read by whoever allows it and nobody else.
		old := request("c=" + sent(t, signing.Cookies{Keys: cookieKeys, SignLegacySalt: true}, "c", "hello", "ab"))
		wantCookie(t, lenient, old, "c", "ab", 0, "hello", nil)
		wantCookie(t, c, old, "c", "ab", 0, "", signing.ErrBadSignature)
	})
}

// TestCookieText compares the header with what Python's http.cookies writes for the same text.
func TestCookieText(t *testing.T) {
	t.Parallel()
	c := signing.Cookies{Keys: cookieKeys, Now: at(123456789)}
	for _, x := range []struct{ value, want string }{
		{"plain!#$%&'*+-.^_`|~:", "plain!#$%&'*+-.^_`|~:"},
		{"", ""},
		{"two words", `"two words`},
		{`a"b\c`, `"a\"b\\c`},
		{"a,b;c", `"a\054b\073c`},
		{"()/<=>?@[]{}", `"()/<=>?@[]{}`},
		{"é\u00ff", `"\351\377`},
		{"\x00\r\n\x7f", `"\000\015\012\177`},
		{"значение 😀", `"значение 😀`},
		{`\054`, `"\\054`},
	} {
		text := sent(t, c, "c", x.value, "")
		if !strings.HasPrefix(text, x.want+":") {
			t.Errorf("the cookie of %q is %s, want %s", x.value, text, x.want)
		}
		wantCookie(t, c, request("c="+text), "c", "", time.Second, x.value, nil)
		// Through net/http's own reading and writing of a request.
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", "before=1; c="+text+"; after=2")
		wantCookie(t, c, r, "c", "", time.Second, x.value, nil)
	}
}

func TestCookieHeader(t *testing.T) {
	t.Parallel()
	c := signing.Cookies{Keys: cookieKeys}
	cookie := &http.Cookie{
		Name: "c", Value: "v", Path: "/polls/", Domain: "example.org", MaxAge: 60,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, Quoted: true,
	}
	_, attributes, _ := strings.Cut(set(t, c, cookie, ""), "; ")
	const want = "Path=/polls/; Domain=example.org; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
	if attributes != want {
		t.Errorf("attributes %q, want %q", attributes, want)
	}
	if cookie.Value != "v" || !cookie.Quoted {
		t.Errorf("Set changed its argument to %v", cookie)
	}
	if header := set(t, c, &http.Cookie{Name: "c", Value: "v"}, ""); !strings.HasSuffix(header, "; Path=/") {
		t.Errorf("Set-Cookie: %s, want the path /", header)
	}
}

// TestCookieSignLegacySalt: what is signed for an old Django is read here too, unless that is refused.
func TestCookieSignLegacySalt(t *testing.T) {
	t.Parallel()
	old := signing.Cookies{Keys: cookieKeys, SignLegacySalt: true}
	r := request("c=" + sent(t, old, "c", "hello", "salt"))
	wantCookie(t, old, r, "c", "salt", time.Minute, "hello", nil)
	wantCookie(t, signing.Cookies{Keys: cookieKeys}, r, "c", "salt", time.Minute, "hello", nil)
	wantCookie(t, signing.Cookies{Keys: cookieKeys, RefuseLegacySalt: true}, r, "c", "salt", time.Minute, "", signing.ErrBadSignature)

	old.RefuseLegacySalt = true
	w := httptest.NewRecorder()
	if err := old.Set(w, &http.Cookie{Name: "c", Value: "hello"}, "salt"); err == nil || len(w.Header()) > 0 {
		t.Errorf("Set of what Get would refuse = %v, headers %v, want an error and none", err, w.Header())
	}
}

func TestCookieSetRefuses(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		keys   signing.Keys
		cookie http.Cookie
	}{
		"no key":         {nil, http.Cookie{Name: "c", Value: "v"}},
		"empty key":      {signing.Keys{""}, http.Cookie{Name: "c", Value: "v"}},
		"no name":        {cookieKeys, http.Cookie{Value: "v"}},
		"header in name": {cookieKeys, http.Cookie{Name: "c\r\nX: y", Value: "v"}},
		"header in path": {cookieKeys, http.Cookie{Name: "c", Value: "v", Path: "/\r\nX: y"}},
		"bad domain":     {cookieKeys, http.Cookie{Name: "c", Value: "v", Domain: "a;b"}},
		"not UTF-8":      {cookieKeys, http.Cookie{Name: "c", Value: "\xff"}},
	} {
		w := httptest.NewRecorder()
		err := signing.Cookies{Keys: x.keys}.Set(w, &x.cookie, "")
		if err == nil || len(w.Header()) > 0 {
			t.Errorf("%s: Set = %v, headers %v, want an error and none", name, err, w.Header())
		}
	}
}

func TestCookieGetErrors(t *testing.T) {
	t.Parallel()
	c := signing.Cookies{Keys: cookieKeys}
	good := sent(t, c, "c", "hello", "")
	for _, x := range []struct {
		name    string
		headers []string
		want    string
		err     error
	}{
		{"no header", nil, "", http.ErrNoCookie},
		{"another cookie", []string{"d=" + good}, "", http.ErrNoCookie},
		{"a name without value", []string{"c"}, "", http.ErrNoCookie},
		{"another case", []string{"C=" + good}, "", http.ErrNoCookie},
		{"empty", []string{"c="}, "", signing.ErrBadSignature},
		{"one quote", []string{`c="`}, "", signing.ErrBadSignature},
		{"in quotes", []string{`c="` + good + `"`}, "hello", nil},
		{"in white space", []string{"  c = " + good + " "}, "hello", nil},
		{"the last counts", []string{"c=x:y:z; c=" + good}, "hello", nil},
		{"the last counts, bad", []string{"c=" + good + "; c=x:y:z"}, "", signing.ErrBadSignature},
		{"the last header counts", []string{"c=x", "c=" + good, "d=1"}, "hello", nil},
	} {
		got, err := c.Get(request(x.headers...), "c", "", 0)
		if got != x.want || !errors.Is(err, x.err) {
			t.Errorf("%s: Get = %q, %v, want %q, %v", x.name, got, err, x.want, x.err)
		}
	}
	wantCookie(t, signing.Cookies{}, request("c="+good), "c", "", 0, "", signing.ErrKeys)
}

func TestCookieRotation(t *testing.T) {
	t.Parallel()
	before := signing.Cookies{Keys: signing.Keys{"old"}}
	during := signing.Cookies{Keys: signing.Keys{"new", "old"}}
	after := signing.Cookies{Keys: signing.Keys{"new"}}
	old := request("c=" + sent(t, before, "c", "v", ""))
	fresh := request("c=" + sent(t, during, "c", "v", ""))
	wantCookie(t, during, old, "c", "", 0, "v", nil)
	wantCookie(t, after, old, "c", "", 0, "", signing.ErrBadSignature)
	wantCookie(t, after, fresh, "c", "", 0, "v", nil)
	legacyOld := request("c=" + legacy(before.Keys, "c", "", "v", 1))
	wantCookie(t, during, legacyOld, "c", "", 0, "v", nil)
}

func FuzzCookieGet(f *testing.F) {
	c := signing.Cookies{Keys: cookieKeys, Now: at(123456789)}
	f.Add("c=a:b:c", "v")
	f.Add(`a=1; c="\351\"\\x:1:2"; c`, "a,b;c\"\\é\u0101")
	f.Add(`c="\`, `\400\08`)
	f.Fuzz(func(t *testing.T, header, value string) {
		got, err := c.Get(request(header), "c", "", 0)
		if err != nil && got != "" {
			t.Errorf("Get of %q = %q, %v", header, got, err)
		}
		w := httptest.NewRecorder()
		if err := c.Set(w, &http.Cookie{Name: "c", Value: value}, "s"); err != nil {
			return // not UTF-8
		}
		pair, rest, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		if rest != " Path=/" || strings.ContainsAny(pair, "\r\n\x00") {
			t.Errorf("the cookie of %q is written %q", value, w.Header().Get("Set-Cookie"))
		}
		if got, err := c.Get(request(header, pair), "c", "s", time.Second); got != value || err != nil {
			t.Errorf("Get of %q = %q, %v, want %q", pair, got, err, value)
		}
	})
}

func ExampleCookies() {
	cookies := signing.Cookies{
		Keys: signing.Keys{"the secret"},
		Now:  func() time.Time { return time.Unix(1_784_289_600, 0) },
	}
	w := httptest.NewRecorder()
	err := cookies.Set(w, &http.Cookie{Name: "theme", Value: "dark", HttpOnly: true}, "polls")
	fmt.Println(w.Header().Get("Set-Cookie"), err)

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(w.Result().Cookies()[0])
	theme, err := cookies.Get(r, "theme", "polls", 30*24*time.Hour)
	fmt.Println(theme, err)
	// Output:
	// theme=dark:1wkhEW:TCm9sTAiwKK-v-YEZMoaEsuJ26R96Y_pPh63jR2yuS0; Path=/; HttpOnly <nil>
	// dark <nil>
}
