package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/go-belleville/belleville/core/logging"
)

func TestHandlerIsAHandler(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	newHandler := func(*testing.T) slog.Handler {
		out.Reset()
		return logging.Handler(slog.NewJSONHandler(&out, nil))
	}
	slogtest.Run(t, newHandler, func(t *testing.T) map[string]any { return decode(t, out.Bytes()) })
}

func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return m
}

// TestHandlerAddsWhatIsKnown logs before and after the route and the user are found.
func TestHandlerAddsWhatIsKnown(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(logging.Handler(slog.NewJSONHandler(&out, nil))).With("part", "x")
	request := logging.NewRequest("id-1", "/a/")
	ctx := logging.With(context.Background(), request)
	steps := []struct {
		do   func()
		want map[string]any
	}{
		{func() {}, map[string]any{"request_id": "id-1", "route": nil, "user_id": nil, "part": "x"}},
		{func() { request.Match("a:page", "") }, map[string]any{"request_id": "id-1", "route": "a:page", "user_id": nil}},
		{func() { request.SetUser("7") }, map[string]any{"request_id": "id-1", "route": "a:page", "user_id": "7"}},
		{func() { request.SetUser("") }, map[string]any{"user_id": nil}},
		{func() { ctx = context.Background() }, map[string]any{"request_id": nil, "route": nil, "part": "x"}},
	}
	for i, step := range steps {
		out.Reset()
		step.do()
		log.InfoContext(ctx, "m", "a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6)
		got := decode(t, out.Bytes())
		for name, want := range step.want {
			if got[name] != want {
				t.Errorf("step %d: %s is %v, want %v", i, name, got[name], want)
			}
		}
		if got["f"] != 6.0 {
			t.Errorf("step %d: the record's own attributes are lost: %v", i, got)
		}
	}
}

func TestHandlerOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(logging.Handler(logging.Handler(slog.NewTextHandler(&out, nil))))
	log.InfoContext(logging.With(t.Context(), logging.NewRequest("", "/")), "m")
	if n := strings.Count(out.String(), "request_id="); n != 1 {
		t.Errorf("%d ids in %q, want 1", n, &out)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	r := logging.NewRequest("", "/reset/secret/")
	if got := r.Path(); got != "/reset/secret/" {
		t.Errorf("Path() = %q", got)
	}
	r.Match("reset", "/reset/{token}/")
	if got := r.Path(); got != "/reset/{token}/" {
		t.Errorf("Path() = %q after Match, want the pattern", got)
	}
}

// TestNobody: a context without a request and a nil Request take everything.
func TestNobody(t *testing.T) {
	t.Parallel()
	r := logging.Of(t.Context())
	r.Match("a", "b")
	r.SetUser("1")
	if r != nil || r.ID() != "" || r.Path() != "" {
		t.Errorf("Of a bare context knows %+v", r)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	a, b := logging.NewRequest("", "/").ID(), logging.NewRequest("", "/").ID()
	if a == b || !logging.ValidID(a) {
		t.Errorf("ids %q and %q: want two valid ones", a, b)
	}
	for id, want := range map[string]bool{
		"": false, "a": true, "0b1c-4d:e/f+g=_.": true, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false,
		"a b": false, "a\nlevel=INFO": false, "é": false, `"`: false,
	} {
		if got := logging.ValidID(id); got != want {
			t.Errorf("ValidID(%q) = %t, want %t", id, got, want)
		}
	}
}

func FuzzValidID(f *testing.F) {
	f.Add("abc-1")
	f.Add("a\nb")
	f.Fuzz(func(t *testing.T, id string) {
		if logging.ValidID(id) && strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
			t.Errorf("ValidID(%q) lets through what breaks a line", id)
		}
	})
}

func BenchmarkHandler(b *testing.B) {
	log := slog.New(logging.Handler(slog.NewTextHandler(discard{}, nil)))
	ctx := logging.With(b.Context(), logging.NewRequest("", "/"))
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(ctx, slog.LevelInfo, "request", slog.Int("status", 200))
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func ExampleHandler() {
	plain := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	log := slog.New(logging.Handler(plain))

	request := logging.NewRequest("req-1", "/reports/7/export/")
	ctx := logging.With(context.Background(), request) // core.Project does this for each request
	request.Match("reports:export", "")
	request.SetUser("42")
	log.InfoContext(ctx, "exported", "rows", 12)
	// Output: level=INFO msg=exported rows=12 request_id=req-1 route=reports:export user_id=42
}

func ExampleOf() {
	fmt.Println(logging.Of(context.Background()).ID() == "") // outside of a request nothing is known
	ctx := logging.With(context.Background(), logging.NewRequest("7K5", "/"))
	fmt.Println(logging.Of(ctx).ID())
	// Output:
	// true
	// 7K5
}

// What a proxy says is looked at before it gets into logs.
func ExampleValidID() {
	fmt.Println(logging.ValidID("7f3c-1"), logging.ValidID("two\nlines"))
	// Output: true false
}
