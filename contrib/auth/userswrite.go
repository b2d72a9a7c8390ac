package auth

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/database"
)

// Create makes and stores an ordinary user: active, neither staff nor superuser. The user is
// cleaned as by [Users.Clean], and the password hashed; an empty password is a password like any
// other, see [Users.CreateWithoutPassword]. fill, which may be nil, sets further fields before the
// user is cleaned and stored. In a model whose users log in by their address, username is the
// address and email need not be given.
func (us *Users) Create(ctx context.Context, username, email, raw string, fill func(Account) error) (Account, error) {
	return us.create(ctx, username, email, &raw, fill)
}

// CreateWithoutPassword is Create for somebody who logs in by other means: no password verifies.
func (us *Users) CreateWithoutPassword(ctx context.Context, username, email string, fill func(Account) error) (Account, error) {
	return us.create(ctx, username, email, nil, fill)
}

// CreateSuperuser is Create with is_staff and is_superuser set. A fill that takes one of them
// back is an error.
func (us *Users) CreateSuperuser(ctx context.Context, username, email, raw string, fill func(Account) error) (Account, error) {
	return us.create(ctx, username, email, &raw, us.superuser(fill))
}

// CreateSuperuserWithoutPassword is CreateSuperuser for somebody who logs in by other means, or
// who gets a password later.
func (us *Users) CreateSuperuserWithoutPassword(ctx context.Context, username, email string, fill func(Account) error) (Account, error) {
	return us.create(ctx, username, email, nil, us.superuser(fill))
}

// superuserFlags are the columns that a superuser has set, where the model has them.
var superuserFlags = [...]string{"is_staff", "is_superuser"}

func (us *Users) superuser(fill func(Account) error) func(Account) error {
	return func(u Account) error {
		v := reflect.ValueOf(u).Elem()
		for _, column := range superuserFlags {
			us.model.setBool(v, column, true)
		}
		if fill != nil {
			if err := fill(u); err != nil {
				return err
			}
		}
		for _, column := range superuserFlags {
			if f := us.model.table.LookupField(column); f != nil && !v.FieldByIndex(f.Index).Bool() {
				return fmt.Errorf("auth: a superuser must have %s set", column)
			}
		}
		return nil
	}
}

// create does everything that may be refused before it hashes the password, which costs.
func (us *Users) create(ctx context.Context, username, email string, raw *string, fill func(Account) error) (Account, error) {
	m := us.model
	if m.problem != nil {
		return nil, fmt.Errorf("auth: %w", m.problem)
	}
	if m.username == m.email && username == "" {
		username = email
	}
	u := us.New()
	v := reflect.ValueOf(u).Elem()
	if err := m.setText(v, m.email, email); err != nil {
		return nil, err
	}
	if username != "" {
		if err := m.setText(v, m.username, username); err != nil {
			return nil, err
		}
	}
	if fill != nil {
		if err := fill(u); err != nil {
			return nil, err
		}
	}
	if v.FieldByIndex(m.username.Index).IsZero() {
		return nil, ErrUsernameEmpty
	}
	if err := us.Clean(u); err != nil {
		return nil, err
	}
	if raw != nil {
		if err := us.SetPassword(ctx, u, *raw); err != nil {
			return nil, err
		}
	}
	if err := us.Insert(ctx, u); err != nil {
		return nil, err
	}
	return u, nil
}

// Clean normalises a user before it is stored: the name to NFKC, the domain of the address to
// small letters, both when users log in by their address. Then the model's own Clean is called,
// see [Cleaner]. Text that its column cannot hold is [ErrText], looked for before any work is done
// on the text. It saves nothing; Create calls it, Insert and Save store what they are given.
func (us *Users) Clean(u Account) error {
	m := us.model
	v, err := m.value(u)
	if err != nil {
		return err
	}
	if err := m.checkTexts(v, nil); err != nil {
		return err
	}
	if isText(m.username) {
		f := v.FieldByIndex(m.username.Index)
		f.SetString(m.normalUsername(f.String()))
	}
	if m.email != nil && m.email != m.username {
		f := v.FieldByIndex(m.email.Index)
		f.SetString(names.NormalizeEmail(f.String()))
	}
	if c, ok := u.(Cleaner); ok {
		if err := c.Clean(); err != nil {
			return err
		}
	}
	return m.checkTexts(v, nil) // NFKC can make eighteen characters of one
}

// normalUsername is the spelling under which a name is stored.
func (m *userModel) normalUsername(name string) string {
	name = names.NormalizeUsername(name)
	if m.username == m.email {
		name = names.NormalizeEmail(name)
	}
	return name
}

// Insert stores a user that was filled in by hand, as it is, and sends Created, both in one
// transaction: when a receiver fails, there is no user. A key that is a [database.UUID] is made when it is zero.
func (us *Users) Insert(ctx context.Context, u Account) error {
	v, err := us.model.value(u)
	if err != nil {
		return err
	}
	if err := us.model.fillKey(v); err != nil {
		return err
	}
	if err := us.model.checkTexts(v, nil); err != nil {
		return err
	}
	err = us.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return us.model.writeError("store a user", err)
		}
		return us.created.Send(ctx, UserCreated{DB: tx, User: u})
	})
	if err != nil {
		return err
	}
	_, err = us.passwordStored(ctx, u)
	return err
}

// Save writes columns of a stored user, all of them when none is named. A password that
// SetPassword hashed is told to the validators that keep a history, and PasswordChanged is sent,
// once. ErrNoUser says that the user is gone. When all columns of a user are saved that a request got
// from memory ([Config.Cache]), those that it did not change are read first.
func (us *Users) Save(ctx context.Context, u Account, columns ...string) error {
	v, err := us.model.value(u)
	if err != nil {
		return err
	}
	if err := us.model.checkTexts(v, columns); err != nil {
		return err
	}
	if err := us.update(ctx, u, columns); err != nil {
		return err
	}
	if len(columns) > 0 && !slices.Contains(columns, passwordColumn) {
		return nil
	}
	changed, err := us.passwordStored(ctx, u)
	if err != nil || !changed {
		return err
	}
	return us.changed.Send(ctx, PasswordChanged{DB: us.db, User: u})
}

// update writes columns of a user, all of them when none is named, and tells of it.
func (us *Users) update(ctx context.Context, u Account, columns []string) error {
	set := func(ctx context.Context, db bun.IDB) error {
		q := db.NewUpdate().Model(u).WherePK()
		if len(columns) > 0 {
			q = q.Column(columns...)
		}
		res, err := q.Exec(ctx)
		if err != nil {
			return us.model.writeError("save a user", err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return ErrNoUser
		}
		return nil
	}
	if len(columns) > 0 || u.base().state.kept == nil {
		return us.write(ctx, u, set)
	}
	return us.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := us.catchUp(ctx, tx, u); err != nil {
			return err
		}
		return us.In(tx).write(ctx, u, set)
	})
}

// passwordStored tells the validators about a new password, once, and reports whether there was one.
func (us *Users) passwordStored(ctx context.Context, u Account) (bool, error) {
	raw := u.base().state.raw
	if raw == nil {
		return false, nil
	}
	u.base().state.raw = nil
	return true, password.Changed(ctx, us.validators, *raw, us.Attributes(u))
}

// writeError says what a failed INSERT or UPDATE means.
func (m *userModel) writeError(what string, err error) error {
	if !database.IsUniqueViolation(err) {
		return fmt.Errorf("auth: %s: %w", what, err)
	}
	if database.IsUniqueViolationOf(err, m.username.Name) {
		return fmt.Errorf("%w: %w", ErrUsernameTaken, err)
	}
	return fmt.Errorf("%w: %w", ErrDuplicate, err)
}

// UserDeleting tells that a user is about to be removed, so that rows which refer to it can be
// removed or changed first. DB is the transaction in which it happens; an error stops it.
type UserDeleting struct {
	DB   bun.IDB
	User Account
}

// Delete removes a user with its groups, permissions and, where Django's admin has its table, its
// log entries. Rows of other apps that refer to the user are the business of [Users.Deleting]'s
// receivers; without one the database refuses, with an error that database.IsForeignKeyViolation
// knows. Most projects set is_active to false instead.
func (us *Users) Delete(ctx context.Context, u Account) error {
	if _, err := us.model.value(u); err != nil {
		return err
	}
	err := us.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := us.deleting.Send(ctx, UserDeleting{DB: tx, User: u}); err != nil {
			return err
		}
		if err := us.In(tx).deleteRelated(ctx, u); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(u).WherePK().Exec(ctx); err != nil {
			return err
		}
		return us.In(tx).TellChanged(ctx, us.PK(u))
	})
	if err != nil {
		return fmt.Errorf("auth: delete a user: %w", err)
	}
	return nil
}

// deleteRelated removes what is auth's own, since Django's tables have no ON DELETE CASCADE.
func (us *Users) deleteRelated(ctx context.Context, u Account) error {
	tables := map[string]string{}
	if us.model.permissions {
		tables[us.model.groupsTable] = us.model.joinColumn
		tables[us.model.permsTable] = us.model.joinColumn
	}
	const adminLog = "django_admin_log"
	has, err := hasTable(ctx, us.db, adminLog)
	if err != nil {
		return err
	}
	if has {
		tables[adminLog] = "user_id"
	}
	for table, column := range tables {
		if _, err := us.db.NewRaw("DELETE FROM ? WHERE ? = ?", bun.Ident(table), bun.Ident(column), us.key(u)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// hasTable asks the database for a table of a name.
func hasTable(ctx context.Context, db bun.IDB, table string) (bool, error) {
	query := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if database.IsPostgres(db) {
		query = "SELECT count(to_regclass(quote_ident(?)))"
	}
	var n int
	err := db.NewRaw(query, table).Scan(ctx, &n)
	return n > 0, err
}
