package scaffold

// The lists of words, for the test that holds them against Go.
var (
	Predeclared = predeclared
	Standard    = standard
)
