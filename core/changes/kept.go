package changes

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Kept is rows of one topic in the memory of this process. It is made by [Keep] and safe for
// concurrent use. A nil Kept keeps nothing.
type Kept[V any] struct {
	feed         *Feed
	topic        string
	shards       [shards]shard[V]
	all          hold // while a change to all rows is on its way
	hits, misses atomic.Uint64
	drops        atomic.Uint64
}

// shards is how many parts there are, each with its lock, so that requests seldom wait for each
// other and a change to one row seldom refuses what was read of another.
const shards = 16

// Keep returns an empty memory for rows of a topic, a word without spaces. A nil feed has none: nil.
func Keep[V any](f *Feed, topic string) *Kept[V] {
	if f == nil {
		return nil
	}
	k := &Kept[V]{feed: f, topic: topic}
	for i := range k.shards {
		k.shards[i].most = max(1, (f.c.Entries+shards-1)/shards)
	}
	f.add(k)
	return k
}

// Ticket is proof of when a row was asked for, for [Kept.Put].
type Ticket struct {
	key        digest
	generation uint64
	epoch      uint64
	at         time.Time
	valid      bool
}

// Get returns what is kept under a key. When that is nothing, or not enough, read the row and hand it
// to Put with the ticket. It costs no allocation; on SQLite it asks the file for its version. With a context
// of [Fresh] there is nothing, and what is read then may be kept.
func (k *Kept[V]) Get(ctx context.Context, key string) (value V, t Ticket, ok bool) {
	if k == nil {
		return value, t, false
	}
	now := k.feed.c.Now()
	generation, on := k.feed.now(now)
	if !on || k.all.held(now) {
		k.misses.Add(1)
		return value, t, false
	}
	d := digestOf(k.topic, key)
	s := k.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isHeld(d, now) {
		k.misses.Add(1)
		return value, t, false
	}
	t = Ticket{key: d, generation: generation, epoch: s.epoch, at: now, valid: true}
	if !IsFresh(ctx) && s.rows != nil {
		if e, found := s.rows.Get(d); found && e.generation == generation && now.Before(e.until) {
			k.hits.Add(1)
			return e.value, t, true
		}
	}
	k.misses.Add(1)
	return value, t, false
}

// Put keeps a value that was read after Get gave the ticket, unless the row may have changed since.
// Nobody changes the value from then on.
func (k *Kept[V]) Put(t Ticket, value V) {
	if k == nil || !t.valid {
		return
	}
	s := k.shard(t.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != t.epoch || k.feed.generation.Load() != t.generation {
		return
	}
	if s.rows == nil {
		s.rows, _ = simplelru.NewLRU[digest, entry[V]](s.most, nil) // fails for a size below 1 alone
	}
	s.rows.Add(t.key, entry[V]{value, t.generation, t.at.Add(k.feed.c.Age)})
}

// Drop forgets what this process keeps under a key and tells nobody: for what turned out to be wrong.
func (k *Kept[V]) Drop(key string) {
	if k != nil {
		k.drop(digestOf(k.topic, key), false)
	}
}

// Len returns how many values are kept.
func (k *Kept[V]) Len() int {
	if k == nil {
		return 0
	}
	n := 0
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		if s.rows != nil {
			n += s.rows.Len()
		}
		s.mu.Unlock()
	}
	return n
}

func (k *Kept[V]) shard(d digest) *shard[V] { return &k.shards[d[0]%shards] }

// entry is a value and how long it may be used.
type entry[V any] struct {
	value      V
	generation uint64
	until      time.Time
}

// shard is a part of the rows.
type shard[V any] struct {
	mu    sync.Mutex
	most  int
	rows  *simplelru.LRU[digest, entry[V]] // nil until there is one
	epoch uint64                           // moves when a row of the shard changes
	holds map[digest]*hold
}

// store is a Kept of any type.
type store interface {
	keeps() string
	hold(keys []digest) // no keys: all
	drop(key digest, own bool)
	dropAll(own bool)
	clear()
	counts() (entries int, hits, misses, drops uint64)
}

func (k *Kept[V]) keeps() string { return k.topic }

func (k *Kept[V]) counts() (entries int, hits, misses, drops uint64) {
	return k.Len(), k.hits.Load(), k.misses.Load(), k.drops.Load()
}

// hold lets nobody use or keep rows until this process has heard its own news.
func (k *Kept[V]) hold(keys []digest) {
	now := k.feed.c.Now()
	if len(keys) == 0 {
		k.all.add(now)
		k.clear()
		return
	}
	for _, d := range keys {
		s := k.shard(d)
		s.mu.Lock()
		s.forget(d)
		if s.holds == nil {
			s.holds = map[digest]*hold{}
		}
		if s.holds[d] == nil {
			s.tidy(now)
			s.holds[d] = new(hold)
		}
		s.holds[d].add(now)
		s.mu.Unlock()
	}
}

func (k *Kept[V]) drop(d digest, own bool) {
	k.drops.Add(1)
	s := k.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(d)
	if h := s.holds[d]; own && h != nil && h.release() {
		delete(s.holds, d)
	}
}

func (k *Kept[V]) dropAll(own bool) {
	k.drops.Add(1)
	k.clear()
	if own {
		k.all.release()
	}
}

// clear forgets all rows, and refuses what is being read.
func (k *Kept[V]) clear() {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		s.epoch++
		if s.rows != nil {
			s.rows.Purge()
		}
		s.mu.Unlock()
	}
}

func (s *shard[V]) forget(d digest) {
	s.epoch++
	if s.rows != nil {
		s.rows.Remove(d)
	}
}

func (s *shard[V]) isHeld(d digest, now time.Time) bool {
	h := s.holds[d]
	return h != nil && h.held(now)
}

// tidy takes out holds that nobody released: the transactions were rolled back.
func (s *shard[V]) tidy(now time.Time) {
	if len(s.holds) < 100 {
		return
	}
	for d, h := range s.holds {
		if !h.held(now) {
			delete(s.holds, d)
		}
	}
}

// holdTime is how long a hold lasts whose news never arrive.
const holdTime = 10 * time.Second

// hold counts changes that this process has made and not heard of yet.
type hold struct {
	until atomic.Int64 // in nanoseconds; 0 when there are none

	mu    sync.Mutex
	count int
}

func (h *hold) add(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.held(now) {
		h.count = 0
	}
	h.count++
	h.until.Store(now.Add(holdTime).UnixNano())
}

func (h *hold) held(now time.Time) bool { return now.UnixNano() < h.until.Load() }

// release takes one away and reports whether none is left.
func (h *hold) release() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.count = max(0, h.count-1); h.count > 0 {
		return false
	}
	h.until.Store(0)
	return true
}

// digest stands for a key where the key itself must not be seen: a session's is a secret.
type digest [16]byte

func digestOf(topic, key string) digest {
	var b [192]byte
	text := append(append(append(b[:0], topic...), 0), key...)
	sum := sha256.Sum256(text)
	return digest(sum[:16])
}

// String returns the digest as it is told.
func (d digest) String() string { return base64.RawURLEncoding.EncodeToString(d[:]) }

func parseDigest(text string) (d digest, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != len(d) {
		return d, false
	}
	return digest(b), true
}
