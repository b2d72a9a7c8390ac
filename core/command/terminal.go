package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// terminal asks on a real terminal. Secrets are read without being shown.
// Everything is read byte by byte, so that what is typed or pasted ahead is left for the next
// question, which may be read in another mode.
type terminal struct {
	in  io.Reader
	out io.Writer
}

var _ Prompter = (*terminal)(nil)

func (t *terminal) file() (*os.File, bool) {
	f, ok := t.in.(*os.File)
	return f, ok && f != nil && term.IsTerminal(int(f.Fd()))
}

func (t *terminal) Interactive() bool { _, ok := t.file(); return ok }

func (t *terminal) Ask(ctx context.Context, prompt string) (string, error) {
	write(t.out, "%s", []any{prompt})
	if t.in == nil {
		return "", ErrInterrupted
	}
	return await(ctx, func() (string, error) {
		if t.Interactive() {
			return readTyped(t.in)
		}
		line, err := readUntil(t.in, '\n')
		return strings.TrimSuffix(line, "\r"), err
	})
}

func (t *terminal) AskSecret(ctx context.Context, prompt string) (string, error) {
	f, ok := t.file()
	if !ok {
		return t.Ask(ctx, prompt)
	}
	write(t.out, "%s", []any{prompt})
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("read a secret: %w", err)
	}
	text, err := await(ctx, func() (string, error) { return readTyped(f) })
	if restoreErr := term.Restore(int(f.Fd()), state); err == nil && restoreErr != nil {
		err = fmt.Errorf("read a secret: %w", restoreErr)
	}
	write(t.out, "\n", nil)
	return text, err
}

// The keys that mean something while a line is typed. A terminal in raw mode leaves them to us.
// Ctrl-D that was typed before it was in raw mode arrives as 0.
const (
	keyEnd       = 0
	keyCtrlC     = 3
	keyCtrlD     = 4
	keyBackspace = 8
	keyCtrlU     = 21
	keyDelete    = 127
)

// readTyped reads a line from a terminal in any mode and takes nothing after it.
func readTyped(in io.Reader) (string, error) {
	var line []byte
	for key := make([]byte, 1); ; {
		if n, err := in.Read(key); n == 0 || err != nil {
			key[0] = keyEnd
		}
		switch key[0] {
		case '\r', '\n':
			return string(line), nil
		case keyCtrlC:
			return "", ErrInterrupted
		case keyCtrlD, keyEnd:
			if len(line) == 0 {
				return "", ErrInterrupted
			}
			return string(line), nil
		case keyBackspace, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case keyCtrlU:
			line = line[:0]
		default:
			line = append(line, key[0])
		}
	}
}

// readUntil reads up to an end, which is left out, and takes nothing after it.
func readUntil(in io.Reader, end byte) (string, error) {
	var line []byte
	for next := make([]byte, 1); ; {
		n, err := in.Read(next)
		switch {
		case n == 1 && next[0] == end, err != nil && len(line) > 0:
			return string(line), nil
		case n == 1:
			line = append(line, next[0])
		case err != nil:
			return "", ErrInterrupted
		}
	}
}

// await runs a read that cannot be cancelled and stops waiting when ctx ends. The read is left
// behind, which only happens on the way out of the program.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	ch := make(chan answer, 1)
	go func() {
		text, err := read()
		ch <- answer{text, err}
	}()
	select {
	case a := <-ch:
		return a.text, a.err
	case <-ctx.Done():
		return "", ErrInterrupted
	}
}
