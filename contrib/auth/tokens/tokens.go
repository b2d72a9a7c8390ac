// Package tokens makes and checks the tokens in password reset links. They are Django's: a link
// mailed by one program is honoured by the other if both have the same SECRET_KEY and TIME_ZONE.
//
// Nothing is stored. A token is an HMAC over what it may be used for: the user's primary key, e-mail
// address, password hash and last login, and the time. It stops being valid when any of them
// changes, so it works once, for one person, until a new password is set or somebody logs in:
//
//	g := tokens.Generator{Keys: keys}
//	token := g.Make(subject) // goes into the link
//	…
//	if !g.Check(subject, token) { … } // with the subject as the database has it now
//
// [Generator] makes today's tokens, [LegacyGenerator] those of Django 1.4 to 3.0. Which user a link
// is for, and what is done with the token, is left to the views.
package tokens

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/go-belleville/belleville/core/signing"
)

// Subject is the user whom a token is for.
type Subject struct {
	PK       string // the primary key as Django writes it: "42", or a UUID with hyphens
	Password string // the column: the hash, not what the user types
	// LastLogin is the column; zero means NULL. It counts to the second and in UTC. A Django with
	// USE_TZ off has local times there: hand them over as if they were UTC.
	LastLogin time.Time
	Email     string // the column as it is spelled, empty for NULL or a model without one
}

// state is what a token changes with.
func (s Subject) state(timestamp int64, email string) string {
	login := ""
	if !s.LastLogin.IsZero() {
		login = s.LastLogin.UTC().Format(time.DateTime)
	}
	return s.PK + s.Password + login + strconv.FormatInt(timestamp, 10) + email
}

// Generator makes and checks password reset tokens. It is not changed by use, and safe for
// concurrent use. A token costs one HMAC, a check one for each key.
type Generator struct {
	// Keys are the project's: the first makes tokens, all of them verify. Without a first key no
	// token is made and none is valid; empty keys are passed over.
	Keys signing.Keys
	// Timeout is how long a token is valid, in whole seconds, the last one included; 0 means three days.
	Timeout time.Duration
	// Location is Django's TIME_ZONE, whose wall clock dates the tokens; nil means UTC. Another zone
	// than Django's makes tokens die early or late by the difference.
	Location *time.Location
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Salt names the purpose; empty means Django's for password resets. Tokens of one purpose are
	// not valid for another.
	Salt string
	// Hash is the hash function; nil means SHA-256.
	Hash func() hash.Hash
}

// Make returns a token for the subject: letters, digits and one hyphen, 39 characters until the year
// 2069. It returns "", which is never valid, if there is no key to make it with, if the subject has no
// primary key, or if the clock stands before 2001.
func (g Generator) Make(s Subject) string {
	return g.scheme().make(s)
}

// Check reports whether the token was made for the subject, which has not changed since, with one of
// the keys and not too long ago. A token from the future is valid, for clocks go wrong. It takes
// any text, and compares in constant time.
func (g Generator) Check(s Subject, token string) bool {
	return g.scheme().check(s, token)
}

func (g Generator) scheme() scheme {
	newHash, timeout := g.Hash, g.Timeout
	if newHash == nil {
		newHash = sha256.New
	}
	if timeout == 0 {
		timeout = 3 * 24 * time.Hour
	}
	return scheme{
		keys: g.Keys, salt: g.Salt, newHash: newHash,
		now:    wallClock(g.Now, g.Location),
		limit:  int64(timeout / time.Second),
		unit:   1,
		emails: true,
	}
}

// LegacyGenerator makes and checks tokens as Django 1.4 to 3.0 had them: dated in days, hashed with
// SHA-1, and not bound to the e-mail address. Use it for links that are still on their way from such
// a Django. It is safe for concurrent use.
type LegacyGenerator struct {
	Keys     signing.Keys     // as in Generator
	Days     int              // PASSWORD_RESET_TIMEOUT_DAYS: the age in days that is still valid; 0 means 3
	Location *time.Location   // as in Generator; it says when a day ends
	Now      func() time.Time // the clock; nil means time.Now
	Salt     string           // as in Generator
}

// Make returns a token for the subject, 24 characters until the year 2128, or "" as [Generator.Make] does.
func (g LegacyGenerator) Make(s Subject) string {
	return g.scheme().make(s)
}

// Check reports whether the token is valid, as [Generator.Check] does.
func (g LegacyGenerator) Check(s Subject, token string) bool {
	return g.scheme().check(s, token)
}

func (g LegacyGenerator) scheme() scheme {
	days := g.Days
	if days == 0 {
		days = 3
	}
	return scheme{
		keys: g.Keys, salt: g.Salt, newHash: sha1.New,
		now:   wallClock(g.Now, g.Location),
		limit: int64(days),
		unit:  24 * 60 * 60,
	}
}

// scheme is what both generators do, with their differences filled in.
type scheme struct {
	keys    signing.Keys
	salt    string
	newHash func() hash.Hash
	now     int64 // seconds since 2001
	limit   int64 // the age that is still valid, in units
	unit    int64 // seconds
	emails  bool  // whether tokens are bound to the e-mail address
}

func (c scheme) make(s Subject) string {
	if len(c.keys) == 0 {
		return ""
	}
	return c.makeAt(s, c.now/c.unit, c.keys[0])
}

func (c scheme) makeAt(s Subject, timestamp int64, key string) string {
	digits, err := signing.EncodeBase36(timestamp)
	if err != nil || key == "" || s.PK == "" {
		return ""
	}
	salt, email := c.salt, ""
	if salt == "" {
		salt = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
	}
	if c.emails {
		email = s.Email
	}
	sum := hex.EncodeToString(signing.SaltedHMACWith(c.newHash, salt, s.state(timestamp, email), key))
	token := []byte(digits + "-")
	for i := 0; i < len(sum); i += 2 { // half of it keeps links short
		token = append(token, sum[i])
	}
	return string(token)
}

func (c scheme) check(s Subject, token string) bool {
	digits, _, _ := strings.Cut(token, "-")
	timestamp, err := signing.DecodeBase36(digits)
	if err != nil || c.now/c.unit-timestamp > c.limit {
		return false
	}
	for _, key := range c.keys {
		if made := c.makeAt(s, timestamp, key); made != "" && signing.Equal(made, token) {
			return true
		}
	}
	return false
}

// wallClock returns the seconds that a clock on the wall in loc has counted since 2001 began there.
// They are not the seconds that have passed: they jump when the clock is put forward or back.
func wallClock(now func() time.Time, loc *time.Location) int64 {
	if now == nil {
		now = time.Now
	}
	if loc == nil {
		loc = time.UTC
	}
	t := now().In(loc)
	_, offset := t.Zone()
	return t.Unix() + int64(offset) - time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
}
