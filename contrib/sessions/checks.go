package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-belleville/belleville/core/check"
)

// check looks for settings that would lose every session, most of them without a word: a browser
// drops a cookie that it does not like.
func (s *Sessions) check(ctx context.Context) []check.Message {
	var found []check.Message
	add := func(id, text, hint string) {
		found = append(found, check.Message{Level: check.Error, ID: id, Object: "sessions.Config", Text: text, Hint: hint})
	}
	c := &s.cfg
	if c.Store == nil {
		add("sessions.E001", "There is no Store, so no session can be kept.", "Set Store, for example to dbstore.New(s.DB, s.Keys).")
	}
	if err := (&http.Cookie{Name: c.CookieName, Value: "x", Path: c.CookiePath, Domain: c.CookieDomain}).Valid(); err != nil {
		add("sessions.E002", fmt.Sprintf("The cookie cannot be sent: %v.", err), "Correct CookieName, CookiePath or CookieDomain.")
	}
	if !strings.HasPrefix(c.CookiePath, "/") {
		add("sessions.E003", fmt.Sprintf("CookiePath is %q, and browsers take a path without a slash in front for none.", c.CookiePath), `Begin it with "/".`)
	}
	if c.CookieAge < 0 {
		add("sessions.E004", "CookieAge is negative, so every session is over before it begins.", "Set a positive duration, or leave it 0 for two weeks.")
	}
	if c.CookieSameSite == http.SameSiteNoneMode && !c.CookieSecure {
		add("sessions.E005", "CookieSameSite is None without CookieSecure, and browsers refuse such cookies.", "Set CookieSecure, or another CookieSameSite.")
	}
	if s.given.HostPrefix && (s.given.CookieDomain != "" || s.given.CookiePath != "" && s.given.CookiePath != "/") {
		add("sessions.E006", "HostPrefix allows no CookieDomain, and no CookiePath but \"/\".", "Leave both empty, or take HostPrefix out.")
	}
	if !c.CookieSecure && !s.given.HostPrefix && (strings.HasPrefix(c.CookieName, hostPrefix) || strings.HasPrefix(c.CookieName, "__Secure-")) {
		add("sessions.E007", fmt.Sprintf("Browsers take the cookie %q only with CookieSecure.", c.CookieName), "Set CookieSecure; for __Host- set HostPrefix and leave the prefix out of CookieName.")
	}
	if s.uncached != nil && s.given.Cache != nil {
		add("sessions.E009", fmt.Sprintf("Sessions cannot be kept in memory: %v.", s.uncached), "Give Cache a feed that hears of changes to the store, or leave it out.")
	}
	if checker, ok := c.Store.(Checker); ok {
		for _, text := range checker.Check(ctx) {
			add("sessions.E008", text, "")
		}
	}
	return found
}

// checkDeploy looks for what is right on a developer's machine only. The ids are Django's.
func (s *Sessions) checkDeploy(context.Context) []check.Message {
	var found []check.Message
	if !s.cfg.CookieSecure {
		found = append(found, check.Message{Level: check.Warning, ID: "security.W012", Object: "sessions.Config",
			Text: "The session cookie is sent over plain http too, where anybody on the way can read it.", Hint: "Set CookieSecure or HostPrefix."})
	}
	if s.uncached != nil && s.given.Cache == nil {
		found = append(found, check.Message{Level: check.Info, ID: "sessions.I001", Object: "sessions.Config",
			Text: fmt.Sprintf("The project has a cache, but sessions are not kept in it: %v.", s.uncached)})
	}
	if s.cfg.CookieScripts {
		found = append(found, check.Message{Level: check.Warning, ID: "security.W015", Object: "sessions.Config",
			Text: "Scripts can read the session cookie, so one injected script can steal every session.", Hint: "Take CookieScripts out."})
	}
	return found
}

// probe asks the store for a session that does not exist, so that /readyz knows whether it answers.
func (s *Sessions) probe(ctx context.Context) error {
	if s.cfg.Store == nil {
		return errors.New("there is no Store")
	}
	if _, err := s.cfg.Store.Load(ctx, NewKey()); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("the session store does not answer: %w", err)
	}
	return nil
}
