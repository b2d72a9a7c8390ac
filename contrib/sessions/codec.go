package sessions

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/go-belleville/belleville/core/signing"
)

// Salt is what Django signs the data of its database, cached and file stores with. A subclass of
// Django's SessionStore has another, its own dotted name.
const Salt = "django.contrib.sessions.SessionStore"

// Codec writes session data as Django does: signed, compressed JSON. Stores use it.
type Codec struct {
	signer signing.TimestampSigner
	log    *slog.Logger
}

// NewCodec returns the codec of a project's keys. An empty salt means [Salt], a nil now time.Now,
// a nil log slog.Default().
func NewCodec(keys signing.Keys, salt string, now func() time.Time, log *slog.Logger) Codec {
	if salt == "" {
		salt = Salt
	}
	return Codec{signer: signing.TimestampSigner{Keys: keys, Salt: salt, Now: now}.Prepared(), log: log}
}

// Check returns signing.ErrKeys when there is no usable key.
func (c Codec) Check() error { return c.signer.Check() }

// Encode returns the data as text.
func (c Codec) Encode(d Data) (string, error) {
	if d == nil {
		d = Data{}
	}
	return c.signer.SignObject(d, true)
}

// Decode returns the data in a text. When its signature does not hold, or it holds no JSON object,
// the session is empty, which is logged: the keys have changed, or somebody wrote into the store.
// The signature is checked before anything is unpacked.
func (c Codec) Decode(ctx context.Context, text string) Data {
	d, _, err := c.Read(text)
	if err != nil {
		c.logger().WarnContext(ctx, "session data corrupted", "error", err)
		return Data{}
	}
	return d
}

// Read is Decode with the error and the time at which the text was signed, in whole seconds.
func (c Codec) Read(text string) (d Data, signed time.Time, err error) {
	if err := c.signer.UnsignObject(text, 0, &d); err != nil {
		return nil, time.Time{}, err
	}
	if d == nil {
		d = Data{}
	}
	stamped, _ := cutLast(text) // the signature
	_, stamp := cutLast(stamped)
	seconds, err := signing.DecodeBase62(stamp)
	return d, time.Unix(seconds, 0), err
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, ':')
	return s[:max(i, 0)], s[i+1:]
}

func (c Codec) logger() *slog.Logger {
	if c.log != nil {
		return c.log
	}
	return slog.Default()
}
