package auth

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// projectFacts are what the service learns when the project is ready.
type projectFacts struct {
	models []core.Model
	apps   []core.App
	zone   *time.Location
}

// App returns the app for core.New. It comes after those of sessions and contenttypes.
func (a *Auth) App() core.App {
	models := []core.Model{
		{Of: (*Permission)(nil)},
		{Of: (*Group)(nil)},
	}
	if a.hasDefaultModel() {
		models = append(models, core.Model{Of: (*User)(nil)})
	}
	return core.App{
		Label:      "auth",
		Requires:   []string{"contenttypes", "sessions"},
		Models:     models,
		Migrations: tables{users: a.hasDefaultModel()},
		Middleware: []web.Middleware{a.Middleware},
		ContextProcessors: map[string]templates.Provider{
			"user":  a.templateUser,
			"perms": a.templatePerms,
		},
		Commands: []command.Command{a.createsuperuser(), a.changepassword()},
		Checks:   []check.Check{{Run: a.check}},
		Ready:    a.ready,
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
	if len(a.keys) == 0 {
		a.keys = p.Settings().Keys
	}
	a.project = projectFacts{models: p.Models(), apps: p.Apps(), zone: p.Settings().TimeZone}
	p.Migrated.Connect(a.ensurePermissions)
	return nil
}

func (a *Auth) hasDefaultModel() bool {
	_, ok := a.users.model.newOrNil().(*User)
	return ok
}

//go:embed schema/*.sql
var schemaFiles embed.FS

// tables is the app's one migration, which stands for all of Django's. The tables of users are
// left out when the project's users are of another model: its own app makes them.
type tables struct{ users bool }

var _ migrate.Source = tables{}

// Migrations implements migrate.Source.
func (t tables) Migrations(d dialect.Name) ([]migrate.Migration, error) {
	kind := "sqlite"
	if d == dialect.PG {
		kind = "postgres"
	}
	parts := []string{"groups"}
	down := `DROP TABLE "auth_group_permissions"; DROP TABLE "auth_group"; DROP TABLE "auth_permission";`
	if t.users {
		parts = append(parts, "users")
		down = `DROP TABLE "auth_user_groups"; DROP TABLE "auth_user_user_permissions"; DROP TABLE "auth_user"; ` + down
	}
	up := ""
	for _, part := range parts {
		text, err := fs.ReadFile(schemaFiles, "schema/"+part+"."+kind+".sql")
		if err != nil {
			return nil, fmt.Errorf("auth: %w", err)
		}
		up += string(text)
	}
	return []migrate.Migration{{
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
	}}, nil
}

// Types returns the content types of the project.
func (a *Auth) Types() *contenttypes.Types { return a.cfg.Types }
