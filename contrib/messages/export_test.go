package messages

// KeepLeft and KeepRight let the tests look at how a list is cut.
var (
	KeepLeft  = keepLeft[int]
	KeepRight = keepRight[int]
)

// Encode returns the value of a cookie.
func Encode(s *CookieStorage, msgs []Message, partial bool) (string, error) {
	return s.encode(msgs, partial)
}
