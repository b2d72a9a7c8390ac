package authforms_test

import (
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// The user models of the tests, beside auth.User.
type (
	// extensionUser has a column more than the default model.
	extensionUser struct {
		bun.BaseModel `bun:"table:extension_user,alias:extension_user"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.AbstractUser
		DateOfBirth time.Time `bun:"date_of_birth,nullzero"`
	}

	// customUser logs in by address.
	customUser struct {
		bun.BaseModel `bun:"table:custom_user,alias:custom_user"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Email       string    `bun:"email,notnull,unique,type:varchar(255)"`
		IsActive    bool      `bun:"is_active,notnull"`
		DateOfBirth time.Time `bun:"date_of_birth,nullzero"`
	}

	// withoutActive cannot be switched off.
	withoutActive struct {
		bun.BaseModel `bun:"table:without_active,alias:without_active"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique,type:varchar(150)"`
		Email    string `bun:"email,notnull,type:varchar(255)"`
	}

	// customEmailField calls the address otherwise.
	customEmailField struct {
		bun.BaseModel `bun:"table:custom_email_field,alias:custom_email_field"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username     string `bun:"username,notnull,unique,type:varchar(255)"`
		EmailAddress string `bun:"email_address,notnull,type:varchar(254)"`
		IsActive     bool   `bun:"is_active,notnull"`
	}

	// integerUser logs in by a number.
	integerUser struct {
		bun.BaseModel `bun:"table:integer_user,alias:integer_user"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username int64 `bun:"username,notnull,unique"`
	}

	// uuidUser has another sort of key.
	uuidUser struct {
		bun.BaseModel `bun:"table:uuid_user,alias:uuid_user"`
		ID            database.UUID `bun:"id,pk"`
		auth.AbstractUser
	}

	// textUser has a key of text.
	textUser struct {
		bun.BaseModel `bun:"table:text_user,alias:text_user"`
		Code          string `bun:"code,pk"`
		auth.AbstractUser
	}

	organization struct {
		bun.BaseModel `bun:"table:organization,alias:organization"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Name          string `bun:"name,notnull"`
	}

	membership struct {
		bun.BaseModel  `bun:"table:membership,alias:membership"`
		UserID         int64 `bun:"user_id,pk"`
		OrganizationID int64 `bun:"organization_id,pk"`
	}
)

func (*customUser) UsernameField() string    { return "email" }
func (*customEmailField) EmailField() string { return "email_address" }

// tables makes the tables of the models.
type tables struct{}

func (tables) Migrations(dialect.Name) ([]migrate.Migration, error) {
	return []migrate.Migration{{Name: "0001_initial", Up: func(ctx context.Context, db bun.IDB) error {
		for _, model := range []any{
			(*extensionUser)(nil), (*customUser)(nil), (*withoutActive)(nil), (*customEmailField)(nil), (*integerUser)(nil),
			(*uuidUser)(nil), (*textUser)(nil), (*organization)(nil), (*membership)(nil),
		} {
			if _, err := db.NewCreateTable().Model(model).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}}}, nil
}
