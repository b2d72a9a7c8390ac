package signing_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/signing"
)

func benchForms() map[string]signing.TimestampSigner {
	s := signing.TimestampSigner{
		Keys: signing.Keys{"a secret of the usual length: 0123456789-abcdefghij"},
		Salt: "django.contrib.sessions.SessionStore",
	}
	return map[string]signing.TimestampSigner{"plain": s, "prepared": s.Prepared()}
}

func BenchmarkSign(b *testing.B) {
	for form, s := range benchForms() {
		b.Run(form, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Sign("hello")
			}
		})
	}
}

func BenchmarkUnsign(b *testing.B) {
	for form, s := range benchForms() {
		b.Run(form, func(b *testing.B) {
			signed := s.Sign("hello")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Unsign(signed, time.Hour); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDumps and BenchmarkLoads take the session of a user who has logged in.
func BenchmarkDumps(b *testing.B) {
	for form, s := range benchForms() {
		b.Run(form, func(b *testing.B) {
			session := authSession()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.SignObject(session, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoads(b *testing.B) {
	for form, s := range benchForms() {
		b.Run(form, func(b *testing.B) {
			signed, err := s.SignObject(authSession(), true)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				session := map[string]json.RawMessage{}
				if err := s.UnsignObject(signed, 0, &session); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
