package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
)

// Where those that watch the program ask how it is.
const (
	healthzPath = "/healthz"
	readyzPath  = "/readyz"
)

const (
	probeTime   = 2 * time.Second // how long the parts may take to answer
	probeMemory = time.Second     // how long an answer is repeated, so that asking costs the database little
)

// health answers /healthz and /readyz. It stands in front of the check of hosts and the redirect to
// https: a load balancer asks an address, not a name.
type health struct {
	project  *Project
	own      []string // the paths it answers
	stopping atomic.Bool

	mu       sync.Mutex
	asked    time.Time
	failed   []string // names of the parts that did not answer well
	migrated bool     // no migration was missing once
}

// buildHealth registers the routes, but for paths that an app has taken for itself.
func (p *Project) buildHealth(router *web.Router) {
	p.health = &health{project: p}
	if p.settings.NoHealth {
		return
	}
	p.health.take(router, healthzPath, p.health.alive)
	p.health.take(router, readyzPath, p.health.ready)
}

func (h *health) take(router *web.Router, path string, answer web.Handler) {
	taken := slices.ContainsFunc(router.Routes(), func(r *web.Route) bool { return r.Path == path })
	if !taken {
		h.own = append(h.own, path)
		router.Get(path, path[1:], answer, web.Public)
	}
}

// wrap answers the two paths before next sees them. Other methods than GET and HEAD are next's.
func (h *health) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asks := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case !asks || !slices.Contains(h.own, r.URL.Path):
			next.ServeHTTP(w, r)
		case r.URL.Path == healthzPath:
			web.Handler(h.alive).ServeHTTP(w, r)
		default:
			web.Handler(h.ready).ServeHTTP(w, r)
		}
	})
}

// alive says that the program answers at all, and asks nobody else.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	return web.JSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether requests should be sent here, and which parts are missing if not. Details are
// for the log.
func (h *health) ready(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	failed := h.probe(r.Context())
	if len(failed) > 0 {
		return web.JSON(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "failed": failed})
	}
	return web.JSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// probe asks all parts, or repeats what it found within the last second.
func (h *health) probe(ctx context.Context) []string {
	if h.stopping.Load() {
		return []string{"stopping"}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.asked.IsZero() && time.Since(h.asked) < probeMemory {
		return h.failed
	}
	// Whoever asked may be gone before the others have their answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTime)
	defer cancel()
	h.failed = nil
	h.part(ctx, "database", h.database)
	h.part(ctx, "migrations", h.migrations)
	for _, app := range h.project.apps {
		if app.Probe != nil {
			h.part(ctx, app.Label, app.Probe)
		}
	}
	h.asked = time.Now()
	return h.failed
}

func (h *health) part(ctx context.Context, name string, ask func(context.Context) error) {
	if err := ask(ctx); err != nil {
		h.project.settings.Log.WarnContext(ctx, "not ready", "part", name, "error", err)
		h.failed = append(h.failed, name)
	}
}

func (h *health) database(ctx context.Context) error {
	return database.Check(ctx, h.project.settings.DB)
}

// migrations looks for what is not applied until there was nothing once: a program does not grow new
// ones.
func (h *health) migrations(ctx context.Context) error {
	if h.migrated {
		return nil
	}
	if slices.Contains(h.failed, "database") {
		return errors.New("the database does not answer")
	}
	n, err := h.project.unapplied(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%d migration(s) are not applied yet: run migrate", n)
	}
	h.migrated = true
	return nil
}

// drain says no to whoever asks, and gives them time to hear it, before the server stops listening.
func (h *health) drain(ctx context.Context, wait time.Duration) {
	h.stopping.Store(true)
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
