package e2e

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// The passwords that bob has one after the other; the first is the demo's.
const (
	first  = "votes-on-tuesdays"
	second = "votes-on-wednesdays"
	third  = "votes-on-thursdays"
)

// journey is what bob does.
func (p *person) journey() {
	p.open("/")
	p.picture("home")
	p.logIn()
	p.vote()
	p.changePassword()
	p.resetPassword()
}

// logIn tries a wrong password first, and is led back to the page that asked for the log-in.
func (p *person) logIn() {
	p.open("/polls/1/")
	if got := p.path(); got != "/accounts/login/" {
		p.t.Fatalf("a visitor who opens a question is at %s", got)
	}
	p.picture("login")
	p.fill("username", "bob", "password", "not-the-password")
	if got := p.path(); got != "/accounts/login/" {
		p.t.Fatalf("after a wrong password bob is at %s", got)
	}
	var alert, name, typed string
	p.do(chromedp.Text(`[role="alert"]`, &alert, chromedp.ByQuery),
		chromedp.Value(`input[name="username"]`, &name, chromedp.ByQuery),
		chromedp.Value(`input[name="password"]`, &typed, chromedp.ByQuery))
	if alert == "" || name != "bob" || typed != "" {
		p.t.Errorf("after a wrong password: alert %q, name %q, password %q; want a sentence, the name, and nothing", alert, name, typed)
	}
	p.picture("login-wrong")
	p.fill("username", "bob", "password", first)
	if got := p.path(); got != "/polls/1/" {
		p.t.Fatalf("after the log-in bob is at %s, want the question he asked for", got)
	}
}

// vote votes once, by the keyboard's way through a label, and is refused the page to ask.
func (p *person) vote() {
	p.picture("question")
	p.do(chromedp.Click(`.options li:nth-child(2) label`, chromedp.ByQuery))
	p.click(`form[action$="/vote/"] button`)
	p.sees("your vote")
	p.sees("1 of 1")
	p.picture("voted")
	p.open("/polls/add/")
	if got := p.path(); got != "/accounts/login/" {
		p.t.Errorf("bob, who may not ask, is at %s, want the log-in page", got)
	}
	p.open("/polls/999/")
	p.picture("404")
}

func (p *person) changePassword() {
	p.open("/accounts/password_change/")
	p.fill("old_password", first, "new_password1", "bob", "new_password2", "bob")
	if got := p.path(); got != "/accounts/password_change/" {
		p.t.Fatalf("after a password that breaks the rules bob is at %s", got)
	}
	p.picture("password-change")
	p.fill("old_password", first, "new_password1", second, "new_password2", second)
	if got := p.path(); got != "/accounts/password_change/done/" {
		p.t.Fatalf("after the change bob is at %s", got)
	}
	p.open("/accounts/profile/")
	p.sees("bob@example.com")
	p.picture("profile")
	p.click(`main form[action="/accounts/logout/"] button`)
	p.picture("logged-out")
}

// resetPassword goes through the mailed link.
func (p *person) resetPassword() {
	p.open("/accounts/password_reset/")
	p.picture("password-reset")
	p.fill("email", "Bob@example.com")
	if got := p.path(); got != "/accounts/password_reset/done/" {
		p.t.Fatalf("after asking for a link bob is at %s", got)
	}
	mails := p.site.outbox.Outbox()
	if len(mails) != 1 {
		p.t.Fatalf("%d mails, want one", len(mails))
	}
	_, link, found := strings.Cut(mails[0].Text, p.site.address)
	if !found {
		p.t.Fatalf("the mail has no link to this site: %s", mails[0].Text)
	}
	p.open(strings.Fields(link)[0])
	if got := p.path(); !strings.HasSuffix(got, "/set-password/") {
		p.t.Errorf("the link leads to %s, with the token in sight", got)
	}
	p.picture("password-reset-confirm")
	p.fill("new_password1", third, "new_password2", third)
	if got := p.path(); got != "/accounts/reset/done/" {
		p.t.Fatalf("after the new password bob is at %s", got)
	}
	p.open("/accounts/login/")
	p.fill("username", "bob", "password", third)
	if got := p.path(); got != "/accounts/profile/" {
		p.t.Fatalf("the new password leads to %s", got)
	}
}
