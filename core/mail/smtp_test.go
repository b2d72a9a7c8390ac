package mail_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/mail/mailtest"
)

const secret = "correct/horse:battery@staple"

func acceptAda(username, password string) error {
	if username != "ada" || password != secret {
		return smtp.ErrAuthFailed
	}
	return nil
}

// startTLSServer is a server that offers STARTTLS, and a transport for it.
func startTLSServer(t *testing.T, s *server) (*server, mail.SMTP) {
	t.Helper()
	forServer, forClient := certificates(t)
	serve(t, s, false, func(b *smtp.Server) { b.TLSConfig = forServer })
	return s, mail.SMTP{Addr: s.Addr, TLSConfig: forClient}
}

func TestSMTPConformance(t *testing.T) {
	t.Parallel()
	servers := map[string]*server{} // by address
	mailtest.TestTransport(t, mailtest.Subject{
		New: func(t *testing.T) mail.Transport {
			s, transport := startTLSServer(t, &server{Login: acceptAda})
			transport.Username, transport.Password = "ada", secret
			servers[s.Addr] = s
			return transport
		},
		Received: func(_ *testing.T, transport mail.Transport) [][]byte {
			var out [][]byte
			for _, r := range servers[transport.(mail.SMTP).Addr].Received() {
				out = append(out, r.data)
			}
			return out
		},
	})
}

func TestSMTPModes(t *testing.T) {
	t.Parallel()
	forServer, forClient := certificates(t)
	tests := []struct {
		name      string
		mode      mail.TLSMode
		username  string
		encrypted bool
	}{
		{"STARTTLS", mail.StartTLS, "", true},
		{"STARTTLS and login", mail.StartTLS, "ada", true},
		{"implicit TLS and login", mail.ImplicitTLS, "ada", true},
		{"clear text", mail.NoTLS, "", false},
		{"clear text and login on this machine", mail.NoTLS, "ada", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, &server{Login: acceptAda}, tt.mode == mail.ImplicitTLS, func(b *smtp.Server) {
				b.TLSConfig, b.AllowInsecureAuth = forServer, true
			})
			transport := mail.SMTP{Addr: s.Addr, TLS: tt.mode, TLSConfig: forClient, Username: tt.username}
			if tt.username != "" {
				transport.Password = secret
			}
			m := sample()
			m.Text, m.Bcc = "Hello\n.\n..\nFrom here\n", []string{"hidden@example.org"}
			if sent, err := transport.Send(t.Context(), m); sent != 1 || err != nil {
				t.Fatalf("Send = %d, %v; want 1, no error", sent, err)
			}
			got := s.Received()
			if len(got) != 1 {
				t.Fatalf("the server got %d messages, want 1", len(got))
			}
			if got[0].encrypted != tt.encrypted || got[0].user != tt.username {
				t.Errorf("encrypted %v, user %q; want %v, %q", got[0].encrypted, got[0].user, tt.encrypted, tt.username)
			}
			if want := []string{"ada@example.org", "hidden@example.org"}; got[0].from != "polls@example.org" || !slices.Equal(got[0].to, want) {
				t.Errorf("envelope = %q %q, want polls@example.org %q", got[0].from, got[0].to, want)
			}
			if _, parts := read(t, got[0].data); len(parts) != 1 || parts[0].content != "Hello\r\n.\r\n..\r\nFrom here\r\n" {
				t.Errorf("the text arrived as %q", parts)
			}
			if s.Wire.Has("MAIL FROM") == tt.encrypted {
				t.Errorf("clear text on the wire is %v, want %v", tt.encrypted, !tt.encrypted)
			}
			if tt.mode != mail.ImplicitTLS && !s.Wire.Has("EHLO [127.0.0.1]\r\n") {
				t.Errorf("the wire has no EHLO [127.0.0.1]: %q", s.Wire)
			}
		})
	}
}

// TestSMTPNeverFallsBack is the other half of TestRowMail.
func TestSMTPNeverFallsBack(t *testing.T) {
	t.Parallel()
	t.Run("row/G43", func(t *testing.T) {
		t.Parallel()
		for name, attack := range attacks(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				transport, w := attack(t)
				transport.Username, transport.Password = "ada", secret
				transport.Timeout = 30 * time.Second
				for range 2 { // a first failure must not leave a connection for a second try
					sent, err := transport.Send(t.Context(), sample(), sample())
					if sent != 0 || !errors.Is(err, mail.ErrInsecure) {
						t.Errorf("Send = %d, %v; want 0, ErrInsecure", sent, err)
					}
					checkSecrets(t, err)
				}
				for _, word := range []string{"AUTH", "MAIL", "RCPT", "DATA", "Subject"} {
					if w.Has(word) {
						t.Errorf("the server was told %s: %q", word, w)
					}
				}
			})
		}
	})
}

// attacks are servers, or people between, that would like to see messages in clear text.
func attacks(t *testing.T) map[string]func(*testing.T) (mail.SMTP, *wire) {
	t.Helper()
	forServer, forClient := certificates(t)
	real := func(options func(*smtp.Server), transport mail.SMTP) func(*testing.T) (mail.SMTP, *wire) {
		return func(t *testing.T) (mail.SMTP, *wire) {
			s := serve(t, &server{Login: acceptAda}, false, options)
			transport.Addr = s.Addr
			return transport, s.Wire
		}
	}
	scripted := func(starttls string) func(*testing.T) (mail.SMTP, *wire) {
		return func(t *testing.T) (mail.SMTP, *wire) {
			other := polite("STARTTLS", "AUTH PLAIN")
			addr, w := script(t, "220 hello\r\n", func(line string) string {
				if line == "STARTTLS" {
					return starttls
				}
				return other(line)
			})
			return mail.SMTP{Addr: addr, TLSConfig: forClient}, w
		}
	}
	return map[string]func(*testing.T) (mail.SMTP, *wire){
		"STARTTLS stripped": real(func(b *smtp.Server) { b.AllowInsecureAuth = true }, mail.SMTP{TLSConfig: forClient}),
		"EHLO refused": func(t *testing.T) (mail.SMTP, *wire) {
			addr, w := script(t, "220 hello\r\n", func(line string) string {
				if strings.HasPrefix(line, "EHLO") {
					return "502 what?\r\n"
				}
				return "250 ok\r\n"
			})
			return mail.SMTP{Addr: addr, TLSConfig: forClient}, w
		},
		"STARTTLS refused for now":  scripted("454 not now\r\n"),
		"STARTTLS refused for good": scripted("500 never\r\n"),
		"answers in clear text after STARTTLS": scripted(
			"220 go ahead\r\n250-mail.example.org\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 ok\r\n" + lastWords),
		"unknown authority": real(func(b *smtp.Server) { b.TLSConfig = forServer }, mail.SMTP{}),
		"wrong name": real(func(b *smtp.Server) { b.TLSConfig = forServer },
			mail.SMTP{TLSConfig: forClient, Host: "mail.example.org"}),
		"no TLS where it is implicit": real(nil, mail.SMTP{TLS: mail.ImplicitTLS, TLSConfig: forClient}),
	}
}

func TestSMTPHost(t *testing.T) {
	t.Parallel()
	_, transport := startTLSServer(t, &server{})
	transport.Host = "example.com" // the certificate has this name too
	if sent, err := transport.Send(t.Context(), sample()); sent != 1 || err != nil {
		t.Errorf("Send = %d, %v; want 1, no error", sent, err)
	}
	if name := transport.TLSConfig.ServerName; name != "" {
		t.Errorf("the caller's TLSConfig was changed: ServerName = %q", name)
	}
}

func TestSMTPUTF8(t *testing.T) {
	t.Parallel()
	for _, able := range []bool{true, false} {
		t.Run(fmt.Sprint(able), func(t *testing.T) {
			t.Parallel()
			s := serve(t, &server{}, false, func(b *smtp.Server) { b.EnableSMTPUTF8 = able })
			transport := mail.SMTP{Addr: s.Addr, TLS: mail.NoTLS}
			umlaut, domain := sample(), sample()
			umlaut.To = []string{"ädä@example.org"}
			domain.To = []string{"ada@exämple.org"} // has a spelling in ASCII
			sent, err := transport.Send(t.Context(), umlaut, domain)
			var to []string
			for _, r := range s.Received() {
				to = append(to, r.to...)
			}
			want := []string{"ada@xn--exmple-cua.org"}
			if able {
				want = []string{"ädä@example.org", "ada@xn--exmple-cua.org"}
			}
			if sent != len(want) || (err == nil) != able || !slices.Equal(to, want) {
				t.Errorf("Send = %d, %v, recipients %q; want %d, %q", sent, err, to, len(want), want)
			}
		})
	}
}

// TestSMTPQuotedAddress shows that an address cannot add parameters to a command.
func TestSMTPQuotedAddress(t *testing.T) {
	t.Parallel()
	addr, w := script(t, "220 hello\r\n", polite())
	m := sample()
	m.To = []string{`"x> NOTIFY=NEVER <y"@example.org`}
	sent, err := mail.SMTP{Addr: addr, TLS: mail.NoTLS}.Send(t.Context(), m)
	if want := "RCPT TO:<\"x> NOTIFY=NEVER <y\"@example.org>\r\n"; sent != 1 || err != nil || !w.Has(want) {
		t.Errorf("Send = %d, %v, wire %q; want %q", sent, err, w, want)
	}
}

func TestSMTPUnreachable(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	sent, err := mail.SMTP{Addr: ln.Addr().String()}.Send(t.Context(), sample(), sample())
	if sent != 0 || err == nil || !strings.Contains(err.Error(), "mail: connect: ") {
		t.Errorf("Send = %d, %v; want 0 and why it could not connect", sent, err)
	}
}

func TestSMTPSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		smtp mail.SMTP
		want string
	}{
		{"no address", mail.SMTP{}, "not host:port"},
		{"no port", mail.SMTP{Addr: "localhost"}, "not host:port"},
		{"port without a number", mail.SMTP{Addr: "localhost:smtp"}, "not host:port"},
		{"port 0", mail.SMTP{Addr: "localhost:0"}, "not host:port"},
		{"no host", mail.SMTP{Addr: ":25"}, "not host:port"},
		{"unknown mode", mail.SMTP{Addr: "localhost:25", TLS: 7}, "SMTP.TLS is none of"},
		{"user without password", mail.SMTP{Addr: "localhost:25", Username: "ada"}, "set both or neither"},
		{"password without user", mail.SMTP{Addr: "localhost:25", Password: secret}, "set both or neither"},
		{"negative timeout", mail.SMTP{Addr: "localhost:25", Timeout: -1}, "timeout is negative"},
		{"local name", mail.SMTP{Addr: "localhost:25", LocalName: "a\r\nMAIL"}, "local name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent, err := tt.smtp.Send(t.Context(), sample())
			if sent != 0 || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Send = %d, %v; want 0 and a text with %q", sent, err, tt.want)
			}
			checkSecrets(t, err)
		})
	}
}
