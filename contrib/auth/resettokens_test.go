package auth_test

import (
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
)

func TestResetTimeout(t *testing.T) {
	t.Parallel()
	s := plain.SQLite(t)
	for timeout, days := range map[time.Duration]int{
		0: 0, time.Hour: 1, 24 * time.Hour: 1, 25 * time.Hour: 2, 7 * 24 * time.Hour: 7,
	} {
		a := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*auth.User)(nil)), ResetTimeout: timeout})
		if g, old := a.ResetTokens(), a.LegacyResetTokens(); g.Timeout != timeout || old.Days != days {
			t.Errorf("a timeout of %v: %v, and %d days for old links, want %d", timeout, g.Timeout, old.Days, days)
		}
	}
}

// The zone of the project is the one that dates the tokens, so that Django reads the same date.
func TestResetTokensKnowTheProject(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	settings := plain.SQLite(t).Settings()
	settings.TimeZone = tokyo
	a, p, err := newPlain(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
	if g := a.ResetTokens(); g.Location != tokyo || len(g.Keys) != 1 || g.Keys[0] != settings.Keys[0] {
		t.Errorf("tokens are dated in %v with %d keys, want %v and the project's", g.Location, len(g.Keys), tokyo)
	}
	if old := a.LegacyResetTokens(); old.Location != tokyo || len(old.Keys) != 1 {
		t.Errorf("old tokens are dated in %v with %d keys", old.Location, len(old.Keys))
	}
}
