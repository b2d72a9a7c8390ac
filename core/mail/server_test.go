package mail_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a real mail server that keeps what it gets.
type server struct {
	Addr string
	Wire *wire // what clients sent, before any decryption

	// Rcpt and Login answer for the server; nil accepts all.
	Rcpt  func(address string) error
	Login func(username, password string) error
	// Data answers for a message; nil accepts it.
	Data func(n int) error

	mu  sync.Mutex
	got []received
}

// received is a message as the server got it.
type received struct {
	from      string
	to        []string
	data      []byte
	user      string
	encrypted bool
	utf8      bool
}

func (s *server) Received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// wire records the bytes that come in over all connections of a listener.
type wire struct {
	net.Listener
	mu    sync.Mutex
	conns int
	all   bytes.Buffer
}

// Conns counts the connections so far.
func (w *wire) Conns() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conns
}

func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns++
	return wiredConn{c, w}, nil
}

type wiredConn struct {
	net.Conn
	w *wire
}

func (c wiredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	c.w.all.Write(p[:n])
	return n, err
}

// Has reports whether text came in unencrypted.
func (w *wire) Has(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Contains(w.all.Bytes(), []byte(text))
}

func (w *wire) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

func listen(t *testing.T) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return &wire{Listener: ln}
}

// certificates returns a server's configuration and that of a client which trusts it, for 127.0.0.1
// and example.com.
func certificates(t *testing.T) (forServer, forClient *tls.Config) {
	t.Helper()
	ts := httptest.NewTLSServer(http.NotFoundHandler())
	defer ts.Close()
	roots := ts.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return &tls.Config{Certificates: ts.TLS.Certificates}, &tls.Config{RootCAs: roots}
}

// serve starts the server. implicit speaks TLS from the start; without it, a certificate in
// options.TLSConfig offers STARTTLS.
func serve(t *testing.T, s *server, implicit bool, options func(*smtp.Server)) *server {
	t.Helper()
	back := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &serverSession{server: s, conn: c}, nil
	}))
	back.Domain = "mail.example.org"
	back.ErrorLog = log.New(io.Discard, "", 0)
	if options != nil {
		options(back)
	}
	s.Wire = listen(t)
	s.Addr = s.Wire.Addr().String()
	var ln net.Listener = s.Wire
	if implicit {
		ln = tls.NewListener(ln, back.TLSConfig)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = back.Serve(ln) })
	t.Cleanup(func() {
		back.Close()
		s.Wire.Close() // Close of a server that has not begun to serve does nothing
		wg.Wait()
	})
	return s
}

type serverSession struct {
	server *server
	conn   *smtp.Conn
	user   string
	now    received
}

func (s *serverSession) Reset()        { s.now = received{} }
func (s *serverSession) Logout() error { return nil }

func (s *serverSession) Mail(from string, o *smtp.MailOptions) error {
	_, encrypted := s.conn.TLSConnectionState()
	s.now = received{from: from, user: s.user, encrypted: encrypted, utf8: o.UTF8}
	return nil
}

func (s *serverSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.Rcpt != nil {
		if err := s.server.Rcpt(to); err != nil {
			return err
		}
	}
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *serverSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.Data != nil {
		if err := s.server.Data(len(s.server.got)); err != nil {
			return err
		}
	}
	s.now.data = data
	s.server.got = append(s.server.got, s.now)
	return nil
}

func (s *serverSession) AuthMechanisms() []string {
	if s.server.Login == nil {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *serverSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if err := s.server.Login(username, password); err != nil {
			return err
		}
		s.user = username
		return nil
	}), nil
}

// lastWords at the end of an answer of a script means that it says no more, and goes on listening.
const lastWords = "\x00"

// script starts a server that misbehaves: it greets, and answers each line with what answer returns,
// which needs its line ends; "" answers nothing. It returns its address and what it was sent.
func script(t *testing.T, greeting string, answer func(line string) string) (string, *wire) {
	t.Helper()
	w := listen(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := w.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				_, _ = io.WriteString(c, greeting)
				for in := bufio.NewScanner(c); in.Scan(); {
					text, last := strings.CutSuffix(answer(strings.TrimSuffix(in.Text(), "\r")), lastWords)
					if _, err := io.WriteString(c, text); err != nil || strings.HasPrefix(text, "421") {
						return
					}
					if last {
						_ = c.(wiredConn).Conn.(*net.TCPConn).CloseWrite()
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		w.Close()
		wg.Wait()
	})
	return w.Addr().String(), w
}

// polite answers what a server without any extension answers, with the extensions given.
func polite(extensions ...string) func(string) string {
	return func(line string) string {
		switch verb, _, _ := strings.Cut(line, " "); strings.ToUpper(verb) {
		case "EHLO":
			return "250-mail.example.org\r\n" + strings.Join(prefixed("250-", extensions), "") + "250 HELP\r\n"
		case "DATA":
			return "354 go on\r\n"
		case "QUIT":
			return "221 bye\r\n"
		case "*":
			return "501 cancelled\r\n"
		case "MAIL", "RCPT", "RSET", ".":
			return "250 ok\r\n"
		}
		return ""
	}
}

func prefixed(prefix string, lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, prefix+line+"\r\n")
	}
	return out
}
