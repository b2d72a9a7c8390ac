package csrf

import "github.com/go-belleville/belleville/core/signing"

// The shape of secrets and tokens, Django's. A token is a mask and then the secret, each letter
// moved on in the alphabet by the letter of the mask. A bare secret is a token too.
const (
	secretLength = 32
	tokenLength  = 2 * secretLength
	alphabet     = signing.Alphanumeric
)

// noPlace is the place of what is not in the alphabet.
const noPlace = 0xff

// places tells for each byte where it stands in the alphabet.
var places = func() (t [256]uint8) {
	for i := range t {
		t[i] = noPlace
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = uint8(i)
	}
	return t
}()

func newSecret() string { return signing.RandomString(secretLength, alphabet) }

// checkFormat returns what is wrong with a secret or token from outside, "" when nothing is.
func checkFormat(token string) Reason {
	if len(token) != secretLength && len(token) != tokenLength {
		return IncorrectLength
	}
	for i := range len(token) {
		if places[token[i]] == noPlace {
			return InvalidCharacters
		}
	}
	return ""
}

// mask returns a token for a well-formed secret, a different one each time.
func mask(secret string) string { return maskWith(secret, newSecret()) }

func maskWith(secret, letters string) string {
	token := make([]byte, tokenLength)
	copy(token, letters)
	for i := range secretLength {
		sum := int(places[secret[i]]) + int(places[letters[i]])
		token[secretLength+i] = alphabet[sum%len(alphabet)]
	}
	return string(token)
}

// unmask returns the secret of a well-formed token.
func unmask(token string) string {
	if len(token) != tokenLength {
		return token
	}
	secret := make([]byte, secretLength)
	for i := range secret {
		difference := int(places[token[secretLength+i]]) - int(places[token[i]])
		secret[i] = alphabet[(difference+len(alphabet))%len(alphabet)]
	}
	return string(secret)
}

// match reports whether a token is one of the secret's. Both must be well-formed; a token of
// another length never matches.
func match(token, secret string) bool { return signing.Equal(unmask(token), secret) }
