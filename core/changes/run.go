package changes

import (
	"context"
	"errors"
	"time"
)

// Start begins to listen in the background and returns without waiting; until ctx ends or Close is
// called. What several services share may be started by each and is closed by the last.
func (f *Feed) Start(ctx context.Context) error {
	if f == nil {
		return nil
	}
	if f.problem != nil {
		return f.problem
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.started++; f.started > 1 {
		return nil
	}
	if f.file != nil {
		f.up.Store(true)
		return nil
	}
	ctx, f.cancel = context.WithCancel(ctx)
	f.done = make(chan struct{})
	go f.listen(ctx, f.done)
	return nil
}

// Close stops listening, after which nothing is kept. It waits until ctx ends at most.
func (f *Feed) Close(ctx context.Context) error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	if f.started == 0 {
		f.mu.Unlock()
		return nil
	}
	if f.started--; f.started > 0 {
		f.mu.Unlock()
		return nil
	}
	cancel, done := f.cancel, f.done
	f.mu.Unlock()
	if f.file != nil {
		f.down()
		return f.file.close()
	}
	cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// listen listens and begins again whenever that fails.
func (f *Feed) listen(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	const first, last = 100 * time.Millisecond, 5 * time.Second
	for wait := first; ; wait = min(2*wait, last) {
		wasUp := false
		err := f.source.Listen(ctx, f.c.Channel, func() {
			f.sign.Store(f.c.Now().UnixNano())
			if !wasUp {
				wasUp, wait = true, first
				f.generation.Add(1)
				f.up.Store(true)
				f.log.Load().InfoContext(ctx, "changes: listening, rows are kept in memory", "channel", f.c.Channel)
			}
		}, f.hear)
		f.down()
		if ctx.Err() != nil {
			return
		}
		f.downs.Add(1)
		f.log.Load().ErrorContext(ctx, "changes: cannot listen, so nothing is kept in memory until that works again", "channel", f.c.Channel, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// down ends the use of all that is kept, and forgets it.
func (f *Feed) down() {
	f.up.Store(false)
	f.forget()
}

func (f *Feed) forget() {
	f.generation.Add(1)
	for _, s := range f.stores("") {
		s.clear()
	}
}

// now returns the generation of what may be used now; ok is false when nothing may.
func (f *Feed) now(at time.Time) (generation uint64, ok bool) {
	if !f.up.Load() {
		return 0, false
	}
	if f.file != nil {
		return f.fileNow()
	}
	generation = f.generation.Load()
	// In this order: a feed that goes down in between is seen here, or by who compares generations.
	return generation, f.up.Load() && at.UnixNano()-f.sign.Load() < int64(silence)
}

// fileNow asks the file whether anything has changed.
func (f *Feed) fileNow() (uint64, bool) {
	if err := f.file.look(f.forget); err != nil {
		if f.failing.CompareAndSwap(false, true) {
			f.downs.Add(1)
			f.log.Load().Error("changes: the file's version cannot be read, so nothing is kept in memory until that works again", "error", err)
		}
		return 0, false
	}
	f.failing.Store(false)
	return f.generation.Load(), f.up.Load()
}

// errNews is for a listener that is told in time that its own test was not heard.
var errNews = errors.New("what is told through the pool is not heard: DB and URL name different databases, or a pooler that hands out connections per transaction is between " +
	"(set changes.Config.URL to the server's own address)")
