package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
)

// session is one connection to a mail server, ready for messages.
type session struct {
	addr   string
	limit  time.Duration
	conn   *limitedConn
	client *smtp.Client
	stop   func() bool // ends watching the context
	broken bool        // nothing more can be sent
}

// open connects, encrypts and logs in. When that fails the connection is closed: no half-secured one
// is left for a later message to be sent over.
func (s SMTP) open(ctx context.Context) (*session, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	deadline := time.Now().Add(s.timeout())
	dialer := net.Dialer{Deadline: deadline}
	conn, err := dialer.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, fmt.Errorf("mail: connect: %w", ended(ctx, err))
	}
	o := &session{addr: s.Addr, limit: s.timeout(), conn: &limitedConn{Conn: conn}}
	o.stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
	o.conn.start(deadline)
	if err := s.greet(o); err != nil {
		o.close()
		return nil, fmt.Errorf("mail: %s: %w", s.Addr, ended(ctx, err))
	}
	return o, nil
}

// greet does all that comes before the first message. The order is what keeps secrets safe: TLS,
// then the password, and the connection is given up at the first thing that is not as it should be.
func (s SMTP) greet(o *session) (err error) {
	var conn net.Conn = o.conn
	if s.TLS == ImplicitTLS {
		secure := tls.Client(conn, s.tlsConfig())
		if err := secure.Handshake(); err != nil {
			return insecure("TLS failed", err)
		}
		conn = secure // a *tls.Conn tells net/smtp that TLS is on
	}
	if o.client, err = smtp.NewClient(conn, s.serverName()); err != nil {
		return fmt.Errorf("greeting: %w", reply(err))
	}
	if err = o.client.Hello(s.localName()); err != nil {
		return fmt.Errorf("hello: %w", reply(err))
	}
	if s.TLS == StartTLS {
		if err := startTLS(o.client, s.tlsConfig()); err != nil {
			return err
		}
	}
	if s.Username == "" {
		return nil
	}
	_, encrypted := o.client.TLSConnectionState()
	if ip, ok := o.conn.RemoteAddr().(*net.TCPAddr); !encrypted && (!ok || !ip.IP.IsLoopback()) {
		return insecure("a password would travel unencrypted", nil)
	}
	return s.login(o.client)
}

// startTLS encrypts the connection. net/smtp drops what the server sent in clear text after its
// answer, and asks anew what the server can do.
func startTLS(c *smtp.Client, config *tls.Config) error {
	if offered, _ := c.Extension("STARTTLS"); !offered {
		return insecure("the server does not offer STARTTLS (write smtps:// if it speaks TLS from the start)", nil)
	}
	if err := c.StartTLS(config); err != nil {
		return insecure("STARTTLS failed", err)
	}
	if state, ok := c.TLSConnectionState(); !ok || !state.HandshakeComplete {
		return insecure("STARTTLS failed", nil)
	}
	return nil
}

// insecure makes an error that is ErrInsecure. A timeout or a broken connection during the handshake
// stays one, so that it can be tried again.
func insecure(what string, err error) error {
	if err == nil {
		return fmt.Errorf("%s, and nothing is sent in clear text: %w", what, ErrInsecure)
	}
	return fmt.Errorf("%s, and nothing is sent in clear text: %w: %w", what, ErrInsecure, reply(err))
}

// send hands over one message. handed tells that the server took it, for some recipients at least.
func (o *session) send(ctx context.Context, l *letter) (handed bool, err error) {
	if handed, err = o.transmit(l); err == nil {
		return handed, nil
	}
	if o.broken {
		err = ended(ctx, err)
	}
	return handed, fmt.Errorf("mail: %s: %w", o.addr, err)
}

func (o *session) transmit(l *letter) (handed bool, err error) {
	raw, err := l.bytes()
	if err != nil {
		return false, err
	}
	o.conn.start(time.Now().Add(o.limit))
	if utf8, _ := o.client.Extension("SMTPUTF8"); !utf8 && !isASCII(l.from+strings.Join(l.to, "")) {
		return false, errors.New("the server takes no addresses with letters beyond ASCII before the @ (SMTPUTF8)")
	}
	if err := o.client.Mail(l.from); err != nil {
		return false, o.failed("sender", err)
	}
	refused, err := o.recipients(l.to)
	if err != nil {
		return false, err
	}
	if len(refused) == len(l.to) {
		o.reset()
		return false, errors.Join(refused...)
	}
	w, err := o.client.Data()
	if err != nil {
		return false, errors.Join(append(refused, o.failed("data", err))...)
	}
	_, err = w.Write(raw)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return false, errors.Join(append(refused, o.failed("message", err))...)
	}
	return true, errors.Join(refused...)
}

// recipients names the recipients to the server and returns those that it refused, as
// *RecipientError. The error is one of the connection.
func (o *session) recipients(to []string) (refused []error, err error) {
	for _, address := range to {
		err := o.client.Rcpt(address)
		if _, ok := errors.AsType[*textproto.Error](err); ok && !closing(err) {
			refused = append(refused, &RecipientError{Address: address, Err: reply(err)})
		} else if err != nil {
			return nil, o.failed("recipient", err)
		}
	}
	return refused, nil
}

// failed notes whether the connection can still be used after err, and makes it ready if so.
func (o *session) failed(what string, err error) error {
	if _, ok := errors.AsType[*textproto.Error](err); !ok || closing(err) {
		o.broken = true
	} else {
		o.reset()
	}
	return fmt.Errorf("%s: %w", what, reply(err))
}

// reset makes the server forget a message that was begun.
func (o *session) reset() {
	if err := o.client.Reset(); err != nil {
		o.broken = true
	}
}

// quit takes leave. The messages are handed over by now, so nothing that fails here matters.
func (o *session) quit() {
	o.conn.start(time.Now().Add(min(o.limit, 5*time.Second)))
	_ = o.client.Quit()
	o.close()
}

func (o *session) close() {
	o.stop()
	_ = o.conn.Close()
}

// ended returns the context's error instead of what its end did to the connection.
func ended(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	// Dialling watches the deadline by itself and may see it a moment before the context does.
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return err
}

// closing reports whether the server said that it hangs up.
func closing(err error) bool {
	e, ok := errors.AsType[*textproto.Error](err)
	return ok && e.Code == 421
}

// replyLimit bounds what a server may say between two calls of start.
const replyLimit = 1 << 20

// limitedConn bounds what the other side can cost: time and memory.
type limitedConn struct {
	net.Conn
	left int
}

// start begins a step that ends at the deadline.
func (c *limitedConn) start(deadline time.Time) {
	c.left = replyLimit
	_ = c.SetDeadline(deadline) // an error shows at the next read
}

func (c *limitedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, fmt.Errorf("the server says too much: %w", io.ErrUnexpectedEOF)
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// reply cleans what a server said of line breaks and control characters, for logs, and leaves out
// what is no answer at all.
func reply(err error) error {
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		return errors.New("the server does not speak SMTP")
	}
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return err
	}
	text := strings.Join(strings.FieldsFunc(e.Msg, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if len(text) > 300 {
		text = text[:300]
	}
	return &textproto.Error{Code: e.Code, Msg: strings.ToValidUTF8(text, "")}
}
