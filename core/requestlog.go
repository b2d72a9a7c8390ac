package core

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-belleville/belleville/core/logging"
	"github.com/go-belleville/belleville/core/web"
)

// requestIDHeader is how an answer names its request, for people who report what went wrong.
const requestIDHeader = "X-Request-Id"

// enter is the first to see a request: it puts the site and the request's id into the context,
// remembers the answer, and logs it.
func (p *Project) enter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &web.Recorder{ResponseWriter: w}
		known := logging.NewRequest(p.givenID(r), r.URL.Path)
		w.Header().Set(requestIDHeader, known.ID())
		ctx := logging.With(web.WithSite(r.Context(), p.site), known)
		defer func() { p.logRequest(ctx, r, rec, start) }() // also when the handler gives up the connection
		next.ServeHTTP(rec, r.WithContext(ctx))
		if rec.Status == 0 {
			rec.Status = http.StatusOK // as net/http answers for a handler that wrote nothing
		}
	})
}

// givenID returns the id that a proxy has given to the request, "" without a usable one.
func (p *Project) givenID(r *http.Request) string {
	if p.settings.RequestIDHeader == "" {
		return ""
	}
	id := r.Header.Get(p.settings.RequestIDHeader)
	if !logging.ValidID(id) {
		return ""
	}
	return id
}

// logRequest writes the one line of each request. Those that watch the program are of interest to
// nobody while all is well.
func (p *Project) logRequest(ctx context.Context, r *http.Request, rec *web.Recorder, start time.Time) {
	level := slog.LevelInfo
	if rec.Status < http.StatusInternalServerError && slices.Contains(p.health.own, r.URL.Path) {
		level = slog.LevelDebug
	}
	if p.settings.NoRequestLog || !p.settings.Log.Enabled(ctx, level) {
		return
	}
	p.settings.Log.LogAttrs(ctx, level, "request",
		slog.String("method", r.Method), slog.String("path", logging.Of(ctx).Path()),
		slog.Int("status", rec.Status), slog.Int64("bytes", rec.Bytes), slog.Duration("duration", time.Since(start)))
}
