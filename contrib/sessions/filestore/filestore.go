// Package filestore keeps each session in a file, in the format and under the name of Django's file
// engine: <Dir>/sessionid<key>. Django and this package may share a folder.
//
//	sess := sessions.New(sessions.Config{Store: filestore.New("/var/lib/site/sessions", s.Keys)})
//
// It suits one machine with few visitors. Files are written whole and then renamed, so a reader sees
// the old session or the new one. Processes of Belleville take turns by locking files beside the
// sessions, and so merge what they change; Django does not lock, and where locks on files are not
// to be had (Windows) the turns are those of one process.
//
// Expired files stay until `manage clearsessions` deletes them.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// Store is a [sessions.Store] in a folder. It is safe for concurrent use.
type Store struct {
	dir   string
	c     Config
	codec sessions.Codec
	locks *locks
}

// Config changes what New sets; the zero value is Django's.
type Config struct {
	// Prefix is what file names begin with: Django takes its SESSION_COOKIE_NAME. Empty means
	// "sessionid".
	Prefix string
	// Age is how long a session lives that was given no life of its own: CookieAge of
	// sessions.Config. 0 means two weeks. The files do not say it.
	Age time.Duration
	// Salt takes the place of [sessions.Salt].
	Salt string
	// Log is told about files whose signature does not hold; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// NewKey makes keys; nil means [sessions.NewKey].
	NewKey func() string
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
	_ sessions.Checker = (*Store)(nil)
)

// New returns the store of a folder, which must exist, and a project's keys. It does no I/O.
func New(dir string, keys signing.Keys) *Store { return NewWith(dir, keys, Config{}) }

// NewWith is New with other settings.
func NewWith(dir string, keys signing.Keys, c Config) *Store {
	if c.Prefix == "" {
		c.Prefix = "sessionid"
	}
	if c.Age == 0 {
		c.Age = 14 * 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewKey == nil {
		c.NewKey = sessions.NewKey
	}
	return &Store{dir: dir, c: c, codec: sessions.NewCodec(keys, c.Salt, c.Now, c.Log), locks: newLocks(dir)}
}

// Check implements [sessions.Checker]: the folder must be there and let us write.
func (s *Store) Check(context.Context) []string {
	var found []string
	if err := s.codec.Check(); err != nil {
		found = append(found, err.Error())
	}
	f, err := os.CreateTemp(s.dir, ".check")
	if err != nil {
		return append(found, fmt.Sprintf("Session files cannot be written (%v): make the folder, and let this user write in it.", err))
	}
	f.Close()
	os.Remove(f.Name())
	return found
}

// ErrKey says that a key is none of a file: it might name another file, or a folder.
var ErrKey = errors.New("filestore: not the key of a session")

// path returns the file of a key, which is of the letters that Django's keys are of.
func (s *Store) path(key string) (string, error) {
	if len(key) == 0 || len(key) > 200 {
		return "", ErrKey
	}
	for i := range len(key) {
		if c := key[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return "", ErrKey
		}
	}
	return filepath.Join(s.dir, s.c.Prefix+key), nil
}

// Load implements [sessions.Store] by reading one file.
func (s *Store) Load(ctx context.Context, key string) (sessions.Record, error) {
	r, err := s.read(ctx, key)
	if err == nil && !r.Expires.After(s.c.Now()) {
		err = sessions.ErrNotFound
	}
	return r, err
}

// read reads a session, be it alive or over.
func (s *Store) read(ctx context.Context, key string) (sessions.Record, error) {
	path, err := s.path(key)
	if err != nil {
		return sessions.Record{}, sessions.ErrNotFound
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return sessions.Record{}, sessions.ErrNotFound
	}
	if err != nil {
		return sessions.Record{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sessions.Record{}, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return sessions.Record{}, err
	}
	d := s.codec.Decode(ctx, string(text))
	return sessions.Record{Data: d, Expires: d.ExpiresAt(info.ModTime(), s.c.Age)}, nil
}

// Create implements [sessions.Store].
func (s *Store) Create(ctx context.Context, r sessions.Record) (string, error) {
	for range 3 {
		key := s.c.NewKey()
		err := s.write(key, r, true)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return key, err
	}
	return "", errors.New("filestore: new session keys are taken already: the system's random source repeats itself")
}

// write writes a session beside its file and moves it there. With fresh it must not exist yet.
func (s *Store) write(key string, r sessions.Record, fresh bool) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	text, err := s.codec.Encode(r.Data)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, ".new") // 0600; the dot keeps it out of Django's listing
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// The file's time is what its end is counted from, by Django too.
	now := s.c.Now()
	modified := r.Expires.Add(-r.Data.ExpiresAt(now, s.c.Age).Sub(now))
	if err := os.Chtimes(f.Name(), time.Time{}, modified); err != nil {
		return err
	}
	if fresh {
		taken, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if err := taken.Close(); err != nil {
			return err
		}
	}
	return os.Rename(f.Name(), path)
}

// Update implements [sessions.Store] while nobody else may write the file.
func (s *Store) Update(ctx context.Context, key string, _ sessions.Record, c sessions.Change) (string, error) {
	unlock, err := s.locks.lock(ctx, key)
	if err != nil {
		return "", err
	}
	defer unlock()
	was, err := s.Load(ctx, key)
	if errors.Is(err, sessions.ErrNotFound) {
		return "", sessions.ErrGone
	}
	if err != nil {
		return "", err
	}
	now := sessions.Record{Data: c.Apply(was.Data), Expires: c.Expires}
	if !c.NewKey {
		return key, s.write(key, now, false)
	}
	newKey, err := s.Create(ctx, now)
	if err != nil {
		return "", err
	}
	return newKey, s.remove(key)
}

// Delete implements [sessions.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if _, err := s.path(key); err != nil {
		return nil // there is no such session
	}
	unlock, err := s.locks.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	return s.remove(key)
}

func (s *Store) remove(key string) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
