package hashers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"time"
)

// Config says how a [Hashers] works. Its zero value is Django 5.2's setting.
type Config struct {
	// List holds the hashers: the first makes new hashes, all verify. Nil means [Django52].
	List []Hasher
	// Limit is how many hashes run at a time. 0 means one for each processor that the program may
	// use (GOMAXPROCS, which knows a container's quota).
	Limit int
	// Queue is how many callers may wait beyond Limit. 0 means 32 for each hash of Limit, about
	// six seconds of waiting at Django's cost; a negative number means that nobody waits.
	Queue int
	// FullPriority hashes on the caller's goroutine, on Linux too, where a thread of lowered priority
	// does it otherwise. It makes pages wait for hashes, and is for programs that have none.
	FullPriority bool
	// RetryAfter is what a [BusyError] advises. 0 means 5 seconds.
	RetryAfter time.Duration
	// Rand is where salts come from. Nil means crypto/rand.Reader, anything else is for tests. It
	// must be safe for concurrent use. The bcrypt hashers draw their salts from crypto/rand always.
	Rand io.Reader
	// OnMalformed is told of every stored hash that [Hashers.Check] could not read; nil logs a
	// warning through slog.Default(). The error wraps [ErrMalformed] and holds nothing secret. It
	// is called while a slot is held and should return soon.
	OnMalformed func(algorithm string, err error)
}

// Hashers makes and checks passwords with a list of algorithms, a few at a time. It is safe for
// concurrent use; a program shares one, or else the limit is not one.
type Hashers struct {
	config Config
	list   []Hasher // without nil entries
	gate   gate
}

// Result is the outcome of [Hashers.Check].
type Result struct {
	// OK reports that the password is right.
	OK bool
	// MustUpdate asks the caller to make and store the hash anew, because the algorithm or its
	// cost is not the preferred one. It is never set without OK. A failure to do so is no reason
	// to turn the user away.
	MustUpdate bool
}

// New returns a Hashers. It does no I/O and does not fail: what is wrong with the configuration is
// told by [Hashers.Problems], which a system check reads.
func New(c Config) *Hashers {
	if c.List == nil {
		c.List = Django52()
	}
	if c.Limit <= 0 {
		c.Limit = runtime.GOMAXPROCS(0)
	}
	switch {
	case c.Queue == 0:
		c.Queue = 32 * c.Limit
	case c.Queue < 0:
		c.Queue = 0
	}
	if c.RetryAfter <= 0 {
		c.RetryAfter = 5 * time.Second
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.OnMalformed == nil {
		c.OnMalformed = func(algorithm string, err error) {
			slog.Warn("a stored password hash cannot be read", "algorithm", algorithm, "error", err)
		}
	}
	h := &Hashers{config: c, gate: newGate(c.Limit, c.Queue, c.RetryAfter)}
	for _, one := range c.List {
		if one != nil {
			h.list = append(h.list, one)
		}
	}
	return h
}

// List returns the hashers in order, the preferred one first. The list is the caller's own.
func (h *Hashers) List() []Hasher { return slices.Clone(h.list) }

// Make hashes the password with the preferred hasher and a new salt. The empty password is hashed
// like any other; see [Unusable] for "no password". The error may be a [BusyError], the context's,
// or one that wraps [ErrPassword] or [ErrNoHasher].
func (h *Hashers) Make(ctx context.Context, password string) (string, error) {
	return h.MakeWith(ctx, "", password, "")
}

// MakeWith hashes the password with the named algorithm of the list and the given salt. An empty
// algorithm means the preferred one, an empty salt a new one. The error may also be an
// [UnknownAlgorithmError] or wrap [ErrSalt], as for a salt with "$".
func (h *Hashers) MakeWith(ctx context.Context, algorithm, password, salt string) (string, error) {
	hasher, err := h.pick(algorithm)
	if err != nil {
		return "", err
	}
	if salt == "" {
		if salt, err = Salt(hasher, h.config.Rand); err != nil {
			return "", fmt.Errorf("hashers: make a salt: %w", err)
		}
	}
	var encoded string
	if busy := h.run(ctx, func() { encoded, err = hasher.Encode(password, salt) }); busy != nil {
		return "", busy
	}
	return encoded, err
}

// Check reports whether the password is the one that encoded was made from, and whether encoded
// should be made anew.
//
// Whatever encoded is (empty, unusable, gibberish, malformed, of an algorithm that is not in the
// list), the outcome is Result{} without an error, after one run of the preferred hasher, so that
// neither time nor status tells one such row from another or from a missing one. An error means
// that nothing was decided: a [BusyError], the context's, [ErrNoHasher], or a failure of the
// hasher itself.
func (h *Hashers) Check(ctx context.Context, password, encoded string) (Result, error) {
	var result Result
	var err error
	if busy := h.run(ctx, func() { result, err = h.check(password, encoded) }); busy != nil {
		return Result{}, busy
	}
	return result, err
}

// Burn does the work of one check and discards it. It is for a user that does not exist, who must
// take as long to refuse as one who does. Its errors are those of [Hashers.Check].
func (h *Hashers) Burn(ctx context.Context, password string) error {
	var err error
	if busy := h.run(ctx, func() { err = h.burn(password) }); busy != nil {
		return busy
	}
	return err
}

// run does the work when its turn comes, apart from the goroutines that answer requests. All hashing
// goes through here.
func (h *Hashers) run(ctx context.Context, work func()) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if h.config.FullPriority {
		work()
	} else {
		apart(work)
	}
	return nil
}

// check is Check without the limit.
func (h *Hashers) check(password, encoded string) (Result, error) {
	preferred, err := h.pick("")
	if err != nil {
		return Result{}, err
	}
	stored, err := h.Identify(encoded)
	if err != nil || !IsUsable(encoded) {
		return Result{}, h.burn(password)
	}
	ok, err := stored.Verify(password, encoded)
	if errors.Is(err, ErrMalformed) || errors.Is(err, ErrPassword) {
		if errors.Is(err, ErrMalformed) {
			h.config.OnMalformed(stored.Algorithm(), err)
		}
		return Result{}, h.burn(password)
	}
	if err != nil {
		return Result{}, fmt.Errorf("hashers: verify with %s: %w", stored.Algorithm(), err)
	}
	same := stored.Algorithm() == preferred.Algorithm()
	update := !same || preferred.MustUpdate(encoded)
	if ok {
		return Result{OK: true, MustUpdate: update}, nil
	}
	if hardener, can := preferred.(Hardener); can && same && update {
		hardener.Harden(password, encoded)
	}
	return Result{}, nil
}

// burn runs the preferred hasher once: on the password, or on other text when it refuses that.
func (h *Hashers) burn(password string) error {
	preferred, err := h.pick("")
	if err != nil {
		return err
	}
	salt, err := Salt(preferred, h.config.Rand)
	if err != nil {
		return fmt.Errorf("hashers: make a salt: %w", err)
	}
	_, err = preferred.Encode(password, salt)
	if errors.Is(err, ErrPassword) {
		_, err = preferred.Encode(randomText(unusableLength), salt)
	}
	return err
}

// pick returns the hasher of that name; the preferred one for the empty name.
func (h *Hashers) pick(algorithm string) (Hasher, error) {
	if len(h.list) == 0 {
		return nil, ErrNoHasher
	}
	if algorithm == "" {
		return h.list[0], nil
	}
	for _, one := range h.list {
		if one.Algorithm() == algorithm {
			return one, nil
		}
	}
	return nil, &UnknownAlgorithmError{Algorithm: algorithm}
}
