package messages

import (
	"context"
	"html/template"
)

// Add adds a message to the request of ctx: see [Queue.Add]. The only errors are [ErrNoMiddleware]
// and [ErrAnswered].
func Add(ctx context.Context, level Level, text string, extraTags ...string) error {
	return Of(ctx).Add(level, text, extraTags...)
}

// AddHTML adds a message that is HTML: see [Queue.AddHTML].
func AddHTML(ctx context.Context, level Level, html template.HTML, extraTags ...string) error {
	return Of(ctx).AddHTML(level, html, extraTags...)
}

// TryAdd is Add for code that is also used in projects without messages, Django's fail_silently. It
// reports whether the request takes messages.
func TryAdd(ctx context.Context, level Level, text string, extraTags ...string) bool {
	return Of(ctx).Add(level, text, extraTags...) == nil
}

// Debug adds a message for developers. Below the usual minimum level, it is left out in production.
func Debug(ctx context.Context, text string, extraTags ...string) error {
	return Add(ctx, LevelDebug, text, extraTags...)
}

// Info adds a message that says something.
func Info(ctx context.Context, text string, extraTags ...string) error {
	return Add(ctx, LevelInfo, text, extraTags...)
}

// Success adds a message that something went well.
func Success(ctx context.Context, text string, extraTags ...string) error {
	return Add(ctx, LevelSuccess, text, extraTags...)
}

// Warning adds a message that something may go wrong.
func Warning(ctx context.Context, text string, extraTags ...string) error {
	return Add(ctx, LevelWarning, text, extraTags...)
}

// Error adds a message that something went wrong.
func Error(ctx context.Context, text string, extraTags ...string) error {
	return Add(ctx, LevelError, text, extraTags...)
}

// Read returns the request's messages and marks them as read: see [Queue.Read].
func Read(ctx context.Context) ([]Message, error) { return Of(ctx).Read(ctx) }
