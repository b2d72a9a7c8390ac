package auth

import (
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Account is a user: a pointer to a struct that embeds [BaseUser], directly or by way of
// [AbstractUser], or [AnonymousUser]. Nothing else can be one, which the unexported method sees to.
type Account interface {
	// IsAuthenticated is true for every user and false for AnonymousUser.
	IsAuthenticated() bool
	// IsAnonymous is the opposite.
	IsAnonymous() bool

	base() *BaseUser
}

// BaseUser is the least that a user model has: a password and the time of the last log-in.
// Embed it in a struct with a key and a column that names the user, and tell the name of that
// column by a method UsernameField.
type BaseUser struct {
	// Password is the encoded password; see [Users.SetPassword].
	Password Hash `bun:"password,notnull,type:varchar(128)" json:"-"`
	// LastLogin is the time of the last log-in, zero before the first.
	LastLogin time.Time `bun:"last_login,nullzero" json:"-"`

	state userState
}

// userState is what a loaded user remembers that is no column.
type userState struct {
	backend string         // the name of the backend that vouched for the user
	own     PermissionSet  // permissions of the user's own, nil until loaded
	group   PermissionSet  // permissions through groups, nil until loaded
	raw     *string        // the password that SetPassword hashed, until the hash is stored
	related map[string]any // what the legacy lists and the profile cache
	kept    *keptUser      // what this process keeps of the user, when it was read from there
	certain Account        // the user as it is in the database, once somebody had to be certain
}

// remember keeps rows that were read for the user.
func (s *userState) remember(name string, rows any) {
	if s.related == nil {
		s.related = map[string]any{}
	}
	s.related[name] = rows
}

func (b *BaseUser) base() *BaseUser { return b }

// IsAuthenticated returns true: whoever is in the database has an identity.
func (b *BaseUser) IsAuthenticated() bool { return true }

// IsAnonymous returns false.
func (b *BaseUser) IsAnonymous() bool { return false }

// Backend returns the name of the backend that authenticated or loaded the user, "" for one that
// was read or made by hand.
func (b *BaseUser) Backend() string { return b.state.backend }

// Permissions is what a model needs to have groups and permissions besides [BaseUser].
type Permissions struct {
	// IsSuperuser grants every permission without having to be given them.
	IsSuperuser bool `bun:"is_superuser,notnull"`
}

func (p *Permissions) permissions() *Permissions { return p }

// AbstractUser has all the columns of Django's user. Embed it in a struct with a key to have
// more of them.
type AbstractUser struct {
	BaseUser
	Permissions

	Username  string `bun:"username,notnull,unique,type:varchar(150)"`
	FirstName string `bun:"first_name,notnull,type:varchar(150)"`
	LastName  string `bun:"last_name,notnull,type:varchar(150)"`
	Email     string `bun:"email,notnull,type:varchar(254)"`
	// IsStaff lets the user into the admin pages.
	IsStaff bool `bun:"is_staff,notnull"`
	// IsActive: the zero value is inactive, so a struct made by hand fails closed. Set it to
	// false instead of deleting somebody whom other rows point to.
	IsActive   bool      `bun:"is_active,notnull"`
	DateJoined time.Time `bun:"date_joined,notnull"`
}

// FullName returns first and last name with a space between, without spaces around.
func (u *AbstractUser) FullName() string { return strings.TrimSpace(u.FirstName + " " + u.LastName) }

// ShortName returns the first name.
func (u *AbstractUser) ShortName() string { return u.FirstName }

// String returns the user name.
func (u *AbstractUser) String() string { return u.Username }

// User is the user model of projects that need no other: Django's auth.User.
type User struct {
	bun.BaseModel `bun:"table:auth_user,alias:auth_user"`

	ID int64 `bun:"id,pk,autoincrement,type:integer"`
	AbstractUser
}

var _ Account = (*User)(nil)

// AnonymousUser is a visitor who is not logged in. It is in no database: its flags are false, it
// has no key, name, groups or permissions, and [Users] refuses to save it.
type AnonymousUser struct {
	AbstractUser
}

var _ Account = (*AnonymousUser)(nil)

// IsAuthenticated returns false.
func (*AnonymousUser) IsAuthenticated() bool { return false }

// IsAnonymous returns true.
func (*AnonymousUser) IsAnonymous() bool { return true }

// String returns "AnonymousUser".
func (*AnonymousUser) String() string { return "AnonymousUser" }

// Optional methods of a user model. AbstractUser needs none of them.
type (
	// UsernameFielder names the column by which users log in; without it "username".
	UsernameFielder interface{ UsernameField() string }
	// EmailFielder names the column of the e-mail address; without it "email".
	EmailFielder interface{ EmailField() string }
	// RequiredFielder names the columns that createsuperuser asks for besides the name and the
	// password; without it the e-mail column, where there is one.
	RequiredFielder interface{ RequiredFields() []string }
	// Activer says whether a user may log in and do anything, for a model that knows better than by
	// a column is_active. Nothing of it is stored.
	Activer interface{ Active() bool }
	// CaseIgnorer says that "Ada" and "ada" name one user: see [EmailUser], which does. The table
	// has a unique index on UPPER(column) then.
	CaseIgnorer interface{ UsernameIgnoresCase() bool }
	// Cleaner is called by [Users.Clean] on the pointer, after names and addresses were
	// normalised, to check and tidy what else the model has. The error is the one that Clean
	// returns, best a *forms.Error or forms.Errors.
	Cleaner interface{ Clean() error }
)
