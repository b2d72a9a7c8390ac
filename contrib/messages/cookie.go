package messages

import (
	"encoding/json"
	"errors"
	"net/http"
	"sort"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// What Django signs the cookie for, how it is called, and how many bytes its value may have: half of
// what the header of a small server holds.
const (
	cookieSalt    = "django.contrib.messages"
	cookieName    = "messages"
	maxCookieSize = 2048
)

// CookieConfig says how a [CookieStorage] signs and sends its cookie.
type CookieConfig struct {
	// Keys are the project's, SECRET_KEY and its fallbacks. Required.
	Keys signing.Keys
	// Sessions lend the cookie their domain and their secure, HttpOnly and SameSite attributes;
	// nil means none, off, on and Lax.
	Sessions *sessions.Sessions
	// KeepOldest leaves the newest messages over when there is no room for all, instead of the
	// oldest. Set it where the storage has others behind it in a [FallbackStorage].
	KeepOldest bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// CookieStorage keeps messages in a signed cookie of at most 2,048 bytes, in Django's format. The
// visitor can read them. The cookie goes with the browser. It is made by [NewCookieStorage] and safe
// for concurrent use.
type CookieStorage struct {
	signer     signing.TimestampSigner
	cookie     http.Cookie // without a value
	keepOldest bool
}

var _ Storage = (*CookieStorage)(nil)

// NewCookieStorage returns the storage.
func NewCookieStorage(c CookieConfig) *CookieStorage {
	s := &CookieStorage{
		signer:     signing.TimestampSigner{Keys: c.Keys.ForCookies(), Salt: cookieSalt, Now: c.Now}.Prepared(),
		cookie:     http.Cookie{Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
		keepOldest: c.KeepOldest,
	}
	if c.Sessions != nil {
		like := c.Sessions.Config()
		s.cookie.Domain, s.cookie.Secure = like.CookieDomain, like.CookieSecure
		s.cookie.HttpOnly, s.cookie.SameSite = !like.CookieScripts, like.CookieSameSite
	}
	return s
}

// Load reads the request's cookie. One that was not signed here is Present and has no messages.
func (s *CookieStorage) Load(r *http.Request) (Stored, error) {
	cookies := r.CookiesNamed(cookieName)
	if len(cookies) == 0 {
		return Stored{}, nil
	}
	text := cookies[len(cookies)-1].Value // the last counts, as in Django
	if text == "" {
		return Stored{}, nil
	}
	var items []item
	err := s.signer.UnsignObject(text, 0, &items)
	switch {
	case errors.Is(err, signing.ErrKeys):
		return Stored{}, err
	case err != nil:
		return Stored{Present: true}, nil
	}
	msgs, partial := unpack(items)
	return Stored{Messages: msgs, Present: true, Partial: partial}, nil
}

// Save sets the cookie, or deletes it when there are no messages.
func (s *CookieStorage) Save(w http.ResponseWriter, _ *http.Request, _ Stored, msgs []Message) ([]Message, error) {
	c := s.cookie
	if len(msgs) == 0 {
		c.MaxAge, c.Expires = -1, time.Unix(0, 0).UTC()
		http.SetCookie(w, &c)
		return nil, nil
	}
	text, left, err := s.fit(msgs)
	if err != nil {
		return nil, err
	}
	c.Value = text
	http.SetCookie(w, &c)
	return left, nil
}

// fit returns the value for as many messages as it has room for, and the others.
func (s *CookieStorage) fit(msgs []Message) (text string, left []Message, err error) {
	text, err = s.encode(msgs, false)
	if err != nil || len(text) <= maxCookieSize {
		return text, nil, err
	}
	tooLarge := func(some []Message) bool {
		text, err := s.encode(some, true)
		return err == nil && len(text) > maxCookieSize
	}
	if s.keepOldest {
		n := keepLeft(msgs, tooLarge)
		msgs, left = msgs[:n], msgs[n:]
	} else {
		n := keepRight(msgs, tooLarge)
		left, msgs = msgs[:n], msgs[n:]
	}
	text, err = s.encode(msgs, true)
	return text, left, err
}

func (s *CookieStorage) encode(msgs []Message, partial bool) (string, error) {
	return s.signer.SignObject(json.RawMessage(encodeList(msgs, ",", partial)), true)
}

// keepLeft returns how many elements from the left can be kept until there are too many.
func keepLeft[T any](all []T, tooMany func([]T) bool) int {
	return sort.Search(len(all), func(i int) bool { return tooMany(all[:i+1]) })
}

// keepRight returns where the elements begin that can be kept from the right.
func keepRight[T any](all []T, tooMany func([]T) bool) int {
	return sort.Search(len(all), func(i int) bool { return !tooMany(all[i:]) })
}
