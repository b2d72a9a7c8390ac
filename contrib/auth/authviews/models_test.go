package authviews_test

import (
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

type (
	// customUser logs in by address.
	customUser struct {
		bun.BaseModel `bun:"table:custom_user,alias:custom_user"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Email       string    `bun:"email,notnull,unique,type:varchar(255)"`
		IsActive    bool      `bun:"is_active,notnull"`
		DateOfBirth time.Time `bun:"date_of_birth,nullzero"`
	}

	// uuidUser has another sort of key.
	uuidUser struct {
		bun.BaseModel `bun:"table:uuid_user,alias:uuid_user"`
		ID            database.UUID `bun:"id,pk"`
		auth.AbstractUser
	}
)

func (*customUser) UsernameField() string { return "email" }

// models makes their tables.
type models struct{}

func (models) Migrations(dialect.Name) ([]migrate.Migration, error) {
	return []migrate.Migration{{Name: "0001_initial", Up: func(ctx context.Context, db bun.IDB) error {
		for _, model := range []any{(*customUser)(nil), (*uuidUser)(nil)} {
			if _, err := db.NewCreateTable().Model(model).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}}}, nil
}
