package authviews_test

import (
	"strings"
	"testing"
)

// TestLog goes through a log-in and a reset and reads what an operator would: who did what, and
// nothing that would let him do it again.
func TestLog(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		b := w.Browser()
		link := w.mailedLink(t, "staffmember@example.com")
		token := strings.Split(link, "/")[3]
		b.Follow(t, b.Get(t, link))
		w.login(t, b, "testclient", "password")
		b.Get(t, "/password_change/")
		log := w.log.String()
		for _, want := range []string{
			"route=password_reset_confirm", "/{token}/",
			"path=/password_change/", "route=password_change user_id=" + w.users.PK(w.find(t, "testclient")),
		} {
			if !strings.Contains(log, want) {
				t.Errorf("the log lacks %q:\n%s", want, log)
			}
		}
		for name, secret := range map[string]string{
			"the token of the link": token, "the session's key": b.Cookie("sessionid"), "the password": `"password"`,
		} {
			if strings.Contains(log, secret) {
				t.Errorf("the log shows %s", name)
			}
		}
	})
}
