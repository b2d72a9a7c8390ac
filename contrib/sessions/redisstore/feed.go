package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/changes"
)

// NewFeed returns the feed of sessions in Redis, for sessions.Config.Cache: the store publishes each
// change in the step that makes it. Of c, DB, URL and Source are not used. Channels belong to a whole
// Redis server, so where several sites share one, give each a Channel of its own, lest each drops
// what the others change. It does no I/O.
func NewFeed(client redis.UniversalClient, c changes.Config) *changes.Feed {
	c.Source = &source{client}
	return changes.New(c)
}

// source hears what is published.
type source struct{ client redis.UniversalClient }

var _ changes.Source = (*source)(nil)

// beat is how often a quiet subscription is tried, and how long it may take to answer.
const beat = 5 * time.Second

// Listen implements changes.Source. The client would connect again by itself and miss what was
// published meanwhile, so any failure ends it, as does a second subscription.
func (s *source) Listen(ctx context.Context, channel string, alive func(), heard func(string)) error {
	sub := s.client.Subscribe(ctx, channel)
	defer sub.Close()
	if first, err := sub.ReceiveTimeout(ctx, beat); err != nil {
		return fmt.Errorf("redisstore: subscribe: %w", err)
	} else if _, ok := first.(*redis.Subscription); !ok {
		return fmt.Errorf("redisstore: subscribe: got a %T", first)
	}
	alive()
	asked := false
	for {
		message, err := sub.ReceiveTimeout(ctx, beat)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout() && !asked && ctx.Err() == nil:
			if err := sub.Ping(ctx); err != nil {
				return fmt.Errorf("redisstore: %w", err)
			}
			asked = true
			continue
		case err != nil:
			return fmt.Errorf("redisstore: %w", err)
		}
		switch m := message.(type) {
		case *redis.Message:
			heard(m.Payload)
		case *redis.Subscription:
			return errors.New("redisstore: the subscription was broken and made again")
		}
		asked = false
		alive()
	}
}

var errNotItsFeed = errors.New("redisstore tells of its changes by Redis: give sessions.Config.Cache a redisstore.NewFeed with the store's client")

// TellTo implements [sessions.Teller].
func (s *Store) TellTo(feed *changes.Feed) error {
	if from, ok := feed.Source().(*source); !ok || from.client != s.client {
		return errNotItsFeed
	}
	s.feed = feed
	return nil
}

// news returns what to publish about a session, and where; "" for nowhere.
func (s *Store) news(key string) (channel, text string) {
	if s.feed == nil {
		return "", ""
	}
	return s.feed.Channel(), s.feed.News(sessions.Topic, key)[0]
}
