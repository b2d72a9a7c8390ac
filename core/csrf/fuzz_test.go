package csrf_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
)

// FuzzToken sends any texts as secret and token. Only a well-formed pair that belongs together
// matches.
func FuzzToken(f *testing.F) {
	for _, seed := range [][2]string{{secret, token1}, {token1, token2}, {secret, secret}, {"", ""}, {repeat(64, "*"), token1}, {repeat(32, "é"), repeat(63, "a") + "\xff"}} {
		f.Add(seed[0], seed[1])
	}
	b := inCookie.bench(f, config{})
	f.Fuzz(func(t *testing.T, kept, token string) {
		keptGood, tokenGood := csrf.CheckFormat(kept) == "", csrf.CheckFormat(token) == ""
		if keptGood {
			bare := csrf.Unmask(kept)
			if again := csrf.Mask(bare); len(bare) != 32 || csrf.Unmask(again) != bare || !csrf.Match(again, bare) {
				t.Errorf("%q does not survive masking", bare)
			}
		}
		r := inCookie.request(asked{method: "POST"})
		r.Header["Cookie"] = []string{"csrftoken=" + kept}
		r.Header["X-Csrftoken"] = []string{token}
		passed := b.Check(b.inSite(r)) == nil
		text, _ := csrf.CookieText(r, "csrftoken")
		want := csrf.CheckFormat(text) == "" && tokenGood && csrf.Unmask(text) == csrf.Unmask(token)
		if passed != want {
			t.Errorf("secret %q with token %q passes: %t, want %t", kept, token, passed, want)
		}
	})
}

// FuzzCookieText reads any Cookie headers.
func FuzzCookieText(f *testing.F) {
	for _, seed := range []string{"csrftoken=a", "a=b; csrftoken=\"c\"", "csrftoken=1;csrftoken=2", "csrftoken", "=;=;", " csrftoken = x ;", "csrftoken=\"", "__utmz=1,csrftoken=x"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		r := &http.Request{Header: http.Header{"Cookie": {first, second}}}
		text, found := csrf.CookieText(r, "csrftoken")
		if strings.Contains(text, ";") || !found && text != "" {
			t.Errorf("the cookie of %q, %q is %q, found: %t", first, second, text, found)
		}
		if found && !strings.Contains(first+second, text) {
			t.Errorf("the cookie of %q, %q is %q, which is not there", first, second, text)
		}
		r.Header["Cookie"] = append(r.Header["Cookie"], "csrftoken="+secret)
		if last, _ := csrf.CookieText(r, "csrftoken"); last != secret {
			t.Errorf("after %q, %q the last cookie is %q, want %q", first, second, last, secret)
		}
	})
}

// FuzzReferer sends any Referer and Origin to a site that trusts another domain. Whoever passes
// has a good host, read in the simplest way.
func FuzzReferer(f *testing.F) {
	for _, seed := range []string{
		"https://www.example.com/x", "https://a.trusted.org", "https://trusted.org:443/", "https://www.example.com@evil.org/", "https://evil.org\\.trusted.org/",
		"https://evil.org/.trusted.org", "https://evil.org?.trusted.org", "https://evil.org#.trusted.org", "http://www.example.com", "null", "", "https://[", "https://x%2etrusted.org", "//www.example.com",
	} {
		f.Add(seed)
	}
	good := func(text string) bool {
		rest, ok := strings.CutPrefix(strings.ToLower(text[:min(8, len(text))])+text[min(8, len(text)):], "https://")
		if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
			rest = rest[:i]
		}
		return ok && (rest == "www.example.com" || rest == "trusted.org" || strings.HasSuffix(rest, ".trusted.org")) && !strings.Contains(rest, "@")
	}
	b := inCookie.bench(f, config{hosts: example, tokens: csrf.Tokens{TrustedOrigins: []string{"https://*.trusted.org"}}})
	f.Fuzz(func(t *testing.T, text string) {
		r := inCookie.request(asked{https: true, host: "www.example.com"})
		r.Header["Referer"], r.Header["Origin"] = []string{text}, []string{text}
		if b.CheckReferer(b.inSite(r)) == nil && !good(text) {
			t.Errorf("the Referer %q passes", text)
		}
		if b.OriginVerified(b.inSite(r)) && !good(text) {
			t.Errorf("the Origin %q passes", text)
		}
	})
}
