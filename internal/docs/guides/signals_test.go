package guides_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
)

// logFailures is what the page of signals shows.
func logFailures(a *auth.Auth, log *slog.Logger) {
	a.LoginFailed().Connect(func(ctx context.Context, failed auth.LoginFailed) error {
		log.WarnContext(ctx, "log-in failed", "username", failed.Credentials["Username"])
		return nil
	})
}

func TestSignalExample(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *authtest.Site) {
		var out bytes.Buffer
		logFailures(s.Auth, slog.New(slog.NewTextHandler(&out, nil)))
		s.Browser().Post(t, "/accounts/login/", url.Values{"username": {"mallory"}, "password": {"a guess"}})
		if got := out.String(); !strings.Contains(got, "username=mallory") || strings.Contains(got, "a guess") {
			t.Errorf("the log has %q, want the name and not the password", got)
		}
	})
}
