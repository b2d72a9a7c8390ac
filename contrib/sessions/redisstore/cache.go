package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache is a cache for cacheddb that all processes share: it implements cacheddb.Cache. It is safe
// for concurrent use.
type Cache struct {
	client redis.UniversalClient
	prefix string
}

// NewCache returns the cache of a client. prefix stands before every key; it may be empty, and is
// there for several sites that share a Redis.
func NewCache(client redis.UniversalClient, prefix string) *Cache { return &Cache{client, prefix} }

// hold is how long a dropped key takes no value: as cacheddb.Hold.
const hold = 3 * time.Second

// Get returns what is kept under a key, nil for nothing.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := c.client.Get(ctx, c.prefix+key).Bytes()
	if errors.Is(err, redis.Nil) || len(value) == 0 && err == nil {
		return nil, nil // the empty value holds the place of a dropped one
	}
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	return value, nil
}

// Add keeps a value for ttl at most, unless the key has one or was dropped in the last seconds.
func (c *Cache) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	err := c.client.SetArgs(ctx, c.prefix+key, value, redis.SetArgs{Mode: "NX", TTL: max(ttl, time.Millisecond)}).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("redisstore: %w", err)
	}
	return nil
}

// Drop forgets a key, and lets nobody add it for some seconds.
func (c *Cache) Drop(ctx context.Context, key string) error {
	if err := c.client.Set(ctx, c.prefix+key, "", hold).Err(); err != nil {
		return fmt.Errorf("redisstore: %w", err)
	}
	return nil
}
