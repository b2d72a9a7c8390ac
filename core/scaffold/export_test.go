package scaffold

// What a build's record says, for tests of builds that cannot be made here.
var (
	Published  = published
	ReplacedBy = replacedBy
)

// The lists of words, for the test that holds them against Go.
var (
	Predeclared = predeclared
	Standard    = standard
)
