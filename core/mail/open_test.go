package mail_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/mail"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url  string
		want mail.Transport
	}{
		{"console:", &mail.Console{}},
		{"console://", &mail.Console{}},
		{"CONSOLE:", &mail.Console{}},
		{"memory:", &mail.Memory{}},
		{"dummy:", mail.Discard{}},
		{"file:mails", mail.File{Dir: "mails"}},
		{"file:./a b/%3Fmails%25", mail.File{Dir: "./a b/?mails%"}},
		{"file:/var/mails", mail.File{Dir: "/var/mails"}},
		{"file:///var/mails", mail.File{Dir: "/var/mails"}},
		{"smtp://mail.example.org", mail.SMTP{Addr: "mail.example.org:587"}},
		{"smtp://mail.example.org/", mail.SMTP{Addr: "mail.example.org:587"}},
		{"smtp://ada:p%40ss%2F%23%3Aword@mail.example.org:2587",
			mail.SMTP{Addr: "mail.example.org:2587", Username: "ada", Password: "p@ss/#:word"}},
		{"smtp://ada%40example.org:pw@mail.example.org", mail.SMTP{Addr: "mail.example.org:587", Username: "ada@example.org", Password: "pw"}},
		{"SMTPS://ada:pw@mail.example.org",
			mail.SMTP{Addr: "mail.example.org:465", Username: "ada", Password: "pw", TLS: mail.ImplicitTLS}},
		{"smtps://[::1]:2465", mail.SMTP{Addr: "[::1]:2465", TLS: mail.ImplicitTLS}},
		{"smtp://relay?tls=none", mail.SMTP{Addr: "relay:25", TLS: mail.NoTLS}},
		{"smtp://ada:pw@localhost:1025?tls=none", mail.SMTP{Addr: "localhost:1025", Username: "ada", Password: "pw", TLS: mail.NoTLS}},
		{"smtp://ada:pw@[::1]?tls=none", mail.SMTP{Addr: "[::1]:25", Username: "ada", Password: "pw", TLS: mail.NoTLS}},
		{"smtp://relay?timeout=1m30s&local_name=www.example.org",
			mail.SMTP{Addr: "relay:587", Timeout: 90 * time.Second, LocalName: "www.example.org"}},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			got, err := mail.Open(tt.url)
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Open = %T %v, %v; want %T %v", got, got, err, tt.want, tt.want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	// hunter2 is the password wherever it stands: no error may show it.
	tests := []struct{ url, want string }{
		{"", "is empty: write console:"},
		{"  ", "is empty"},
		{"mail.example.org", "does not begin with a known kind"},
		{"hunter2", "does not begin with a known kind"},
		{"hunter2://mail.example.org", "does not begin with a known kind"},
		{"https://ada:hunter2@mail.example.org", "does not begin with a known kind"},
		{"console:hunter2", "write console: alone"},
		{"memory://hunter2", "write memory: alone"},
		{"dummy:?x=hunter2", "write dummy: alone"},
		{"file:", "names no folder"},
		{"file://", "names a host"},
		{"file://mails", "names a host"},
		{"file:a?b", "%3F"},
		{"file:100%", "%25"},
		{"smtp:", "names no host"},
		{"smtp:mail.example.org", "names no host"},
		{"smtp://", "names no host"},
		{"smtp://ada:hunter2@", "names no host"},
		{"smtp://:587", "names no host"},
		{"smtp://ada:hunter2/x@mail.example.org", "cannot be read"},
		{"smtp://ada:1/hunter2@mail.example.org", "cannot be read"},
		{"smtp://ada:1#hunter2@mail.example.org", "cannot be read"},
		{"smtp://ada:1?hunter2@mail.example.org", "unknown option"},
		{"smtp://ada:1?hunter2&x@mail.example.org", "unknown option"},
		{"smtp://ada:hunter2%zz@mail.example.org", "cannot be read"},
		{"smtp://ada:hunter2 x@mail.example.org:port", "cannot be read"},
		{"smtp://mail.example.org#", "cannot be read"},
		{"smtp://mail.example.org\n", "cannot be read"},
		{"smtp://ada:hunter2@mail.example.org:99999", "not host:port"},
		{"smtp://ada:hunter2@mail.example.org:0", "not host:port"},
		{"smtp://ada@mail.example.org", "set both or neither"},
		{"smtp://ada:@mail.example.org", "set both or neither"},
		{"smtp://:hunter2@mail.example.org", "set both or neither"},
		{"smtp://ada:hunter2@mail.example.org?tls=none", "a password would travel unencrypted"},
		{"smtp://ada:hunter2@localhost.example.org?tls=none", "a password would travel unencrypted"},
		{"smtp://relay?tls=hunter2", "tls can only be none"},
		{"smtp://relay?tls=", "tls can only be none"},
		{"smtp://relay?tls", "tls can only be none"},
		{"smtps://relay?tls=none", "tls can only be none, and only with smtp"},
		{"smtp://relay?tls=none&tls=none", "twice"},
		{"smtp://relay?timeout=hunter2", "timeout is not a time"},
		{"smtp://relay?timeout=30", "timeout is not a time"},
		{"smtp://relay?timeout=0", "timeout is not a time"},
		{"smtp://relay?timeout=-1s", "timeout is not a time"},
		{"smtp://relay?local_name=", "unknown option"},
		{"smtp://relay?local_name=a%0d%0aMAIL", "local name"},
		{"smtp://relay?hunter2=1", "unknown option: there are timeout, tls and local_name"},
		{"smtp://relay?a=%zz", "cannot be read"},
		{"smtp://relay?a;b", "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			got, err := mail.Open(tt.url)
			if err == nil {
				t.Fatalf("Open = %v, want an error", got)
			}
			text := fmt.Sprintf("%v %+v %#v", err, err, err)
			if got != nil || !strings.Contains(text, tt.want) || strings.Contains(text, "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open = %v, %q; want nothing and one line with %q, without the password", got, err, tt.want)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	for _, url := range []string{
		"console:", "file:mails", "file:///var/%6dails", "smtp://ada:secret@mail.example.org:587?timeout=30s", "smtps://[::1]",
		"smtp://relay?tls=none&local_name=x", "smtp://a:secret?b@c", "memory:", "dummy:",
	} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		transport, err := mail.Open(url)
		if (err == nil) == (transport == nil) {
			t.Fatalf("Open(%q) = %v, %v; want one of both", url, transport, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\r\n\x00") {
			t.Errorf("Open(%q): error %q is not one line", url, err)
		}
		s, ok := transport.(mail.SMTP)
		if !ok {
			return
		}
		if s.TLS == mail.NoTLS && !strings.Contains(url, "tls=none") && !strings.Contains(url, "%") && !strings.Contains(url, "+") {
			t.Errorf("Open(%q) sends in clear text without being told to", url)
		}
		if (s.Username == "") != (s.Password == "") || s.Timeout < 0 {
			t.Errorf("Open(%q) = user %q, timeout %v", url, s.Username, s.Timeout)
		}
	})
}
