package mail_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/mail/mailtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("Console", func(t *testing.T) {
		t.Parallel()
		mailtest.TestTransport(t, mailtest.Subject{New: func(*testing.T) mail.Transport { return &mail.Console{W: &bytes.Buffer{}} }})
	})
	t.Run("Discard", func(t *testing.T) {
		t.Parallel()
		mailtest.TestTransport(t, mailtest.Subject{New: func(*testing.T) mail.Transport { return mail.Discard{} }})
	})
	t.Run("File", func(t *testing.T) {
		t.Parallel()
		mailtest.TestTransport(t, mailtest.Subject{
			New: func(t *testing.T) mail.Transport { return mail.File{Dir: filepath.Join(t.TempDir(), "new", "mails")} },
			Received: func(t *testing.T, transport mail.Transport) [][]byte {
				var out [][]byte
				for _, name := range emls(t, transport.(mail.File).Dir) {
					raw, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, raw)
				}
				return out
			},
		})
	})
	t.Run("Memory", func(t *testing.T) {
		t.Parallel()
		mailtest.TestTransport(t, mailtest.Subject{
			New: func(*testing.T) mail.Transport { return new(mail.Memory) },
			Received: func(t *testing.T, transport mail.Transport) [][]byte {
				return outbox(t, transport.(*mail.Memory))
			},
		})
	})
}

func outbox(t *testing.T, memory *mail.Memory) [][]byte {
	t.Helper()
	var out [][]byte
	for _, m := range memory.Outbox() {
		out = append(out, mustBytes(t, m))
	}
	return out
}

func emls(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestConsole(t *testing.T) {
	t.Parallel()
	const link = "http://127.0.0.1:8000/accounts/reset/MQ/d0c2e7-0123456789abcdef0123456789abcdef/?next=/polls/"
	m := sample()
	m.Subject, m.From = "Passwort für Ädä", "Ädä <polls@example.org>"
	m.Text, m.HTML = "Grüße:\r\n"+link+"\x1b]0;evil\a\u009b31m\tend", "<p>Grüße</p>"
	m.Attachments = []mail.Attachment{{Name: "a\x1b.txt", Content: make([]byte, 12)}}
	onlyHTML := sample()
	onlyHTML.Text, onlyHTML.HTML, onlyHTML.Bcc = "", "<p>Hello</p>", []string{"hidden@example.org"}
	var got bytes.Buffer
	if sent, err := (&mail.Console{W: &got}).Send(t.Context(), m, onlyHTML); sent != 2 || err != nil {
		t.Fatalf("Send = %d, %v; want 2, no error", sent, err)
	}
	dashes := strings.Repeat("-", 79) + "\n"
	want := "From: Ädä <polls@example.org>\nTo: ada@example.org\nSubject: Passwort für Ädä\n\n" +
		"Grüße:\n" + link + "]0;evil31m\tend\n\n[the same as HTML: 14 bytes]\n\n[attachment \"a\\x1b.txt\": 12 bytes]\n" + dashes +
		"From: \"Polls\" <polls@example.org>\nTo: ada@example.org\nSubject: Results\n\n<p>Hello</p>\n" + dashes
	if got.String() != want {
		t.Errorf("printed:\n%q\nwant:\n%q", got.String(), want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestConsoleBroken(t *testing.T) {
	t.Parallel()
	sent, err := (&mail.Console{W: brokenWriter{}}).Send(t.Context(), sample(), sample())
	if sent != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("Send = %d, %v; want 0 and the writer's error", sent, err)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	transport := mail.File{Dir: filepath.Join(t.TempDir(), "mails")}
	var want []string
	for _, subject := range []string{"a", "b", "c"} {
		m := sample()
		m.Subject = subject
		want = append(want, subject)
		if sent, err := transport.Send(t.Context(), m); sent != 1 || err != nil {
			t.Fatalf("Send = %d, %v; want 1, no error", sent, err)
		}
	}
	var got []string
	for _, name := range emls(t, transport.Dir) {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := read(t, raw)
		got = append(got, h.Get("Subject"))
		if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, info.Mode(), err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("subjects in the order of the names = %q, want %q", got, want)
	}
	if info, err := os.Stat(transport.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v; want 0700", info.Mode(), err)
	}
	if all, err := os.ReadDir(transport.Dir); err != nil || len(all) != 3 {
		t.Errorf("the folder has %d files, %v; want 3: nothing half-written", len(all), err)
	}
}

func TestFileBroken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{"": "set File.Dir", file: "not a directory", filepath.Join(file, "x"): "not a directory"} {
		sent, err := mail.File{Dir: dir}.Send(t.Context(), sample())
		if sent != 0 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("in %q: Send = %d, %v; want 0 and a text with %q", dir, sent, err, want)
		}
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	var memory mail.Memory
	m := sample()
	if _, err := memory.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := memory.Outbox()
	if len(got) != 1 || !reflect.DeepEqual(got[0], m) {
		t.Fatalf("Outbox = %+v, want %+v", got, m)
	}
	got[0].To[0] = "changed"
	if to := memory.Outbox()[0].To[0]; to != "ada@example.org" {
		t.Errorf("after a change of what Outbox returned, it has %q", to)
	}
	memory.Clear()
	if got := memory.Outbox(); len(got) != 0 {
		t.Errorf("after Clear, Outbox = %v, want none", got)
	}
}

func TestMailer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		mailer        mail.Mailer
		from          string
		wantFrom      string
		wantedSubject string
	}{
		{"defaults", mail.Mailer{}, "", "webmaster@localhost", "Results"},
		{"own sender", mail.Mailer{DefaultFrom: "Polls <polls@example.org>"}, "", "Polls <polls@example.org>", "Results"},
		{"the message's sender", mail.Mailer{DefaultFrom: "polls@example.org"}, "ada@example.org", "ada@example.org", "Results"},
		{"prefix", mail.Mailer{SubjectPrefix: "[Staging] "}, "a@b", "a@b", "[Staging] Results"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var memory mail.Memory
			tt.mailer.Transport = &memory
			m := sample()
			m.From = tt.from
			if err := tt.mailer.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if m.From != tt.from || m.Subject != "Results" {
				t.Errorf("the caller's message was changed: from %q, subject %q", m.From, m.Subject)
			}
			if got := memory.Outbox(); len(got) != 1 || got[0].From != tt.wantFrom || got[0].Subject != tt.wantedSubject {
				t.Errorf("sent %+v, want from %q, subject %q", got, tt.wantFrom, tt.wantedSubject)
			}
		})
	}
}

func TestMailerErrors(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	mailer := &mail.Mailer{Transport: new(mail.Memory)}
	bad := sample()
	bad.Subject = "a\nb"
	if err := mailer.Send(t.Context(), bad); !errors.Is(err, mail.ErrHeader) {
		t.Errorf("a subject of two lines: %v, want ErrHeader", err)
	}
	if err := mailer.Send(ended, sample()); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v, want context.Canceled", err)
	}
	if err := mailer.Send(t.Context(), nil); err == nil {
		t.Error("no message: no error")
	}
	for _, mailer := range []*mail.Mailer{nil, {}} {
		if err := mailer.Send(t.Context(), sample()); err == nil || !strings.Contains(err.Error(), "set Mailer.Transport") {
			t.Errorf("no transport: %v, want a text that says what to set", err)
		}
	}
}
