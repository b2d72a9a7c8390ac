package mail

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	dateName      = "Date"
	messageIDName = "Message-ID"

	foldAt  = 76  // a line is folded where it gets longer than this, if there is a space
	maxLine = 998 // and must not be longer than this, without CRLF
)

// field is a header. Its words begin with the space before them; a line may be broken there only.
type field struct {
	name  string
	words []string
}

// textField makes a field of text, which is encoded if it is not plain ASCII.
func textField(name, text string) field {
	f := field{name: name}
	rest := strings.Trim(mime.QEncoding.Encode("utf-8", text), " \t")
	for space := " "; rest != ""; {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			end = len(rest)
		}
		f.words = append(f.words, space+rest[:end])
		word := strings.TrimLeft(rest[end:], " \t")
		space, rest = rest[end:len(rest)-len(word)], word
	}
	return f
}

// addressField makes a field of addresses. Of these, only names that are encoded in several pieces may
// be broken: a quoted one may have spaces that matter.
func addressField(name string, list []address) field {
	f := field{name: name}
	for i, a := range list {
		word := " " + a.header
		if i < len(list)-1 {
			word += ","
		}
		pieces := strings.Split(word, "?= =?")
		for j := range len(pieces) - 1 {
			pieces[j] += "?="
			pieces[j+1] = " =?" + pieces[j+1]
		}
		f.words = append(f.words, pieces...)
	}
	return f
}

// isStamp reports whether the field is one of those that tell one sending from another.
func (f field) isStamp() bool {
	return strings.EqualFold(f.name, dateName) || strings.EqualFold(f.name, messageIDName)
}

// value returns the field's text in one line.
func (f field) value() string { return strings.TrimLeft(strings.Join(f.words, ""), " ") }

// writeTo writes the field in as many lines as it needs.
func (f field) writeTo(b *bytes.Buffer) {
	b.WriteString(f.name)
	b.WriteByte(':')
	line := len(f.name) + 1
	for i, word := range f.words {
		if i > 0 && line+len(word) > foldAt {
			b.WriteString("\r\n")
			line = 0
		}
		b.WriteString(word)
		line += len(word)
	}
	b.WriteString("\r\n")
}

// check reports a line that is longer than any may be.
func (f field) check() error {
	var b bytes.Buffer
	f.writeTo(&b)
	for line := range bytes.Lines(b.Bytes()) {
		if len(line)-len("\r\n") > maxLine {
			return refuse(f.name, "is too long to be written: put spaces into it, or less", ErrHeader)
		}
	}
	return nil
}

// checkText refuses what would end a header or cannot stand in one.
func checkText(where, text string) error {
	switch {
	case strings.ContainsAny(text, "\r\n"):
		return refuse(where, "has a line break", ErrHeader)
	case strings.ContainsRune(text, 0):
		return refuse(where, "has a NUL", ErrHeader)
	case !utf8.ValidString(text):
		return refuse(where, "is not valid UTF-8", ErrHeader)
	}
	return nil
}

// The fate of further headers, by their names in lower case.
var (
	// ownField names the field of Message to use instead.
	ownField = map[string]string{
		"from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "resent-bcc": "Bcc", "reply-to": "ReplyTo", "subject": "Subject",
	}
	withAddresses = []string{
		"sender", "resent-from", "resent-sender", "resent-to", "resent-cc", "errors-to",
		"disposition-notification-to", "return-receipt-to",
	}
)

// furtherField makes a field of an entry of Message.Headers.
func furtherField(name, value string) (field, error) {
	if !isFieldName(name) {
		return field{}, refuse("a name in Headers", "has a character that no header name has", ErrHeader)
	}
	key := strings.ToLower(name)
	if own := ownField[key]; own != "" {
		return field{}, refuse(name, "is not set in Headers: use the message's field "+own, ErrHeader)
	}
	if key == "mime-version" || strings.HasPrefix(key, "content-") {
		return field{}, refuse(name, "is not set in Headers: it follows from the body", ErrHeader)
	}
	if err := checkText(name, value); err != nil {
		return field{}, err
	}
	switch {
	case slices.Contains(withAddresses, key):
		return furtherAddresses(name, value)
	case key == "message-id" && !isMessageID(value):
		return field{}, refuse(name, "must be of the form <left@right>, in ASCII", ErrHeader)
	case key == "date":
		if _, err := netmail.ParseDate(value); err != nil || !isASCII(value) {
			return field{}, refuse(name, "must be a date such as Mon, 02 Jan 2006 15:04:05 +0000", ErrHeader)
		}
	}
	return textField(name, value), nil
}

func furtherAddresses(name, value string) (field, error) {
	parsed, err := netmail.ParseAddressList(value)
	if err != nil {
		return field{}, refuse(name, "must be addresses, with commas between them", ErrAddress)
	}
	var list []address
	for _, p := range parsed {
		a, err := writeAddress(name, p)
		if err != nil {
			return field{}, err
		}
		list = append(list, a)
	}
	return addressField(name, list), nil
}

func isFieldName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

func isMessageID(s string) bool {
	left, right, found := strings.Cut(s, "@")
	return found && len(left) > 1 && left[0] == '<' && len(right) > 1 &&
		strings.IndexFunc(s[1:], func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) == len(s)-2
}
