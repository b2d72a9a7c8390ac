package sessions

import (
	"context"
	"log/slog"
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
	d, err := c.Read(text, 0)
	if err != nil {
		c.logger().WarnContext(ctx, "session data corrupted", "error", err)
		return Data{}
	}
	return d
}

// Read is Decode with the error, for texts from outside. A text that was signed longer than maxAge
// ago is signing.ErrExpired; 0 means that age does not matter.
func (c Codec) Read(text string, maxAge time.Duration) (Data, error) {
	var d Data
	if err := c.signer.UnsignObject(text, maxAge, &d); err != nil {
		return nil, err
	}
	if d == nil {
		d = Data{}
	}
	return d, nil
}

func (c Codec) logger() *slog.Logger {
	if c.log != nil {
		return c.log
	}
	return slog.Default()
}
