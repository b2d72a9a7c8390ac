package authviews

import (
	"errors"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// ErrNoNextPage says that a view has no address to go to.
var ErrNoNextPage = errors.New("authviews: there is no address to redirect to: set NextPage")

// Redirect works out where to go after a view has done its work. The views here use it; so can a
// log-in page of your own.
type Redirect struct {
	// Field is the parameter in which the client may say where to go; empty means "next". A
	// posted one wins over one in the address.
	Field string
	// AllowedHosts are other hosts, with their ports if any, to which the client may ask to be sent.
	AllowedHosts []string
	// NextPage is where to go otherwise: a path, an address or the name of a route.
	NextPage string
	// Default, when set, takes the place of NextPage.
	Default func(r *http.Request) (string, error)
}

// Requested returns the address that the client asked for, "" when it asked for none or for one
// that is not safe: not on this host or an allowed one, or http after https. A POST must have been
// read before, by forms.Accept or forms.Read.
func (d Redirect) Requested(r *http.Request) string {
	field := or(d.Field, "next")
	to := r.URL.Query().Get(field)
	if r.PostForm.Has(field) {
		to = r.PostForm.Get(field)
	}
	hosts := d.AllowedHosts
	if host := web.Host(r); host != "" {
		hosts = append([]string{host}, hosts...)
	}
	if !web.SafeURL(to, hosts, web.Secure(r)) {
		return ""
	}
	return to
}

// DefaultURL returns where to go when the client does not say, or [ErrNoNextPage].
func (d Redirect) DefaultURL(r *http.Request) (string, error) {
	if d.Default != nil {
		return d.Default(r)
	}
	if d.NextPage == "" {
		return "", ErrNoNextPage
	}
	return auth.ResolveURL(r.Context(), d.NextPage)
}

// URL returns where to go: what was requested, otherwise the default.
func (d Redirect) URL(r *http.Request) (string, error) {
	if to := d.Requested(r); to != "" {
		return to, nil
	}
	return d.DefaultURL(r)
}

// readForm makes what was posted available in r.PostForm, within the usual limits.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	_, err := forms.Read(r, forms.Limits{})
	return err
}
