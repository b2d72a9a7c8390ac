package command_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/command"
)

func TestReadTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, typed, want string
		rest              string // what is left for the next question
	}{
		{"a line", "secret\r", "secret", ""},
		{"two lines", "secret\nmore\n", "secret", "more\n"},
		{"nothing", "\r", "", ""},
		{"corrected", "sx\bexy\x7f\x7fcret\r", "secret", ""},
		{"corrected too far", "\b\b\x7fsecret\r", "secret", ""},
		{"a letter of two bytes taken back", "sé\x7fecret\r", "secret", ""},
		{"begun anew", "wrong\x15secret\r", "secret", ""},
		{"Ctrl-D within", "sec\x04ret\r", "sec", "ret\r"},
		{"Ctrl-C", "sec\x03ret\r", "interrupted", "ret\r"},
		{"Ctrl-D", "\x04secret\r", "interrupted", "secret\r"},
		{"Ctrl-D typed before", "\x00", "interrupted", ""},
		{"the end of the input", "", "interrupted", ""},
		{"a line without an end", "secret", "secret", ""},
		{"the end of a line as Windows has it", "secret\r\n", "secret", "\n"},
	} {
		in := strings.NewReader(tt.typed)
		got, err := command.ReadTyped(in)
		if errors.Is(err, command.ErrInterrupted) {
			got, err = "interrupted", nil
		}
		if rest := tt.typed[len(tt.typed)-in.Len():]; err != nil || got != tt.want || rest != tt.rest {
			t.Errorf("%s: %q, %v, rest %q; want %q, rest %q", tt.name, got, err, rest, tt.want, tt.rest)
		}
	}
}

func FuzzReadTyped(f *testing.F) {
	f.Add("secret\r")
	f.Add("s\x7f\x7f\xff\b\x15\x04")
	f.Fuzz(func(t *testing.T, typed string) {
		in := strings.NewReader(typed)
		got, err := command.ReadTyped(in)
		if len(got) > len(typed) || (err != nil && got != "") || strings.ContainsAny(got, "\r\n\x03") {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	})
}
