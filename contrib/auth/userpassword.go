package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/signing"
)

// passwordColumn is the column of [BaseUser.Password].
const passwordColumn = "password"

// SetPassword hashes a raw password into the user and saves nothing; [Users.ChangePassword] does
// both. Any text is a password, the empty one too.
func (us *Users) SetPassword(ctx context.Context, u Account, raw string) error {
	if u.IsAnonymous() {
		return ErrAnonymous
	}
	encoded, err := us.hashers.Make(ctx, raw)
	if err != nil {
		return err
	}
	u.base().Password = Hash(encoded)
	u.base().state.raw = &raw
	return nil
}

// SetUnusablePassword makes every password wrong for the user. It saves nothing.
func (us *Users) SetUnusablePassword(u Account) {
	u.base().Password, u.base().state.raw = Hash(hashers.Unusable()), nil
}

// HasUsablePassword is false after SetUnusablePassword.
func (us *Users) HasUsablePassword(u Account) bool {
	return hashers.IsUsable(string(u.base().Password))
}

// ChangePassword hashes a raw password, stores it, tells the validators that keep a history, and
// sends PasswordChanged. All of the user's sessions end, but for one that is renewed by
// [Auth.KeepSession].
func (us *Users) ChangePassword(ctx context.Context, u Account, raw string) error {
	if err := us.SetPassword(ctx, u, raw); err != nil {
		return err
	}
	return us.Save(ctx, u, passwordColumn)
}

// ValidatePassword returns what the validators have against a new password, as forms.Errors, or
// nil. u may be nil when nothing is known of the user yet.
func (us *Users) ValidatePassword(ctx context.Context, raw string, u Account) error {
	return password.Validate(ctx, us.validators, raw, us.Attributes(u))
}

// Attributes returns what the validators compare a password with: the user's name, full name
// and address, as far as the model has them.
func (us *Users) Attributes(u Account) []password.Attribute {
	if u == nil || u.IsAnonymous() {
		return nil
	}
	var out []password.Attribute
	for _, f := range us.model.table.Fields {
		if f.StructField.Type.Kind() != reflect.String || f.Name == passwordColumn {
			continue
		}
		if value := us.model.text(u, f); value != "" {
			out = append(out, password.Attribute{Name: f.Name, Label: labelOf(f.Name), Value: value})
		}
	}
	return out
}

// CheckPassword reports whether a raw password is the user's. When it is and the stored hash is
// of an older kind, the new hash replaces it in the database, unless the password was changed
// there meanwhile. It costs one hash whether the answer is yes or no, and waits for its turn;
// [hashers.ErrBusy] says that too many are waiting.
func (us *Users) CheckPassword(ctx context.Context, u Account, raw string) (bool, error) {
	if u.IsAnonymous() {
		return false, ErrAnonymous
	}
	if u.base().state.kept != nil {
		now, err := us.load(ctx, us.PK(u), false)
		if errors.Is(err, ErrNoUser) {
			now = us.New() // whom no password fits, at the same cost
		} else if err != nil {
			return false, err
		}
		u.base().Password = now.base().Password
	}
	result, err := us.hashers.Check(ctx, raw, string(u.base().Password))
	if err != nil || !result.OK || !result.MustUpdate {
		return result.OK, err
	}
	return true, us.upgrade(ctx, u, raw)
}

// upgrade stores a hash of today's kind where the old one still stands. One UPDATE of one column.
func (us *Users) upgrade(ctx context.Context, u Account, raw string) error {
	encoded, err := us.hashers.Make(ctx, raw)
	if errors.Is(err, hashers.ErrBusy) || errors.Is(err, hashers.ErrPassword) {
		return nil // the next log-in will do; a hasher that cannot take the password never will
	}
	if err != nil {
		return err
	}
	old := u.base().Password
	err = us.write(ctx, u, func(ctx context.Context, db bun.IDB) error {
		res, err := db.NewUpdate().Model(u).WherePK().Where("password = ?", string(old)).
			Set("password = ?", encoded).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n == 1 {
			u.base().Password = Hash(encoded)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("auth: upgrade a password hash: %w", err)
	}
	return nil
}

// passwordLetters leaves out what looks alike: i, l, I, 1, o, O and 0.
const passwordLetters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// MakeRandomPassword returns n random characters of letters, or of letters and digits that
// cannot be mistaken for one another when letters is empty. n of 0 gives "".
func MakeRandomPassword(n int, letters string) string {
	if letters == "" {
		letters = passwordLetters
	}
	if n <= 0 {
		return ""
	}
	return signing.RandomString(n, letters)
}
