package messages

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// errUnstored is the error of a request in DEBUG whose messages found no room.
var errUnstored = errors.New("messages: not all messages could be stored: put a storage without a limit, such as SessionStorage, behind the cookie")

// saveTime is how long saving may take after the visitor has gone.
const saveTime = 30 * time.Second

// Middleware lets the handlers behind it add and read messages, and stores what is left before the
// first byte of the answer. It belongs inside the middleware of sessions. A request that uses no
// messages costs nothing.
func (m *Messages) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &Queue{service: m, request: r, level: m.cfg.Level}
		r = r.WithContext(context.WithValue(r.Context(), queueKey{}, q))
		web.BeforeHeader(next, w, r, func(status int) error { return q.finish(w, r, status) })
	})
}

// finish stores the messages and says what the answer varies on.
func (q *Queue) finish(w http.ResponseWriter, r *http.Request, status int) error {
	if status == http.StatusSwitchingProtocols {
		return nil // there is no answer that could carry a cookie
	}
	ctx := r.Context()
	if q.service.cfg.DropUnshown || q.changed() {
		// The visitor may be gone by now; what the handler said shall not be lost for that.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), saveTime)
		defer cancel()
	}
	if q.service.cfg.DropUnshown && isPage(w, r, status) {
		if _, err := q.Read(ctx); err != nil {
			return err
		}
	}
	left, err := q.save(ctx, w, status)
	if err != nil {
		return err
	}
	if depends, personal := q.concerns(); depends {
		varies(w.Header(), personal)
	}
	if len(left) == 0 {
		return nil
	}
	if site := web.SiteOf(ctx); site != nil && site.Debug {
		return errUnstored
	}
	q.service.log().WarnContext(ctx, "no storage had room for some messages", "lost", len(left), "path", web.LogPath(r))
	return nil
}

// isPage reports whether the answer is an HTML page that somebody will see.
func isPage(w http.ResponseWriter, r *http.Request, status int) bool {
	kind, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
	return status >= 200 && status < 300 && r.Method != http.MethodHead && kind == "text/html"
}

// varies keeps the answer from other visitors: by Vary, and one with messages by Cache-Control too,
// unless the handler has said something there.
func varies(h http.Header, personal bool) {
	if personal && h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private")
	}
	web.VaryOnCookie(h)
}
