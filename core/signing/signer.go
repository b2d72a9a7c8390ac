package signing

import (
	"errors"
	"fmt"
	"hash"
	"strings"
)

// ErrBadSignature says that a text was not signed by any of the keys for this purpose, or was
// changed since, or is no signed text at all.
var ErrBadSignature = errors.New("signing: bad signature")

// ErrExpired says that a text was signed well but longer ago than its reader allows. It is also
// an [ErrBadSignature] for errors.Is, as Django's SignatureExpired is a BadSignature.
var ErrExpired = fmt.Errorf("%w: signed too long ago", ErrBadSignature)

// Signer signs text without a time: what it signs is valid for as long as its key is. The zero
// value lacks Keys; with Keys a Signer is ready. It may be copied, and used concurrently as long
// as nobody changes it.
type Signer struct {
	// Keys to sign with (the first) and to verify with (all).
	Keys Keys
	// Salt names the purpose: a value signed under one salt is worthless under another.
	// Default: "django.core.signing.Signer", which is Django's.
	Salt string
	// Sep stands between value and signature. It needs a character that occurs in no signature,
	// that is one outside A-z, 0-9, "-", "_" and "=". Default: ":".
	Sep string
	// Hash makes the hash of key and signature. Default: sha256.New.
	Hash func() hash.Hash

	ready *machine
}

// Prepared returns a Signer that signs alike, works the keys out only now and reuses its buffers
// later. Its fields are empty, so that it holds no secret text, and setting them has no effect.
func (s Signer) Prepared() Signer {
	return Signer{ready: s.machine().prepared()}
}

// Check returns [ErrKeys] or an error about Sep when the Signer cannot sign, else nil. Sign
// panics with this error and the other methods return it, so check a Signer whose fields come
// from a configuration when the program starts.
func (s Signer) Check() error {
	if s.ready != nil {
		return s.ready.err
	}
	if !safeSeparator(s.sep()) {
		return fmt.Errorf("signing: separator %q could be part of a signature: use one with another character, such as %q", s.Sep, ":")
	}
	return s.Keys.Check()
}

// Sign returns value, the separator and the signature. It panics when [Signer.Check] has an
// error: going on without a key would let anyone sign.
func (s Signer) Sign(value string) string {
	m := s.machine()
	w := m.worker()
	defer m.release(w)
	w.text = append(w.text[:0], value...)
	m.mustSign(w)
	return string(w.text)
}

// Unsign returns the value in a text that Sign made with one of the keys. Any other text is
// [ErrBadSignature]; on an error the value is empty.
func (s Signer) Unsign(signed string) (string, error) {
	m := s.machine()
	w := m.worker()
	defer m.release(w)
	return m.unsign(w, signed)
}

// SignObject signs v as JSON in URL-safe base64, compressed when that is wanted and shorter.
// What JSON cannot express is an error.
func (s Signer) SignObject(v any, compress bool) (string, error) {
	m := s.machine()
	w := m.worker()
	defer m.release(w)
	if err := w.encode(v, compress); err != nil {
		return "", err
	}
	if err := m.sign(w); err != nil {
		return "", err
	}
	return string(w.text), nil
}

// UnsignObject decodes what SignObject made into the value that into points to, by the rules of
// encoding/json. The signature is checked first: a wrong one is [ErrBadSignature], and nothing is
// decompressed or decoded. An object that does not fit into is another error, as is one larger
// than [MaxObject].
func (s Signer) UnsignObject(signed string, into any) error {
	m := s.machine()
	w := m.worker()
	defer m.release(w)
	payload, err := m.unsign(w, signed)
	if err != nil {
		return err
	}
	return w.decode(payload, into)
}

func (s Signer) sep() string {
	if s.Sep == "" {
		return ":"
	}
	return s.Sep
}

// safeSeparator refuses what Django refuses: its range A-z takes in the six characters between
// Z and a as well.
func safeSeparator(sep string) bool {
	return strings.ContainsFunc(sep, func(r rune) bool {
		return (r < 'A' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '='
	})
}
