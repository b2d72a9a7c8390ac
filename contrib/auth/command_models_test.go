package auth_test

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/migrate"
)

// The user models that the commands are tried with, and what they refer to. Their tables are made
// by bun.
type (
	bornUser struct {
		bun.BaseModel `bun:"table:auth_tests_customuser,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Email       string    `bun:"email,notnull,unique,type:varchar(255)"`
		IsActive    bool      `bun:"is_active,notnull"`
		DateOfBirth time.Time `bun:"date_of_birth,notnull,type:date"`
		FirstName   string    `bun:"first_name,notnull,type:varchar(50)"`
	}
	manyNamesakes struct {
		bun.BaseModel `bun:"table:auth_tests_nonunique,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,type:varchar(30)"`
		Email    string `bun:"email,notnull,type:varchar(254)"`
	}
	uniqueByRule struct {
		bun.BaseModel `bun:"table:auth_tests_uniqueconstraint,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,type:varchar(150)"`
	}
	emailRow struct {
		bun.BaseModel `bun:"table:auth_tests_email,alias:e"`

		ID    int64  `bun:"id,pk,autoincrement"`
		Email string `bun:"email,notnull,unique"`
	}
	userWithFK struct {
		bun.BaseModel `bun:"table:auth_tests_customuserwithfk,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		UsernameID int64       `bun:"username_id,notnull"`
		Username   *emailRow   `bun:"rel:belongs-to,join:username_id=id"`
		EmailID    string      `bun:"email_id,notnull"`
		Email      *emailRow   `bun:"rel:belongs-to,join:email_id=email"`
		GroupID    int64       `bun:"group_id,notnull"`
		Group      *auth.Group `bun:"rel:belongs-to,join:group_id=id"`
	}
	organization struct {
		bun.BaseModel `bun:"table:auth_tests_organization,alias:o"`

		ID   int64  `bun:"id,pk,autoincrement"`
		Name string `bun:"name,notnull"`
	}
	memberOfOrgs struct {
		bun.BaseModel `bun:"table:auth_tests_customuserwithm2m,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique,type:varchar(30)"`
	}
	membership struct {
		bun.BaseModel `bun:"table:auth_tests_membership,alias:m"`

		ID             int64 `bun:"id,pk,autoincrement"`
		UserID         int64 `bun:"user_id,notnull"`
		OrganizationID int64 `bun:"organization_id,notnull"`
		IsApproved     bool  `bun:"is_approved,notnull"`
	}
	memberByMembership struct {
		bun.BaseModel `bun:"table:auth_tests_throughuser,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique,type:varchar(30)"`
	}
	noPasswordUser struct {
		bun.BaseModel `bun:"table:auth_tests_nopassworduser,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Password auth.Hash `bun:"password,scanonly"` // hides the column of BaseUser
		Username string    `bun:"username,notnull,unique,type:varchar(50)"`
	}
	// variedUser has a required column of every type.
	variedUser struct {
		bun.BaseModel `bun:"table:auth_tests_varied,alias:u"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string     `bun:"username,notnull,unique,type:varchar(30)"`
		Whole    int16      `bun:"whole,notnull"`
		Positive uint8      `bun:"positive,notnull"`
		Broken   float64    `bun:"broken,notnull"`
		Yes      bool       `bun:"yes,notnull"`
		At       time.Time  `bun:"at,notnull"`
		Maybe    *time.Time `bun:"maybe"`
	}
)

func (*bornUser) UsernameField() string              { return "email" }
func (*bornUser) RequiredFields() []string           { return []string{"date_of_birth", "first_name"} }
func (*uniqueByRule) RequiredFields() []string       { return nil }
func (*userWithFK) UsernameField() string            { return "username_id" }
func (*userWithFK) RequiredFields() []string         { return []string{"email", "group_id"} }
func (*memberOfOrgs) RequiredFields() []string       { return []string{"orgs"} }
func (*memberByMembership) RequiredFields() []string { return []string{"orgs"} }
func (*variedUser) RequiredFields() []string {
	return []string{"whole", "positive", "broken", "yes", "at", "maybe"}
}

// commandModels describes the models for a project.
func commandModels() []core.Model {
	side := func(column string, of any) core.JoinSide { return core.JoinSide{Column: column, Of: of} }
	return []core.Model{
		{Of: (*bornUser)(nil)}, {Of: (*manyNamesakes)(nil)},
		{Of: (*uniqueByRule)(nil), Uniques: []core.Unique{{Name: "uniq_username", Columns: []string{"username"}}}},
		{Of: (*emailRow)(nil)}, {Of: (*userWithFK)(nil)}, {Of: (*organization)(nil)}, {Of: (*membership)(nil)},
		{Of: (*memberOfOrgs)(nil), Joins: []core.Join{{Table: "auth_tests_customuserwithm2m_orgs",
			Sides: [2]core.JoinSide{side("memberoforgs_id", (*memberOfOrgs)(nil)), side("organization_id", (*organization)(nil))}}}},
		{Of: (*memberByMembership)(nil)}, {Of: (*noPasswordUser)(nil)}, {Of: (*variedUser)(nil)}, {Of: (*uzivatel)(nil)},
		{Of: (*userProxy)(nil), ProxyOf: (*auth.User)(nil)},
	}
}

// commandTables makes their tables.
func commandTables(ctx context.Context, db bun.IDB) error {
	for _, m := range commandModels() {
		if m.IsProxy() {
			continue
		}
		if _, err := db.NewCreateTable().Model(m.Of).Exec(ctx); err != nil {
			return err
		}
	}
	return makeTable("auth_tests_customuserwithm2m_orgs", "{id}, memberoforgs_id integer NOT NULL, "+
		"organization_id integer NOT NULL, UNIQUE (memberoforgs_id, organization_id)")(ctx, db)
}

// dropCommandTables takes them away again.
func dropCommandTables(ctx context.Context, db bun.IDB) error {
	for _, m := range commandModels() {
		if m.IsProxy() {
			continue
		}
		if _, err := db.NewDropTable().Model(m.Of).Exec(ctx); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, "DROP TABLE auth_tests_customuserwithm2m_orgs")
	return err
}

// commandSites are projects with Django's user model and tables for the others.
var commandSites = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newCommandProject(s, (*auth.User)(nil), password.Numeric{})
})

// newCommandProject makes a project whose users are of any of the models.
func newCommandProject(s core.Settings, model auth.Account, validators ...password.Validator) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, model), Sessions: sess, Types: types, Validators: validators,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), core.App{
		Label: "auth_tests", Models: commandModels(),
		Migrations: migrate.List(migrate.Migration{Name: "0001_initial", Requires: []string{"auth.0001_initial"}, Up: commandTables, Down: dropCommandTables}),
	})
	return a, p, err
}

// userProxy is Django's user under another name, with permissions of its own.
type userProxy struct{ auth.User }

// uzivatel is a model whose people have a name in another language.
type uzivatel struct {
	bun.BaseModel `bun:"table:auth_tests_uzivatel,alias:u"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.BaseUser
	Name string `bun:"uživatel,notnull,unique,type:varchar(30)"`
}

func (*uzivatel) UsernameField() string { return "uživatel" }
