package password

import (
	"bufio"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// List is a set of passwords. It is read when it is first asked, once, and then kept, in about 30
// bytes an entry. It is safe for concurrent use. Make it with [ListOf] or [ListFS].
type List struct {
	read    func() ([]string, error)
	once    sync.Once
	entries []string // sorted, in small letters
	longest int      // in bytes
	err     error
}

// maxList is the size in bytes that a list may unpack to.
const maxList = 16 << 20

// files has the licence beside the list because every copy of the list must carry it, also the one
// in a compiled program.
//
//go:embed lists/common.txt.gz lists/LICENSE.txt
var files embed.FS

// builtin is the list that lists/README.md describes, with the runs that it lacks.
var builtin = &List{read: func() ([]string, error) {
	entries, err := readFile(files, "lists/common.txt.gz")
	return append(entries, runs()...), err
}}

// ListOf returns the list of these passwords. The slice must not be changed afterwards.
func ListOf(passwords ...string) *List {
	return &List{read: func() ([]string, error) { return passwords, nil }}
}

// ListFS returns the list in a file: UTF-8, one password a line, also packed with gzip. Nothing is
// read yet. A file that cannot be read, or unpacks to more than 16 MiB, is an error of each use;
// [Check] finds it at the start.
func ListFS(fsys fs.FS, name string) *List {
	return &List{read: func() ([]string, error) { return readFile(fsys, name) }}
}

// Contains reports whether the password is in the list, white space around it and the case of its
// letters aside.
func (l *List) Contains(password string) (bool, error) {
	if err := l.load(); err != nil {
		return false, err
	}
	password = strip(password)
	if len(password) > 3*l.longest { // small letters take a third of the bytes at best
		return false, nil
	}
	_, found := slices.BinarySearch(l.entries, lower(password))
	return found, nil
}

// Len returns the number of different passwords.
func (l *List) Len() (int, error) {
	err := l.load()
	return len(l.entries), err
}

func (l *List) load() error {
	l.once.Do(func() {
		var lines []string
		if lines, l.err = l.read(); l.err != nil {
			return
		}
		for _, line := range lines {
			if entry := lower(strip(line)); entry != "" {
				l.entries = append(l.entries, entry)
				l.longest = max(l.longest, len(entry))
			}
		}
		slices.Sort(l.entries)
		l.entries = slices.Compact(l.entries)
	})
	return l.err
}

func readFile(fsys fs.FS, name string) ([]string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("password: open the list of common passwords: %w", err)
	}
	defer f.Close()
	lines, err := readLines(f)
	if err != nil {
		return nil, fmt.Errorf("password: read the list of common passwords %s: %w", name, err)
	}
	return lines, nil
}

func readLines(r io.Reader) ([]string, error) {
	buffered := bufio.NewReader(r)
	r = buffered
	if magic, _ := buffered.Peek(2); string(magic) == "\x1f\x8b" {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		r = unpacked
	}
	text, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxList {
		return nil, fmt.Errorf("longer than %d bytes", maxList)
	}
	return strings.Split(string(text), "\n"), nil
}

// runs are common passwords that the list in the file lacks, since those who made it recognise
// them otherwise: one character again and again, and neighbours in the alphabet or on the keyboard,
// forwards and backwards. The last two are in Django's list and in its tests.
func runs() []string {
	const longest, shortest = 20, 4
	var passwords []string
	for c := '!'; c <= '~'; c++ {
		for n := 1; n <= longest; n++ {
			passwords = append(passwords, strings.Repeat(string(c), n))
		}
	}
	for _, row := range []string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
		"zyxwvutsrqponmlkjihgfedcba", "09876543210", "][poiuytrewq", "';lkjhgfdsa", "/.,mnbvcxz",
	} {
		for from := range row {
			for to := from + shortest; to <= len(row); to++ {
				passwords = append(passwords, row[from:to])
			}
		}
	}
	return append(passwords, "asdfjkl:", "&#2336:")
}
