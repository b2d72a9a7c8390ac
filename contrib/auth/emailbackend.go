package auth

import (
	"context"
	"net/http"
)

// EmailBackend is a [ModelBackend] whose users log in by their e-mail address: the Username of
// [PasswordCredentials] is compared with the e-mail column, whatever the case of letters. An address
// that several users have is nobody's. It is for user models that have another column to log in
// by, and often stands beside ModelBackend:
//
//	auth.Config{Backends: []auth.Backend{&auth.ModelBackend{}, &auth.EmailBackend{}}, …}
//
// Whoever may choose an address without proving that it is theirs can keep its owner out by
// taking the same one, so let addresses be unique. A project without user names takes [EmailUser].
type EmailBackend struct{ ModelBackend }

var (
	_ Backend          = (*EmailBackend)(nil)
	_ PermissionLoader = (*EmailBackend)(nil)
)

// EmailBackendName is stored in the sessions of users whom an [EmailBackend] let in. Django does
// not know it; where the sessions are shared, set StoredName to [ModelBackendName], whose backend
// finds the same users, and leave ModelBackend out of the list.
const EmailBackendName = "belleville.auth.EmailBackend"

// Name implements [Backend].
func (b *EmailBackend) Name() string {
	if b.StoredName != "" {
		return b.StoredName
	}
	return EmailBackendName
}

// Authenticate implements [Backend] for [PasswordCredentials]. It costs one query and one hash,
// whether nobody, somebody or several users have the address.
func (b *EmailBackend) Authenticate(ctx context.Context, _ *http.Request, c Credentials) (Account, error) {
	p, ok := c.(PasswordCredentials)
	if !ok || p.Username == "" {
		return nil, nil
	}
	found, err := b.Users.ByEmail(ctx, p.Username)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, b.Users.hashers.Burn(ctx, p.Password)
	}
	return b.check(ctx, found[0], p.Password)
}
