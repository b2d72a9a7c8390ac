package contenttypes

// For the fuzz test.
var (
	ParseKey = parseKey
	KeyText  = keyText
)
