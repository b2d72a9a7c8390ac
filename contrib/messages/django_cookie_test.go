package messages_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
)

func TestCookieStorage(t *testing.T) {
	t.Parallel()
	k := cookieKind()
	for name, test := range map[string]func(*testing.T){
		"test_get": func(t *testing.T) {
			v := k.visitor()
			v.giveCookie(t, `["test","me"]`)
			v.visit(t, func(ctx context.Context, q *messages.Queue) {
				if got, want := read(t, ctx, q), []string{"test", "me"}; !slices.Equal(got, want) {
					t.Errorf("messages = %q, want %q", got, want)
				}
			})
		},
		"test_get_bad_cookie":       func(t *testing.T) { testBadCookie(t, k.visitor()) },
		"test_cookie_settings":      func(t *testing.T) { testCookieSettings(t, k) },
		"test_max_cookie_length":    testMaxCookieLength,
		"test_message_rfc6265":      testCookieCharacters,
		"test_json_encoder_decoder": testNested,
		"test_safedata":             func(t *testing.T) { testSafe(t, k.visitor()) },
		"test_extra_tags":           testExtraTags,
	} {
		t.Run(k.class+name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func testBadCookie(t *testing.T, v *visitor) {
	v.giveCookie(t, `["test","me"]`)
	v.cookies["messages"].Value = v.cookies["messages"].Value[1:]
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		if got := read(t, ctx, q); got != nil {
			t.Errorf("messages = %q, want none", got)
		}
	})
	if v.cookies["messages"] != nil {
		t.Error("the unreadable cookie was not deleted")
	}
}

func testCookieSettings(t *testing.T, k storageKind) {
	k.sessions.CookieSameSite = http.SameSiteStrictMode
	v := k.visitor()
	v.visit(t, func(_ context.Context, q *messages.Queue) { must(t, q.Add(messages.LevelInfo, "test")) })
	c := v.setCookie()
	if c == nil {
		t.Fatal("no cookie was set")
	}
	if v.inCookie(t) != 1 || c.Domain != "example.com" || !c.Expires.IsZero() || c.MaxAge != 0 || c.Path != "/" ||
		!c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %q", c.Raw)
	}
	v.visit(t, func(ctx context.Context, q *messages.Queue) { read(t, ctx, q) })
	wantDeletion(t, v.setCookie())

	// What was added and read in one request is deleted too, though nothing was there before.
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		must(t, q.Add(messages.LevelInfo, "test"))
		read(t, ctx, q)
	})
	wantDeletion(t, v.setCookie())
}

func wantDeletion(t *testing.T, c *http.Cookie) {
	t.Helper()
	if c == nil {
		t.Fatal("no cookie was set")
	}
	if c.Value != "" || c.Domain != "example.com" || c.RawExpires != "Thu, 01 Jan 1970 00:00:00 GMT" || c.MaxAge >= 0 ||
		c.Path != "/" || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie that deletes is %q", c.Raw)
	}
}

// randomText returns letters and digits that hardly get shorter by compression.
func randomText(seed uint64, n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	random := rand.New(rand.NewPCG(seed, 42))
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[random.IntN(len(letters))]
	}
	return string(b)
}

func fiveLong() (all []messages.Message) {
	for i := range 5 {
		all = append(all, messages.Message{Level: messages.LevelInfo, Text: randomText(uint64(i), noRoomForFive)})
	}
	return all
}

func testMaxCookieLength(t *testing.T) {
	all := fiveLong()
	v := cookieKind().visitor()
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	left, err := v.config.Storage.Save(w, r, messages.Stored{}, all)
	if err != nil {
		t.Fatal(err)
	}
	c := w.Result().Cookies()[0]
	v.cookies["messages"] = c
	if n := v.inCookie(t); n != 4 || len(c.Value) > maxCookie {
		t.Errorf("%d messages are in a cookie of %d bytes, want 4 in at most %d", n, len(c.Value), maxCookie)
	}
	if len(left) != 1 || left[0].Text != all[0].Text {
		t.Errorf("left over is %#v, want the first message", left)
	}
}

func testCookieCharacters(t *testing.T) {
	var all []messages.Message
	for _, text := range []string{`\te,st`, `;m"e`, "\u2019", `123"NOTRECEIVED"`} {
		all = append(all, messages.Message{Text: text})
	}
	value, err := messages.Encode(cookieStorage(nil, false), all, false)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(value, `\,;"`) {
		t.Errorf("the cookie %q has characters that a cookie cannot hold", value)
	}
}

func testNested(t *testing.T) {
	type inner struct {
		Another messages.Message `json:"another-message"`
	}
	type outer struct {
		Message messages.Message   `json:"message"`
		List    []messages.Message `json:"message_list"`
		Last    inner
	}
	want := outer{Message: messages.Message{Level: messages.LevelInfo, Text: "Test message"}}
	for range 5 {
		want.List = append(want.List, messages.Message{Level: messages.LevelInfo, Text: "message %s"})
	}
	want.Last.Another = messages.Message{Level: messages.LevelError, Text: "error"}
	text, err := json.Marshal([]any{want, messages.Message{Level: messages.LevelInfo, Text: "message %s"}})
	if err != nil {
		t.Fatal(err)
	}
	var got outer
	var second messages.Message
	if err := json.Unmarshal(text, &[]any{&got, &second}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || !second.Equal(want.List[0]) {
		t.Errorf("%s reads as\n%#v\nwant\n%#v", text, got, want)
	}
}

// testSafe is asked of the storages that Django asks it of.
func testSafe(t *testing.T, v *visitor) {
	v.visit(t, func(_ context.Context, q *messages.Queue) {
		must(t, q.AddHTML(messages.LevelInfo, "<b>Hello Django!</b>"))
		must(t, q.Add(messages.LevelInfo, "<b>Hello Django!</b>"))
	})
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		all, err := q.Read(ctx)
		if err != nil || len(all) != 2 {
			t.Fatalf("messages = %#v, %v, want two", all, err)
		}
		if got, want := string(all[0].HTML()), "<b>Hello Django!</b>"; !all[0].Safe || got != want {
			t.Errorf("the safe message is %#v and shown as %s, want %s", all[0], got, want)
		}
		if got, want := string(all[1].HTML()), "&lt;b&gt;Hello Django!&lt;/b&gt;"; all[1].Safe || got != want {
			t.Errorf("the other message is %#v and shown as %s, want %s", all[1], got, want)
		}
	})
}

func testExtraTags(t *testing.T) {
	for _, fifth := range []string{`,""`, ``, `,"some tags"`} {
		text := fmt.Sprintf(`[["__json_message",0,10,"message"%s]]`, fifth)
		v := cookieKind().visitor()
		v.giveCookie(t, text)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(v.cookies["messages"])
		was, err := v.config.Storage.Load(r)
		if err != nil || len(was.Messages) != 1 {
			t.Fatalf("%s: Load = %+v, %v", text, was, err)
		}
		if got := was.Messages[0].ExtraTags; got != strings.Trim(fifth, `,"`) {
			t.Errorf("%s: the extra tags are %q", text, got)
		}
		again, err := json.Marshal(was.Messages)
		if err != nil || string(again) != text {
			t.Errorf("%s is written again as %s, %v", text, again, err)
		}
	}
}

func TestBisect(t *testing.T) {
	t.Parallel()
	sumIsNot := func(n int) func([]int) bool {
		return func(all []int) bool {
			for _, i := range all {
				n -= i
			}
			return n != 0
		}
	}
	type row struct {
		all       []int
		not, want int
	}
	for name, tt := range map[string]struct {
		f    func([]int, func([]int) bool) int
		rows []row
	}{
		"test_bisect_keep_left": {messages.KeepLeft, []row{{[]int{1, 1, 1}, 2, 2}, {[]int{1, 1, 1}, 0, 0}, {nil, 0, 0}}},
		"test_bisect_keep_right": {messages.KeepRight, []row{
			{[]int{1, 1, 1}, 2, 1}, {[]int{1, 1, 1, 1}, 2, 2}, {[]int{1, 1, 1, 1, 1}, 1, 4}, {nil, 0, 0},
		}},
	} {
		t.Run("django/messages_tests/test_cookie.py/BisectTests."+name, func(t *testing.T) {
			t.Parallel()
			for _, row := range tt.rows {
				if got := tt.f(row.all, func(all []int) bool { return sumIsNot(row.not)(all) }); got != row.want {
					t.Errorf("of %v until the sum is %d: %d, want %d", row.all, row.not, got, row.want)
				}
			}
		})
	}
}
