package signing_test

import (
	"crypto/sha512"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

const defaultSalt = "django.core.signing.Signer"

// predictable is the signer of most of Django's cases.
func predictable() signing.Signer {
	return signing.Signer{Keys: signing.Keys{"predictable-secret"}}
}

// forms returns a signer as it is and prepared: they must not differ in what they do.
func forms(s signing.Signer) map[string]signing.Signer {
	return map[string]signing.Signer{"plain": s, "prepared": s.Prepared()}
}

// tamper holds the changes that Django's cases make to signed text.
var tamper = map[string]func(string) string{
	"upper case":       strings.ToUpper,
	"one more letter":  func(s string) string { return s + "a" },
	"first letter":     func(s string) string { return "a" + s[1:] },
	"no separators":    func(s string) string { return strings.ReplaceAll(s, ":", "") },
	"nothing":          func(string) string { return "" },
	"separator only":   func(string) string { return ":" },
	"no signature":     func(s string) string { return s[:strings.LastIndex(s, ":")+1] },
	"padded signature": func(s string) string { return s + "=" },
}

func TestSignerDjangoCases(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"test_signature":                               testSignature,
		"test_signature_with_salt":                     testSignatureWithSalt,
		"test_custom_algorithm":                        testCustomAlgorithm,
		"test_sign_unsign":                             testSignUnsign,
		"test_unsign_detects_tampering":                testUnsignDetectsTampering,
		"test_sign_unsign_object":                      testSignUnsignObject,
		"test_works_with_non_ascii_keys":               testNonASCIIKeys,
		"test_valid_sep":                               testValidSep,
		"test_invalid_sep":                             testInvalidSep,
		"test_verify_with_non_default_key":             testVerifyWithNonDefaultKey,
		"test_sign_unsign_multiple_keys":               testMultipleKeys,
		"test_sign_unsign_ignore_secret_key_fallbacks": testWithoutFallbacks,
		"test_default_keys_verification":               testWithFallbacks,
	} {
		t.Run("django/signing/tests.py/TestSigner."+name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func signatureOf(signed string) string { return signed[strings.LastIndex(signed, ":")+1:] }

func testSignature(t *testing.T) {
	other := signing.Signer{Keys: signing.Keys{"predictable-secret2"}}
	for _, value := range []string{"hello", "3098247:529:087:", "\u2019"} {
		mac := signing.SaltedHMAC(defaultSalt+"signer", value, "predictable-secret")
		want := signing.EncodeURLSafeBase64(mac)
		for form, s := range forms(predictable()) {
			if got := signatureOf(s.Sign(value)); got != want {
				t.Errorf("%s: signature of %q = %q, want %q", form, value, got, want)
			}
		}
		if got := signatureOf(other.Sign(value)); got == want {
			t.Errorf("two keys give %q the same signature", value)
		}
	}
}

func testSignatureWithSalt(t *testing.T) {
	keys := signing.Keys{"predictable-secret"}
	got := signatureOf(signing.Signer{Keys: keys, Salt: "extra-salt"}.Sign("hello"))
	want := signing.EncodeURLSafeBase64(signing.SaltedHMAC("extra-saltsigner", "hello", "predictable-secret"))
	if got != want {
		t.Errorf("signature = %q, want %q", got, want)
	}
	one := signing.Signer{Keys: keys, Salt: "one"}.Sign("hello")
	two := signing.Signer{Keys: keys, Salt: "two"}.Sign("hello")
	if one == two {
		t.Errorf("two salts give the same signature %q", one)
	}
}

func testCustomAlgorithm(t *testing.T) {
	s := predictable()
	s.Hash = sha512.New
	const want = "Usf3uVQOZ9m6uPfVonKR-EBXjPe7bjMbp3_Fq8MfsptgkkM1ojidN0BxYaT5HAEN1VzO9_jVu7R-VkqknHYNvw"
	for form, s := range forms(s) {
		if got := signatureOf(s.Sign("hello")); got != want {
			t.Errorf("%s: signature = %q, want %q", form, got, want)
		}
	}
}

func testSignUnsign(t *testing.T) {
	for form, s := range forms(predictable()) {
		for _, value := range []string{
			"q;wjmbk;wkmb",
			"3098247529087",
			"3098247:529:087:",
			"jkw osanteuh ,rcuh nthu aou oauh ,ud du",
			"\u2019",
			"",
			strings.Repeat("long", 1000),
		} {
			signed := s.Sign(value)
			if signed == value {
				t.Errorf("%s: Sign(%q) changed nothing", form, value)
			}
			if got, err := s.Unsign(signed); got != value || err != nil {
				t.Errorf("%s: Unsign(%q) = %q, %v, want %q", form, signed, got, err, value)
			}
		}
	}
}

func testUnsignDetectsTampering(t *testing.T) {
	for form, s := range forms(predictable()) {
		signed := s.Sign("Another string")
		if got, err := s.Unsign(signed); got != "Another string" || err != nil {
			t.Errorf("%s: Unsign = %q, %v, want the string", form, got, err)
		}
		for name, change := range tamper {
			got, err := s.Unsign(change(signed))
			if got != "" || !errors.Is(err, signing.ErrBadSignature) {
				t.Errorf("%s: %s: Unsign = %q, %v, want %v", form, name, got, err, signing.ErrBadSignature)
			}
		}
	}
}

// objects are the ones of Django's cases.
var objects = []any{
	[]any{"a", "list"},
	"a string \u2019",
	map[string]any{"a": "dictionary"},
}

func testSignUnsignObject(t *testing.T) {
	for form, s := range forms(predictable()) {
		for _, object := range objects {
			for _, compress := range []bool{false, true} {
				signed, err := s.SignObject(object, compress)
				if err != nil {
					t.Fatalf("%s: SignObject(%v): %v", form, object, err)
				}
				var got any
				if err := s.UnsignObject(signed, &got); err != nil || !reflect.DeepEqual(got, object) {
					t.Errorf("%s: UnsignObject(%q) = %v, %v, want %v", form, signed, got, err, object)
				}
			}
		}
	}
}

func testNonASCIIKeys(t *testing.T) {
	s := signing.Signer{Keys: signing.Keys{"\xe7"}}
	const want = "foo:EE4qGC5MEKyQG5msxYA0sBohAxLC0BJf8uRhemh0BGU"
	if got := s.Sign("foo"); got != want {
		t.Errorf("Sign = %q, want %q", got, want)
	}
}

func testValidSep(t *testing.T) {
	for _, sep := range []string{"/", "*sep*", ","} {
		s := predictable()
		s.Sep = sep
		want := "foo" + sep + "jZQoX_FtSO70jX9HLRGg2A_2s4kdDBxz1QoO_OpEQb0"
		if got := s.Sign("foo"); got != want {
			t.Errorf("Sign = %q, want %q", got, want)
		}
		if got, err := s.Unsign(want); got != "foo" || err != nil {
			t.Errorf("Unsign(%q) = %q, %v, want foo", want, got, err)
		}
	}
}

func testInvalidSep(t *testing.T) {
	for _, sep := range []string{"-", "abc", "=", "_", "a[b", "0^"} {
		s := predictable()
		s.Sep = sep
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), "separator") {
			t.Errorf("Check with separator %q = %v, want an error that names it", sep, err)
		}
		if _, err := s.SignObject(1, false); err == nil {
			t.Errorf("SignObject with separator %q: no error", sep)
		}
		if err := s.Prepared().Check(); err == nil {
			t.Errorf("Check of a prepared signer with separator %q: no error", sep)
		}
	}
	// The empty separator is no separator in Django either; here it is the default one.
	if got := predictable().Sign("foo"); !strings.HasPrefix(got, "foo:") {
		t.Errorf("Sign without a separator = %q, want the default one", got)
	}
}

func testVerifyWithNonDefaultKey(t *testing.T) {
	signed := signing.Signer{Keys: signing.Keys{"secret"}}.Sign("abc")
	for form, s := range forms(signing.Signer{Keys: signing.Keys{"newsecret", "othersecret", "secret"}}) {
		if got, err := s.Unsign(signed); got != "abc" || err != nil {
			t.Errorf("%s: Unsign = %q, %v, want abc", form, got, err)
		}
	}
}

func testMultipleKeys(t *testing.T) {
	s := signing.Signer{Keys: signing.Keys{"secret", "oldsecret"}}
	if got, err := s.Unsign(s.Sign("abc")); got != "abc" || err != nil {
		t.Errorf("Unsign = %q, %v, want abc", got, err)
	}
}

func testWithoutFallbacks(t *testing.T) {
	signed := signing.Signer{Keys: signing.Keys{"oldsecret"}}.Sign("abc")
	s := signing.Signer{Keys: signing.Keys{"secret"}}
	if got, err := s.Unsign(signed); got != "" || !errors.Is(err, signing.ErrBadSignature) {
		t.Errorf("Unsign = %q, %v, want %v", got, err, signing.ErrBadSignature)
	}
}

func testWithFallbacks(t *testing.T) {
	signed := signing.Signer{Keys: signing.Keys{"oldsecret"}}.Sign("abc")
	s := signing.Signer{Keys: signing.Keys{"secret", "oldsecret"}}
	if got, err := s.Unsign(signed); got != "abc" || err != nil {
		t.Errorf("Unsign = %q, %v, want abc", got, err)
	}
}

// TestRotation: fallbacks verify only; what is new is always made with the first key.
func TestRotation(t *testing.T) {
	t.Parallel()
	t.Run("row/G41", func(t *testing.T) {
		t.Parallel()
		before := signing.Keys{"old"}
		during := signing.Keys{"new", "old"}
		after := signing.Keys{"new"}
		for form := range forms(predictable()) {
			signer := func(keys signing.Keys) signing.Signer { return forms(signing.Signer{Keys: keys})[form] }
			old, fresh := signer(before).Sign("v"), signer(during).Sign("v")
			if want := signer(after).Sign("v"); fresh != want {
				t.Errorf("%s: with a fallback Sign = %q, want the first key's %q", form, fresh, want)
			}
			for _, step := range []struct {
				name   string
				keys   signing.Keys
				signed string
				want   error
			}{
				{"old value, fallback present", during, old, nil},
				{"old value, fallback dropped", after, old, signing.ErrBadSignature},
				{"new value, before the change", before, fresh, signing.ErrBadSignature},
				{"new value, after it", after, fresh, nil},
			} {
				if _, err := signer(step.keys).Unsign(step.signed); !errors.Is(err, step.want) {
					t.Errorf("%s: %s: error %v, want %v", form, step.name, err, step.want)
				}
			}
		}
	})
}

func TestSignerVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Kind, Secret, Value, Signed string
		Salt                        *string
		EffectiveSalt               string `json:"effective_salt"`
		Time                        int64
	}
	for _, r := range djangovectors.Section[row](t, "signer") {
		salt := ""
		if r.Salt != nil {
			salt = *r.Salt
		}
		keys := signing.Keys{r.Secret}
		var got, back string
		var err error
		if r.Kind == "Signer" {
			s := signing.Signer{Keys: keys, Salt: salt}
			got = s.Sign(r.Value)
			back, err = s.Unsign(r.Signed)
		} else {
			s := signing.TimestampSigner{Keys: keys, Salt: salt, Now: at(r.Time)}
			got = s.Sign(r.Value)
			back, err = s.Unsign(r.Signed, 1)
		}
		if got != r.Signed {
			t.Errorf("%s: Sign(%q) = %q, want %q", r.Kind, r.Value, got, r.Signed)
		}
		if back != r.Value || err != nil {
			t.Errorf("%s: Unsign(%q) = %q, %v, want %q", r.Kind, r.Signed, back, err, r.Value)
		}
	}
}

func TestSignerWithoutKeys(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]signing.Keys{"none": nil, "empty": {""}, "empty fallback": {"a", ""}} {
		for form, s := range forms(signing.Signer{Keys: keys}) {
			if err := s.Check(); !errors.Is(err, signing.ErrKeys) {
				t.Errorf("%s, %s: Check = %v, want %v", name, form, err, signing.ErrKeys)
			}
			if _, err := s.Unsign("a:b"); !errors.Is(err, signing.ErrKeys) {
				t.Errorf("%s, %s: Unsign: %v, want %v", name, form, err, signing.ErrKeys)
			}
			if err := s.UnsignObject("a:b", new(any)); !errors.Is(err, signing.ErrKeys) {
				t.Errorf("%s, %s: UnsignObject: %v, want %v", name, form, err, signing.ErrKeys)
			}
			if got, err := s.SignObject(1, true); got != "" || !errors.Is(err, signing.ErrKeys) {
				t.Errorf("%s, %s: SignObject = %q, %v, want %v", name, form, got, err, signing.ErrKeys)
			}
			if !panics(func() { s.Sign("a") }) {
				t.Errorf("%s, %s: Sign without a key did not panic", name, form)
			}
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func FuzzUnsign(f *testing.F) {
	s := predictable().Prepared()
	f.Add("")
	f.Add(":")
	f.Add("a:b")
	f.Add(s.Sign("hello"))
	f.Fuzz(func(t *testing.T, text string) {
		value, err := s.Unsign(text)
		if err == nil && s.Sign(value) != text {
			t.Errorf("Unsign(%q) = %q, which Sign makes into something else", text, value)
		}
		if err != nil && (value != "" || !errors.Is(err, signing.ErrBadSignature)) {
			t.Errorf("Unsign(%q) = %q, %v", text, value, err)
		}
		if back, err := s.Unsign(s.Sign(text)); back != text || err != nil {
			t.Errorf("Unsign(Sign(%q)) = %q, %v", text, back, err)
		}
	})
}
