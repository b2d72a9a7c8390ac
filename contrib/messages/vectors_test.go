package messages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// vector is a list of messages as Django stored it.
type vector struct {
	Secret    string
	Time      int64
	SignerKey string `json:"signer_key"`
	Messages  []struct {
		Level     messages.Level
		Message   string
		ExtraTags *string `json:"extra_tags"`
		Safe      bool
		Tags      string
		LevelTag  string `json:"level_tag"`
	}
	Cookie       string
	CookieName   string `json:"cookie_name"`
	IsCompressed bool   `json:"is_compressed"`
	Partial      string `json:"cookie_with_not_finished_sentinel"`
	SessionKey   string `json:"session_key"`
	SessionValue string `json:"session_value"`
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range djangovectors.Section[vector](t, "messages") {
		keys := signing.Keys{v.Secret}
		if got := keys.ForCookies()[0]; got != v.SignerKey {
			t.Errorf("the key of the cookie is %q, want %q", got, v.SignerKey)
		}
		storage := messages.NewCookieStorage(messages.CookieConfig{Keys: keys, Now: func() time.Time { return time.Unix(v.Time, 0) }})
		for _, text := range []string{v.Cookie, v.Partial} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: v.CookieName, Value: text})
			was, err := storage.Load(r)
			if err != nil || !was.Present || was.Partial != (text == v.Partial) {
				t.Errorf("Load of %q = %+v, %v", text, was, err)
			}
			wantVector(t, v, was.Messages)
		}
		v.session(t, storage)
	}
}

// session reads and writes the session's value, and the cookies from what it reads.
func (v vector) session(t *testing.T, storage *messages.CookieStorage) {
	t.Helper()
	session := sessions.New(sessions.Config{Store: memstore.New()}).Open("")
	ctx := sessions.With(t.Context(), session)
	must(t, session.Set(ctx, v.SessionKey, v.SessionValue))
	r, w := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), httptest.NewRecorder()
	was, err := messages.SessionStorage{}.Load(r)
	if err != nil {
		t.Fatal(err)
	}
	wantVector(t, v, was.Messages)

	must(t, session.Delete(ctx, v.SessionKey))
	if _, err := (messages.SessionStorage{}).Save(w, r, was, was.Messages); err != nil {
		t.Fatal(err)
	}
	if got, _, err := sessions.Get[string](ctx, session, v.SessionKey); got != v.SessionValue || err != nil {
		t.Errorf("the session has\n%s, %v, want\n%s", got, err, v.SessionValue)
	}
	for partial, want := range map[bool]string{false: v.Cookie, true: v.Partial} {
		got, err := messages.Encode(storage, was.Messages, partial)
		if err != nil {
			t.Fatal(err)
		}
		// Two compressors differ, what they pack does not.
		if v.IsCompressed {
			got, want = v.payload(t, got), v.payload(t, want)
		}
		if got != want {
			t.Errorf("the cookie is\n%s, want\n%s", got, want)
		}
	}
}

// payload returns the JSON text in a cookie.
func (v vector) payload(t *testing.T, text string) string {
	t.Helper()
	var raw json.RawMessage
	signer := signing.TimestampSigner{Keys: signing.Keys{v.Secret}.ForCookies(), Salt: "django.contrib.messages"}
	if err := signer.UnsignObject(text, 0, &raw); err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return string(raw)
}

func wantVector(t *testing.T, v vector, got []messages.Message) {
	t.Helper()
	if len(got) != len(v.Messages) {
		t.Fatalf("%d messages, want %d", len(got), len(v.Messages))
	}
	for i, want := range v.Messages {
		m, tags := got[i], ""
		if want.ExtraTags != nil {
			tags = *want.ExtraTags
		}
		if m.Level != want.Level || m.Text != want.Message || m.Safe != want.Safe || m.ExtraTags != tags ||
			m.Tags() != want.Tags || m.LevelTag() != want.LevelTag {
			t.Errorf("message %d is %#v with tags %q, want %+v", i, m, m.Tags(), want)
		}
	}
}
