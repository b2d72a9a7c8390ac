// Package check holds system checks: what is looked at before a command runs, and the messages
// that come out of it.
//
// An app lists its checks in [core.App.Checks]; `manage check` runs them all, and every command
// that needs a sound project refuses to start while one of them reports an error.
//
// [core.App.Checks]: https://pkg.go.dev/github.com/go-belleville/belleville/core#App
package check

import (
	"context"
	"fmt"
)

// Level says how bad a message is. The numbers are Django's.
type Level int

// The levels, from the mildest to the worst. Error and Critical stop a command.
const (
	Debug    Level = 10
	Info     Level = 20
	Warning  Level = 30
	Error    Level = 40
	Critical Level = 50
)

// String returns the level's name in capitals, as `manage check` prints it.
func (l Level) String() string {
	switch {
	case l >= Critical:
		return "CRITICAL"
	case l >= Error:
		return "ERROR"
	case l >= Warning:
		return "WARNING"
	case l >= Info:
		return "INFO"
	}
	return "DEBUG"
}

// Message is one finding.
type Message struct {
	Level Level
	// ID is "<app>.<letter><number>", Django's where the check is Django's ("auth.E003").
	ID string
	// Text says what is wrong in a sentence, Hint what to do about it; Hint may be empty.
	Text, Hint string
	// Object names what the message is about (a model, a route, a setting); may be empty.
	Object string
}

// Serious reports whether the message stops a command.
func (m Message) Serious() bool { return m.Level >= Error }

// String returns one line: "auth.User: (auth.E003) text Hint: hint".
func (m Message) String() string {
	s := fmt.Sprintf("(%s) %s", m.ID, m.Text)
	if m.Object != "" {
		s = m.Object + ": " + s
	}
	if m.Hint != "" {
		s += "\n\tHint: " + m.Hint
	}
	return s
}

// Check looks at one thing. The function may read the database with ctx; it reports a database
// that is out of reach as a warning of its own, so that `check` works without one.
type Check struct {
	// Tags group checks: "security", "models", "database". May be empty.
	Tags []string
	// Deploy limits the check to `manage check --deploy`.
	Deploy bool
	// Run returns what was found; nil when all is well.
	Run func(ctx context.Context) []Message
}
