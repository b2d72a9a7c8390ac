package messages

import (
	"encoding/json"
	"net/http"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// sessionName is the session's value that holds the messages.
const sessionName = "_messages"

// SessionStorage keeps messages in the visitor's session, of which it makes one when there is
// none. It has room for all. The session comes from the request's context; without one the error is
// [sessions.ErrNoSession].
type SessionStorage struct{}

var _ Storage = SessionStorage{}

// Load reads the messages of the session. A value that is none of ours is Present and empty.
func (SessionStorage) Load(r *http.Request) (Stored, error) {
	ctx := r.Context()
	var raw json.RawMessage
	found, err := sessions.Of(ctx).Get(ctx, sessionName, &raw)
	if err != nil || !found {
		return Stored{}, err
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text) // Django's way: a string that holds JSON
	}
	var items []item
	if json.Unmarshal(raw, &items) != nil {
		return Stored{Present: true}, nil
	}
	msgs, _ := unpack(items)
	return Stored{Messages: msgs, Present: true}, nil
}

// Save puts the messages into the session, or takes the value out when there are none.
func (SessionStorage) Save(_ http.ResponseWriter, r *http.Request, _ Stored, msgs []Message) ([]Message, error) {
	ctx := r.Context()
	if len(msgs) == 0 {
		return nil, sessions.Of(ctx).Delete(ctx, sessionName)
	}
	return nil, sessions.Of(ctx).Set(ctx, sessionName, string(encodeList(msgs, ", ", false)))
}
