package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
)

// journal is a file with one line for everything that a server acknowledged.
type journal struct {
	path string
	mu   sync.Mutex
	file *os.File
	out  *bufio.Writer
}

func newJournal(path string) (*journal, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &journal{path: path, file: f, out: bufio.NewWriter(f)}, nil
}

// value notes that a value of an owner was acknowledged.
func (j *journal) value(engine, owner, name string, value int) {
	j.line("value %s %s %s %d\n", engine, owner, name, value)
}

// gone notes that a log-out was asked for ("maybe"), or acknowledged ("out").
func (j *journal) gone(kind, engine, owner string) { j.line("%s %s %s - 0\n", kind, engine, owner) }

func (j *journal) line(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fmt.Fprintf(j.out, format, args...)
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.out.Flush(); err != nil {
		return err
	}
	return j.file.Close()
}

// account is what the journal says of one session.
type account struct {
	values     map[string]int // the last acknowledged value of each name
	maybe, out bool           // a log-out was asked for, and acknowledged
}

// read adds the journal up, by engine and owner, and counts the acknowledged values.
func (j *journal) read() (all map[string]map[string]*account, acknowledged int, err error) {
	f, err := os.Open(j.path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	all = map[string]map[string]*account{}
	for _, engine := range engines {
		all[engine] = map[string]*account{}
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var kind, engine, owner, name string
		var value int
		if _, err := fmt.Fscan(strings.NewReader(lines.Text()), &kind, &engine, &owner, &name, &value); err != nil {
			return nil, 0, fmt.Errorf("the journal has the line %q: %w", lines.Text(), err)
		}
		a := all[engine][owner]
		if a == nil {
			a = &account{values: map[string]int{}}
			all[engine][owner] = a
		}
		switch kind {
		case "value":
			a.values[name] = max(a.values[name], value)
			acknowledged++
		case "maybe":
			a.maybe = true
		case "out":
			a.out = true
		}
	}
	return all, acknowledged, lines.Err()
}
