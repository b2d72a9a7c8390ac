package main

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// session is what the page needs of a session's data.
type session struct {
	User    string `json:"_auth_user_id"`
	Backend string `json:"_auth_user_backend"`
	Hash    string `json:"_auth_user_hash"`
}

// signer checks what Django and Belleville sign.
type signer struct {
	data, login []byte // keys: of session data, and of what binds a session to a password
}

func newSigner(secret string) *signer {
	key := func(salt string) []byte {
		sum := sha256.Sum256([]byte(salt + secret))
		return sum[:]
	}
	return &signer{
		data:  key("django.contrib.sessions.SessionStoresigner"),
		login: key("django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"),
	}
}

// open checks the signature of a session's text and reads it.
func (s *signer) open(text string) (session, error) {
	var data session
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return data, errNobody
	}
	mac := hmac.New(sha256.New, s.data)
	io.WriteString(mac, text[:i])
	signature, err := base64.RawURLEncoding.DecodeString(text[i+1:])
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return data, errNobody
	}
	payload, _, _ := strings.Cut(text[:i], ":")
	packed := strings.HasPrefix(payload, ".")
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(payload, "."))
	if err != nil {
		return data, err
	}
	if packed {
		z, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			return data, err
		}
		if raw, err = io.ReadAll(z); err != nil {
			return data, err
		}
	}
	return data, json.Unmarshal(raw, &data)
}

// ours reports whether a session was made with the password that the user has.
func (s *signer) ours(hash, password string) bool {
	mac := hmac.New(sha256.New, s.login)
	io.WriteString(mac, password)
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(hash))
}

// split reads a run of "<bytes>:<name>" into a set.
func split(text string, into map[string]bool) {
	for text != "" {
		size, rest, _ := strings.Cut(text, ":")
		n, err := strconv.Atoi(size)
		if err != nil || n < 0 || n > len(rest) {
			return
		}
		into[rest[:n]] = true
		text = rest[n:]
	}
}
