package changes

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/core/database"
)

// Stats is what a feed has done since it was made.
type Stats struct {
	// Up says that rows are kept now.
	Up bool
	// Entries is how many rows are kept, of all topics.
	Entries int
	// Hits and Misses count questions that were answered from memory, and that were not.
	Hits, Misses uint64
	// Heard counts the news, this process's own among them; Drops what they were about.
	Heard, Drops uint64
	// Downs counts how often listening failed.
	Downs uint64
}

// Stats returns the counts, for metrics. Those of a nil Feed are zero.
func (f *Feed) Stats() Stats {
	if f == nil {
		return Stats{}
	}
	at := f.c.Now()
	s := Stats{Heard: f.heardCount.Load(), Downs: f.downs.Load()}
	_, s.Up = f.now(at)
	for _, kept := range f.stores("") {
		entries, hits, misses, drops := kept.counts()
		s.Entries, s.Hits, s.Misses, s.Drops = s.Entries+entries, s.Hits+hits, s.Misses+misses, s.Drops+drops
	}
	return s
}

// Problem returns what is wrong with the feed's configuration, found without I/O; nil when all is
// well, and for a nil Feed.
func (f *Feed) Problem() error {
	switch {
	case f == nil:
		return nil
	case f.problem != nil:
		return f.problem
	case f.c.Source != nil:
		return nil
	}
	db := f.c.DB
	if p, ok := f.source.(*postgres); ok {
		db = p.listen
	}
	return database.Connectable(db)
}

// Try listens once and returns why that does not work: the database is out of reach, or what is
// told through the pool is not heard. It takes some seconds at most. A feed with a Source of its own
// is not tried.
func (f *Feed) Try(ctx context.Context) error {
	if err := f.Problem(); err != nil {
		return err
	}
	if f == nil || f.c.Source != nil {
		return nil
	}
	p, ok := f.source.(*postgres)
	if !ok {
		conn, err := database.Connect(ctx, f.c.DB)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.begin(ctx, conn, f.c.Channel), conn.Close(ctx))
}
