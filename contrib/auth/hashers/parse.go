package hashers

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
)

// Bounds on all stored text; the package comment lists them with the algorithms' own. A column
// made by Django holds fewer characters, which new hashes must fit into.
const (
	maxEncoded = 512
	maxSalt    = 128
	column     = 128
)

// split cuts encoded at each "$" and checks the algorithm and the number of parts.
func split(algorithm, encoded string, parts int) ([]string, error) {
	if len(encoded) > maxEncoded {
		return nil, malformed(algorithm, "longer than 512 bytes")
	}
	fields := strings.Split(encoded, "$")
	if fields[0] != algorithm {
		return nil, malformed(algorithm, "a hash of another algorithm")
	}
	if len(fields) != parts {
		return nil, malformed(algorithm, "wrong number of parts")
	}
	return fields, nil
}

// number reads a decimal without sign or leading zero that lies between 1 and limit.
func number(text string, limit int) (int, bool) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit || strconv.Itoa(n) != text {
		return 0, false
	}
	return n, true
}

// unbase64 decodes text that the encoding would produce itself, and nothing else.
func unbase64(encoding *base64.Encoding, text string) ([]byte, bool) {
	data, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(data) != text {
		return nil, false
	}
	return data, true
}

// isHex reports whether the text is the lower-case hexadecimal form of size bytes.
func isHex(text string, size int) bool {
	data, err := hex.DecodeString(text)
	return err == nil && len(data) == size && hex.EncodeToString(data) == text
}

// textSalt checks the salt of the algorithms that store it as it is.
func textSalt(algorithm, salt string) error {
	switch {
	case salt == "":
		return badSalt(algorithm, "it is empty")
	case strings.Contains(salt, "$"):
		return badSalt(algorithm, `it contains "$"`)
	case len(salt) > maxSalt:
		return badSalt(algorithm, "it is longer than 128 bytes")
	}
	return nil
}

// or returns the value, or what it stands for when it is zero.
func or(value, zero int) int {
	if value == 0 {
		return zero
	}
	return value
}

// workLog notes the cost of each run of a slow algorithm, for tests; nil notes nothing.
type workLog struct {
	mu   sync.Mutex
	runs []int
}

func (l *workLog) note(cost int) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs = append(l.runs, cost)
}
