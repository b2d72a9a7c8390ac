package hashers_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// BenchmarkEncode makes one hash of each algorithm at its default cost.
func BenchmarkEncode(b *testing.B) {
	list := append(hashers.Django52(), hashers.BCrypt{}, hashers.MD5{}, hashers.SHA1{}, hashers.UnsaltedMD5{}, hashers.UnsaltedSHA1{}, hashers.Crypt{})
	for _, h := range list {
		b.Run(h.Algorithm(), func(b *testing.B) {
			salt := newSalt(b, h)
			b.ReportAllocs()
			for b.Loop() {
				mustEncode(b, h, "correct horse battery staple", salt)
			}
		})
	}
}

// BenchmarkCheckOverhead is what Check adds to the hash: finding the hasher, the limit, parsing.
func BenchmarkCheckOverhead(b *testing.B) {
	h := withList(hashers.MD5{})
	encoded := mustMake(b, h, "secret")
	b.ReportAllocs()
	for b.Loop() {
		checkIs(b, h, "secret", encoded, true)
	}
}
