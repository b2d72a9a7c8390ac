package csrf

import (
	"net/http"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// pageName is the page for refused requests, Django's name for it.
const pageName = "403_csrf.html"

// refuse answers with the page for refused requests. Without one, and to whom no page is of use,
// it answers as every 403 is answered.
func refuse(w http.ResponseWriter, r *http.Request, p *web.StatusError) {
	site := web.SiteOf(r.Context())
	if site == nil || site.Templates == nil || !takesPages(r) {
		web.Error(w, r, p)
		return
	}
	data := web.Data{"message": p.Message, "status": p.Code, "path": r.URL.Path}
	if site.Debug {
		data["detail"] = p.Error()
	}
	if err := site.Render(w, r, p.Code, pageName, data); err != nil {
		web.Error(w, r, p)
	}
}

func takesPages(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") || !strings.Contains(accept, "application/json")
}
