package csrf

import (
	"net/http"
	"strconv"
)

// Reason says why a request was refused. The reasons are the cases that Django tells apart.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	BadOrigin         Reason = "bad_origin"         // the Origin is neither the site's nor trusted
	NoReferer         Reason = "no_referer"         // https, and neither Origin nor Referer
	MalformedReferer  Reason = "malformed_referer"  // the Referer is no absolute address
	InsecureReferer   Reason = "insecure_referer"   // the Referer is not https
	BadReferer        Reason = "bad_referer"        // the Referer is neither the site's nor trusted
	NoCookie          Reason = "no_csrf_cookie"     // the request brought no secret
	TokenMissing      Reason = "csrf_token_missing" // neither form nor header has a token
	IncorrectLength   Reason = "incorrect_length"   // of the secret in the cookie, or of the token
	InvalidCharacters Reason = "invalid_characters" // likewise
	Incorrect         Reason = "incorrect"          // the token is not one of the secret's
)

// Refusal is the error of a request that the check did not let pass. Its status is 403.
type Refusal struct {
	Reason Reason
	// Subject is the Origin or Referer that was sent, or where the token was found: "cookie",
	// "POST", or the name of the header; empty when the reason says it all. It is what somebody
	// else has sent: quote it in logs, escape it in pages.
	Subject string
}

var _ error = (*Refusal)(nil)

// Error returns a sentence for logs and for the details that DEBUG shows. It holds no token.
func (f *Refusal) Error() string {
	subject := strconv.Quote(f.Subject)
	switch f.Reason {
	case BadOrigin:
		return "csrf: the Origin " + subject + " is not this site's, nor is it trusted"
	case NoReferer:
		return "csrf: a request under https says neither by Origin nor by Referer where it comes from"
	case MalformedReferer:
		return "csrf: the Referer is not an absolute address"
	case InsecureReferer:
		return "csrf: the Referer is not secure although this site is"
	case BadReferer:
		return "csrf: the Referer " + subject + " is not this site's, nor is it trusted"
	case NoCookie:
		return "csrf: the request brought no secret to compare a token with"
	case TokenMissing:
		return "csrf: there is no token in the form or the header"
	case IncorrectLength:
		return "csrf: the token of " + subject + " has an incorrect length"
	case InvalidCharacters:
		return "csrf: the token of " + subject + " has characters that no token has"
	}
	return "csrf: the token of " + subject + " is incorrect"
}

// HTTPStatus returns 403.
func (f *Refusal) HTTPStatus() int { return http.StatusForbidden }

const foreign = "This request came from another site, so it was not carried out."

// message is what the visitor is told; it gives no detail away but says what may help.
func (f *Refusal) message() string {
	switch f.Reason {
	case BadOrigin, BadReferer, InsecureReferer, MalformedReferer:
		return foreign
	case NoReferer:
		return "Your browser did not say which page this request came from, so it was not carried out. Allow it to send the Referer to this site."
	case NoCookie:
		return "Your browser sent no cookie with this form, so it was not carried out. Allow cookies for this site, load the page again, and send the form once more."
	}
	return "This form could not be verified, so it was not carried out. Load the page again, and send the form once more."
}
