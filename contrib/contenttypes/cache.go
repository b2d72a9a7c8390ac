package contenttypes

import "sync"

// cache remembers rows for the life of the service.
type cache struct {
	mu      sync.RWMutex
	byLabel map[string]*ContentType
	byID    map[int64]*ContentType
}

func newCache() *cache {
	return &cache{byLabel: map[string]*ContentType{}, byID: map[int64]*ContentType{}}
}

// ClearCache forgets what was looked up, for programs that change the table by hand.
func (t *Types) ClearCache() {
	if t.cache == nil {
		return
	}
	t.cache.mu.Lock()
	defer t.cache.mu.Unlock()
	clear(t.cache.byLabel)
	clear(t.cache.byID)
}

func (t *Types) cached(label string) *ContentType {
	if t.cache == nil {
		return nil
	}
	t.cache.mu.RLock()
	defer t.cache.mu.RUnlock()
	return t.cache.byLabel[label]
}

func (t *Types) cachedID(id int64) *ContentType {
	if t.cache == nil {
		return nil
	}
	t.cache.mu.RLock()
	defer t.cache.mu.RUnlock()
	return t.cache.byID[id]
}

func (t *Types) keep(ct *ContentType) {
	if t.cache == nil {
		return
	}
	t.cache.mu.Lock()
	defer t.cache.mu.Unlock()
	t.cache.byLabel[ct.Label()] = ct
	t.cache.byID[ct.ID] = ct
}
