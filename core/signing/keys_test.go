package signing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/signing"
)

func TestKeysAreNotShown(t *testing.T) {
	t.Parallel()
	const secret = "swordfish"
	keys := signing.Keys{secret, secret + "2"}
	settings := struct{ Keys signing.Keys }{keys}
	prepared := signing.TimestampSigner{Keys: keys}.Prepared()
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10v"} {
		fmt.Fprintf(&shown, verb+verb+verb+verb+"\n", keys, settings, &settings, []signing.Keys{keys})
		fmt.Fprintf(&shown, verb+verb+"\n", signing.Signer{Keys: keys}, signing.Cookies{Keys: keys})
		fmt.Fprintf(&shown, verb+verb+"\n", prepared, struct{ s signing.TimestampSigner }{prepared})
	}
	fmt.Fprintln(&shown, keys, keys.String(), keys.GoString(), keys.LogValue())
	slog.New(slog.NewTextHandler(&shown, nil)).Info("", "keys", keys, "settings", settings)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("", "keys", keys, "settings", settings)
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(text)
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
		if strings.Contains(shown.String(), form) {
			t.Errorf("the secret is shown as %q in\n%s", form, shown.String())
		}
	}
	if got := keys.String(); got != "[2 keys]" {
		t.Errorf("String = %q, want [2 keys]", got)
	}
}

func TestKeysFromJSON(t *testing.T) {
	t.Parallel()
	var got signing.Keys
	if err := json.Unmarshal([]byte(`["a","b"]`), &got); err != nil || !reflect.DeepEqual(got, signing.Keys{"a", "b"}) {
		t.Errorf("Unmarshal = %v, %v, want two keys", len(got), err)
	}
}

func TestKeysCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		keys signing.Keys
		want error
	}{
		{nil, signing.ErrKeys},
		{signing.Keys{}, signing.ErrKeys},
		{signing.Keys{""}, signing.ErrKeys},
		{signing.Keys{"a", ""}, signing.ErrKeys},
		{signing.Keys{"a"}, nil},
		{signing.Keys{"\xe7", "b"}, nil},
	} {
		if err := c.keys.Check(); !errors.Is(err, c.want) {
			t.Errorf("Check of %q = %v, want %v", []string(c.keys), err, c.want)
		}
		if err := c.keys.ForCookies().Check(); !errors.Is(err, c.want) {
			t.Errorf("Check of %q for cookies = %v, want %v", []string(c.keys), err, c.want)
		}
	}
}

// TestErrorsShowNothing: no error repeats a key or what was signed.
func TestErrorsShowNothing(t *testing.T) {
	t.Parallel()
	s := signing.TimestampSigner{Keys: signing.Keys{"swordfish"}, Now: at(1_700_000_000)}
	later := signing.TimestampSigner{Keys: s.Keys, Now: at(1_800_000_000)}
	for _, text := range []string{"card 4711", s.Sign("card 4711"), s.Sign("card 4711") + "x"} {
		_, err := later.Unsign(text, 1)
		if err == nil || strings.Contains(err.Error(), "4711") || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("Unsign(%q): error %q", text, err)
		}
	}
}
