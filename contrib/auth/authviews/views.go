package authviews

import (
	"context"
	"strings"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/web"
)

// Views are all the views of a project. Change what is to be different before calling App.
type Views struct {
	Login                 LoginView
	Logout                LogoutView
	PasswordChange        PasswordChangeView
	PasswordChangeDone    PasswordChangeDoneView
	PasswordReset         PasswordResetView
	PasswordResetDone     PasswordResetDoneView
	PasswordResetConfirm  PasswordResetConfirmView
	PasswordResetComplete PasswordResetCompleteView

	// LegacyLinks also takes reset links in the form of Django 1.4, reset/<uidb36>-<token>/, made
	// by a site that still sends them. Their route is named password_reset_confirm_uidb36.
	LegacyLinks bool
}

// New returns the views as Django has them.
func New(a *auth.Auth) *Views {
	return &Views{
		Login:                 LoginView{Auth: a},
		Logout:                LogoutView{Auth: a},
		PasswordChange:        PasswordChangeView{Auth: a},
		PasswordChangeDone:    PasswordChangeDoneView{Auth: a},
		PasswordReset:         PasswordResetView{Auth: a},
		PasswordResetDone:     PasswordResetDoneView{Auth: a},
		PasswordResetConfirm:  PasswordResetConfirmView{Auth: a},
		PasswordResetComplete: PasswordResetCompleteView{Auth: a},
	}
}

// App returns the app for core.New, with all views mounted below a path such as "/accounts/". It
// belongs behind the app of auth.
func (v *Views) App(prefix string) core.App {
	return core.App{
		Label:    "authviews",
		Requires: []string{"auth"},
		Routes: func(r *web.Router) {
			v.Routes(r.Root().Prefix(strings.TrimSuffix(prefix, "/")))
		},
		Checks: []check.Check{{Run: v.check}},
	}
}

// Routes registers all views on a router, under its prefix and in its namespace. Without
// PasswordReset.Mailer the four pages of resetting a password are left out.
func (v *Views) Routes(r *web.Router) {
	v.Login.Mount(r, "/login/", "login")
	v.Logout.Mount(r, "/logout/", "logout")
	v.PasswordChange.Mount(r, "/password_change/", "password_change")
	v.PasswordChangeDone.Mount(r, "/password_change/done/", "password_change_done")
	if !hasMailer(v.PasswordReset.Mailer) {
		return
	}
	v.PasswordReset.Mount(r, "/password_reset/", "password_reset")
	v.PasswordResetDone.Mount(r, "/password_reset/done/", "password_reset_done")
	v.PasswordResetConfirm.Mount(r, "/reset/{uidb64}/{token}/", "password_reset_confirm")
	v.PasswordResetComplete.Mount(r, "/reset/done/", "password_reset_complete")
	if v.LegacyLinks {
		legacy := v.PasswordResetConfirm
		legacy.LegacyUID = true
		legacy.Mount(r, "/reset/{uidb36:[0-9A-Za-z]{1,13}}-{token:[0-9A-Za-z]{1,13}-[0-9A-Za-z]{1,20}}/", "password_reset_confirm_uidb36")
	}
}

// hasMailer reports whether there is a mailer; core.Settings.Mail may be a nil pointer to one.
func hasMailer(m auth.Mailer) bool {
	if p, ok := m.(*mail.Mailer); ok {
		return p != nil
	}
	return m != nil
}

// check finds settings that cannot work.
func (v *Views) check(context.Context) []check.Message {
	c := v.PasswordResetConfirm
	if c.PostResetLogin && c.PostResetLoginBackend == "" && c.Auth != nil && len(c.Auth.Backends()) > 1 {
		return []check.Message{{
			Level: check.Error, ID: "authviews.E001", Object: "PasswordResetConfirm",
			Text: "PostResetLogin does not say by which of several backends the user is logged in.",
			Hint: "Set PostResetLoginBackend to the name of one of auth.Config.Backends.",
		}}
	}
	return nil
}
