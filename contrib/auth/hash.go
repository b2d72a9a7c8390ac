package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Hash is an encoded password. It does not show itself: whatever fmt, encoding/json, encoding/xml
// or slog make of it, or of a user who has it, is asterisks. Only package hashers makes one;
// assigning raw text gives a password that never verifies.
type Hash string

// hidden is what a Hash shows.
const hidden = "***"

// String returns asterisks, or "" for an empty hash.
func (h Hash) String() string {
	if h == "" {
		return ""
	}
	return hidden
}

// Format writes the same for every verb of fmt, so that a wrong one (%d, %x) shows no more.
func (h Hash) Format(f fmt.State, verb rune) {
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		fmt.Fprintf(f, "%q", h.String())
		return
	}
	_, _ = io.WriteString(f, h.String())
}

// MarshalJSON writes asterisks.
func (h Hash) MarshalJSON() ([]byte, error) { return json.Marshal(h.String()) }

// MarshalText writes asterisks, for encodings other than JSON.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// LogValue hides the hash from slog.
func (h Hash) LogValue() slog.Value { return slog.StringValue(h.String()) }
