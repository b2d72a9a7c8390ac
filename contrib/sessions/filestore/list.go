package filestore

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// keys yields the keys of all files, in the order in which the folder has them.
func (s *Store) keys(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		dir, err := os.Open(s.dir)
		if err != nil {
			yield("", err)
			return
		}
		defer dir.Close()
		for {
			names, err := dir.Readdirnames(500)
			if errors.Is(err, io.EOF) {
				return
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield("", err)
				return
			}
			for _, name := range names {
				key, ours := strings.CutPrefix(name, s.c.Prefix)
				if _, err := s.path(key); ours && err == nil && !yield(key, nil) {
					return
				}
			}
		}
	}
}

// DeleteExpired implements [sessions.Expirer], one file at a time.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, progress func(int64)) (int64, error) {
	var total int64
	for key, err := range s.keys(ctx) {
		if err != nil {
			return total, err
		}
		deleted, err := s.deleteExpired(ctx, key, now)
		if err != nil {
			return total, err
		}
		if deleted {
			if total++; progress != nil && total%100 == 0 {
				progress(total)
			}
		}
	}
	if progress != nil && total%100 != 0 {
		progress(total)
	}
	return total, nil
}

func (s *Store) deleteExpired(ctx context.Context, key string, now time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	unlock, err := s.locks.lock(ctx, key)
	if err != nil {
		return false, err
	}
	defer unlock()
	r, err := s.read(ctx, key)
	if errors.Is(err, sessions.ErrNotFound) || err == nil && !r.Expires.Before(now) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.remove(key)
}

// All implements [sessions.Lister] by reading every file.
func (s *Store) All(ctx context.Context) iter.Seq2[sessions.Entry, error] {
	return func(yield func(sessions.Entry, error) bool) {
		for key, err := range s.keys(ctx) {
			var r sessions.Record
			if err == nil {
				r, err = s.Load(ctx, key)
			}
			switch {
			case errors.Is(err, sessions.ErrNotFound):
			case err != nil:
				yield(sessions.Entry{}, err)
				return
			case !yield(sessions.Entry{Key: key, Record: r}, nil):
				return
			}
		}
	}
}
