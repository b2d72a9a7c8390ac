// Package gorillastore lets code that was written for gorilla/sessions keep its sessions in any
// store of this framework.
//
//	store := gorillastore.New(dbstore.New(db, keys))
//
//	session, err := store.Get(r, "cart")
//	session.Values["items"] = []string{"tea"}
//	err = session.Save(r, w)
//
// A session's name is its cookie's, the cookie holds the key, and the values are kept as JSON, so
// that "sessionid" is the session that package sessions and Django see. gorilla saves when it is
// told to, before the answer begins; the middleware of package sessions, which saves by itself, is
// not needed and does not know of these sessions.
//
// Names of values are text; another key is an error at Save. Whole numbers come back as int and
// other numbers as float64, lists as []any and structs as map[string]any. Two requests at once merge
// the values that each changed.
//
// A cookie that was tampered with, or whose session is gone, brings a new session and no error.
package gorillastore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"

	gorilla "github.com/gorilla/sessions"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// Store is a gorilla/sessions Store. It is safe for concurrent use as long as nobody changes its
// fields.
type Store struct {
	// Options are what new sessions begin with. A MaxAge of 0 makes a cookie that goes with the
	// browser, a negative one deletes the session at Save.
	Options gorilla.Options
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	behind sessions.Store
	loaded sync.Map // weak.Pointer[gorilla.Session] to *base
}

// base is what a session was when it was loaded.
type base struct {
	record sessions.Record
	values sessions.Data // as they were encoded then
}

var _ gorilla.Store = (*Store)(nil)

// twoWeeks is how long a session lives after its last save, unless the cookie says less.
const twoWeeks = 14 * 24 * time.Hour

// New returns the adapter of a store, with Django's cookie: two weeks, the whole site, no scripts,
// SameSite=Lax.
func New(behind sessions.Store) *Store {
	return &Store{behind: behind, Options: gorilla.Options{
		Path: "/", MaxAge: int(twoWeeks / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}}
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// Get returns the session of a name, the same one each time within a request.
func (s *Store) Get(r *http.Request, name string) (*gorilla.Session, error) {
	return gorilla.GetRegistry(r).Get(s, name)
}

// New returns the session of a name as it is stored; never nil. An error means that the store could
// not be asked.
func (s *Store) New(r *http.Request, name string) (*gorilla.Session, error) {
	session := gorilla.NewSession(s, name)
	options := s.Options
	session.Options, session.IsNew = &options, true
	cookies := r.CookiesNamed(name)
	if len(cookies) == 0 {
		return session, nil
	}
	key := cookies[len(cookies)-1].Value
	if !sessions.ValidKey(key) {
		return session, nil
	}
	record, err := s.behind.Load(r.Context(), key)
	if errors.Is(err, sessions.ErrNotFound) {
		return session, nil
	}
	if err != nil {
		return session, fmt.Errorf("gorillastore: load the session %q: %w", name, err)
	}
	if session.Values, err = decode(record.Data); err != nil {
		return session, err
	}
	session.ID, session.IsNew = key, false
	s.remember(session, record)
	return session, nil
}

// remember keeps what a session was, as long as anybody has the session.
func (s *Store) remember(session *gorilla.Session, record sessions.Record) {
	pointer := weak.Make(session)
	// What is loaded is encoded again when it is saved: only that tells what was changed.
	values, err := encode(session.Values)
	if err != nil {
		values = record.Data
	}
	if _, known := s.loaded.Swap(pointer, &base{record: record, values: values}); !known {
		runtime.AddCleanup(session, func(p weak.Pointer[gorilla.Session]) { s.loaded.Delete(p) }, pointer)
	}
}

// Save stores the session and sets its cookie; with a negative Options.MaxAge it deletes both. A
// session that was deleted meanwhile is sessions.ErrGone.
func (s *Store) Save(r *http.Request, w http.ResponseWriter, session *gorilla.Session) error {
	if session.Options == nil {
		options := s.Options
		session.Options = &options
	}
	if session.Options.MaxAge < 0 {
		if session.ID != "" {
			if err := s.behind.Delete(r.Context(), session.ID); err != nil {
				return fmt.Errorf("gorillastore: delete the session %q: %w", session.Name(), err)
			}
		}
		session.ID = ""
		http.SetCookie(w, gorilla.NewCookie(session.Name(), "", session.Options))
		return nil
	}
	if err := s.store(r.Context(), session); err != nil {
		return fmt.Errorf("gorillastore: save the session %q: %w", session.Name(), err)
	}
	http.SetCookie(w, gorilla.NewCookie(session.Name(), session.ID, session.Options))
	return nil
}

func (s *Store) store(ctx context.Context, session *gorilla.Session) (err error) {
	values, err := encode(session.Values)
	if err != nil {
		return err
	}
	age := twoWeeks
	if session.Options.MaxAge > 0 {
		age = time.Duration(session.Options.MaxAge) * time.Second
	}
	expires := values.ExpiresAt(s.now(), age)
	if session.ID == "" {
		session.ID, err = s.behind.Create(ctx, sessions.Record{Data: values, Expires: expires})
	} else {
		session.ID, err = s.update(ctx, session, values, expires)
	}
	if err == nil {
		// The version is not known: somebody's change may have been merged.
		s.remember(session, sessions.Record{Data: values, Expires: expires})
	}
	return err
}

// update saves what was changed since the session was loaded.
func (s *Store) update(ctx context.Context, session *gorilla.Session, values sessions.Data, expires time.Time) (string, error) {
	var b *base
	if known, ok := s.loaded.Load(weak.Make(session)); ok {
		b = known.(*base)
	} else { // made by hand: what it has is all that shall be
		record, err := s.behind.Load(ctx, session.ID)
		if errors.Is(err, sessions.ErrNotFound) {
			return session.ID, sessions.ErrGone
		}
		if err != nil {
			return session.ID, err
		}
		b = &base{record: record, values: record.Data}
	}
	c := sessions.Change{Set: sessions.Data{}, Expires: expires}
	for name, value := range values {
		if was, ok := b.values[name]; !ok || string(was) != string(value) {
			c.Set[name] = value
		}
	}
	for name := range b.values {
		if _, ok := values[name]; !ok {
			c.Remove = append(c.Remove, name)
		}
	}
	key, err := s.behind.Update(ctx, session.ID, b.record, c)
	if err != nil {
		return session.ID, err
	}
	return key, nil
}
