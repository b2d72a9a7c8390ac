package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
)

// ready takes the project's feed where the service was given none.
func (s *Sessions) ready(p *core.Project) error {
	if s.cfg.Cache == nil {
		s.keep(p.Settings().Cache)
	}
	return nil
}

// keep keeps sessions in memory from now on, when the store tells of changes; nil leaves that be.
func (s *Sessions) keep(feed *changes.Feed) {
	if feed == nil || s.cfg.Store == nil {
		return
	}
	teller, ok := s.cfg.Store.(Teller)
	if !ok {
		s.uncached = fmt.Errorf("a %T does not tell of changes", s.cfg.Store)
		return
	}
	if s.uncached = teller.TellTo(feed); s.uncached == nil {
		s.kept = changes.Keep[Record](feed, Topic)
	}
}

// read returns the session of the key: the one that is kept, unless its time is over, else the
// store's. The caller holds mu. What it returns is shared and copied before the first change.
func (s *Session) read(ctx context.Context) (Record, error) {
	rec, ticket, ok := s.kept.Get(ctx, s.key)
	if s.memory = ok && rec.Expires.After(s.cfg.Now()); s.memory {
		return rec, nil
	}
	rec, err := s.cfg.Store.Load(ctx, s.key)
	if err == nil {
		s.kept.Put(ticket, rec)
	}
	return rec, err
}

// reload takes the store's word instead of what was kept, and makes what this request changed to it
// again. The caller holds mu.
func (s *Session) reload(ctx context.Context) error {
	mine := s.change(s.expires())
	_, ticket, _ := s.kept.Get(ctx, s.key)
	rec, err := s.cfg.Store.Load(ctx, s.key)
	switch {
	case err == nil:
		s.kept.Put(ticket, rec) // others shall know, too
	case errors.Is(err, ErrNotFound) && s.modified:
		s.kept.Drop(s.key)
		return ErrGone
	case errors.Is(err, ErrNotFound):
		s.kept.Drop(s.key)
		s.key, rec = "", Record{}
	default:
		return fmt.Errorf("load the session again: %w", err)
	}
	touched := s.touched
	s.begin(rec)
	s.memory = false
	if len(touched) > 0 {
		s.touched, s.data = touched, mine.Apply(rec.Data)
	}
	return nil
}
