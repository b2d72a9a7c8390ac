package signing

import (
	"cmp"
	"strings"
	"time"
)

// TimestampSigner signs text or an object together with the time, in whole seconds, so that its
// reader may refuse what is old. The zero value lacks Keys; with Keys it is ready. It may be
// copied, and used concurrently as long as nobody changes it.
type TimestampSigner struct {
	// Keys to sign with (the first) and to verify with (all).
	Keys Keys
	// Salt names the purpose: a value signed under one salt is worthless under another.
	// Default: "django.core.signing.TimestampSigner", which is Django's.
	Salt string
	// Now is the clock. Default: time.Now.
	Now func() time.Time

	ready *machine
}

// Prepared returns a TimestampSigner that signs alike, works the keys out only now and reuses its
// buffers later: Keys and Salt are empty in it, so that it holds no secret text, and setting them
// has no effect. A session store or a middleware keeps its signer in this form.
func (t TimestampSigner) Prepared() TimestampSigner {
	return TimestampSigner{Now: t.Now, ready: t.machine().prepared()}
}

// Check returns [ErrKeys] when there is no usable key, else nil. Sign panics with this error, and
// the other methods return it.
func (t TimestampSigner) Check() error {
	if t.ready != nil {
		return t.ready.err
	}
	return t.Keys.Check()
}

// Sign returns value, time and signature with colons between. It panics when
// [TimestampSigner.Check] has an error: going on without a key would let anyone sign.
func (t TimestampSigner) Sign(value string) string {
	m := t.machine()
	w := m.worker()
	defer m.release(w)
	w.text = append(w.text[:0], value...)
	t.addTime(w)
	m.mustSign(w)
	return string(w.text)
}

// Unsign returns the value in a text that Sign made with one of the keys. Any other text is
// [ErrBadSignature]. A text signed longer than maxAge ago is [ErrExpired]; maxAge 0 means that
// age does not matter (in Django 0 refuses everything), and a time in the future is no fault.
// On an error the value is empty.
func (t TimestampSigner) Unsign(signed string, maxAge time.Duration) (string, error) {
	m := t.machine()
	w := m.worker()
	defer m.release(w)
	return t.unsign(m, w, signed, maxAge)
}

// SignObject signs v as JSON in URL-safe base64, compressed when that is wanted and shorter.
// What JSON cannot express is an error.
func (t TimestampSigner) SignObject(v any, compress bool) (string, error) {
	m := t.machine()
	w := m.worker()
	defer m.release(w)
	if err := w.encode(v, compress); err != nil {
		return "", err
	}
	t.addTime(w)
	if err := m.sign(w); err != nil {
		return "", err
	}
	return string(w.text), nil
}

// UnsignObject decodes what SignObject made into the value that into points to, by the rules of
// encoding/json: to keep integers beyond 2^53 exact, decode into integer types, json.RawMessage
// or json.Number. The signature is checked first: a wrong one is [ErrBadSignature], an old one
// (see Unsign) is [ErrExpired], and nothing is decompressed or decoded. An object that does not
// fit into is another error, as is one larger than [MaxObject].
func (t TimestampSigner) UnsignObject(signed string, maxAge time.Duration, into any) error {
	m := t.machine()
	w := m.worker()
	defer m.release(w)
	payload, err := t.unsign(m, w, signed, maxAge)
	if err != nil {
		return err
	}
	return w.decode(payload, into)
}

func (t TimestampSigner) machine() *machine {
	if t.ready != nil {
		return t.ready
	}
	return Signer{Keys: t.Keys, Salt: cmp.Or(t.Salt, "django.core.signing.TimestampSigner")}.machine()
}

func (t TimestampSigner) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

func (t TimestampSigner) addTime(w *worker) {
	w.text = append(w.text, ':')
	w.text = appendBase62(w.text, t.now().Unix())
}

func (t TimestampSigner) unsign(m *machine, w *worker, signed string, maxAge time.Duration) (string, error) {
	stamped, err := m.unsign(w, signed)
	if err != nil {
		return "", err
	}
	i := strings.LastIndexByte(stamped, ':')
	if i < 0 {
		return "", ErrBadSignature // signed by a Signer with the same salt
	}
	seconds, err := DecodeBase62(stamped[i+1:])
	if err != nil || seconds < -maxSeconds || seconds > maxSeconds {
		return "", ErrBadSignature
	}
	if maxAge != 0 && t.now().Sub(time.Unix(seconds, 0)) > maxAge {
		return "", ErrExpired
	}
	return stamped[:i], nil
}

// maxSeconds keeps a time within what package time can calculate with: about 34,800 years.
const maxSeconds = 1 << 40

// Dumps signs v as Django's signing.dumps does: JSON, compressed when that is wanted and
// shorter, with the time now. An empty salt means Django's default, "django.core.signing". It
// works the keys out anew: on a path that every request takes, keep a prepared
// [TimestampSigner] instead.
func Dumps(keys Keys, salt string, v any, now time.Time, compress bool) (string, error) {
	return dumper(keys, salt, now).SignObject(v, compress)
}

// Loads reads what [Dumps] or Django's signing.dumps made; see [TimestampSigner.UnsignObject].
func Loads(keys Keys, salt, s string, maxAge time.Duration, now time.Time, into any) error {
	return dumper(keys, salt, now).UnsignObject(s, maxAge, into)
}

func dumper(keys Keys, salt string, now time.Time) TimestampSigner {
	return TimestampSigner{
		Keys: keys,
		Salt: cmp.Or(salt, "django.core.signing"),
		Now:  func() time.Time { return now },
	}
}
