package hashers

// What the tests see of the inside: the rule for salts, the source of random text, and the costs
// of the runs that hardening does.

var (
	WeakSalt = weakSalt
	TextFrom = textFrom
)

const Alphabet = alphabet

// LoggedPBKDF2 returns a hasher and a function that returns the iterations of each run so far.
func LoggedPBKDF2(iterations int) (PBKDF2SHA256, func() []int) {
	log := new(workLog)
	return PBKDF2SHA256{Iterations: iterations, log: log}, log.take
}

// LoggedBCrypt returns a hasher and a function that returns the cost of each run so far.
func LoggedBCrypt(cost int) (BCrypt, func() []int) {
	log := new(workLog)
	return BCrypt{Cost: cost, log: log}, log.take
}

func (l *workLog) take() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs := l.runs
	l.runs = nil
	return runs
}
