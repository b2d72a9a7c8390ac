package cacheddb

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Memory is a [Cache] of one process. When it is full it forgets what was not asked for longest.
type Memory struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	mu     sync.Mutex
	most   int
	all    map[string]*list.Element
	recent *list.List // of *kept, the last used first
}

type kept struct {
	key   string
	value []byte // nil while the key is held
	until time.Time
}

var _ Cache = (*Memory)(nil)

// NewMemory returns an empty cache of at most entries sessions, each of them some kilobytes.
func NewMemory(entries int) *Memory {
	return &Memory{most: max(entries, 1), all: map[string]*list.Element{}, recent: list.New()}
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

// living returns what is kept or held under a key. The caller holds mu.
func (m *Memory) living(key string) *kept {
	at := m.all[key]
	if at == nil {
		return nil
	}
	k := at.Value.(*kept)
	if !k.until.After(m.now()) {
		m.recent.Remove(at)
		delete(m.all, key)
		return nil
	}
	m.recent.MoveToFront(at)
	return k
}

// Get implements [Cache].
func (m *Memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.living(key); k != nil {
		return k.value, nil
	}
	return nil, nil
}

// Add implements [Cache].
func (m *Memory) Add(_ context.Context, key string, value []byte, ttl time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.living(key) == nil {
		m.put(&kept{key, value, m.now().Add(ttl)})
	}
	return nil
}

// Drop implements [Cache].
func (m *Memory) Drop(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.all[key]; at != nil {
		m.recent.Remove(at)
	}
	m.put(&kept{key, nil, m.now().Add(Hold)})
	return nil
}

func (m *Memory) put(k *kept) {
	m.all[k.key] = m.recent.PushFront(k)
	if m.recent.Len() > m.most {
		last := m.recent.Back()
		m.recent.Remove(last)
		delete(m.all, last.Value.(*kept).key)
	}
}
