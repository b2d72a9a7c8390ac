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
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signals"
)

// What [Users] and [Auth] report. Test with errors.Is.
var (
	// ErrNoUser says that there is no such user.
	ErrNoUser = errors.New("auth: no such user")
	// ErrUsernameTaken says that another user has the name already.
	ErrUsernameTaken = errors.New("auth: that user name is taken")
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
	bare, full *database.Prepared // read a user by key, without and with permissions
}

// UserCreated tells that a user was stored for the first time. DB is the transaction or database
// it was stored in.
type UserCreated struct {
	DB   bun.IDB
	User Account
}

// PasswordChanged tells that a new password was stored. An upgrade of the hash is no change.
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
		model:      newUserModel(db, model),
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

// PasswordChanged is sent after a new password was stored by ChangePassword.
func (us *Users) PasswordChanged() *signals.Signal[PasswordChanged] { return &us.changed }

// New returns a new user with Django's defaults, in no database yet: active, joined now, without
// a usable password.
func (us *Users) New() Account {
	u := us.model.new()
	v := reflect.ValueOf(u).Elem()
	us.model.setBool(v, "is_active", true)
	us.model.setTime(v, "date_joined", us.timestamp())
	u.base().Password = Hash(hashers.Unusable())
	return u
}

// timestamp is now as both databases and Django keep it.
func (us *Users) timestamp() time.Time { return us.now().UTC().Truncate(time.Microsecond) }

// PK returns the user's key as text, as it stands in sessions and links: "1", or a UUID with
// dashes. It is "" for a visitor.
func (us *Users) PK(u Account) string { return us.model.text(u, us.model.pk) }

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

// IsActive reports whether the user may log in: the column is_active, true without one, and
// false for a visitor.
func (us *Users) IsActive(u Account) bool { return us.model.isActive(u) }

// ByPK returns the user of a key given as text; ErrNoUser for one that is not there or cannot be
// a key at all.
func (us *Users) ByPK(ctx context.Context, pk string) (Account, error) {
	return us.load(ctx, pk, false)
}

// load reads a user by key with one prepared statement, with all permissions when wanted.
func (us *Users) load(ctx context.Context, pk string, withPermissions bool) (Account, error) {
	key, ok := us.model.parsePK(pk)
	if !ok {
		return nil, ErrNoUser
	}
	withPermissions = withPermissions && us.model.permissions
	u := us.model.new()
	dest := us.model.scanTargets(reflect.ValueOf(u).Elem())
	var own, group sql.NullString
	if withPermissions {
		dest = append(dest, &own, &group)
	}
	err := us.queryUser(ctx, key, withPermissions, dest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a user: %w", err)
	}
	if withPermissions {
		state := &u.base().state
		if state.own, err = splitNames(own.String); err == nil {
			state.group, err = splitNames(group.String)
		}
	}
	return u, err
}

func (us *Users) queryUser(ctx context.Context, key any, withPermissions bool, dest []any) error {
	if us.own != nil {
		stmt := us.bare
		if withPermissions {
			stmt = us.full
		}
		return stmt.QueryRow(ctx, []any{key}, dest...)
	}
	query := strings.Replace(us.model.loadQuery(us.bunDB(), withPermissions), "$1", "?", 1)
	return us.db.NewRaw(query, key).Scan(ctx, dest...)
}

// bunDB returns the dialect's carrier for building a query.
func (us *Users) bunDB() *bun.DB { return us.db.NewSelect().DB() }

// splitNames reads a run of "<bytes>:<name>".
func splitNames(text string) (PermissionSet, error) {
	set := PermissionSet{}
	for text != "" {
		size, rest, ok := strings.Cut(text, ":")
		n, valid := decimal(size)
		if !ok || !valid || n < 0 || n > int64(len(rest)) {
			return nil, errors.New("auth: the database returned a list of permissions that cannot be read")
		}
		set[rest[:n]] = struct{}{}
		text = rest[n:]
	}
	return set, nil
}

// ByUsername returns the user of a name, exactly as stored; ErrNoUser when there is none.
func (us *Users) ByUsername(ctx context.Context, username string) (Account, error) {
	if strings.ContainsRune(username, 0) {
		return nil, ErrNoUser // no database can hold it
	}
	u := us.model.new()
	err := us.db.NewSelect().Model(u).Where("? = ?", bun.Ident(us.model.username.Name), username).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a user: %w", err)
	}
	return u, nil
}

// Create makes and stores an ordinary user: active, neither staff nor superuser. The name is
// normalised (NFKC), the domain of the address put into lower case, and the password hashed; an
// empty password is a password like any other, see [Users.CreateWithoutPassword]. fill, which may
// be nil, sets further fields before the row is stored.
func (us *Users) Create(ctx context.Context, username, email, raw string, fill func(Account) error) (Account, error) {
	encoded, err := us.hashers.Make(ctx, raw)
	if err != nil {
		return nil, err
	}
	return us.create(ctx, username, email, Hash(encoded), fill)
}

// CreateWithoutPassword is Create for somebody who logs in by other means: no password verifies.
func (us *Users) CreateWithoutPassword(ctx context.Context, username, email string, fill func(Account) error) (Account, error) {
	return us.create(ctx, username, email, Hash(hashers.Unusable()), fill)
}

// CreateSuperuser is Create with is_staff and is_superuser set. A fill that takes one of them
// back is an error.
func (us *Users) CreateSuperuser(ctx context.Context, username, email, raw string, fill func(Account) error) (Account, error) {
	return us.Create(ctx, username, email, raw, us.superuser(fill))
}

func (us *Users) superuser(fill func(Account) error) func(Account) error {
	return func(u Account) error {
		v := reflect.ValueOf(u).Elem()
		us.model.setBool(v, "is_staff", true)
		us.model.setBool(v, "is_superuser", true)
		if fill != nil {
			if err := fill(u); err != nil {
				return err
			}
		}
		for _, column := range []string{"is_staff", "is_superuser"} {
			if f := us.model.table.LookupField(column); f != nil && !v.FieldByIndex(f.Index).Bool() {
				return fmt.Errorf("auth: a superuser must have %s set", column)
			}
		}
		return nil
	}
}

func (us *Users) create(ctx context.Context, username, email string, encoded Hash, fill func(Account) error) (Account, error) {
	if username == "" {
		return nil, ErrUsernameEmpty
	}
	u := us.New()
	u.base().Password = encoded
	v := reflect.ValueOf(u).Elem()
	us.model.setText(v, us.model.email, names.NormalizeEmail(email))
	us.model.setText(v, us.model.username, names.NormalizeUsername(username))
	if fill != nil {
		if err := fill(u); err != nil {
			return nil, err
		}
	}
	return u, us.Insert(ctx, u)
}

// Insert stores a user that was filled in by hand, as it is.
func (us *Users) Insert(ctx context.Context, u Account) error {
	if _, err := us.model.value(u); err != nil {
		return err
	}
	if _, err := us.db.NewInsert().Model(u).Exec(ctx); err != nil {
		if database.IsUniqueViolation(err) {
			return fmt.Errorf("%w: %w", ErrUsernameTaken, err)
		}
		return fmt.Errorf("auth: store a user: %w", err)
	}
	return us.created.Send(ctx, UserCreated{DB: us.db, User: u})
}

// Save writes columns of a stored user, all of them when none is named. ErrNoUser says that the
// user is gone.
func (us *Users) Save(ctx context.Context, u Account, columns ...string) error {
	if _, err := us.model.value(u); err != nil {
		return err
	}
	q := us.db.NewUpdate().Model(u).WherePK()
	if len(columns) > 0 {
		q = q.Column(columns...)
	}
	res, err := q.Exec(ctx)
	if err != nil {
		if database.IsUniqueViolation(err) {
			return fmt.Errorf("%w: %w", ErrUsernameTaken, err)
		}
		return fmt.Errorf("auth: save a user: %w", err)
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return ErrNoUser
	}
	return nil
}

// Delete removes a user with its groups and permissions. Most projects set is_active to false
// instead, since other rows may point to the user.
func (us *Users) Delete(ctx context.Context, u Account) error {
	if _, err := us.model.value(u); err != nil {
		return err
	}
	return us.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if us.model.permissions {
			for _, table := range []string{us.model.groupsTable, us.model.permsTable} {
				_, err := tx.NewRaw("DELETE FROM ? WHERE ? = ?", bun.Ident(table), bun.Ident(us.model.joinColumn), us.key(u)).Exec(ctx)
				if err != nil {
					return fmt.Errorf("auth: delete a user: %w", err)
				}
			}
		}
		if _, err := tx.NewDelete().Model(u).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("auth: delete a user: %w", err)
		}
		return nil
	})
}

// key returns the user's key in its own type.
func (us *Users) key(u Account) any {
	v, err := us.model.value(u)
	if err != nil {
		return nil
	}
	return v.FieldByIndex(us.model.pk.Index).Interface()
}
