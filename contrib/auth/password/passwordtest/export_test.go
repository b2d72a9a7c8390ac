package passwordtest

// Problems returns what the test would report.
var Problems = problems
