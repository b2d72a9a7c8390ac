// Package authviews has the pages of logging in and out and of passwords.
//
//	views := authviews.New(a)
//	views.Login.RedirectAuthenticatedUser = true
//	project, err := core.New(settings, …, a.App(), views.App("/accounts/"))
//
// mounts them under Django's names, without a namespace: login, logout, password_change,
// password_change_done, and with a mailer password_reset, password_reset_done,
// password_reset_confirm, password_reset_complete.
//
// Each view is a struct whose zero value, but for Auth, behaves as Django's does, and whose fields
// are Django's attributes. It can be mounted alone, under any name and on any router:
//
//	authviews.LoginView{Auth: a, TemplateName: "members/enter.html"}.Mount(r, "/enter/", "login")
//	http.Handle("POST /leave/", authviews.LogoutView{Auth: a}.Handler())
//
// The templates are those of package templates unless a project has its own of the same name; each
// view says what it hands them. Beside that every template gets site and site_name, which are the
// host of the request, and what is in ExtraContext.
//
// No answer of these views may be kept by a cache. Nothing here logs or shows what was typed.
// Neither guessing passwords nor asking for reset mails is slowed down beyond its own cost: put a
// limit on requests in front.
package authviews
