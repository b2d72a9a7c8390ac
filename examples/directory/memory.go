package directory

import (
	"context"
	"strings"
	"sync"

	"github.com/go-belleville/belleville/core/signing"
)

// Memory is a directory for tests and for this example. Its zero value is empty. Like most servers it
// compares names without regard to case, and takes an empty password for a good one.
type Memory struct {
	mu      sync.Mutex
	entries map[string]entry // by distinguished name in lower case
	down    error
}

type entry struct {
	person   Person
	password string
}

var _ Directory = (*Memory)(nil)

// Put stores a person below base, in place of one of the same name.
func (m *Memory) Put(base, password string, p Person) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = map[string]entry{}
	}
	m.entries[key("uid="+escape(p.UID)+","+base)] = entry{p, password}
}

// Fail makes every question fail with err, as those to a server that is down; nil ends that.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = err
}

// Bind implements [Directory].
func (m *Memory) Bind(_ context.Context, dn, password string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down != nil {
		return m.down
	}
	e, ok := m.entries[key(dn)]
	if password != "" && (!ok || !signing.Equal(e.password, password)) {
		return ErrWrongPassword
	}
	return nil
}

// Person implements [Directory].
func (m *Memory) Person(_ context.Context, dn string) (Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key(dn)]
	if m.down != nil || !ok {
		return Person{}, m.down
	}
	return e.person, nil
}

func key(dn string) string { return strings.ToLower(dn) }
