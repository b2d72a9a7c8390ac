package sessions_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// texts are objects and what is none, of which some are read without encoding/json.
var texts = []string{
	`{}`, `{"a":"b"}`, `{"_auth_user_id":"1","_auth_user_backend":"x.Y","_auth_user_hash":"0123456789abcdef"}`, `{"a":"b","a":"c"}`, `{"":""}`,
	`{"a":1}`, `{"a":"b","n":[1,2,{"x":"y"}]}`, `{"a" : "b"}`, "{\n\"a\":\"b\"}", `{"a":"\u00e9"}`, `{"é":"ü"}`, `{"a":"\""}`, `{"a":"b\\"}`, `{"a":null}`, `null`,
	"{\"a\":\"\x7f\"}", "{\"a\":\"\xff\"}", `{"a":"<&>"}`, `{"a":"b",}`, `{"a":"b"`, `{"a":"b"}}`, `{"a":"b"} `, ` {"a":"b"}`, `{"a"}`, `{"a":}`, `{"a"`, `{"a`, `{`, ``, `[]`, `"a"`,
	`{,}`, `{"a":"b" "c":"d"}`, `{"a":"b";"c":"d"}`, "{\"a\":\"\n\"}",
}

func FuzzDataIsReadAsJSON(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(text, &want)
		before := string(text)
		for how, read := range map[string]func(*sessions.Data) error{
			"Unmarshal":     func(d *sessions.Data) error { return json.Unmarshal(text, d) },
			"UnmarshalJSON": func(d *sessions.Data) error { return d.UnmarshalJSON(text) },
		} {
			var got sessions.Data
			err := read(&got)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%s of %q: %v, want %v", how, text, err, wantErr)
			}
			if err == nil && !reflect.DeepEqual(map[string]json.RawMessage(got), want) {
				t.Fatalf("%s of %q = %q, want %q", how, text, got, want)
			}
			for name, value := range got { // one value does not run into the next
				got[name] = append(value, "tail"...)
			}
		}
		if string(text) != before {
			t.Fatalf("%q was changed to %q", before, text)
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	store, ctx := memstore.New(), t.Context()
	s := sessions.New(sessions.Config{Store: store}).Open("")
	for i, c := range []struct {
		value any
		want  string
		found bool
	}{{"tea", "tea", true}, {"", "", true}, {"ü\"\\\n", "ü\"\\\n", true}, {7, "", false}, {nil, "", false}, {[]string{"tea"}, "", false}, {true, "", false}} {
		name := fmt.Sprint("value ", i)
		must(t, s.Set(ctx, name, c.value))
		if got, found, err := s.Text(ctx, name); got != c.want || found != c.found || err != nil {
			t.Errorf("Text of %v = %q, %v, %v; want %q, %v", c.value, got, found, err, c.want, c.found)
		}
	}
	if got, found, err := s.Text(ctx, "missing"); got != "" || found || err != nil {
		t.Errorf("Text of nothing = %q, %v, %v", got, found, err)
	}
	var none *sessions.Session
	if _, _, err := none.Text(ctx, "x"); err == nil {
		t.Error("a nil session has text")
	}
}
