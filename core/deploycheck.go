package core

import (
	"context"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/web"
)

// checkDeploy looks at settings that are right on a developer's machine only. The ids are Django's.
func (p *Project) checkDeploy(context.Context) []check.Message {
	s := p.settings
	return slices.Concat(s.checkKeys(), s.checkWays(), s.checkHeaders(), s.checkTransport())
}

func warning(id, text, hint string) check.Message {
	return check.Message{Level: check.Warning, ID: id, Text: text, Hint: hint}
}

func (s Settings) checkKeys() (found []check.Message) {
	const hint = "Use at least 50 random characters, and keep them out of the source code."
	for i, key := range s.Keys {
		switch {
		case !weakKey(key):
		case i == 0:
			found = append(found, warning("security.W009", "SECRET_KEY is short or was made for development.", hint))
		default:
			return append(found, warning("security.W025", "A key of SECRET_KEY_FALLBACKS is short or was made for development.", hint))
		}
	}
	return found
}

func weakKey(key string) bool {
	letters := map[rune]bool{}
	for _, r := range key {
		letters[r] = true
	}
	return len(key) < 50 || len(letters) < 5 || strings.HasPrefix(key, "django-insecure-")
}

// checkWays looks at who gets to see what.
func (s Settings) checkWays() (found []check.Message) {
	if s.Debug {
		found = append(found, warning("security.W018", "DEBUG is on.", "Visitors would see the details of every error. Leave DEBUG out in production."))
	}
	if len(s.AllowedHosts) == 0 {
		found = append(found, warning("security.W020", "ALLOWED_HOSTS is empty.", "List the host names under which the site is served."))
	}
	if s.CSRF != nil && s.CSRF.Session == nil && !s.CSRF.CookieSecure {
		found = append(found, warning("security.W016", "The cookie of form tokens is sent over http too.", "Set CookieSecure of Settings.CSRF."))
	}
	return found
}

var (
	referrerPolicies = []string{"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin",
		"same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"}
	openerPolicies = []string{"same-origin", "same-origin-allow-popups", "unsafe-none"}
)

// checkHeaders looks at headers that are left out or say nothing.
func (s Settings) checkHeaders() (found []check.Message) {
	h := s.Security
	if h.AllowSniffing {
		found = append(found, warning("security.W006", "Browsers may guess what a file is.", "Leave out AllowSniffing of Settings.Security."))
	}
	if h.FrameOptions != "" && !strings.EqualFold(h.FrameOptions, "DENY") {
		found = append(found, warning("security.W019", "Pages of this site can be shown inside others.", "Leave FrameOptions of Settings.Security empty, and let the few views that need it set X-Frame-Options."))
	}
	switch {
	case h.ReferrerPolicy == web.Omit:
		found = append(found, warning("security.W022", "No Referrer-Policy is sent.", "Leave ReferrerPolicy of Settings.Security empty to keep addresses from other sites."))
	case h.ReferrerPolicy != "":
		for policy := range strings.SplitSeq(h.ReferrerPolicy, ",") {
			if !slices.Contains(referrerPolicies, strings.TrimSpace(policy)) {
				found = append(found, check.Message{Level: check.Error, ID: "security.E023",
					Text: "Browsers know no such Referrer-Policy.", Object: policy, Hint: "It is one of " + strings.Join(referrerPolicies, ", ") + "."})
			}
		}
	}
	if h.OpenerPolicy != "" && h.OpenerPolicy != web.Omit && !slices.Contains(openerPolicies, h.OpenerPolicy) {
		found = append(found, check.Message{Level: check.Error, ID: "security.E024",
			Text: "Browsers know no such Cross-Origin-Opener-Policy.", Object: h.OpenerPolicy, Hint: "It is one of " + strings.Join(openerPolicies, ", ") + "."})
	}
	return found
}

// checkTransport looks at the way to https.
func (s Settings) checkTransport() (found []check.Message) {
	h := s.Security
	if h.HSTS <= 0 {
		found = append(found, warning("security.W004", "Browsers are not told to use https only.", "When the whole site is served by https, set HSTS of Settings.Security; begin with an hour, it cannot be taken back."))
	} else {
		if !h.HSTSSubdomains {
			found = append(found, warning("security.W005", "The promise to use https only leaves out subdomains.", "Set HSTSSubdomains of Settings.Security when all of them are served by https."))
		}
		if !h.HSTSPreload {
			found = append(found, warning("security.W021", "The promise to use https only cannot be put into browsers' lists.", "Set HSTSPreload of Settings.Security to allow that."))
		}
	}
	if !h.RedirectToHTTPS {
		found = append(found, warning("security.W008", "Requests by http are answered.", "Set RedirectToHTTPS of Settings.Security, or let the server in front redirect them."))
	}
	return found
}
