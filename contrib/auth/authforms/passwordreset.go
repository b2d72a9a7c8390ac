package authforms

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/web"
)

// TokenMaker makes the token of a reset link. [tokens.Generator] and [tokens.LegacyGenerator] are
// ones.
type TokenMaker interface{ Make(s tokens.Subject) string }

// PasswordResetForm asks for an e-mail address and writes to the users who have it. Whether there
// is such a user cannot be told from its answers, nor from the work it does.
type PasswordResetForm struct {
	forms.Form

	Email forms.Field[string]

	// GetUsers returns who gets a message. nil means the users with that address, in any case,
	// who are active and have a usable password.
	GetUsers func(ctx context.Context, address string) ([]auth.Account, error)
	// SendMail takes the place of rendering and sending. Its errors are logged.
	SendMail func(ctx context.Context, m ResetMail) error

	auth *auth.Auth
}

// ResetOptions say how the messages are made.
type ResetOptions struct {
	// Mailer sends the messages; it is required unless the form has SendMail. Sending should not
	// wait for a server, or the time it takes tells whether there was somebody to write to: give
	// the mailer a mail.Queue.
	Mailer auth.Mailer
	// Request is where the host and the scheme of the link come from. It may be nil when Domain
	// and Site are set.
	Request *http.Request
	// Domain takes the place of the request's host, and HTTPS that of its scheme if there is no
	// request.
	Domain string
	HTTPS  bool
	// Site renders the templates; nil means the request's.
	Site *web.Site
	// Tokens makes the tokens; nil means [auth.Auth.ResetTokens].
	Tokens TokenMaker
	// From is the sender; empty leaves it to the mailer.
	From string
	// SubjectTemplate is the template of the subject, whose line breaks are removed; empty means
	// "registration/password_reset_subject.txt".
	SubjectTemplate string
	// EmailTemplate is that of the text; empty means "registration/password_reset_email.html". It
	// is rendered as plain text, whatever its name.
	EmailTemplate string
	// HTMLEmailTemplate is that of an alternative in HTML; empty means none.
	HTMLEmailTemplate string
	// ExtraContext is added to what the templates get: email, domain, site_name, protocol, uid,
	// token, user and username.
	ExtraContext web.Data
}

// ResetMail is one message before it is made.
type ResetMail struct {
	SubjectTemplate, EmailTemplate, HTMLEmailTemplate string
	// From may be empty, To is the address as it is stored.
	From, To string
	Context  web.Data
}

// NewPasswordResetForm returns an empty form.
func NewPasswordResetForm(a *auth.Auth) *PasswordResetForm {
	f := &PasswordResetForm{auth: a}
	f.Email = forms.Field[string]{
		Name: "email", Label: "E-mail address",
		Type:  forms.Email{MaxLength: names.MaxEmail, Check: names.ValidateEmail},
		Attrs: forms.Attrs{"autocomplete": "email"},
	}
	f.Declare(&f.Email)
	return f
}

// Save writes to the users who have the address of a valid form. A message that cannot be made or
// sent is logged and no error; an error is one for every address: the options are incomplete, the
// database is gone, the host of the request is not allowed.
func (f *PasswordResetForm) Save(ctx context.Context, o ResetOptions) error {
	w, err := f.writer(ctx, o)
	if err != nil {
		return err
	}
	find := f.GetUsers
	if find == nil {
		find = f.users
	}
	found, err := find(ctx, f.Email.Value)
	if err != nil {
		return err
	}
	for _, u := range found {
		if err := w.write(ctx, f.auth.Users().TokenSubject(u), u); err != nil {
			w.log.ErrorContext(ctx, "password reset mail not sent", "user", f.auth.Users().PK(u), "error", err)
		}
	}
	if len(found) == 0 {
		w.pretend(ctx, f.Email.Value)
	}
	return nil
}

// users returns the users with an address who may reset their password.
func (f *PasswordResetForm) users(ctx context.Context, address string) ([]auth.Account, error) {
	users := f.auth.Users()
	found, err := users.ByEmail(ctx, address)
	var may []auth.Account
	for _, u := range found {
		if users.IsActive(u) && users.HasUsablePassword(u) {
			may = append(may, u)
		}
	}
	return may, err
}

// resetWriter makes and sends the messages of one request.
type resetWriter struct {
	ResetOptions
	users    *auth.Users
	sendMail func(ctx context.Context, m ResetMail) error
	log      *slog.Logger
}

var errResetOptions = errors.New("authforms: a reset mail needs ResetOptions.Mailer, a Site (or a Request that has passed through a project) and a Domain (or a Request)")

// writer fills in what the options leave out.
func (f *PasswordResetForm) writer(ctx context.Context, o ResetOptions) (*resetWriter, error) {
	if o.Request != nil {
		if o.Domain == "" {
			if o.Domain = web.Host(o.Request); o.Domain == "" {
				return nil, web.BadRequest("This site does not answer to that host.")
			}
		}
		o.HTTPS = web.Secure(o.Request)
	}
	if o.Site == nil {
		o.Site = web.SiteOf(ctx)
	}
	if o.Domain == "" || (f.SendMail == nil && (o.Site == nil || o.Mailer == nil)) {
		return nil, errResetOptions
	}
	if o.Tokens == nil {
		o.Tokens = f.auth.ResetTokens()
	}
	if o.SubjectTemplate == "" {
		o.SubjectTemplate = "registration/password_reset_subject.txt"
	}
	if o.EmailTemplate == "" {
		o.EmailTemplate = "registration/password_reset_email.html"
	}
	w := &resetWriter{ResetOptions: o, users: f.auth.Users(), sendMail: f.SendMail, log: f.auth.Config().Log}
	if w.log == nil && o.Site != nil {
		w.log = o.Site.Log
	}
	if w.log == nil {
		w.log = slog.Default()
	}
	return w, nil
}

// write makes and sends the message for a user.
func (w *resetWriter) write(ctx context.Context, s tokens.Subject, u auth.Account) error {
	m := w.mail(s, u)
	if w.sendMail != nil {
		return w.sendMail(ctx, m)
	}
	message, err := w.message(ctx, m)
	if err != nil {
		return err
	}
	return w.Mailer.Send(ctx, message)
}

// pretend does the work of a message to nobody, so that an unknown address takes as long as a
// known one. What goes wrong with it concerns nobody.
func (w *resetWriter) pretend(ctx context.Context, address string) {
	m := w.mail(tokens.Subject{PK: "0", Password: hashers.Unusable(), Email: address}, w.users.New())
	if w.sendMail != nil {
		return
	}
	if message, err := w.message(ctx, m); err == nil {
		_ = message.Validate()
	}
}

// mail describes the message that is sent to the address of a subject.
func (w *resetWriter) mail(s tokens.Subject, u auth.Account) ResetMail {
	protocol := "http"
	if w.HTTPS {
		protocol = "https"
	}
	data := web.Data{
		"email": s.Email, "domain": w.Domain, "site_name": w.Domain, "protocol": protocol,
		"uid": EncodeUID(s.PK), "token": w.Tokens.Make(s), "user": u, "username": w.users.Username(u),
	}
	maps.Copy(data, w.ExtraContext)
	return ResetMail{
		SubjectTemplate: w.SubjectTemplate, EmailTemplate: w.EmailTemplate, HTMLEmailTemplate: w.HTMLEmailTemplate,
		From: w.From, To: s.Email, Context: data,
	}
}

// message renders the templates.
func (w *resetWriter) message(ctx context.Context, m ResetMail) (*mail.Message, error) {
	subject, err := w.Site.RenderText(ctx, m.SubjectTemplate, m.Context)
	if err != nil {
		return nil, err
	}
	text, err := w.Site.RenderText(ctx, m.EmailTemplate, m.Context)
	if err != nil {
		return nil, err
	}
	html := ""
	if m.HTMLEmailTemplate != "" {
		if html, err = w.Site.RenderString(ctx, m.HTMLEmailTemplate, m.Context); err != nil {
			return nil, err
		}
	}
	return &mail.Message{Subject: mail.JoinLines(subject), Text: text, HTML: html, From: m.From, To: []string{m.To}}, nil
}
