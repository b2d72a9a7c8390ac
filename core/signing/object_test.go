package signing_test

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestDumpsDjangoCases(t *testing.T) {
	t.Parallel()
	keys, now := signing.Keys{"predictable-secret"}, time.Unix(1_700_000_000, 0)
	t.Run("django/signing/tests.py/TestSigner.test_dumps_loads", func(t *testing.T) {
		t.Parallel()
		for _, object := range objects {
			for _, compress := range []bool{false, true} {
				signed, err := signing.Dumps(keys, "", object, now, compress)
				if err != nil {
					t.Fatalf("Dumps(%v): %v", object, err)
				}
				var got any
				if err := signing.Loads(keys, "", signed, 0, now, &got); err != nil || !reflect.DeepEqual(got, object) {
					t.Errorf("Loads(%q) = %v, %v, want %v", signed, got, err, object)
				}
			}
		}
	})
	t.Run("django/signing/tests.py/TestSigner.test_decode_detects_tampering", func(t *testing.T) {
		t.Parallel()
		type value struct {
			Foo string `json:"foo"`
			Baz int    `json:"baz"`
		}
		want := value{"bar", 1}
		signed, err := signing.Dumps(keys, "", want, now, false)
		if err != nil {
			t.Fatal(err)
		}
		var got value
		if err := signing.Loads(keys, "", signed, 0, now, &got); err != nil || got != want {
			t.Errorf("Loads = %v, %v, want %v", got, err, want)
		}
		for name, change := range tamper {
			var got value
			err := signing.Loads(keys, "", change(signed), 0, now, &got)
			if !errors.Is(err, signing.ErrBadSignature) || got != (value{}) {
				t.Errorf("%s: Loads = %v, %v, want %v", name, got, err, signing.ErrBadSignature)
			}
		}
	})
}

func TestDumpsVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Secret, Salt, JSON, Compare, Signed string
		Object                              any
		Time                                int64
		Compress                            bool
	}
	for _, r := range djangovectors.Section[row](t, "signing_dumps") {
		keys, now := signing.Keys{r.Secret}, time.Unix(r.Time, 0)
		var raw json.RawMessage
		if err := signing.Loads(keys, r.Salt, r.Signed, time.Second, now, &raw); err != nil || string(raw) != r.JSON {
			t.Errorf("Loads(%q) = %s, %v, want %s", r.Signed, raw, err, r.JSON)
		}
		got, err := signing.Dumps(keys, r.Salt, r.Object, now, r.Compress)
		if err != nil {
			t.Fatalf("Dumps(%v): %v", r.Object, err)
		}
		if r.Compare == "exact" && got != r.Signed {
			t.Errorf("Dumps(%v) = %q, want %q", r.Object, got, r.Signed)
		}
		var back any
		if err := signing.Loads(keys, r.Salt, got, 0, now, &back); err != nil || !reflect.DeepEqual(back, r.Object) {
			t.Errorf("Loads of what Dumps made = %v, %v, want %v", back, err, r.Object)
		}
	}
}

func TestTamperVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Case, Secret, Salt, Signed, Result string
		Now                                int64
		MaxAge                             *int64 `json:"max_age"`
	}
	wants := map[string]error{"ok": nil, "BadSignature": signing.ErrBadSignature, "SignatureExpired": signing.ErrExpired}
	for _, r := range djangovectors.Section[row](t, "signing_tamper") {
		want, known := wants[r.Result]
		if !known {
			t.Fatalf("result %q is not known", r.Result)
		}
		var maxAge time.Duration
		if r.MaxAge != nil {
			maxAge = time.Duration(*r.MaxAge) * time.Second
		}
		var got map[string]int
		err := signing.Loads(signing.Keys{r.Secret}, r.Salt, r.Signed, maxAge, time.Unix(r.Now, 0), &got)
		if !errors.Is(err, want) || errors.Is(err, signing.ErrExpired) != (r.Result == "SignatureExpired") {
			t.Errorf("%s at %d within %v: error %v, want %v", r.Case, r.Now, maxAge, err, want)
		}
		if (got["x"] == 1) != (want == nil) {
			t.Errorf("%s at %d within %v: object %v", r.Case, r.Now, maxAge, got)
		}
	}
}

func TestSessionVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Secret, Salt string
		Data         any
		DB           string `json:"session_data"`
		Cookie       string
		Time         int64
		Compressed   bool `json:"is_compressed"`
	}
	rows := djangovectors.Section[row](t, "session_data_db_engine")
	rows = append(rows, djangovectors.Section[row](t, "session_signed_cookies_engine")...)
	for _, r := range rows {
		signed := r.DB + r.Cookie
		s := signing.TimestampSigner{Keys: signing.Keys{"another", r.Secret}, Salt: r.Salt, Now: at(r.Time)}.Prepared()
		for range 3 { // a reused worker reads as well as a new one
			var got any
			if err := s.UnsignObject(signed, time.Second, &got); err != nil || !reflect.DeepEqual(got, r.Data) {
				t.Errorf("UnsignObject(%q) = %v, %v, want %v", signed, got, err, r.Data)
			}
		}
		made, err := signing.TimestampSigner{Keys: signing.Keys{r.Secret}, Salt: r.Salt, Now: at(r.Time)}.SignObject(r.Data, true)
		if err != nil {
			t.Fatalf("SignObject(%v): %v", r.Data, err)
		}
		if strings.HasPrefix(made, ".") != r.Compressed {
			t.Errorf("SignObject(%v) = %q, want compressed %t", r.Data, made, r.Compressed)
		}
		if !r.Compressed && made != signed {
			t.Errorf("SignObject(%v) = %q, want %q", r.Data, made, signed)
		}
	}
}

// TestObjectText compares the JSON with what Python's json.dumps writes.
func TestObjectText(t *testing.T) {
	t.Parallel()
	s := predictable()
	for _, c := range []struct{ value, want string }{
		{"", `""`},
		{"<a href='x'>&amp;</a>", `"<a href='x'>&amp;</a>"`},
		{"\x00\b\f\n\r\t\x1f\x7f", `"\u0000\b\f\n\r\t\u001f\u007f"`},
		{"é \u2028 \u2029 \uffff", `"\u00e9 \u2028 \u2029 \uffff"`},
		{"😀", `"\ud83d\ude00"`},
		{`\"/`, `"\\\"/"`},
	} {
		signed, err := s.SignObject(c.value, false)
		if err != nil {
			t.Fatal(err)
		}
		payload, _, _ := strings.Cut(signed, ":")
		got, err := signing.DecodeURLSafeBase64(payload)
		if err != nil || string(got) != c.want {
			t.Errorf("JSON of %q = %s, %v, want %s", c.value, got, err, c.want)
		}
	}
}

func TestLargeNumbersSurvive(t *testing.T) {
	t.Parallel()
	s := predictable().Prepared()
	const big = "123456789012345678901234567890"
	signed, err := s.SignObject(map[string]json.RawMessage{"n": json.RawMessage(big), "i": json.RawMessage("9223372036854775807")}, true)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := s.UnsignObject(signed, &raw); err != nil || string(raw["n"]) != big {
		t.Errorf("n = %s, %v, want %s", raw["n"], err, big)
	}
	var typed struct{ I int64 }
	if err := s.UnsignObject(signed, &typed); err != nil || typed.I != 9223372036854775807 {
		t.Errorf("i = %d, %v, want the largest int64", typed.I, err)
	}
	// What was decoded must not change when the buffers are used again.
	if _, err := s.SignObject(strings.Repeat("x", 500), true); err != nil {
		t.Fatal(err)
	}
	if err := s.UnsignObject(signed, new(any)); err != nil || string(raw["n"]) != big {
		t.Errorf("later n = %s, %v, want %s", raw["n"], err, big)
	}
}

// TestSignedRubbish: with the right signature, yet no object that fits.
func TestSignedRubbish(t *testing.T) {
	t.Parallel()
	s := predictable().Prepared()
	good, err := s.SignObject(strings.Repeat("text ", 50), true)
	if err != nil || good[0] != '.' {
		t.Fatalf("SignObject = %q, %v, want it compressed", good, err)
	}
	for _, payload := range []string{
		"", ".", "!", ".!", "A", "e30x", ".e30", ".eJw", // no base64, no JSON, no zlib, a cut one
		signing.EncodeURLSafeBase64([]byte("{")),
		signing.EncodeURLSafeBase64([]byte("NaN")),
		signing.EncodeURLSafeBase64([]byte(`{} {}`)),
		signing.EncodeURLSafeBase64([]byte(`"a string, not an object"`)),
		signing.EncodeURLSafeBase64([]byte(strings.Repeat("[", 20000))),
		"." + signing.EncodeURLSafeBase64(deflated(t, []byte(`{"a":1}`), []byte("a dictionary"))),
	} {
		into := map[string]any{}
		err := s.UnsignObject(s.Sign(payload), &into)
		if err == nil || errors.Is(err, signing.ErrBadSignature) || len(into) > 0 {
			t.Errorf("UnsignObject of %.40q = %v, %v, want an error of its own", payload, into, err)
		}
		// The worker that failed is fit for the next object.
		var got string
		if err := s.UnsignObject(good, &got); err != nil || len(got) != 250 {
			t.Errorf("after %.40q: %d letters, %v", payload, len(got), err)
		}
	}
	if got, err := s.SignObject(func() {}, true); got != "" || err == nil {
		t.Errorf("SignObject of a function = %q, %v, want an error", got, err)
	}
}

func deflated(t testing.TB, data, dictionary []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zlib.NewWriterLevelDict(&out, zlib.BestCompression, dictionary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBomb: a small text that unpacks to a large one is refused at the limit when it is signed,
// and is not unpacked at all when it is not.
func TestBomb(t *testing.T) {
	s := predictable().Prepared()
	fits := []byte(`"` + strings.Repeat("a", signing.MaxObject-2) + `"`)
	packed := deflated(t, bytes.Repeat([]byte(" "), 2*signing.MaxObject), nil)
	// Its end is missing, so that reading past the limit would give another error.
	bomb := "." + signing.EncodeURLSafeBase64(packed[:len(packed)-100])
	if len(bomb) > 100<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	err := s.UnsignObject(s.Sign(bomb), new(any))
	if err == nil || !strings.Contains(err.Error(), "more than") || errors.Is(err, signing.ErrBadSignature) {
		t.Errorf("signed bomb: %v, want that it is too large", err)
	}
	var text string
	largest := s.Sign("." + signing.EncodeURLSafeBase64(deflated(t, fits, nil)))
	if err := s.UnsignObject(largest, &text); err != nil || len(text) != signing.MaxObject-2 {
		t.Errorf("largest object: %d letters, %v", len(text), err)
	}
	forged := signing.Signer{Keys: signing.Keys{"guessed"}}.Sign(bomb)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if err := s.UnsignObject(forged, new(any)); !errors.Is(err, signing.ErrBadSignature) {
			t.Fatalf("forged bomb: %v, want %v", err, signing.ErrBadSignature)
		}
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("ten forged bombs used %d bytes: something was unpacked", used)
	}
}

// TestAllocations holds the promise of the prepared form: what every request does allocates no
// more than its results.
func TestAllocations(t *testing.T) {
	s := signing.TimestampSigner{Keys: signing.Keys{"new", "old"}, Salt: "s", Now: at(1_700_000_000)}.Prepared()
	session := authSession()
	signed, err := s.SignObject(session, true)
	if err != nil {
		t.Fatal(err)
	}
	text := s.Sign("hello")
	for _, c := range []struct {
		name string
		most float64
		do   func()
	}{
		{"Sign", 1, func() { s.Sign("hello") }},
		{"Unsign", 0, func() { _, _ = s.Unsign(text, time.Hour) }},
		{"UnsignObject", 20, func() { _ = s.UnsignObject(signed, 0, &map[string]json.RawMessage{}) }},
		{"SignObject", 20, func() { _, _ = s.SignObject(session, true) }},
	} {
		if got := testing.AllocsPerRun(100, c.do); got > c.most && !raceEnabled {
			t.Errorf("%s allocates %v times, want at most %v", c.name, got, c.most)
		}
	}
}

func authSession() map[string]json.RawMessage {
	return map[string]json.RawMessage{
		"_auth_user_id":      json.RawMessage(`"1"`),
		"_auth_user_backend": json.RawMessage(`"django.contrib.auth.backends.ModelBackend"`),
		"_auth_user_hash":    json.RawMessage(`"9c2d4e0b7f6a8135c2d4e0b7f6a81359c2d4e0b7f6a8135c2d4e0b7f6a81357"`),
	}
}

func FuzzLoads(f *testing.F) {
	now := time.Unix(1_700_000_000, 0)
	s := signing.TimestampSigner{Keys: signing.Keys{"k"}, Now: func() time.Time { return now }}.Prepared()
	for _, payload := range []string{"", ".", "e30", ".eJyrVspWslIqGwVEA6VaADkNjG4", "bnVsbA", "!"} {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		if err := s.UnsignObject(payload, 0, new(any)); !errors.Is(err, signing.ErrBadSignature) {
			t.Errorf("UnsignObject(%q) without a signature: %v", payload, err)
		}
		var object any
		err := s.UnsignObject(s.Sign(payload), time.Second, &object)
		if errors.Is(err, signing.ErrBadSignature) {
			t.Errorf("UnsignObject of the signed %q: %v", payload, err)
		}
		if err != nil {
			return
		}
		for _, compress := range []bool{false, true} {
			again, err := s.SignObject(object, compress)
			if err != nil {
				t.Fatalf("SignObject(%v): %v", object, err)
			}
			var back any
			if err := s.UnsignObject(again, 0, &back); err != nil || !reflect.DeepEqual(back, object) {
				t.Errorf("UnsignObject(%q) = %v, %v, want %v", again, back, err, object)
			}
		}
	})
}

func FuzzObjectText(f *testing.F) {
	s := predictable().Prepared()
	f.Add("plain")
	f.Add("é\u2028😀\x00\x7f\xff<&>")
	f.Fuzz(func(t *testing.T, text string) {
		signed, err := s.SignObject(map[string]string{"k": text}, false)
		if err != nil {
			t.Fatal(err)
		}
		payload, _, _ := strings.Cut(signed, ":")
		data, err := signing.DecodeURLSafeBase64(payload)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range data {
			if c < ' ' || c > '~' {
				t.Fatalf("JSON of %q has the byte %#x", text, c)
			}
		}
		var back map[string]string
		want := strings.ToValidUTF8(text, "\ufffd")
		if err := s.UnsignObject(signed, &back); err != nil || utf8.ValidString(text) && back["k"] != want {
			t.Errorf("UnsignObject = %q, %v, want %q", back["k"], err, want)
		}
	})
}

func ExampleDumps() {
	keys := signing.Keys{"the secret"}
	signed, err := signing.Dumps(keys, "polls.draft", map[string]int{"question": 7}, time.Unix(1_784_289_600, 0), false)
	fmt.Println(signed, err)

	var draft struct{ Question int }
	err = signing.Loads(keys, "polls.draft", signed, time.Hour, time.Unix(1_784_289_700, 0), &draft)
	fmt.Println(draft.Question, err)
	// Output:
	// eyJxdWVzdGlvbiI6N30:1wkhEW:4Og5GTizh8_o67Mlp4L5_ZsPdzADA1iK3Q8E_8tX-7E <nil>
	// 7 <nil>
}
