package auth

import (
	"time"

	"github.com/go-belleville/belleville/contrib/auth/tokens"
)

// TokenSubject returns what a token for a user is bound to: whatever of it changes ends the token.
func (us *Users) TokenSubject(u Account) tokens.Subject {
	b := u.base()
	return tokens.Subject{PK: us.PK(u), Password: string(b.Password), LastLogin: b.LastLogin, Email: us.Email(u)}
}

// ResetTokens returns the generator of password reset tokens: Django's, with the project's keys,
// time zone and [Config.ResetTimeout]. It knows the keys once the project is ready.
func (a *Auth) ResetTokens() tokens.Generator {
	return tokens.Generator{Keys: a.keys, Timeout: a.cfg.ResetTimeout, Location: a.project.zone}
}

// LegacyResetTokens is [Auth.ResetTokens] for the links of Django 1.4, which live for whole days:
// a timeout is rounded up to them.
func (a *Auth) LegacyResetTokens() tokens.LegacyGenerator {
	const day = 24 * time.Hour
	days := int((a.cfg.ResetTimeout + day - 1) / day)
	return tokens.LegacyGenerator{Keys: a.keys, Days: days, Location: a.project.zone}
}
