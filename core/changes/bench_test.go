package changes_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

// BenchmarkHitSQLite is one use of what is kept, with the reading of the file's version.
func BenchmarkHitSQLite(b *testing.B) {
	db, err := database.Open("sqlite:" + b.TempDir() + "/db")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	benchmarkHit(b, changes.New(changes.Config{DB: db}))
}

// BenchmarkHit is one use of what is kept by a feed that listens.
func BenchmarkHit(b *testing.B) {
	benchmarkHit(b, changes.New(changes.Config{Source: quiet{}, Log: slog.New(slog.DiscardHandler)}))
}

// quiet is a source on which nothing is ever told.
type quiet struct{}

func (quiet) Listen(ctx context.Context, _ string, alive func(), _ func(string)) error {
	alive()
	<-ctx.Done()
	return ctx.Err()
}

func benchmarkHit(b *testing.B, feed *changes.Feed) {
	kept := changes.Keep[string](feed, topic)
	if err := feed.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer feed.Close(context.Background())
	for !feed.Stats().Up {
	}
	_, ticket, _ := kept.Get(b.Context(), "key")
	kept.Put(ticket, "value")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := kept.Get(b.Context(), "key"); !ok {
			b.Fatal("not kept")
		}
	}
}
