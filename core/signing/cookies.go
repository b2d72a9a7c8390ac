package signing

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Cookies sets and reads signed cookies as Django's set_signed_cookie and get_signed_cookie do,
// in both directions. The zero value lacks Keys; with Keys it is ready. It may be copied, and
// used concurrently as long as nobody changes it.
//
// The visitor can read a signed cookie, keep it and send it again: put no secrets in it, and give
// Get a maximum age where an old value must not count.
type Cookies struct {
	// Keys of the project, not their ForCookies form.
	Keys Keys
	// RefuseLegacySalt refuses cookies signed by Django before 5.2.15 and 6.0.6, whose signatures
	// do not tell cookie "ab" with salt "c" from cookie "a" with salt "bc" (CVE-2026-6873). Set
	// it once no such cookie is alive. It is the opposite of Django 5.2's setting
	// SIGNED_COOKIE_LEGACY_SALT_FALLBACK. Default: they are accepted, as in Django 5.2.
	RefuseLegacySalt bool
	// SignLegacySalt makes Set sign as Django did before 5.2.15 and 6.0.6, which read no other
	// cookies. Whoever holds such a cookie can send it under another name that has the same
	// letters in name and salt together, so only use it while an old Django has to read what is
	// set here, and with names and salts of which no two run together to the same text. Default:
	// Set signs as Django does today.
	SignLegacySalt bool
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Set adds a Set-Cookie header with c, its value signed for c.Name and salt. All text can be the
// value: characters that a cookie cannot hold are written the way Django writes and reads them,
// and [Cookies.Get] reads them. An empty Path becomes "/", as in Django. c is not changed.
//
// It sets nothing and returns an error when there is no usable key ([ErrKeys]), the value is not
// UTF-8, net/http does not take another field of c, or [Cookies.Get] would refuse what it sets.
func (c Cookies) Set(w http.ResponseWriter, cookie *http.Cookie, salt string) error {
	if !utf8.ValidString(cookie.Value) {
		return fmt.Errorf("signing: the value of cookie %q is not UTF-8", cookie.Name)
	}
	full := saltV2(cookie.Name, salt)
	if c.SignLegacySalt {
		if c.RefuseLegacySalt {
			return errors.New("signing: Cookies has both SignLegacySalt and RefuseLegacySalt, so what it sets it would not read: take one of them out")
		}
		full = cookie.Name + salt
	}
	signer := c.signer(full)
	if err := signer.Check(); err != nil {
		return err
	}
	bare := *cookie
	bare.Value = ""
	if bare.Path == "" {
		bare.Path = "/"
	}
	if err := bare.Valid(); err != nil {
		return fmt.Errorf("signing: cookie %q: %w", cookie.Name, err)
	}
	// net/http drops what it finds unfit from a value, and with it the signature's meaning;
	// so it writes the cookie without the value.
	attributes := strings.TrimPrefix(bare.String(), bare.Name+"=")
	w.Header().Add("Set-Cookie", bare.Name+"="+quoteCookie(signer.Sign(cookie.Value))+attributes)
	return nil
}

// Get returns the value of the signed cookie with this name and salt. The errors are
// [http.ErrNoCookie] when the request has no such cookie, [ErrBadSignature], [ErrExpired] when
// it was signed longer than maxAge ago (0 means that age does not matter), and [ErrKeys]. On an
// error the value is empty, so that a caller to whom they are all the same may ignore it.
//
// Of several cookies with one name the last counts, as in Django.
func (c Cookies) Get(r *http.Request, name, salt string, maxAge time.Duration) (string, error) {
	text, found := lastCookie(r.Header["Cookie"], name)
	if !found {
		return "", http.ErrNoCookie
	}
	signed := unquoteCookie(text)
	value, err := c.signer(saltV2(name, salt)).Unsign(signed, maxAge)
	if c.RefuseLegacySalt || !errors.Is(err, ErrBadSignature) || errors.Is(err, ErrExpired) {
		return value, err
	}
	return c.signer(name+salt).Unsign(signed, maxAge)
}

func (c Cookies) signer(salt string) TimestampSigner {
	return TimestampSigner{Keys: c.Keys.ForCookies(), Salt: salt, Now: c.Now}
}

// saltV2 tells name and salt apart by the number of characters in salt.
func saltV2(name, salt string) string {
	return "django.http.cookies.v2:" + strconv.Itoa(utf8.RuneCountInString(salt)) + ":" + salt + name
}
