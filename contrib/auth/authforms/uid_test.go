package authforms_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestUID(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ pk, uid string }{
		{"1", "MQ"}, {"42", "NDI"}, {"-1", "LTE"}, {"Zm9v!", "Wm05diE"}, {"é", "w6k"},
		{"6ba7b810-9dad-41d1-80b4-00c04fd430c8", "NmJhN2I4MTAtOWRhZC00MWQxLTgwYjQtMDBjMDRmZDQzMGM4"},
	} {
		if got := authforms.EncodeUID(tt.pk); got != tt.uid {
			t.Errorf("EncodeUID(%q) = %q, want %q", tt.pk, got, tt.uid)
		}
		if got, ok := authforms.DecodeUID(tt.uid); !ok || got != tt.pk {
			t.Errorf("DecodeUID(%q) = %q, %v; want %q", tt.uid, got, ok, tt.pk)
		}
	}
	for _, uid := range []string{"", "MQ==", "MR", "M", "M Q", "MQ\n", "MQ!", "_w", "+/", strings.Repeat("MTEx", 1000)} {
		if got, ok := authforms.DecodeUID(uid); ok || got != "" {
			t.Errorf("DecodeUID(%.20q) = %q, %v; want nothing", uid, got, ok)
		}
	}
}

// What Django encodes is decoded, and what it decodes is decoded to the same or refused.
func TestUIDVectors(t *testing.T) {
	t.Parallel()
	type encoding struct{ UTF8, Encoded string }
	for _, v := range djangovectors.Section[encoding](t, "urlsafe_base64_encode") {
		if got := authforms.EncodeUID(v.UTF8); got != v.Encoded {
			t.Errorf("EncodeUID(%q) = %q, want %q", v.UTF8, got, v.Encoded)
		}
		if got, ok := authforms.DecodeUID(v.Encoded); !ok || got != v.UTF8 {
			t.Errorf("DecodeUID(%q) = %q, %v; want %q", v.Encoded, got, ok, v.UTF8)
		}
	}
	type decoding struct {
		Input   string
		OK      bool
		Decoded string `json:"decoded_hex"`
	}
	for _, v := range djangovectors.Section[decoding](t, "urlsafe_base64_decode") {
		if got, ok := authforms.DecodeUID(v.Input); ok && (!v.OK || hex.EncodeToString([]byte(got)) != v.Decoded) {
			t.Errorf("DecodeUID(%q) = %q, want %s", v.Input, got, v.Decoded)
		}
	}
}

func FuzzUID(f *testing.F) {
	for _, s := range []string{"MQ", "", "zzzz", "MQ\r\n", "_w", "\xff", "Zm9v!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uid string) {
		pk, ok := authforms.DecodeUID(uid)
		if !ok {
			return
		}
		if again := authforms.EncodeUID(pk); again != uid {
			t.Errorf("DecodeUID(%q) = %q, which is encoded as %q", uid, pk, again)
		}
	})
}
