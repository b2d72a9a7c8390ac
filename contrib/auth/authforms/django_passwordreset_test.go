package authforms_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/mail"
	"regexp"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/coretest"
	mails "github.com/go-belleville/belleville/core/mail"
)

// mailer is an outbox that may fail.
type mailer struct {
	sent []*mails.Message
	err  error
}

func (m *mailer) Send(_ context.Context, message *mails.Message) error {
	if m.err != nil {
		return m.err
	}
	if err := message.Validate(); err != nil {
		return err
	}
	m.sent = append(m.sent, message)
	return nil
}

// ask sends the form for an address and returns what was mailed.
func ask(t *testing.T, s *coretest.Site, a *auth.Auth, address string, change ...func(*authforms.PasswordResetForm, *authforms.ResetOptions)) []*mails.Message {
	t.Helper()
	f := authforms.NewPasswordResetForm(a)
	box := new(mailer)
	o := authforms.ResetOptions{Mailer: box, Site: s.Site(), Domain: "example.com", From: "site@example.com"}
	for _, c := range change {
		c(f, &o)
	}
	if !post(t, f, "email", address) {
		t.Fatalf("the form for %q is not valid: %v", address, f.Errors())
	}
	if f.Email.Value != address {
		t.Errorf("the clean address is %q, want %q as typed", f.Email.Value, address)
	}
	if err := f.Save(t.Context(), o); err != nil {
		t.Fatalf("Save for %q: %v", address, err)
	}
	return box.sent
}

// wantTo compares the recipients of messages.
func wantTo(t *testing.T, sent []*mails.Message, want ...string) {
	t.Helper()
	var got []string
	for _, m := range sent {
		got = append(got, m.To...)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("mails to %q, want %q", got, want)
	}
}

func TestDjangoPasswordResetForm(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		a := newAuth(s.Settings(), (*auth.User)(nil))
		people(t, a.Users())
		cases := resetCases()
		for _, more := range []map[string]resetCase{resetUserCases(), resetMailCases(), resetOtherMailCases()} {
			maps.Copy(cases, more)
		}
		for name, f := range cases {
			t.Run("django/auth_tests/test_forms.py/PasswordResetFormTest."+name, func(t *testing.T) { f(t, s, a) })
		}
	})
}

type resetCase = func(t *testing.T, s *coretest.Site, a *auth.Auth)

func resetCases() map[string]resetCase {
	return map[string]resetCase{
		"test_invalid_email": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			f := authforms.NewPasswordResetForm(a)
			if post(t, f, "email", "not valid") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"email": {"invalid"}})
		},
		"test_user_email_unicode_collision": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "mike123", "mike@collision.org", "test123", nil)
			create(t, a.Users(), "mike456", "mıke@collision.org", "test123", nil)
			wantTo(t, ask(t, s, a, "mıke@collision.org"), "mıke@collision.org")
		},
		"test_user_email_domain_unicode_collision": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "mike124", "mike@ixample.org", "test123", nil)
			create(t, a.Users(), "mike457", "mike@ıxample.org", "test123", nil)
			wantTo(t, ask(t, s, a, "mike@ıxample.org"), "mike@ıxample.org")
		},
		"test_user_email_unicode_collision_nonexistent": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "mike125", "mike@example.org", "test123", nil)
			wantTo(t, ask(t, s, a, "mıke@example.org"))
		},
		"test_user_email_domain_unicode_collision_nonexistent": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "mike126", "mike@jixample.org", "test123", nil)
			wantTo(t, ask(t, s, a, "mike@jıxample.org"))
		},
		"test_nonexistent_email": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			wantTo(t, ask(t, s, a, "foo@bar.com"))
		},
		"test_cleaned_data": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "jsmith1", "jsmith1@example.com", "test123", nil)
			wantTo(t, ask(t, s, a, "jsmith1@example.com"), "jsmith1@example.com")
		},
	}
}

func resetUserCases() map[string]resetCase {
	return map[string]resetCase{
		"test_preserve_username_case": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			for name, address := range map[string][2]string{"forms_test2": {"tesT@EXAMple.com", "tesT@example.com"}, "forms_test3": {"tesT", "tesT"}} {
				u := create(t, a.Users(), name, address[0], "test", nil)
				if got := a.Users().Email(u); got != address[1] {
					t.Errorf("the address of %s is %q, want %q", name, got, address[1])
				}
				if err := a.Users().Delete(t.Context(), u); err != nil { // another case has the same address
					t.Fatal(err)
				}
			}
		},
		"test_inactive_user": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "sleeper", "sleeper@example.com", "test123", func(u auth.Account) { u.(*auth.User).IsActive = false })
			wantTo(t, ask(t, s, a, "sleeper@example.com"))
		},
		"test_unusable_password": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			u := create(t, a.Users(), "testuser", "test@example.com", "test", nil)
			wantTo(t, ask(t, s, a, "test@example.com"), "test@example.com")
			a.Users().SetUnusablePassword(u)
			if err := a.Users().Save(t.Context(), u, "password"); err != nil {
				t.Fatal(err)
			}
			wantTo(t, ask(t, s, a, "test@example.com"))
		},
		"test_custom_email_field": func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
			a := otherModel(s, (*customEmailField)(nil))
			create(t, a.Users(), "test name", "test@mail.com", "test password", nil)
			wantTo(t, ask(t, s, a, "test@mail.com"), "test@mail.com")
		},
		"test_html_autocomplete_attributes": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			if html := input(t, authforms.NewPasswordResetForm(a), "email"); !strings.Contains(html, `autocomplete="email"`) {
				t.Errorf("no autocomplete: %s", html)
			}
		},
	}
}

func resetMailCases() map[string]resetCase {
	return map[string]resetCase{
		"test_custom_email_subject": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			sent := ask(t, s, a, "testclient@example.com")
			if len(sent) != 1 || sent[0].Subject != "Custom password reset on example.com" {
				t.Errorf("sent %+v, want one with the template's subject in one line", sent)
			}
		},
		"test_custom_email_constructor": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			box := new(mailer)
			sent := ask(t, s, a, "testclient@example.com", func(f *authforms.PasswordResetForm, o *authforms.ResetOptions) {
				f.SendMail = func(ctx context.Context, m authforms.ResetMail) error {
					return box.Send(ctx, &mails.Message{
						Subject: "Forgot your password?", Text: "What a pity.", HTML: "What a great pity.",
						From: "site@example.com", To: []string{m.To}, Bcc: []string{"site_monitor@example.com"}, ReplyTo: []string{"webmaster@example.com"},
					})
				}
			})
			wantTo(t, sent)
			wantTo(t, box.sent, "testclient@example.com")
			if m := box.sent[0]; m.Subject != "Forgot your password?" || m.Bcc[0] != "site_monitor@example.com" {
				t.Errorf("sent %+v", m)
			}
		},
		"test_save_plaintext_email": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "jsmith2", "jsmith2@example.com", "test123", nil)
			sent := ask(t, s, a, "jsmith2@example.com")
			wantTo(t, sent, "jsmith2@example.com")
			header, body := parsed(t, sent[0])
			if kind := header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") || sent[0].HTML != "" {
				t.Errorf("content type %q, HTML %q", kind, sent[0].HTML)
			}
			if header.Get("Subject") != "Custom password reset on example.com" {
				t.Errorf("subject %q", header.Get("Subject"))
			}
			if !regexp.MustCompile(`^http://example.com/reset/[\w+/-]`).MatchString(body) {
				t.Errorf("body %q", body)
			}
		},
	}
}

func resetOtherMailCases() map[string]resetCase {
	return map[string]resetCase{
		"test_save_html_email_template_name": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "jsmith3", "jsmith3@example.com", "test123", nil)
			sent := ask(t, s, a, "jsmith3@example.com", func(_ *authforms.PasswordResetForm, o *authforms.ResetOptions) {
				o.HTMLEmailTemplate = "registration/html_password_reset_email.html"
			})
			wantTo(t, sent, "jsmith3@example.com")
			header, _ := parsed(t, sent[0])
			if kind := header.Get("Content-Type"); !strings.HasPrefix(kind, "multipart/alternative") {
				t.Errorf("content type %q", kind)
			}
			if !regexp.MustCompile(`^http://example.com/reset/[\w/-]+`).MatchString(sent[0].Text) {
				t.Errorf("text %q", sent[0].Text)
			}
			if !regexp.MustCompile(`^<html><a href="http://example.com/reset/[\w/-]+/">Link</a></html>$`).MatchString(sent[0].HTML) {
				t.Errorf("HTML %q", sent[0].HTML)
			}
		},
		"test_save_send_email_exceptions_are_catched_and_logged": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			u := create(t, a.Users(), "jsmith4", "jsmith4@example.com", "test123", nil)
			var text bytes.Buffer
			a = newAuth2(a, func(c *auth.Config) { c.Log = slog.New(slog.NewTextHandler(&text, nil)) })
			sent := ask(t, s, a, "jsmith4@example.com", func(_ *authforms.PasswordResetForm, o *authforms.ResetOptions) {
				o.Mailer = &mailer{err: errors.New("doomed to fail")}
			})
			wantTo(t, sent)
			if lines := strings.Count(text.String(), "\n"); lines != 1 || !strings.Contains(text.String(), "level=ERROR") ||
				!strings.Contains(text.String(), "user="+a.Users().PK(u)) || !strings.Contains(text.String(), "doomed to fail") {
				t.Errorf("the log is %q, want one line with the user's key and the reason", text.String())
			}
		},
	}
}

// parsed reads a message as it would be transmitted.
func parsed(t *testing.T, m *mails.Message) (mail.Header, string) {
	t.Helper()
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	read, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(read.Body); err != nil {
		t.Fatal(err)
	}
	return read.Header, body.String()
}
