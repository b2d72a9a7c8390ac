package sessions

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// UnmarshalJSON reads an object as encoding/json does. One of nothing but plain texts, as a session
// of a user who has only logged in is, takes no reflection.
func (d *Data) UnmarshalJSON(text []byte) error {
	kept := bytes.Clone(text) // the values lie in it
	if plain, ok := plainObject(kept); ok {
		*d = plain
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(kept, &values); err != nil {
		return fmt.Errorf("session data: %w", err)
	}
	*d = values
	return nil
}

// plainObject reads an object without white space whose names and values are plain texts.
func plainObject(text []byte) (Data, bool) {
	if len(text) < 2 || text[0] != '{' {
		return nil, false
	}
	d := make(Data, 4)
	if text = text[1:]; text[0] == '}' {
		return d, len(text) == 1
	}
	for {
		name := plainText(text)
		if name == 0 || name == len(text) || text[name] != ':' {
			return nil, false
		}
		value := plainText(text[name+1:])
		end := name + 1 + value
		if value == 0 || end == len(text) {
			return nil, false
		}
		d[string(text[1:name-1])] = json.RawMessage(text[name+1 : end : end])
		next := text[end]
		text = text[end+1:]
		switch {
		case next == '}':
			return d, len(text) == 0
		case next != ',':
			return nil, false
		}
	}
}

// plainText returns the length of the text in quotes that b begins with; 0 when it does not, and for
// one with escapes or anything but printable ASCII.
func plainText(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i, c := range b[1:] {
		switch {
		case c == '"':
			return i + 2
		case c < ' ' || c > '~' || c == '\\':
			return 0
		}
	}
	return 0
}
