package contenttypes

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// Locator is a model whose rows have a page of their own.
type Locator interface {
	// AbsoluteURL returns the page's path from the root of the site, or an address with or
	// without a scheme ("//media.example.com/1/"). ctx is the request's, so [web.Reverse] works.
	AbsoluteURL(ctx context.Context) (string, error)
}

// Shortcut is a view that sends the visitor to the page of a row of any model:
//
//	r.Get("/r/{content_type_id}/{object_id}/", "view_on_site", types.Shortcut)
//
// A content type or row that is not there, and one whose model is no [Locator], is 404. It looks
// at nobody's permissions: what it gives away is whether a row exists, and its address.
func (t *Types) Shortcut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := strconv.ParseInt(web.Var(r, "content_type_id"), 10, 64)
	if err != nil {
		return web.NotFound("")
	}
	row, err := t.Object(ctx, Ref{id, web.Var(r, "object_id")})
	if errors.Is(err, ErrNotFound) {
		return web.NotFound("")
	}
	if err != nil {
		return err
	}
	page, ok := row.(Locator)
	if !ok {
		return web.NotFound("")
	}
	target, err := page.AbsoluteURL(ctx)
	if err != nil {
		return err
	}
	if !isAddress(target) {
		target = web.Scheme(r) + "://" + web.Host(r) + target
	}
	return web.Redirect(w, r, target, http.StatusFound)
}

func isAddress(target string) bool {
	for _, prefix := range []string{"http://", "https://", "//"} {
		if strings.HasPrefix(target, prefix) {
			return true
		}
	}
	return false
}
