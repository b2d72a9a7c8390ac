package core_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/logging"
	"github.com/go-belleville/belleville/core/web"
)

// logged are pages whose requests are looked for in the log.
func logged() core.App {
	answer := func(w http.ResponseWriter, r *http.Request) error {
		return web.JSON(w, http.StatusAccepted, logging.Of(r.Context()).ID())
	}
	return core.App{Label: "a", Routes: func(r *web.Router) {
		r.Get("/x/{id}/", "page", answer)
		r.Get("/reset/{uid}/{reset_token}/", "reset", answer)
		r.Get("/nothing/", "nothing", func(http.ResponseWriter, *http.Request) error { return nil })
		r.Get("/broken/{token}/", "broken", func(http.ResponseWriter, *http.Request) error { return errors.New("no") })
		r.Get("/panic/{key}/", "panic", func(http.ResponseWriter, *http.Request) error { panic("no") })
	}}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path   string
		change func(*core.Settings)
		want   map[string]any // of the line "request"; nil for none
	}{
		{"/x/5/", nil, map[string]any{"method": "GET", "path": "/x/5/", "route": "a:page", "status": 202.0, "level": "INFO"}},
		{"/nothing/", nil, map[string]any{"status": 200.0, "bytes": 0.0}},
		{"/unknown/", nil, map[string]any{"path": "/unknown/", "status": 404.0, "route": nil}},
		{"/x/5/?token=secret", nil, map[string]any{"path": "/x/5/"}},
		{"/reset/MQ/secret/", nil, map[string]any{"path": "/reset/{uid}/{reset_token}/", "route": "a:reset"}},
		{"/broken/secret/", nil, map[string]any{"path": "/broken/{token}/", "status": 500.0}},
		{"/panic/secret/", nil, map[string]any{"path": "/panic/{key}/", "status": 500.0}},
		{"/healthz", nil, nil},
		{"/x/5/", func(s *core.Settings) { s.NoRequestLog = true }, nil},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			w := ask(t, func(s *core.Settings) {
				s.Log = slog.New(slog.NewJSONHandler(&out, nil))
				if tt.change != nil {
					tt.change(s)
				}
			}, get(tt.path), logged())
			if strings.Contains(out.String(), "secret") {
				t.Errorf("the log shows a secret:\n%s", &out)
			}
			line := requestLine(t, &out)
			if (line == nil) != (tt.want == nil) {
				t.Fatalf("the request's line is %v, want %v", line, tt.want)
			}
			for name, want := range tt.want {
				if line[name] != want {
					t.Errorf("%s = %v, want %v", name, line[name], want)
				}
			}
			if id := w.Header().Get("X-Request-ID"); w.Code == 500 && !strings.Contains(w.Body.String(), id) {
				t.Errorf("the page of a failed request does not name it: %s", w.Body)
			}
			if id := w.Header().Get("X-Request-ID"); !logging.ValidID(id) || line != nil && line["request_id"] != id {
				t.Errorf("the answer names the request %q, the log %v", id, line["request_id"])
			}
		})
	}
}

func requestLine(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	for text := range strings.Lines(out.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if line["msg"] == "request" {
			return line
		}
	}
	return nil
}

// TestRequestID takes an id from a proxy only when told to, and only a harmless one.
func TestRequestID(t *testing.T) {
	t.Parallel()
	trust := func(s *core.Settings) { s.RequestIDHeader = "X-Request-ID" }
	for _, tt := range []struct {
		name, sent string
		change     func(*core.Settings)
		taken      bool
	}{
		{"nobody is trusted", "from-outside", nil, false},
		{"a proxy's", "from-the-proxy", trust, true},
		{"one that breaks lines", "a\nlevel=ERROR", trust, false},
		{"one without end", strings.Repeat("a", 129), trust, false},
		{"none", "", trust, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := get("/x/5/")
			r.Header["X-Request-Id"] = []string{tt.sent}
			w := ask(t, tt.change, r, logged())
			id := w.Header().Get("X-Request-ID")
			if (id == tt.sent) != tt.taken || id == "" { // public: an id of a request
				t.Errorf("the id is %q, sent was %q", id, tt.sent)
			}
			if got := strings.TrimSpace(w.Body.String()); got != `"`+id+`"` {
				t.Errorf("the handler sees %s, the answer names %q", got, id)
			}
		})
	}
}
