package authforms

import (
	"context"
	"html/template"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/forms"
)

// PasswordSummary is a widget that shows how a password is stored and lets nobody change it. Salt
// and hash are masked.
type PasswordSummary struct {
	// Hashers know the hash.
	Hashers *hashers.Hashers
	// Hash is what is shown.
	Hash auth.Hash
	// Link is the address of the page where the password is changed; empty shows no link.
	Link string
}

var _ forms.Widget = PasswordSummary{}

// Kind returns Group: there is no element that a label could belong to.
func (PasswordSummary) Kind() forms.Kind { return forms.Group }

// Render implements [forms.Widget].
func (p PasswordSummary) Render(c forms.Control) template.HTML {
	html := forms.Tag("div", forms.Attrs{"id": c.ID}) + "<p>" + p.summary() + "</p>"
	if p.Link != "" {
		label := template.HTML("Set a password")
		if p.usable() {
			label = "Change the password"
		}
		html += "<p>" + forms.Tag("a", forms.Attrs{"class": "button", "href": p.Link}) + label + "</a></p>"
	}
	return html + "</div>"
}

// usable reports whether there is a hash. No hash at all is none, though it counts as usable elsewhere.
func (p PasswordSummary) usable() bool { return p.Hash != "" && hashers.IsUsable(string(p.Hash)) }

func (p PasswordSummary) summary() (html template.HTML) {
	if !p.usable() {
		return "No password is set."
	}
	fields, err := p.Hashers.Summary(string(p.Hash))
	if err != nil {
		return "The stored password is in a form that is not known here."
	}
	for i, f := range fields {
		if i > 0 {
			html += " "
		}
		html += "<strong>" + escape(f.Name) + "</strong>: <bdi>" + escape(f.Value) + "</bdi>"
	}
	return html
}

func escape(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }

// hashType is the type of a field that holds a hash and is always disabled.
type hashType struct{ PasswordSummary }

var _ forms.Type[auth.Hash] = hashType{}

// Clean reads nothing: what is posted never becomes a hash.
func (hashType) Clean(context.Context, forms.Input) (auth.Hash, bool, error) { return "", true, nil }

// Texts returns nothing: the hash does not get into a page.
func (hashType) Texts(auth.Hash) []string { return nil }

// Widget returns the summary.
func (t hashType) Widget() forms.Widget { return t.PasswordSummary }

// PasswordHashField returns a field that shows how a user's password is stored. Whatever is posted
// for it, its value is the hash that the user has. link is as in [PasswordSummary].
func PasswordHashField(users *auth.Users, hash auth.Hash, link string) forms.Field[auth.Hash] {
	f := forms.Field[auth.Hash]{
		Name: "password", Disabled: true, Initial: &hash,
		Help: "The password itself is not stored, so nobody can look it up.",
		Type: hashType{PasswordSummary{Hashers: users.Hashers(), Hash: hash, Link: link}},
	}
	if !hashers.IsUsable(string(hash)) {
		f.Help = "Set a password to let the user log in with one."
	}
	return f
}
