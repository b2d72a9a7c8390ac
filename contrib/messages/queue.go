package messages

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-belleville/belleville/contrib/auth"
)

// What adding a message may report. Test with errors.Is.
var (
	// ErrNoMiddleware says that the request did not pass through [Messages.Middleware].
	ErrNoMiddleware = errors.New("messages: the request takes no messages: add messages.New(…).App() to the project, after the app of sessions")
	// ErrAnswered says that the answer has begun, so that nothing can be stored in a cookie any more.
	ErrAnswered = errors.New("messages: the answer has begun: add messages before writing it")
)

// Queue is the messages of one request: those that waited for its visitor, and those that were
// added. The methods may be called from several goroutines. A nil Queue answers every call that
// can fail with [ErrNoMiddleware].
type Queue struct {
	service *Messages
	request *http.Request

	mu     sync.Mutex
	level  Level
	loaded bool
	stored Stored
	old    []Message // what waited, and what was added before the last Read
	added  []Message // since the last Read
	took   bool      // something was added at all
	used   bool      // old was handed out
	begun  bool      // the answer has begun
}

type queueKey struct{}

// Of returns the messages of the request, nil when it passed through no middleware.
func Of(ctx context.Context) *Queue {
	q, _ := ctx.Value(queueKey{}).(*Queue)
	return q
}

// Add adds a message for the next page that shows messages, of this request or a later one. A
// message without text, or below the minimum level, is left out without an error.
func (q *Queue) Add(level Level, text string, extraTags ...string) error {
	return q.add(Message{Level: level, Text: text}, extraTags)
}

// AddHTML adds a message that [Message.HTML] does not escape. Whatever a visitor typed must have
// been escaped in it.
func (q *Queue) AddHTML(level Level, html template.HTML, extraTags ...string) error {
	return q.add(Message{Level: level, Text: string(html), Safe: true}, extraTags)
}

func (q *Queue) add(m Message, extraTags []string) error {
	if q == nil {
		return ErrNoMiddleware
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if m.Text == "" || m.Level < q.level {
		return nil
	}
	if q.begun {
		return ErrAnswered
	}
	m.ExtraTags, m.tagged, m.tags = strings.Join(extraTags, " "), true, q.service.tags
	q.added, q.took = append(q.added, m), true
	return nil
}

// Read returns all messages, the oldest first, and marks them as read: they are gone with the
// answer. Reading again returns the same ones and what was added meanwhile. It loads the user
// when the project has [UserMessages].
func (q *Queue) Read(ctx context.Context) ([]Message, error) {
	if q == nil {
		return nil, ErrNoMiddleware
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.load(ctx); err != nil {
		return nil, err
	}
	mine, err := q.ofUser(ctx)
	if err != nil {
		return nil, err
	}
	q.used = true
	q.old = slices.Concat(q.old, q.added, mine)
	q.added = nil
	return slices.Clone(q.old), nil
}

// Peek returns what Read would, without marking it as read and without those of [UserMessages].
func (q *Queue) Peek(ctx context.Context) ([]Message, error) {
	if q == nil {
		return nil, ErrNoMiddleware
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.load(ctx); err != nil {
		return nil, err
	}
	return slices.Concat(q.old, q.added), nil
}

// Keep takes the mark of Read back, so that the messages wait for the next request too.
func (q *Queue) Keep() error {
	if q == nil {
		return ErrNoMiddleware
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used = false
	q.took = q.took || len(q.old) > len(q.stored.Messages) // what a user's queue gave must be stored now
	return nil
}

// Level returns the minimum level of the request: what is below is not taken.
func (q *Queue) Level() Level {
	if q == nil {
		return LevelInfo
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.level
}

// SetLevel changes the minimum level for the rest of the request; 0 takes every message.
func (q *Queue) SetLevel(level Level) error {
	if q == nil {
		return ErrNoMiddleware
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.level = level
	return nil
}

// load makes sure that old has what waited. The caller holds mu.
func (q *Queue) load(ctx context.Context) error {
	if q.loaded {
		return nil
	}
	stored, err := q.service.storage.Load(q.request.WithContext(ctx))
	if err != nil {
		return err
	}
	q.loaded, q.stored = true, stored
	for _, m := range stored.Messages {
		m.tags = q.service.tags
		q.old = append(q.old, m)
	}
	return nil
}

// ofUser takes the messages out of the queue of the request's user.
func (q *Queue) ofUser(ctx context.Context) ([]Message, error) {
	users := q.service.cfg.Users
	if users == nil {
		return nil, nil
	}
	u, err := auth.UserOf(ctx)
	if err != nil {
		return nil, err
	}
	texts, err := users.GetAndDelete(ctx, u)
	if err != nil {
		return nil, err
	}
	msgs := make([]Message, len(texts))
	for i, text := range texts {
		msgs[i] = Message{Text: text, tags: q.service.tags}
	}
	return msgs, nil
}

// changed reports whether there may be something to store.
func (q *Queue) changed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.took || q.used && q.stored.Present
}

// save stores what the next request shall see, and returns what there was no room for. An answer
// that failed stores nothing: what it was meant to say did not happen.
func (q *Queue) save(ctx context.Context, w http.ResponseWriter, status int) (left []Message, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun = true
	if status >= http.StatusInternalServerError {
		return nil, nil
	}
	var msgs []Message
	switch {
	case q.used && !q.stored.Present && !q.took:
		return nil, nil // there was nothing, and there is nothing
	case q.used:
		msgs = q.added
	case q.took:
		if err := q.load(ctx); err != nil {
			return nil, err
		}
		msgs = slices.Concat(q.old, q.added)
	default:
		return nil, nil
	}
	return q.service.storage.Save(w, q.request.WithContext(ctx), q.stored, msgs)
}

// concerns reports whether the answer depends on the visitor's messages, and whether there are any.
func (q *Queue) concerns() (depends, personal bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.loaded, len(q.old)+len(q.added) > 0
}
