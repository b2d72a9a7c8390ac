package signing

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxObject is the largest JSON text, in bytes, that a compressed object may unpack to. A larger
// one is an error: whoever holds a key shall not be able to fill the memory with a small text.
const MaxObject = 16 << 20

// encode leaves the payload of v in w.text.
func (w *worker) encode(v any, compress bool) error {
	if w.encoder == nil {
		w.encoder = json.NewEncoder(&w.json)
		w.encoder.SetEscapeHTML(false)
	}
	w.json.Reset()
	if err := w.encoder.Encode(v); err != nil {
		return fmt.Errorf("signing: object: %w", err)
	}
	data := w.toASCII(bytes.TrimSuffix(w.json.Bytes(), []byte("\n")))
	w.text = w.text[:0]
	if compress {
		packed, err := w.pack(data)
		if err != nil {
			return fmt.Errorf("signing: object: %w", err)
		}
		if len(packed) < len(data)-1 {
			data = packed
			w.text = append(w.text, '.')
		}
	}
	w.text = base64.RawURLEncoding.AppendEncode(w.text, data)
	return nil
}

func (w *worker) pack(data []byte) ([]byte, error) {
	w.packed.Reset()
	if w.deflate == nil {
		w.deflate = zlib.NewWriter(&w.packed)
	} else {
		w.deflate.Reset(&w.packed)
	}
	if _, err := w.deflate.Write(data); err != nil {
		return nil, err
	}
	if err := w.deflate.Close(); err != nil {
		return nil, err
	}
	return w.packed.Bytes(), nil
}

// decode reads a payload whose signature has been checked.
func (w *worker) decode(payload string, into any) error {
	packed := len(payload) > 0 && payload[0] == '.'
	if packed {
		payload = payload[1:]
	}
	var err error
	w.data, err = base64.RawURLEncoding.AppendDecode(w.data[:0], []byte(payload))
	if err != nil {
		return fmt.Errorf("signing: signed object: %w", err)
	}
	data := w.data
	if packed {
		if data, err = w.unpack(data); err != nil {
			return fmt.Errorf("signing: signed object: %w", err)
		}
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("signing: signed object: %w", err)
	}
	return nil
}

func (w *worker) unpack(data []byte) ([]byte, error) {
	w.source.Reset(data)
	if err := w.resetInflate(); err != nil {
		return nil, err
	}
	w.packed.Reset()
	n, err := w.packed.ReadFrom(io.LimitReader(w.inflate, MaxObject+1))
	if err != nil {
		return nil, err
	}
	if n > MaxObject {
		return nil, fmt.Errorf("unpacks to more than %d bytes", MaxObject)
	}
	return w.packed.Bytes(), nil
}

func (w *worker) resetInflate() (err error) {
	if reused, ok := w.inflate.(zlib.Resetter); ok {
		return reused.Reset(&w.source, nil)
	}
	w.inflate, err = zlib.NewReader(&w.source)
	return err
}

// toASCII writes everything but printable ASCII as \u escapes. In JSON such characters stand
// only inside strings, where the escapes mean the same.
func (w *worker) toASCII(data []byte) []byte {
	plain := 0
	for plain < len(data) && ' ' <= data[plain] && data[plain] <= '~' {
		plain++
	}
	if plain == len(data) {
		return data
	}
	out := append(w.ascii[:0], data[:plain]...)
	for i := plain; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		i += size
		switch {
		case ' ' <= r && r <= '~':
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = appendEscape(appendEscape(out, high), low)
		default:
			out = appendEscape(out, r)
		}
	}
	w.ascii = out
	return out
}

func appendEscape(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
