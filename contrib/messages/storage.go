package messages

import (
	"net/http"
)

// Storage keeps a visitor's messages from one request to the next. An implementation holds no
// state of a request and is safe for concurrent use. messagestest.TestStorage checks one.
type Storage interface {
	// Load returns what is kept for the visitor who makes the request. What cannot be read is no
	// error: it is Present and has no messages. It is called at most once for a request, and only
	// when something asks for messages or adds one.
	Load(r *http.Request) (Stored, error)
	// Save puts msgs in the place of what was kept, before the first byte of the answer, and returns
	// those that it had no room for. No messages means that the visitor has none any more. was
	// is what Load returned for the same request.
	Save(w http.ResponseWriter, r *http.Request, was Stored, msgs []Message) (left []Message, err error)
}

// Stored is what a storage keeps for a visitor. The zero value is nothing.
type Stored struct {
	// Messages, the oldest first.
	Messages []Message
	// Present says that something is kept, readable or not, so that there is something to delete.
	Present bool
	// Partial says that there was no room for all messages; the others are in the next storage of
	// a [FallbackStorage].
	Partial bool

	parts []Stored // of a FallbackStorage's storages
}

// FallbackStorage gives each storage what the ones before it had no room for. Django's default, and
// that of [New], is a [CookieStorage] that keeps the oldest messages and then [SessionStorage]: most
// visitors need no session.
type FallbackStorage []Storage

var _ Storage = FallbackStorage(nil)

// Load asks the storages in order, as long as one says that there is more.
func (f FallbackStorage) Load(r *http.Request) (Stored, error) {
	all := Stored{}
	for _, s := range f {
		part, err := s.Load(r)
		if err != nil {
			return Stored{}, err
		}
		all.parts = append(all.parts, part)
		all.Messages = append(all.Messages, part.Messages...)
		all.Present = all.Present || part.inUse()
		all.Partial = part.Partial
		if !part.Partial {
			break
		}
	}
	return all, nil
}

// Save fills the storages in order, and clears those that have messages and get none.
func (f FallbackStorage) Save(w http.ResponseWriter, r *http.Request, was Stored, msgs []Message) ([]Message, error) {
	for i, s := range f {
		part := Stored{}
		if i < len(was.parts) {
			part = was.parts[i]
		}
		if len(msgs) == 0 && !part.inUse() {
			continue
		}
		var err error
		if msgs, err = s.Save(w, r, part, msgs); err != nil {
			return nil, err
		}
	}
	return msgs, nil
}

// inUse reports whether there are messages. An unreadable cookie may be that of another program
// under the same host name, and is left alone like Django leaves it.
func (s Stored) inUse() bool { return len(s.Messages) > 0 || s.Partial }
