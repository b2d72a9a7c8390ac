package hashers

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2 is "argon2": Argon2id, version 19. It also verifies Argon2i of versions 19 and 16, which
// older versions of Django made. A hash at the defaults takes 100 MiB and about 0.1 s, so
// [Config.Limit] is a limit on memory too. Its lanes run at full priority, see the package comment.
type Argon2 struct {
	// Memory is in KiB. 0 means Django's 102,400.
	Memory int
	// Time is the number of passes. 0 means Django's 2.
	Time int
	// Threads is the number of lanes. 0 means Django's 8.
	Threads int
	// Length of the digest in bytes, 8 to 44 at the default costs (what fits into Django's column).
	// In Django it depends on the version of argon2-cffi: 16 up to 21.1, 32 since. 0 makes 32 and
	// takes both for up to date, so that two programs do not rewrite each other's hashes at every
	// login; a number takes that length alone.
	Length int
}

var _ Summarizer = Argon2{}

const (
	argon2Name        = "argon2"
	argon2Memory      = 102_400
	argon2Time        = 2
	argon2Threads     = 8
	argon2Length      = 32
	argon2OldLength   = 16
	argon2MinBytes    = 8 // of salt and digest
	argon2MaxBytes    = 64
	argon2MaxMemory   = 256 << 10 // KiB
	argon2MaxTime     = 16
	argon2MaxThreads  = 64
	argon2MostThreads = 255 // that the library's type holds
	argon2OldVersion  = 0x10
)

// argon2Hash is a stored hash in its parts.
type argon2Hash struct {
	variety               string
	version               int
	memory, time, threads int
	salt, digest          []byte
	text                  string // the digest as it is stored
}

// full returns the hasher with the defaults filled in.
func (h Argon2) full() Argon2 {
	return Argon2{
		Memory:  or(h.Memory, argon2Memory),
		Time:    or(h.Time, argon2Time),
		Threads: or(h.Threads, argon2Threads),
		Length:  or(h.Length, argon2Length),
	}
}

// Algorithm returns "argon2".
func (h Argon2) Algorithm() string { return argon2Name }

// parse reads a stored hash. Version 16 is also written without "v=16$".
func (h Argon2) parse(encoded string) (argon2Hash, error) {
	count := 6
	if strings.Count(encoded, "$") == 4 {
		count = 5
	}
	parts, err := split(argon2Name, encoded, count)
	if err != nil {
		return argon2Hash{}, err
	}
	a := argon2Hash{variety: parts[1], version: argon2OldVersion}
	if count == 6 {
		text, found := strings.CutPrefix(parts[2], "v=")
		n, ok := number(text, argon2.Version)
		if !found || !ok {
			return argon2Hash{}, malformed(argon2Name, "unknown version")
		}
		a.version = n
	}
	if !a.known() {
		return argon2Hash{}, malformed(argon2Name, "unknown variety or version")
	}
	if !h.costs(&a, parts[count-3]) {
		return argon2Hash{}, malformed(argon2Name, "costs out of bounds")
	}
	var okSalt, okDigest bool
	a.text = parts[count-1]
	a.salt, okSalt = unbase64(base64.RawStdEncoding, parts[count-2])
	a.digest, okDigest = unbase64(base64.RawStdEncoding, a.text)
	if !okSalt || !okDigest || !argon2Size(len(a.salt)) || !argon2Size(len(a.digest)) {
		return argon2Hash{}, malformed(argon2Name, "salt or digest of another length or form")
	}
	return a, nil
}

// known reports whether the variety exists in the version.
func (a argon2Hash) known() bool {
	switch a.variety {
	case "argon2id":
		return a.version == argon2.Version
	case "argon2i":
		return a.version == argon2.Version || a.version == argon2OldVersion
	}
	return false
}

// costs reads "m=102400,t=2,p=8".
func (h Argon2) costs(a *argon2Hash, text string) bool {
	own := h.full()
	costs := strings.Split(text, ",")
	if len(costs) != 3 {
		return false
	}
	ok := true
	read := func(text, name string, limit int) int {
		text, found := strings.CutPrefix(text, name)
		n, valid := number(text, limit)
		ok = ok && found && valid
		return n
	}
	a.memory = read(costs[0], "m=", max(argon2MaxMemory, own.Memory))
	a.time = read(costs[1], "t=", max(argon2MaxTime, own.Time))
	a.threads = read(costs[2], "p=", min(max(argon2MaxThreads, own.Threads), argon2MostThreads))
	return ok && a.memory >= 8*a.threads
}

func argon2Size(n int) bool { return n >= argon2MinBytes && n <= argon2MaxBytes }

// Encode implements [Hasher]; the salt must have 8 to 64 bytes.
func (h Argon2) Encode(password, salt string) (string, error) {
	if err := textSalt(argon2Name, salt); err != nil {
		return "", err
	}
	if !argon2Size(len(salt)) {
		return "", badSalt(argon2Name, "it must have 8 to 64 bytes")
	}
	if invalid := h.invalid(); invalid != "" {
		return "", fmt.Errorf("hashers: %s", invalid)
	}
	h = h.full()
	digest := argon2.IDKey([]byte(password), []byte(salt), uint32(h.Time), uint32(h.Memory), uint8(h.Threads), uint32(h.Length))
	encoding := base64.RawStdEncoding
	return fmt.Sprintf("%s$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2Name, argon2.Version,
		h.Memory, h.Time, h.Threads, encoding.EncodeToString([]byte(salt)), encoding.EncodeToString(digest)), nil
}

// Verify implements [Hasher].
func (h Argon2) Verify(password, encoded string) (bool, error) {
	a, err := h.parse(encoded)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(a.derive([]byte(password)), a.digest) == 1, nil
}

// derive runs the variety and version of the stored hash.
func (a argon2Hash) derive(password []byte) []byte {
	time, memory, size := uint32(a.time), uint32(a.memory), uint32(len(a.digest))
	switch {
	case a.version == argon2OldVersion:
		return argon2iOld(password, a.salt, time, memory, uint32(a.threads), size)
	case a.variety == "argon2i":
		return argon2.Key(password, a.salt, time, memory, uint8(a.threads), size)
	}
	return argon2.IDKey(password, a.salt, time, memory, uint8(a.threads), size)
}

// MustUpdate reports whether variety, version, costs or the digest's length differ, or the salt
// has less than 22 bytes.
func (h Argon2) MustUpdate(encoded string) bool {
	a, err := h.parse(encoded)
	if err != nil {
		return false
	}
	own := h.full()
	length := len(a.digest) == own.Length || h.Length == 0 && len(a.digest) == argon2OldLength
	same := a.variety == "argon2id" && a.version == argon2.Version && length &&
		a.memory == own.Memory && a.time == own.Time && a.threads == own.Threads
	return !same || len(a.salt) < saltLength
}

// Summary returns algorithm, variety, version, memory cost, time cost, parallelism, salt and hash.
func (h Argon2) Summary(encoded string) ([]Field, error) {
	a, err := h.parse(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{
		{"algorithm", argon2Name},
		{"variety", a.variety},
		{"version", strconv.Itoa(a.version)},
		{"memory cost", strconv.Itoa(a.memory)},
		{"time cost", strconv.Itoa(a.time)},
		{"parallelism", strconv.Itoa(a.threads)},
		{"salt", Mask(latin1(a.salt), 6)},
		{"hash", Mask(a.text, 6)},
	}, nil
}

// latin1 reads each byte as a character, so that a salt of any bytes can be shown.
func latin1(data []byte) string {
	text := make([]rune, len(data))
	for i, b := range data {
		text[i] = rune(b)
	}
	return string(text)
}

// invalid says why the algorithm cannot run with these costs.
func (h Argon2) invalid() string {
	h = h.full()
	switch {
	case h.Time < 1 || h.Time > 1<<16:
		return "argon2: Time must lie between 1 and 65,536; use 0 for Django's 2."
	case h.Threads < 1 || h.Threads > argon2MostThreads:
		return "argon2: Threads must lie between 1 and 255; use 0 for Django's 8."
	case h.Memory < 8*h.Threads || h.Memory > 1<<24:
		return "argon2: Memory must lie between 8 KiB a thread and 16 GiB (in KiB); use 0 for Django's 102,400."
	case !argon2Size(h.Length):
		return "argon2: Length must lie between 8 and 64 bytes; use 0 for 32."
	}
	return ""
}

func (h Argon2) problem() string {
	if invalid := h.invalid(); invalid != "" {
		return invalid
	}
	h = h.full()
	head := fmt.Sprintf("%s$argon2id$v=%d$m=%d,t=%d,p=%d$$", argon2Name, argon2.Version, h.Memory, h.Time, h.Threads)
	encoding := base64.RawStdEncoding
	if len(head)+encoding.EncodedLen(saltLength)+encoding.EncodedLen(h.Length) > column {
		return "argon2: Length makes a hash too long for the 128 characters of Django's column; use 0 for 32."
	}
	return ""
}

// weakness compares with the least that OWASP advises, 19 MiB and two passes; Django's is more.
func (h Argon2) weakness() string {
	h = h.full()
	if h.Memory*h.Time < 2*19*1024 {
		return "argon2: Memory and Time are less than 19,456 KiB and 2 passes; leave them 0."
	}
	return ""
}
