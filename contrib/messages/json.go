package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// The format of a message: an array of marker, 0 or 1 for safe, level, text, and the extra tags
// where there is a place for them.
const (
	marker = "__json_message"
	// notFinished is the last item of a list that had no room for all messages.
	notFinished = "__messagesnotfinished__"
)

// errFormat says that a text is no list of messages.
var errFormat = errors.New("messages: not in the format of messages")

// MarshalJSON writes the message as Django does in cookies, without spaces and in ASCII.
func (m Message) MarshalJSON() ([]byte, error) { return m.append(nil, ","), nil }

// UnmarshalJSON reads what MarshalJSON or Django wrote.
func (m *Message) UnmarshalJSON(data []byte) error {
	var i item
	if err := i.UnmarshalJSON(data); err != nil {
		return err
	}
	if i.bare {
		return errFormat
	}
	*m = i.Message
	return nil
}

var (
	_ json.Marshaler   = Message{}
	_ json.Unmarshaler = (*Message)(nil)
)

func (m Message) append(b []byte, sep string) []byte {
	b = append(b, `["`+marker+`"`...)
	b = append(b, sep...)
	if m.Safe {
		b = append(b, '1')
	} else {
		b = append(b, '0')
	}
	b = append(b, sep...)
	b = strconv.AppendInt(b, int64(m.Level), 10)
	b = append(b, sep...)
	b = appendString(b, m.Text)
	if m.tagged || m.ExtraTags != "" {
		b = append(b, sep...)
		b = appendString(b, m.ExtraTags)
	}
	return append(b, ']')
}

// encodeList writes a list of messages, with the sentinel at its end when some are missing.
func encodeList(msgs []Message, sep string, partial bool) []byte {
	b := []byte{'['}
	for i, m := range msgs {
		if i > 0 {
			b = append(b, sep...)
		}
		b = m.append(b, sep)
	}
	if partial {
		if len(msgs) > 0 {
			b = append(b, sep...)
		}
		b = appendString(b, notFinished)
	}
	return append(b, ']')
}

// appendString writes a JSON string of printable ASCII alone, as Python does.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case ' ' <= r && r <= '~':
			b = append(b, byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}

// item is what a list holds: a message, or a bare text, which Django's lists may have too.
type item struct {
	Message
	bare bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (i *item) UnmarshalJSON(data []byte) error {
	*i = item{}
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		i.bare = true
		return json.Unmarshal(data, &i.Text)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("%w: %w", errFormat, err)
	}
	var first string
	if len(parts) < 4 || json.Unmarshal(parts[0], &first) != nil || first != marker {
		return errFormat
	}
	var safe any
	var text *string
	err := errors.Join(json.Unmarshal(parts[1], &safe), json.Unmarshal(parts[2], &i.Level), json.Unmarshal(parts[3], &text))
	if err != nil || text == nil {
		return errFormat
	}
	i.Text, i.Safe = *text, safe == true || safe == 1.0
	if len(parts) > 4 {
		return i.readTags(parts[4])
	}
	return nil
}

func (i *item) readTags(data json.RawMessage) error {
	var tags *string
	if json.Unmarshal(data, &tags) != nil {
		return errFormat
	}
	if tags != nil {
		i.tagged, i.ExtraTags = true, *tags
	}
	return nil
}

// unpack returns the messages of a list, and whether the sentinel says that there are more.
func unpack(items []item) (msgs []Message, partial bool) {
	if n := len(items); n > 0 && items[n-1].bare && items[n-1].Text == notFinished {
		items, partial = items[:n-1], true
	}
	for _, i := range items {
		msgs = append(msgs, i.Message)
	}
	return msgs, partial
}
