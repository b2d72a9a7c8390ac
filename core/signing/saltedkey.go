package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"
)

// SaltedKey is [SaltedHMAC] under one salt and secret with the key worked out, for what is computed on
// every request. It is safe for concurrent use and holds no secret text.
type SaltedKey struct {
	key  []byte
	pool sync.Pool // of *saltedWorker
}

type saltedWorker struct {
	mac   hash.Hash
	chunk [128]byte // text on its way into the hash
	sum   [sha256.Size]byte
}

// NewSaltedKey returns the key of a salt and a secret.
func NewSaltedKey(salt, secret string) *SaltedKey {
	return &SaltedKey{key: deriveKey(sha256.New, salt, secret)}
}

// Hex returns what [SaltedHMAC] does for a value, as 64 small hexadecimal digits.
func (k *SaltedKey) Hex(value string) string {
	w, _ := k.pool.Get().(*saltedWorker)
	if w == nil {
		w = &saltedWorker{mac: hmac.New(sha256.New, k.key)}
	}
	defer k.pool.Put(w)
	w.mac.Reset()
	for len(value) > 0 {
		n := copy(w.chunk[:], value)
		w.mac.Write(w.chunk[:n])
		value = value[n:]
	}
	return hex.EncodeToString(w.mac.Sum(w.sum[:0]))
}
