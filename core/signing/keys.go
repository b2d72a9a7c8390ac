package signing

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrKeys says that there is no key to sign with, or that one of the keys is empty.
var ErrKeys = errors.New("signing: no usable key: set SECRET_KEY to a long random text, and leave no empty entry in SECRET_KEY_FALLBACKS")

// Keys are the secrets of a project, Django's SECRET_KEY followed by its SECRET_KEY_FALLBACKS.
// The first one signs; all of them verify. To change the secret, put the new one in front, and
// drop the old one when what it signed may die.
//
// Text keys are used as their UTF-8 bytes; any bytes will do. Keys are printed, logged and
// marshalled as a count. Package fmt cannot ask an unexported field how it wants to be printed:
// a struct that keeps Keys in one shows them under %v, so keep a prepared signer there instead.
type Keys []string

// Check returns [ErrKeys] when there is no key or an empty one, nil otherwise. It does not judge
// how strong the keys are.
func (k Keys) Check() error {
	if len(k) == 0 {
		return ErrKeys
	}
	for _, key := range k {
		if len(key) == 0 {
			return ErrKeys
		}
	}
	return nil
}

// ForCookies returns the keys from which Django signs what it puts into cookies (signed cookies
// and the messages cookie): each key behind a fixed prefix. An empty key stays empty.
func (k Keys) ForCookies() Keys {
	out := make(Keys, len(k))
	for i, key := range k {
		if len(key) > 0 {
			out[i] = "django.http.cookies" + key
		}
	}
	return out
}

// String says how many keys there are, never what they are.
func (k Keys) String() string {
	if len(k) == 1 {
		return "[1 key]"
	}
	return fmt.Sprintf("[%d keys]", len(k))
}

// GoString is String, for %#v.
func (k Keys) GoString() string { return "signing.Keys" + k.String() }

// Format prints String under every verb, so that %x or %d show no more than %v does.
func (k Keys) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		_, _ = io.WriteString(f, k.GoString())
		return
	}
	_, _ = io.WriteString(f, k.String())
}

// LogValue is String, for log/slog.
func (k Keys) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is String, for encoders such as encoding/json. Reading Keys from JSON is not
// affected: that takes an array of strings.
func (k Keys) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

var (
	_ fmt.Stringer   = Keys(nil)
	_ fmt.GoStringer = Keys(nil)
	_ fmt.Formatter  = Keys(nil)
	_ slog.LogValuer = Keys(nil)
)
