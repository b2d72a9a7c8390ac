// Package redisstore keeps sessions in Redis: the engine that Django calls cache. They are shared by
// all processes, and Redis forgets expired ones by itself.
//
//	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
//	sess := sessions.New(sessions.Config{Store: redisstore.New(client)})
//
// It is a module of its own, so that only programs which import it link a Redis client. [NewCache]
// is a cache for cacheddb, for sessions that are kept in the database and read from Redis.
//
// A session is a hash with one field for each value, so a save touches what it changes and nothing
// else. Django cannot read it: its cache writes Python pickles. The data are not signed; whoever
// can write to this Redis can log in as anybody.
//
// With a [NewFeed] as sessions.Config.Cache, processes keep sessions in memory until one of them
// changes them.
//
// Redis keeps what it was set up to keep: with `appendonly yes` and `appendfsync always` every
// answered save survives a crash, with Redis's defaults the last seconds may be lost. Use one
// Redis server (with replicas), not Redis Cluster: a new key moves a session to another slot.
package redisstore

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/changes"
)

// Prefix is what keys in Redis begin with: Django's, without the version that Django puts in front.
const Prefix = "django.contrib.sessions.cache"

// Store is a [sessions.Store] in Redis. It is safe for concurrent use by any number of processes.
type Store struct {
	client         redis.UniversalClient
	c              Config
	create, update *redis.Script
	feed           *changes.Feed // nil unless changes are told
}

// Config changes what New sets.
type Config struct {
	// Prefix takes the place of [Prefix], where several sites share a Redis.
	Prefix string
	// Log is told about sessions that somebody else wrote into; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock by which sessions end when they are saved; nil means time.Now. Redis
	// counts on by its own.
	Now func() time.Time
	// NewKey makes keys; nil means [sessions.NewKey].
	NewKey func() string
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
	_ sessions.Teller  = (*Store)(nil)
)

// New returns the store of a client, which the caller closes. It does no I/O.
func New(client redis.UniversalClient) *Store { return NewWith(client, Config{}) }

// NewWith is New with other settings.
func NewWith(client redis.UniversalClient, c Config) *Store {
	if c.Prefix == "" {
		c.Prefix = Prefix
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewKey == nil {
		c.NewKey = sessions.NewKey
	}
	return &Store{client: client, c: c, create: redis.NewScript(createScript), update: redis.NewScript(updateScript)}
}

// A hash has one field for each value, with a mark in front, and one that keeps it from vanishing
// when there are none: Redis knows no empty hashes.
const (
	mark   = "="
	exists = "."
)

// isKey reports whether a key is of the letters that keys are made of. Others could name what
// somebody else keeps in this Redis under a longer prefix.
func isKey(key string) bool {
	for i := range len(key) {
		if c := key[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return key != ""
}

// Load implements [sessions.Store] in one round trip.
func (s *Store) Load(ctx context.Context, key string) (sessions.Record, error) {
	if !isKey(key) {
		return sessions.Record{}, sessions.ErrNotFound
	}
	pipe := s.client.Pipeline()
	all, left := pipe.HGetAll(ctx, s.c.Prefix+key), pipe.PTTL(ctx, s.c.Prefix+key)
	if _, err := pipe.Exec(ctx); err != nil {
		return sessions.Record{}, fmt.Errorf("redisstore: %w", err)
	}
	if len(all.Val()) == 0 || left.Val() < 0 {
		return sessions.Record{}, sessions.ErrNotFound
	}
	d := make(sessions.Data, len(all.Val()))
	for field, value := range all.Val() {
		if name, ok := strings.CutPrefix(field, mark); ok {
			if !json.Valid([]byte(value)) {
				s.c.Log.WarnContext(ctx, "session data corrupted", "value", name)
				d = sessions.Data{}
				break
			}
			d[name] = json.RawMessage(value)
		}
	}
	return sessions.Record{Data: d, Expires: s.c.Now().Add(left.Val())}, nil
}

//go:embed create.lua
var createScript string

//go:embed update.lua
var updateScript string

const tries = 3

var errKeysTaken = errors.New("redisstore: new session keys are taken already: the system's random source repeats itself")

// Create implements [sessions.Store] in one round trip. The client asks again when a connection
// breaks before the answer; what it asked for the first time may have been done, and is not done
// twice.
func (s *Store) Create(ctx context.Context, r sessions.Record) (string, error) {
	args := []any{r.Expires.UnixMilli(), exists, sessions.NewKey()}
	for name, value := range r.Data {
		args = append(args, mark+name, string(value))
	}
	for range tries {
		key := s.c.NewKey()
		done, err := s.create.Run(ctx, s.client, []string{s.c.Prefix + key}, args...).Int()
		if err != nil {
			return "", fmt.Errorf("redisstore: %w", err)
		}
		if done == 1 {
			return key, nil
		}
	}
	return "", errKeysTaken
}

// Update implements [sessions.Store] in one round trip: a script, which Redis runs alone.
func (s *Store) Update(ctx context.Context, key string, _ sessions.Record, c sessions.Change) (string, error) {
	if !isKey(key) {
		return "", sessions.ErrGone
	}
	channel, text := s.news(key)
	args := []any{c.Expires.UnixMilli(), len(c.Set), channel, text}
	for name, value := range c.Set {
		args = append(args, mark+name, string(value))
	}
	for _, name := range c.Remove {
		args = append(args, mark+name)
	}
	for range tries {
		keys, newKey := []string{s.c.Prefix + key}, key
		if c.NewKey {
			newKey = s.c.NewKey()
			keys = append(keys, s.c.Prefix+newKey)
		}
		done, err := s.update.Run(ctx, s.client, keys, args...).Int()
		switch {
		case err != nil:
			return "", fmt.Errorf("redisstore: %w", err)
		case done == 1:
			return newKey, nil
		case done == 0:
			return "", sessions.ErrGone
		}
	}
	return "", errKeysTaken
}

// Delete implements [sessions.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if !isKey(key) {
		return nil
	}
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, s.c.Prefix+key)
		if channel, text := s.news(key); channel != "" {
			p.Publish(ctx, channel, text)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("redisstore: %w", err)
	}
	return nil
}

// DeleteExpired implements [sessions.Expirer]. Redis deletes by itself.
func (s *Store) DeleteExpired(context.Context, time.Time, func(int64)) (int64, error) { return 0, nil }

// All implements [sessions.Lister] by going through all keys of the database, a few at a time.
func (s *Store) All(ctx context.Context) iter.Seq2[sessions.Entry, error] {
	return func(yield func(sessions.Entry, error) bool) {
		seen := map[string]bool{} // Redis may name a key twice
		scan := s.client.Scan(ctx, 0, escape(s.c.Prefix)+"*", 500).Iterator()
		for scan.Next(ctx) {
			key := strings.TrimPrefix(scan.Val(), s.c.Prefix)
			if seen[key] || !isKey(key) {
				continue
			}
			seen[key] = true
			r, err := s.Load(ctx, key)
			switch {
			case errors.Is(err, sessions.ErrNotFound):
			case err != nil:
				yield(sessions.Entry{}, err)
				return
			case !yield(sessions.Entry{Key: key, Record: r}, nil):
				return
			}
		}
		if err := scan.Err(); err != nil {
			yield(sessions.Entry{}, fmt.Errorf("redisstore: %w", err))
		}
	}
}

// escape writes a text as a pattern that only it matches.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}
