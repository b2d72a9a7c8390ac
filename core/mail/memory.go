package mail

import (
	"context"
	"sync"
)

// Memory is a transport for tests: it keeps a copy of each message. The zero value is ready. It must
// not be copied, and grows until Clear is called.
type Memory struct {
	mu     sync.Mutex
	outbox []*Message
}

var _ Transport = (*Memory)(nil)

// Send keeps the messages.
func (t *Memory) Send(ctx context.Context, msgs ...*Message) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return each(ctx, msgs, func(m *Message) error {
		if err := m.Validate(); err != nil {
			return err
		}
		t.outbox = append(t.outbox, m.Clone())
		return nil
	})
}

// Outbox returns copies of the messages sent so far, oldest first.
func (t *Memory) Outbox() []*Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*Message, len(t.outbox))
	for i, m := range t.outbox {
		out[i] = m.Clone()
	}
	return out
}

// Clear forgets the messages sent so far.
func (t *Memory) Clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.outbox = nil
}

// Discard is a transport that checks messages and throws them away.
type Discard struct{}

var _ Transport = Discard{}

// Send checks the messages.
func (Discard) Send(ctx context.Context, msgs ...*Message) (int, error) {
	return each(ctx, msgs, (*Message).Validate)
}
