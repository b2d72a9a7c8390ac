package messages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/core/signing"
)

// FuzzCookie reads cookies from outside, and cookies with a right signature on whatever JSON.
func FuzzCookie(f *testing.F) {
	for _, seed := range []string{
		"", "x", "W10:1wkhEW:k_be3ElWGB8S1b1m74fB4wluHYihdPl_qlD6HNhSaX4",
		`[]`, `{}`, `null`, `[null]`, `"text"`, `["text"]`, `["__messagesnotfinished__"]`,
		`[["__json_message",0,20,"text"]]`, `[["__json_message",1,20,"text","tags"],"__messagesnotfinished__"]`,
		`[["__json_message",0,20,null]]`, `[["__json_message",0,"20","x"]]`, `[["__json_message",0,1e3,"x"]]`,
		`[["__json_message",true,-1,"\ud800 \u0000 é","a",{}]]`, `[["__json_message",0,20,"x",null]]`, `[["other",0,20,"x"]]`,
	} {
		f.Add(seed)
	}
	storage := cookieStorage(nil, true)
	signer := cookieSigner()
	f.Fuzz(func(t *testing.T, text string) {
		load(t, storage, text)
		if !json.Valid([]byte(text)) {
			return
		}
		value, err := signer.SignObject(json.RawMessage(text), true)
		if err != nil {
			t.Skip("JSON that cannot be signed is no cookie of ours")
		}
		first := load(t, storage, value)
		again, err := messages.Encode(storage, first.Messages, first.Partial)
		if err != nil {
			t.Fatal(err)
		}
		second := load(t, storage, again)
		if !slices.Equal(first.Messages, second.Messages) || first.Partial != second.Partial {
			t.Errorf("%s reads as %#v and, written again, as %#v", text, first, second)
		}
	})
}

func load(t *testing.T, storage messages.Storage, value string) messages.Stored {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "messages="+value)
	was, err := storage.Load(r)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	return was
}

// TestUnreadable is what a right signature does not make a list of messages.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	storage := cookieStorage(nil, true)
	for _, text := range []string{
		`{}`, `"text"`, `[1]`, `[null]`, `[[]]`, `[["__json_message"]]`, `[["__json_message",0,20]]`, `[["other",0,20,"x"]]`,
		`[["__json_message",0,20,null]]`, `[["__json_message",0,20,5]]`, `[["__json_message",0,"20","x"]]`, `[["__json_message",0,20,"x",5]]`,
		`["good",["__json_message",0,20]]`,
	} {
		value, err := cookieSigner().SignObject(json.RawMessage(text), false)
		if err != nil {
			t.Fatal(err)
		}
		if was := load(t, storage, value); len(was.Messages) > 0 || !was.Present || was.Partial {
			t.Errorf("%s reads as %+v, want nothing readable", text, was)
		}
	}
	var m messages.Message
	if err := json.Unmarshal([]byte(`"bare"`), &m); err == nil {
		t.Errorf("a bare text reads as the message %#v", m)
	}
}

// TestForgedCookie is a cookie that another key signed, and one that only looks signed.
func TestForgedCookie(t *testing.T) {
	t.Parallel()
	text := json.RawMessage(`[["__json_message",1,20,"<script>evil</script>"]]`)
	forge := func(keys signing.Keys, salt string) string {
		value, err := signing.TimestampSigner{Keys: keys, Salt: salt}.SignObject(text, false)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	for name, value := range map[string]string{
		"another key":                 forge(signing.Keys{"another key"}.ForCookies(), "django.contrib.messages"),
		"the key itself":              forge(signing.Keys{secret}, "django.contrib.messages"),
		"another salt":                forge(signing.Keys{secret}.ForCookies(), "django.contrib.sessions"),
		"no signature":                "W1siX19qc29uX21lc3NhZ2UiLDEsMjAsIngiXV0",
		"the signature of other text": forge(signing.Keys{secret}.ForCookies(), "django.contrib.messages")[1:],
	} {
		if was := load(t, cookieStorage(nil, true), value); len(was.Messages) > 0 {
			t.Errorf("%s: read as %#v", name, was.Messages)
		}
	}
	old := messages.NewCookieStorage(messages.CookieConfig{Keys: signing.Keys{"new", secret}})
	if was := load(t, old, forge(signing.Keys{secret}.ForCookies(), "django.contrib.messages")); len(was.Messages) != 1 {
		t.Errorf("a cookie of a fallback key reads as %+v, want the message", was)
	}
}
