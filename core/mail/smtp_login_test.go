package mail_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/mail"
)

// checkSecrets reports what must not be in an error.
func checkSecrets(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00ada\x00" + secret))
	for _, s := range []string{secret, plain, base64.StdEncoding.EncodeToString([]byte(secret))} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), s) {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestSMTPLogin(t *testing.T) {
	t.Parallel()
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	other := polite()
	mac := hmac.New(md5.New, []byte(secret))
	mac.Write([]byte("<1@example.org>"))
	digest := hex.EncodeToString(mac.Sum(nil))
	tests := []struct {
		name       string
		offered    string
		answers    map[string]string // to what the client says; else that of a polite server
		sent       int
		text, wire string // parts of the error, and of what the client said
	}{
		{"PLAIN before others", "AUTH CRAM-MD5 LOGIN PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): "235 welcome\r\n"}, 1, "", "AUTH PLAIN"},
		{"LOGIN", "AUTH LOGIN XOAUTH2", map[string]string{
			"AUTH LOGIN":   "334 " + encode("Username:") + "\r\n",
			encode("ada"):  "334 " + encode("Password:") + "\r\n",
			encode(secret): "235 welcome\r\n"}, 1, "", encode(secret)},
		{"LOGIN that asks on", "AUTH LOGIN", map[string]string{
			"AUTH LOGIN":   "334 " + encode("Username:") + "\r\n",
			encode("ada"):  "334 " + encode("Password:") + "\r\n",
			encode(secret): "334 " + encode("And?") + "\r\n"}, 0, "more than LOGIN has", encode(secret)},
		{"CRAM-MD5", "AUTH CRAM-MD5", map[string]string{
			"AUTH CRAM-MD5":         "334 " + encode("<1@example.org>") + "\r\n",
			encode("ada " + digest): "235 welcome\r\n"}, 1, "", "AUTH CRAM-MD5"},
		{"nothing offered", "8BITMIME", nil, 0, "the server offers none, although a user name is set", "EHLO"},
		{"nothing known", "AUTH XOAUTH2 GSSAPI", nil, 0, "none of PLAIN, LOGIN and CRAM-MD5", "EHLO"},
		{"refused", "AUTH PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): "535 5.7.8 no such pair\r\n"}, 0, "5.7.8 no such pair", "AUTH"},
		{"refused with the password", "AUTH PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): "535 " + secret + " is wrong\r\n"}, 0, "(the server's words are left out", "AUTH"},
		{"refused with what was said", "AUTH PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): "535-no:\r\n535 AUTH PLAIN " + encode("\x00ada\x00"+secret) + "\r\n"}, 0, "(the server's words", "AUTH"},
		{"refused with an echo", "AUTH PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): secret + "\r\n"}, 0, "does not speak SMTP", "AUTH"},
		{"challenge that is none", "AUTH PLAIN", map[string]string{
			"AUTH PLAIN " + encode("\x00ada\x00"+secret): "334 " + secret + "\r\n"}, 0, "login:", "AUTH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr, w := script(t, "220 hello\r\n", func(line string) string {
				if strings.HasPrefix(line, "EHLO") {
					return polite(tt.offered)(line)
				}
				if text, ok := tt.answers[line]; ok {
					return text
				}
				return other(line)
			})
			transport := mail.SMTP{Addr: addr, TLS: mail.NoTLS, Username: "ada", Password: secret, Timeout: 30 * time.Second}
			sent, err := transport.Send(t.Context(), sample())
			if sent != tt.sent || (err == nil) != (tt.sent == 1) {
				t.Errorf("Send = %d, %v; want %d", sent, err, tt.sent)
			}
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error = %q, want a text with %q", err, tt.text)
			}
			checkSecrets(t, err)
			if !w.Has(tt.wire) {
				t.Errorf("the server was told %q, want %q among it", w, tt.wire)
			}
			if tt.sent == 0 && w.Has("MAIL") {
				t.Errorf("the message was begun without a login: %q", w)
			}
		})
	}
}

func TestSMTPRefusedLogin(t *testing.T) {
	t.Parallel()
	s, transport := startTLSServer(t, &server{Login: acceptAda})
	transport.Username, transport.Password = "ada", "wrong"
	sent, err := transport.Send(t.Context(), sample())
	e, ok := errors.AsType[*textproto.Error](err)
	if sent != 0 || !ok || e.Code != 535 || len(s.Received()) != 0 {
		t.Errorf("Send = %d, %v, the server got %d messages; want 0, code 535, 0", sent, err, len(s.Received()))
	}
}

func TestSMTPPasswordStaysHere(t *testing.T) {
	t.Parallel()
	// 192.0.2.1 is for documentation: trying to reach it would take until the timeout.
	for _, host := range []string{"", "localhost", "127.0.0.1"} {
		transport := mail.SMTP{Addr: "192.0.2.1:25", Host: host, TLS: mail.NoTLS, Username: "ada", Password: secret, Timeout: time.Minute}
		if sent, err := transport.Send(t.Context(), sample()); sent != 0 || !errors.Is(err, mail.ErrInsecure) {
			t.Errorf("with Host %q: Send = %d, %v; want 0, ErrInsecure", host, sent, err)
		}
	}
}

func TestSMTPShowsNoSecret(t *testing.T) {
	t.Parallel()
	transport := mail.SMTP{Addr: "mail.example.org:587", Username: "ada-login", Password: secret}
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&shown, verb+" "+verb+" "+verb+"\n", transport, &transport, mail.Mailer{Transport: transport})
	}
	slog.New(slog.NewTextHandler(&shown, nil)).Info("", "transport", transport, "pointer", &transport)
	slog.New(slog.NewJSONHandler(&shown, nil)).Info("", "transport", transport, "mailer", mail.Mailer{Transport: transport})
	if err := json.NewEncoder(&shown).Encode(transport); err != nil {
		t.Fatal(err)
	}
	if text := shown.String(); strings.Contains(text, secret) || strings.Contains(text, "ada-login") ||
		strings.Contains(text, fmt.Sprintf("%x", secret)) || !strings.Contains(text, "smtp://mail.example.org:587") {
		t.Errorf("shown: %s\nwant the address, and neither user name nor password", text)
	}
	for want, s := range map[string]mail.SMTP{
		"smtps://a:465": {Addr: "a:465", TLS: mail.ImplicitTLS}, "smtp://a:25?tls=none": {Addr: "a:25", TLS: mail.NoTLS},
	} {
		if got := s.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}
