package directory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-belleville/belleville/contrib/auth"
)

// Person is what a directory knows of somebody.
type Person struct {
	UID    string // the name to log in by, as the directory spells it
	Email  string
	Groups []string
}

// Directory is what the back end asks. Both are operations of LDAP.
type Directory interface {
	// Bind returns nil if the password is the one of a distinguished name, ErrWrongPassword if it is
	// not or there is no such name, and any other error if that cannot be found out.
	Bind(ctx context.Context, dn, password string) error
	// Person reads the entry of a distinguished name.
	Person(ctx context.Context, dn string) (Person, error)
}

// ErrWrongPassword is the answer to wrong credentials.
var ErrWrongPassword = errors.New("directory: wrong name or password")

// Backend lets people in whom a directory knows. The first time it makes a local user without a
// password; each time it brings the address and the groups up to date. Sessions, permissions and
// everything else are those of the local user: what it does not say itself, ModelBackend does.
type Backend struct {
	auth.ModelBackend

	// Directory is asked at each log-in, and not between.
	Directory Directory
	// Base is where people are: "ou=people,dc=example,dc=org".
	Base string
	// Groups are the local groups that the directory decides about: users are put into them and
	// taken out. Other groups are left alone.
	Groups []*auth.Group
}

var _ auth.Backend = (*Backend)(nil)

// Name is stored in sessions and must never change.
func (b *Backend) Name() string { return "examples.directory.Backend" }

// Authenticate answers for names and passwords.
func (b *Backend) Authenticate(ctx context.Context, _ *http.Request, c auth.Credentials) (auth.Account, error) {
	p, ok := c.(auth.PasswordCredentials)
	if !ok || p.Username == "" || p.Password == "" {
		return nil, nil // LDAP servers take a bind without a password for a good one
	}
	dn := "uid=" + escape(p.Username) + "," + b.Base
	switch err := b.Directory.Bind(ctx, dn, p.Password); {
	case errors.Is(err, ErrWrongPassword):
		return nil, nil // the next back end may know better
	case err != nil:
		return nil, fmt.Errorf("ask the directory: %w", err)
	}
	person, err := b.Directory.Person(ctx, dn)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dn, err)
	}
	return b.local(ctx, person)
}

// local returns the user of a person, who is made or brought up to date.
func (b *Backend) local(ctx context.Context, person Person) (auth.Account, error) {
	u, err := b.Users.ByUsername(ctx, person.UID)
	if errors.Is(err, auth.ErrNoUser) {
		u, err = b.Users.CreateWithoutPassword(ctx, person.UID, person.Email, nil)
	}
	if err != nil {
		return nil, err
	}
	if !b.Users.IsActive(u) || b.Users.HasUsablePassword(u) {
		return nil, nil // one with a password of its own is no person of the directory, whatever the name
	}
	if b.Users.Email(u) != person.Email {
		if err := b.Users.SetText(u, b.Users.EmailField(), person.Email); err != nil {
			return nil, err
		}
		if err := b.Users.Save(ctx, u, b.Users.EmailField()); err != nil {
			return nil, err
		}
	}
	return u, b.join(ctx, u, person.Groups)
}

// join puts the user into the groups of the directory, and out of those that are no longer his.
func (b *Backend) join(ctx context.Context, u auth.Account, names []string) error {
	var in, out []*auth.Group
	for _, g := range b.Groups {
		if slices.Contains(names, g.Name) {
			in = append(in, g)
		} else {
			out = append(out, g)
		}
	}
	groups := b.Users.Groups(u)
	return errors.Join(groups.Add(ctx, in...), groups.Remove(ctx, out...))
}

// escape makes a value of a distinguished name of any text, as RFC 4514 has it: every byte with a
// meaning in one, and what is not printed, as \ and two hexadecimal digits.
func escape(value string) string {
	var out []byte
	for i := range len(value) {
		c := value[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || slices.Contains([]byte("._-@"), c) {
			out = append(out, c)
		} else {
			out = fmt.Appendf(out, "\\%02x", c)
		}
	}
	return string(out)
}
