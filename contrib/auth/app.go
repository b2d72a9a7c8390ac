package auth

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// projectFacts are what the service learns when the project is ready.
type projectFacts struct {
	models []core.Model
	apps   []core.App
	site   *web.Site
	zone   *time.Location
}

// App returns the app for core.New. It comes after those of sessions and contenttypes.
func (a *Auth) App() core.App {
	models := []core.Model{{Of: (*Permission)(nil)}, groupModel()}
	ready := a.readyModel()
	if ready != nil {
		models = append(models, Model(ready))
	}
	return core.App{
		Label:        "auth",
		VerboseName:  "Users and permissions",
		Requires:     []string{"contenttypes", "sessions"},
		Models:       models,
		Migrations:   tables{ready},
		HandMigrated: true,
		Middleware:   []web.Middleware{a.Middleware},
		ContextProcessors: map[string]templates.Provider{
			"user":  a.templateUser,
			"perms": a.templatePerms,
		},
		Commands: []command.Command{
			a.createsuperuser(), a.createsuperuser().As("create_superuser"), a.changepassword(),
			a.installperms(), a.sqlinitialdata(), a.explainperm(),
		},
		Checks: a.checks(),
		Ready:  a.ready,
		Start:  a.cfg.Cache.Start,
		Close:  a.cfg.Cache.Close,
	}
}

// ready looks at the project and makes sure that permissions follow each migrate.
func (a *Auth) ready(p *core.Project) error {
	if a.users.model.problem != nil {
		return a.users.model.problem
	}
	if a.cfg.Types == nil || a.cfg.Sessions == nil {
		return errors.New("auth.Config needs Sessions and Types: the services whose apps are in the project")
	}
	if _, ok := p.ModelOf(a.users.model.newOrNil()); !ok {
		return fmt.Errorf("the user model %s is in no app: add auth.Model((*%s)(nil)) to the Models of its app, and the app to core.New",
			a.users.model.typ, a.users.model.typ.Name())
	}
	if a.cfg.Log == nil {
		a.cfg.Log = p.Settings().Log
	}
	if len(a.keys) == 0 {
		a.useKeys(p.Settings().Keys)
	}
	if !comesFirst(p.Apps(), "sessions", "auth") {
		return errors.New(`put the app "sessions" before "auth" in core.New: whoever asks for the user needs the session`)
	}
	if a.cfg.Cache == nil {
		a.useFeed(p.Settings().Cache)
	}
	a.project = projectFacts{models: p.Models(), apps: p.Apps(), site: p.Site(), zone: p.Settings().TimeZone}
	p.Migrated.Connect(a.ensurePermissions)
	p.Installed.Connect(a.offerSuperuser)
	return nil
}

// comesFirst reports whether the app of one label stands before the app of another.
func comesFirst(apps []core.App, first, second string) bool {
	at := func(label string) int {
		return slices.IndexFunc(apps, func(a core.App) bool { return a.Label == label })
	}
	return at(first) < at(second)
}

// readyModel returns the user model when it is one whose tables are made here, else nil.
func (a *Auth) readyModel() Account {
	switch u := a.users.model.newOrNil().(type) {
	case *User, *EmailUser:
		return u
	}
	return nil
}

// groupModel describes groups with the table of their permissions.
func groupModel() core.Model {
	return core.Model{Of: (*Group)(nil), Joins: []core.Join{{Table: "auth_group_permissions", Sides: [2]core.JoinSide{
		{Column: "group_id", Of: (*Group)(nil)}, {Column: "permission_id", Of: (*Permission)(nil)},
	}}}}
}

//go:embed schema/*.sql
var schemaFiles embed.FS

// tables is the app's migrations. The first stands for all of Django's; the tables of users are in
// it when they are of Django's model, in one of their own when they are EmailUsers, and made by
// another app when the model is a project's own.
type tables struct{ users Account }

var _ migrate.Source = tables{}

// Migrations implements migrate.Source.
func (t tables) Migrations(d dialect.Name) ([]migrate.Migration, error) {
	parts := []string{"groups"}
	down := `DROP TABLE "auth_group_permissions"; DROP TABLE "auth_group"; DROP TABLE "auth_permission";`
	if _, ok := t.users.(*User); ok {
		parts = append(parts, "users")
		down = `DROP TABLE "auth_user_groups"; DROP TABLE "auth_user_user_permissions"; DROP TABLE "auth_user"; ` + down
	}
	up, err := schemaOf(d, parts...)
	if err != nil {
		return nil, err
	}
	all := []migrate.Migration{{
		Name:     "0001_initial",
		Requires: []string{"contenttypes.0002_remove_content_type_name"},
		Replaces: []string{
			"0001_initial",
			"0002_alter_permission_name_max_length",
			"0003_alter_user_email_max_length",
			"0004_alter_user_username_opts",
			"0005_alter_user_last_login_null",
			"0006_require_contenttypes_0002",
			"0007_alter_validators_add_error_messages",
			"0008_alter_user_username_max_length",
			"0009_alter_user_last_name_max_length",
			"0010_alter_group_name_max_length",
			"0011_update_proxy_permissions",
			"0012_alter_user_first_name_max_length",
		},
		UpSQL:   up,
		DownSQL: down,
	}}
	if _, ok := t.users.(*EmailUser); ok {
		all = append(all, emailUsers())
	}
	return all, nil
}

// emailUsers makes the tables of EmailUser. It is a migration of its own because a database that
// Django made has the first one already.
func emailUsers() migrate.Migration {
	return migrate.Migration{
		Name: "0013_emailuser",
		Up: func(ctx context.Context, db bun.IDB) error {
			text, err := schemaOf(db.Dialect().Name(), "emailusers")
			if err != nil {
				return err
			}
			if _, err := db.ExecContext(ctx, text); err != nil {
				return err
			}
			return CreateJoins((*EmailUser)(nil))(ctx, db)
		},
		Down: func(ctx context.Context, db bun.IDB) error {
			if err := DropJoins((*EmailUser)(nil))(ctx, db); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, `DROP TABLE "auth_emailuser"`)
			return err
		},
	}
}

// schemaOf returns the statements that make some tables.
func schemaOf(d dialect.Name, parts ...string) (string, error) {
	kind := "sqlite"
	if d == dialect.PG {
		kind = "postgres"
	}
	text := ""
	for _, part := range parts {
		file, err := fs.ReadFile(schemaFiles, "schema/"+part+"."+kind+".sql")
		if err != nil {
			return "", fmt.Errorf("auth: %w", err)
		}
		text += string(file)
	}
	return text, nil
}

// Types returns the content types of the project.
func (a *Auth) Types() *contenttypes.Types { return a.cfg.Types }
