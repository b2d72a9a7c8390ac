package filestore

import (
	"context"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// lockCount is how many files the keys share for locking: the file of a session itself cannot be
// locked, because it is replaced at every save.
const lockCount = 64

// locks are held by one writer at a time, among goroutines and, where the system can, processes.
type locks struct {
	dir   string
	turns [lockCount]chan struct{}
}

func newLocks(dir string) *locks {
	l := &locks{dir: dir}
	for i := range l.turns {
		l.turns[i] = make(chan struct{}, 1)
	}
	return l
}

// lock waits for its turn and returns the function that ends it.
func (l *locks) lock(ctx context.Context, key string) (unlock func(), err error) {
	h := fnv.New32a()
	h.Write([]byte(key))
	i := h.Sum32() % lockCount
	select {
	case l.turns[i] <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f, err := os.OpenFile(filepath.Join(l.dir, ".lock"+strconv.Itoa(int(i))), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = waitForFile(ctx, f)
	}
	if err != nil {
		if f != nil {
			f.Close()
		}
		<-l.turns[i]
		return nil, err
	}
	return func() {
		f.Close() // which gives the lock up
		<-l.turns[i]
	}, nil
}

// errHeld says that another process holds the lock of a file.
var errHeld = errors.New("filestore: locked by another process")

// waitForFile locks a file against other processes.
func waitForFile(ctx context.Context, f *os.File) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		if err := lockFile(f); !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
