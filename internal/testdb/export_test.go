package testdb

// Abandoned and NameOf let the tests look at the names of databases.
var (
	Abandoned = abandoned
	NameOf    = nameOf
)
