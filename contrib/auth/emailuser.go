package auth

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
)

// EmailUser is a ready user model for sites where people log in by their e-mail address and have
// no user name. A project names it in one line, and migrate makes its tables:
//
//	users := auth.NewUsers(db, (*auth.EmailUser)(nil))
//
// Addresses are unique whatever the case of their letters, and found in any case; the spelling of
// what stands before the @ is kept. [Users.Create] takes the address as the name:
//
//	u, err := users.Create(ctx, "Ada@example.org", "", password, nil)
//
// It has the columns of Django's AbstractUser but for username, in the table auth_emailuser: a
// Django project that shares the database declares the same with username = None,
// USERNAME_FIELD = "email" and db_table = "auth_emailuser".
type EmailUser struct {
	bun.BaseModel `bun:"table:auth_emailuser,alias:auth_emailuser"`

	ID int64 `bun:"id,pk,autoincrement,type:integer"`
	BaseUser
	Permissions

	Email     string `bun:"email,notnull,unique,type:varchar(254)"`
	FirstName string `bun:"first_name,notnull,type:varchar(150)"`
	LastName  string `bun:"last_name,notnull,type:varchar(150)"`
	// IsStaff lets the user into the admin pages.
	IsStaff bool `bun:"is_staff,notnull"`
	// IsActive is as in [AbstractUser].
	IsActive   bool      `bun:"is_active,notnull"`
	DateJoined time.Time `bun:"date_joined,notnull"`
}

var (
	_ Account         = (*EmailUser)(nil)
	_ UsernameFielder = (*EmailUser)(nil)
	_ CaseIgnorer     = (*EmailUser)(nil)
	_ Cleaner         = (*EmailUser)(nil)
)

// UsernameField returns "email".
func (*EmailUser) UsernameField() string { return "email" }

// UsernameIgnoresCase returns true.
func (*EmailUser) UsernameIgnoresCase() bool { return true }

// Clean refuses what is no e-mail address with a *forms.Error, as it does letters other than a to z
// before the @: whether two spellings of them are one is nothing that databases agree on.
func (u *EmailUser) Clean() error {
	local := u.Email[:max(strings.LastIndexByte(u.Email, '@'), 0)]
	if strings.IndexFunc(local, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return &forms.Error{Code: "invalid", Message: "Before the @ an e-mail address has letters without accents, digits and signs only."}
	}
	return names.ValidateEmail(u.Email)
}

// FullName returns first and last name with a space between, without spaces around.
func (u *EmailUser) FullName() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// ShortName returns the first name.
func (u *EmailUser) ShortName() string { return u.FirstName }

// String returns the address.
func (u *EmailUser) String() string { return u.Email }
