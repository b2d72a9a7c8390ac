package web

import (
	"net/http"
	"reflect"
	"strings"
)

// Rule says who may call a handler.
type Rule struct {
	// Kind is one of the constants below, or a word of the wrapper's own ("staff").
	Kind RuleKind
	// Permissions are needed all at once; only for KindPermission.
	Permissions []string
	// Refuse says that somebody who may not gets 403 instead of the login page.
	Refuse bool
}

// RuleKind is the sort of a [Rule].
type RuleKind string

// The kinds that the router itself knows.
const (
	KindPublic     RuleKind = "public"     // anyone, and that is known
	KindLogin      RuleKind = "login"      // whoever is logged in
	KindPermission RuleKind = "permission" // whoever has all the permissions
	KindTest       RuleKind = "test"       // whoever passes a function
	KindUnknown    RuleKind = "unknown"    // a handler that cannot be looked into
)

// String returns the rule in a few words: "login", "permission polls.can_vote".
func (r Rule) String() string {
	s := string(r.Kind)
	if len(r.Permissions) > 0 {
		s += " " + strings.Join(r.Permissions, ", ")
	}
	if r.Refuse {
		s += " (or 403)"
	}
	return s
}

// Guard is a handler that decides who may pass and can say so. The handlers made by
// LoginRequired and its relatives are Guards; a wrapper of your own that is one too appears in
// the list of routes with its rule instead of as "unknown".
type Guard interface {
	http.Handler
	// Rule says who passes.
	Rule() Rule
	// Unwrap returns the guarded handler.
	Unwrap() http.Handler
}

// Rules returns the rules on the way through h, outermost first. The walk follows Guard and
// any handler with a method `Unwrap() http.Handler`, and ends well at a [Handler]. When it ends
// at something else and found no rule, the one rule is KindUnknown; nothing found is KindPublic.
func Rules(h http.Handler) []Rule {
	var rules []Rule
	for h != nil {
		if g, ok := h.(Guard); ok {
			rules = append(rules, g.Rule())
			h = g.Unwrap()
			continue
		}
		if u, ok := h.(interface{ Unwrap() http.Handler }); ok {
			h = u.Unwrap()
			continue
		}
		break
	}
	if len(rules) > 0 {
		return rules
	}
	if _, open := h.(Handler); open {
		return []Rule{{Kind: KindPublic}}
	}
	return []Rule{{Kind: KindUnknown}}
}

// Public marks a handler that is open to anyone: Django's login_not_required. A wrapper around all
// routes that asks for a log-in lets it pass, and the list of routes says "public" of a handler
// that it could not look into otherwise, such as http.FileServer. It takes no inner rule away.
func Public(h http.Handler) http.Handler { return &public{h} }

// IsPublic reports whether a handler was marked by [Public], on the way through its wrappers.
func IsPublic(h http.Handler) bool {
	for h != nil {
		if _, ok := h.(*public); ok {
			return true
		}
		u, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return false
		}
		h = u.Unwrap()
	}
	return false
}

type public struct{ http.Handler }

var _ Guard = (*public)(nil)

func (p *public) Rule() Rule           { return Rule{Kind: KindPublic} }
func (p *public) Unwrap() http.Handler { return p.Handler }

// wrapRules puts middleware around a handler whose rules are known, and adds the rules of those
// wrappers that are Guards. Other wrappers hide nothing: what is inside them is known already.
func wrapRules(h http.Handler, rules []Rule, wrap []Middleware) (http.Handler, []Rule) {
	bare := !hasGuard(h)
	for i := len(wrap) - 1; i >= 0; i-- {
		inner := h
		h = wrap[i](inner)
		g, ok := h.(Guard)
		if !ok || samePointer(h, inner) {
			continue
		}
		if bare {
			rules, bare = nil, false // "public" or "unknown" no longer
		}
		rules = append([]Rule{g.Rule()}, rules...)
	}
	return h, rules
}

func hasGuard(h http.Handler) bool {
	for h != nil {
		if _, ok := h.(Guard); ok {
			return true
		}
		u, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return false
		}
		h = u.Unwrap()
	}
	return false
}

// samePointer reports whether a wrapper returned what it was given.
func samePointer(a, b http.Handler) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	return x.Type() == y.Type() && x.Kind() == reflect.Pointer && x.Pointer() == y.Pointer()
}
