package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"
)

// TLSMode says how the connection to a mail server is encrypted.
type TLSMode int

const (
	// StartTLS begins in clear text and encrypts before anything but greetings was said, as on
	// port 587. A server that does not offer it gets nothing.
	StartTLS TLSMode = iota
	// ImplicitTLS encrypts from the first byte, as on port 465.
	ImplicitTLS
	// NoTLS never encrypts. Everyone on the way can read the messages and change them.
	NoTLS
)

// ErrInsecure says that the server could not be talked to as safely as was asked for. Nothing was
// sent then.
var ErrInsecure = errors.New("connection not secure")

const (
	defaultTimeout   = time.Minute
	defaultLocalName = "[127.0.0.1]"
)

// SMTP is a transport that hands messages to a mail server. Each Send opens a connection, uses it for
// all of its messages, and closes it. Its texts and log values show neither user name nor password,
// and no error does.
type SMTP struct {
	Addr string // host:port; needed
	// Host is the name that the server's certificate must have; empty means the host of Addr.
	Host string
	// Username and Password log in, by PLAIN, LOGIN or CRAM-MD5, whichever of them the server offers
	// first in this order. Both empty means no login. Without TLS they are only sent to this machine.
	Username string
	Password string
	TLS      TLSMode
	// Timeout is how long opening the connection may take, with TLS and login, and then each
	// message: 0 means a minute. The context may end things earlier.
	Timeout time.Duration
	// LocalName is what the server is told about this machine: empty means [127.0.0.1], which gives
	// nothing away.
	LocalName string
	// TLSConfig replaces Go's defaults, for a certificate authority of one's own. Host is filled in
	// where it has no ServerName.
	TLSConfig *tls.Config
}

var _ Transport = SMTP{}

// Send hands the messages to the server. A connection that breaks costs the message that it breaks
// at: the next one gets a new connection. When none can be opened, the remaining messages are not
// tried.
func (s SMTP) Send(ctx context.Context, msgs ...*Message) (int, error) {
	r := results{of: len(msgs)}
	var open *session
	defer func() {
		if open != nil {
			open.quit()
		}
	}()
	for i, m := range msgs {
		l, err := m.compose()
		if err != nil {
			r.add(i, err)
			continue
		}
		if open == nil {
			if open, err = s.open(ctx); err != nil {
				r.skip(i, err)
				break
			}
		}
		handed, err := open.send(ctx, l)
		if handed {
			r.sent++
		}
		if err != nil {
			r.add(i, err)
		}
		if open.broken {
			open.close()
			open = nil
		}
	}
	return r.sent, r.err()
}

// check finds mistakes in the settings. Texts do not repeat them.
func (s SMTP) check() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || number == 0 {
		return errors.New("mail: the mail server's address is not host:port: write it as mail.example.org:587")
	}
	switch {
	case s.TLS != StartTLS && s.TLS != ImplicitTLS && s.TLS != NoTLS:
		return errors.New("mail: SMTP.TLS is none of StartTLS, ImplicitTLS and NoTLS: set it to one of them")
	case (s.Username == "") != (s.Password == ""):
		return errors.New("mail: the mail server gets a user name or a password without the other: set both or neither")
	case s.Username != "" && s.TLS == NoTLS && !isLocalName(host):
		return fmt.Errorf("mail: a password would travel unencrypted: use TLS, or leave user name and password out (%w)", ErrInsecure)
	case s.Timeout < 0:
		return errors.New("mail: the timeout is negative: set it above 0, or to 0 for a minute")
	case strings.ContainsFunc(s.LocalName, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("mail: the local name has a space or a character that no host name has: write a host name")
	}
	return nil
}

func (s SMTP) timeout() time.Duration {
	if s.Timeout == 0 {
		return defaultTimeout
	}
	return s.Timeout
}

func (s SMTP) localName() string {
	if s.LocalName == "" {
		return defaultLocalName
	}
	return s.LocalName
}

// serverName is the name to find in the certificate.
func (s SMTP) serverName() string {
	if s.Host != "" {
		return s.Host
	}
	host, _, _ := net.SplitHostPort(s.Addr)
	return host
}

func (s SMTP) tlsConfig() *tls.Config {
	c := &tls.Config{}
	if s.TLSConfig != nil {
		c = s.TLSConfig.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = s.serverName()
	}
	return c
}

// isLocalName reports whether a host is this machine, as far as its name tells.
func isLocalName(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// String names the server and how it is reached, without user name and password.
func (s SMTP) String() string {
	switch s.TLS {
	case ImplicitTLS:
		return "smtps://" + s.Addr
	case NoTLS:
		return "smtp://" + s.Addr + "?tls=none"
	}
	return "smtp://" + s.Addr
}

// Format prints String under every verb, so that %x or %#v show no more than %v does.
func (s SMTP) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue is String, for log/slog.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for encoders such as encoding/json.
func (s SMTP) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

var (
	_ fmt.Stringer   = SMTP{}
	_ fmt.Formatter  = SMTP{}
	_ slog.LogValuer = SMTP{}
)
