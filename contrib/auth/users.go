package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signals"
)

// What [Users] and [Auth] report. Test with errors.Is.
var (
	// ErrNoUser says that there is no such user.
	ErrNoUser = errors.New("auth: no such user")
	// ErrUsernameTaken says that another user has the name already.
	ErrUsernameTaken = errors.New("auth: that user name is taken")
	// ErrDuplicate says that another user has the same value in some other column that must be
	// unique, the key for instance.
	ErrDuplicate = errors.New("auth: another user has the same value in a unique column")
	// ErrUsernameEmpty says that a user was to be made without a name.
	ErrUsernameEmpty = errors.New("auth: a user needs a name")
	// ErrAnonymous says that something needs a user from the database.
	ErrAnonymous = errors.New("auth: an anonymous visitor is in no database")
)

// Users finds, makes and changes the users of a project's model. It is made by [NewUsers] and safe
// for concurrent use. The users themselves are plain structs and not.
type Users struct {
	db  bun.IDB
	own *bun.DB // for prepared statements; nil inside a transaction
	*usersConfig
}

// usersConfig is shared by a Users and its views on transactions.
type usersConfig struct {
	model      *userModel
	hashers    *hashers.Hashers
	validators []password.Validator
	now        func() time.Time
	created    signals.Signal[UserCreated]
	changed    signals.Signal[PasswordChanged]
	deleting   signals.Signal[UserDeleting]
	bare, full *database.Prepared // read a user by key, without and with permissions
	feed       *changes.Feed      // hears of changes to users; nil when nobody keeps any
	kept       *changes.Kept[*keptUser]
}

// UserCreated tells that a user was stored for the first time. DB is the transaction it was stored
// in: receivers write through it, since on SQLite nobody else can until it ends.
type UserCreated struct {
	DB   bun.IDB
	User Account
}

// PasswordChanged tells that a new password was stored. An upgrade of the hash is no change, nor
// is the password that a new user begins with.
type PasswordChanged struct {
	DB   bun.IDB
	User Account
}

// NewUsers returns the service for a user model, named by a typed nil pointer:
//
//	users := auth.NewUsers(db, (*accounts.Member)(nil))
//
// It does no I/O. A struct that cannot be a user model is found by the system checks.
func NewUsers(db *bun.DB, model Account) *Users {
	c := &usersConfig{
		model:      newUserModel(db.Dialect(), model),
		hashers:    hashers.New(hashers.Config{}),
		validators: password.Default(),
		now:        time.Now,
	}
	if c.model.problem == nil {
		c.bare = database.NewPrepared(db, c.model.loadQuery(db, false))
		c.full = c.bare
		if c.model.permissions {
			c.full = database.NewPrepared(db, c.model.loadQuery(db, true))
		}
	}
	return &Users{db: db, own: db, usersConfig: c}
}

// In returns the service on a transaction.
func (us *Users) In(tx bun.IDB) *Users { return &Users{db: tx, usersConfig: us.usersConfig} }

// Hashers returns what makes and checks the encoded passwords.
func (us *Users) Hashers() *hashers.Hashers { return us.hashers }

// Validators returns the rules for new passwords.
func (us *Users) Validators() []password.Validator { return us.validators }

// Created is sent after a user was stored for the first time by Create, CreateSuperuser or Insert.
func (us *Users) Created() *signals.Signal[UserCreated] { return &us.created }

// PasswordChanged is sent after a new password of a stored user was saved.
func (us *Users) PasswordChanged() *signals.Signal[PasswordChanged] { return &us.changed }

// Deleting is sent before a user is removed by Delete.
func (us *Users) Deleting() *signals.Signal[UserDeleting] { return &us.deleting }

// New returns a new user with Django's defaults, in no database yet: active, joined now, without
// a usable password, and with a key when that is a [database.UUID].
func (us *Users) New() Account {
	u := us.model.new()
	v := reflect.ValueOf(u).Elem()
	us.model.setBool(v, "is_active", true)
	us.model.setTime(v, "date_joined", us.timestamp())
	_ = us.model.fillKey(v) // a key that must be set by hand is missed when the user is stored
	u.base().Password = Hash(hashers.Unusable())
	return u
}

// timestamp is now as both databases and Django keep it.
func (us *Users) timestamp() time.Time { return us.now().UTC().Truncate(time.Microsecond) }

// PK returns the user's key as text, as it stands in sessions and links: "1", or a UUID with
// dashes. It is "" for a visitor.
func (us *Users) PK(u Account) string { return us.model.keyOf(u) }

// Username returns the value of the column by which users log in, "" for a visitor.
func (us *Users) Username(u Account) string { return us.model.text(u, us.model.username) }

// Email returns the user's e-mail address, "" for a visitor or a model without one.
func (us *Users) Email(u Account) string { return us.model.text(u, us.model.email) }

// UsernameField and EmailField return the names of the columns, the latter "" for a model
// without one. RequiredFields are what createsuperuser asks for besides.
func (us *Users) UsernameField() string { return us.model.username.Name }

// EmailField returns the name of the e-mail column, "" for a model without one.
func (us *Users) EmailField() string {
	if us.model.email == nil {
		return ""
	}
	return us.model.email.Name
}

// RequiredFields returns the columns that createsuperuser asks for besides name and password.
func (us *Users) RequiredFields() []string { return us.model.required }

// Same reports whether two accounts are one: users of the project's model with one key, or visitors
// both. Users that are not stored yet are only the same as themselves.
func (us *Users) Same(a, b Account) bool {
	if a == nil || b == nil || a.IsAnonymous() || b.IsAnonymous() {
		return a != nil && b != nil && a.IsAnonymous() && b.IsAnonymous()
	}
	va, errA := us.model.value(a)
	vb, errB := us.model.value(b)
	if errA != nil || errB != nil {
		return false
	}
	ka, kb := va.FieldByIndex(us.model.pk.Index), vb.FieldByIndex(us.model.pk.Index)
	return a == b || !ka.IsZero() && ka.Equal(kb)
}

// IsActive reports whether the user may log in: what the user's method Active says, and the column
// is_active, as far as the model has them. It is false for a visitor.
func (us *Users) IsActive(u Account) bool { return us.model.isActive(u) }

// ByPK returns the user of a key given as text; ErrNoUser for one that is not there or cannot be
// a key at all.
func (us *Users) ByPK(ctx context.Context, pk string) (Account, error) {
	return us.load(ctx, pk, false)
}

// load reads a user by key with one prepared statement, with all permissions when wanted.
func (us *Users) load(ctx context.Context, pk string, withPermissions bool) (Account, error) {
	if us.model.problem != nil {
		return nil, fmt.Errorf("auth: %w", us.model.problem)
	}
	withPermissions = withPermissions && us.model.permissions
	u := us.model.new()
	row := us.model.row(us.model.address(u))
	defer us.model.release(row)
	err := us.queryUser(ctx, pk, withPermissions, row.targets(withPermissions))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a user: %w", err)
	}
	if withPermissions {
		err = row.sets(u)
	}
	return u, err
}

// queryUser reads one row; sql.ErrNoRows also for a text that can be no key.
func (us *Users) queryUser(ctx context.Context, pk string, withPermissions bool, dest []any) error {
	if us.own != nil {
		key, ok := us.model.argument(pk)
		if !ok {
			return sql.ErrNoRows
		}
		stmt := us.bare
		if withPermissions {
			stmt = us.full
		}
		return stmt.QueryRow(ctx, []any{key}, dest...)
	}
	key, ok := us.model.parsePK(pk)
	if !ok {
		return sql.ErrNoRows
	}
	query := strings.Replace(us.model.loadQuery(us.bunDB(), withPermissions), "$1", "?", 1)
	return us.db.QueryRowContext(ctx, query, key).Scan(dest...)
}

// bunDB returns the dialect's carrier for building a query.
func (us *Users) bunDB() *bun.DB { return us.db.NewSelect().DB() }

// ByUsername returns the user of a name, exactly as stored, or in whatever case when the model
// ignores it; ErrNoUser when there is none. The name is what identifies a user across databases:
// Django's natural key.
func (us *Users) ByUsername(ctx context.Context, username string) (Account, error) {
	m := us.model
	if m.problem != nil {
		return nil, fmt.Errorf("auth: %w", m.problem)
	}
	if !storable(username) {
		return nil, ErrNoUser // no database can hold it
	}
	if m.ignoresCase {
		return us.byUsernameIgnoringCase(ctx, m.normalUsername(username))
	}
	var name any = username
	if !isText(m.username) {
		n, ok := decimal(username)
		if !ok {
			return nil, ErrNoUser
		}
		name = n
	}
	found, err := us.list(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.? = ?", bun.Ident(m.username.Name), name).Limit(1)
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNoUser
	}
	return found[0], nil
}

// byUsernameIgnoringCase asks in the words of the unique index. A database's idea of case is not
// quite ours (to PostgreSQL "ı" is an "I"), so what it finds is compared again.
func (us *Users) byUsernameIgnoringCase(ctx context.Context, username string) (Account, error) {
	column := bun.Ident(us.model.username.Name)
	found, err := us.list(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("UPPER(?TableAlias.?) = UPPER(?)", column, username)
	})
	if err != nil {
		return nil, err
	}
	for _, u := range found {
		if names.SameIgnoringCase(us.Username(u), username) {
			return u, nil
		}
	}
	return nil, ErrNoUser
}

// list returns the users that a query finds, in the order of their keys.
func (us *Users) list(ctx context.Context, where func(*bun.SelectQuery) *bun.SelectQuery) ([]Account, error) {
	if us.model.problem != nil {
		return nil, fmt.Errorf("auth: %w", us.model.problem)
	}
	rows := reflect.New(reflect.SliceOf(reflect.PointerTo(us.model.typ)))
	err := where(us.db.NewSelect().Model(rows.Interface())).
		OrderExpr("?TableAlias.?", bun.Ident(us.model.pk.Name)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: read users: %w", err)
	}
	found := make([]Account, rows.Elem().Len())
	for i := range found {
		found[i] = rows.Elem().Index(i).Interface().(Account)
	}
	return found, nil
}

// key returns the user's key in its own type.
func (us *Users) key(u Account) any {
	v, err := us.model.value(u)
	if err != nil {
		return nil
	}
	return v.FieldByIndex(us.model.pk.Index).Interface()
}
