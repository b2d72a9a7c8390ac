package signing

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"hash"
	"io"
	"strings"
	"sync"
)

// machine is a Signer with its keys worked out.
type machine struct {
	keys [][]byte // the HMAC key of each secret
	sep  string
	hash func() hash.Hash
	err  error      // why it cannot sign; then there are no keys
	pool *sync.Pool // of *worker; nil in a machine for one call, which has no use for it
}

// worker is the memory of one call at a time. Its parts are made when first needed and cost far
// more than what is done with them: a compressor is several hundred kilobytes.
type worker struct {
	macs  []hash.Hash // by key
	chunk [128]byte   // text on its way into a hash
	sum   []byte
	sig   []byte

	text    []byte // the signed text as it grows
	data    []byte // bytes of an object on their way in or out
	ascii   []byte
	json    bytes.Buffer
	encoder *json.Encoder
	packed  bytes.Buffer
	deflate *zlib.Writer
	source  bytes.Reader
	inflate io.ReadCloser
}

// machine returns the prepared machine, or one made for this call only.
func (s Signer) machine() *machine {
	if s.ready != nil {
		return s.ready
	}
	m := &machine{sep: s.sep(), hash: s.Hash, err: s.Check()}
	if m.err != nil {
		return m
	}
	if m.hash == nil {
		m.hash = sha256.New
	}
	salt := cmp.Or(s.Salt, "django.core.signing.Signer") + "signer"
	for _, secret := range s.Keys {
		m.keys = append(m.keys, deriveKey(m.hash, salt, secret))
	}
	return m
}

// prepared lets the machine keep its workers. It is called before the machine is shared.
func (m *machine) prepared() *machine {
	if m.pool == nil {
		m.pool = new(sync.Pool)
	}
	return m
}

func (m *machine) worker() *worker {
	if m.pool != nil {
		if w, ok := m.pool.Get().(*worker); ok {
			return w
		}
	}
	return &worker{macs: make([]hash.Hash, len(m.keys))}
}

// release keeps the worker for the next call, unless a large object has made it large.
func (m *machine) release(w *worker) {
	const limit = 64 << 10
	if m.pool == nil {
		return
	}
	if cap(w.text)+cap(w.data)+cap(w.ascii)+w.json.Cap()+w.packed.Cap() <= limit {
		m.pool.Put(w)
	}
}

// sign appends separator and signature to the worker's text.
func (m *machine) sign(w *worker) error {
	if m.err != nil {
		return m.err
	}
	signature(m, w, 0, w.text)
	w.text = append(w.text, m.sep...)
	w.text = append(w.text, w.sig...)
	return nil
}

func (m *machine) mustSign(w *worker) {
	if err := m.sign(w); err != nil {
		panic(err)
	}
}

func (m *machine) unsign(w *worker, signed string) (string, error) {
	if m.err != nil {
		return "", m.err
	}
	i := strings.LastIndex(signed, m.sep)
	if i < 0 {
		return "", ErrBadSignature
	}
	value, sig := signed[:i], signed[i+len(m.sep):]
	for key := range m.keys {
		signature(m, w, key, value)
		if subtle.ConstantTimeCompare(w.sig, []byte(sig)) == 1 {
			return value, nil
		}
	}
	return "", ErrBadSignature
}

// signature leaves the signature of value under one of the keys in w.sig. The value goes through
// w.chunk because a conversion to bytes would be copied to the heap.
func signature[T string | []byte](m *machine, w *worker, key int, value T) {
	mac := w.macs[key]
	if mac == nil {
		mac = hmac.New(m.hash, m.keys[key])
		w.macs[key] = mac
	} else {
		mac.Reset()
	}
	for len(value) > 0 {
		n := copy(w.chunk[:], value)
		mac.Write(w.chunk[:n])
		value = value[n:]
	}
	w.sum = mac.Sum(w.sum[:0])
	w.sig = base64.RawURLEncoding.AppendEncode(w.sig[:0], w.sum)
}
