package authforms

import (
	"encoding/base64"
	"unicode/utf8"
)

// maxUID is the longest text of a user's key in a link, in bytes.
const maxUID = 1024

// EncodeUID returns a user's key, given as text, as it stands in the address of a password reset
// link: URL-safe base 64 without padding, Django's uidb64. "1" is "MQ".
func EncodeUID(pk string) string { return base64.RawURLEncoding.EncodeToString([]byte(pk)) }

// DecodeUID is the opposite of [EncodeUID]. ok is false for text that it could not have made.
func DecodeUID(uid string) (pk string, ok bool) {
	if uid == "" || len(uid) > base64.RawURLEncoding.EncodedLen(maxUID) {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(uid)
	if err != nil || !utf8.Valid(text) || EncodeUID(string(text)) != uid {
		return "", false // there are other spellings of it, with line breaks for example
	}
	return string(text), true
}
