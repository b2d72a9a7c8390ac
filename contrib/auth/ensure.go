package auth

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
)

// ensurePermissions makes the permissions that are missing after a migrate.
func (a *Auth) ensurePermissions(ctx context.Context, ev core.Migration) error {
	return EnsurePermissions(ctx, ev.DB, ev.Project.Models(), ev.Logf)
}

// EnsurePermissions makes the permissions of models, default and custom, that are missing, and
// carries those of renamed models over. It takes two SELECTs and one INSERT however many models
// there are, and works inside a migration's transaction, so that a migration can give the
// permissions of its own models to a group. Models without a content type are left out.
// logf may be nil.
func EnsurePermissions(ctx context.Context, db bun.IDB, models []core.Model, logf func(string, ...any)) error {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	var types []*contenttypes.ContentType
	if err := db.NewSelect().Model(&types).Scan(ctx); err != nil {
		return fmt.Errorf("auth: read content types: %w", err)
	}
	typeIDs := make(map[string]int64, len(types))
	for _, ct := range types {
		typeIDs[ct.Label()] = ct.ID
	}
	var rows []*Permission
	if err := db.NewSelect().Model(&rows).Column("id", "content_type_id", "codename").Scan(ctx); err != nil {
		return fmt.Errorf("auth: read permissions: %w", err)
	}
	have := make(map[permissionKey]*Permission, len(rows))
	for _, p := range rows {
		have[permissionKey{p.ContentTypeID, p.Codename}] = p
	}
	var missing []*Permission
	for _, m := range models {
		id, ok := typeIDs[m.Label()]
		if !ok {
			continue
		}
		if err := renamePermissions(ctx, db, m, id, have); err != nil {
			return err
		}
		for _, p := range m.AllPermissions() {
			key := permissionKey{id, p.Codename}
			if have[key] != nil {
				continue
			}
			row := &Permission{Name: p.Name, ContentTypeID: id, Codename: p.Codename}
			have[key] = row
			missing = append(missing, row)
			logf("Adding permission %s.%s", m.AppLabel(), p.Codename)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err := db.NewInsert().Model(&missing).On("CONFLICT (content_type_id, codename) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("auth: store permissions: %w", err)
	}
	return nil
}

type permissionKey struct {
	contentType int64
	codename    string
}

// renamePermissions gives the default permissions of a renamed model their new codenames, so that
// whoever was allowed to change the old model may change the new one.
func renamePermissions(ctx context.Context, db bun.IDB, m core.Model, contentType int64, have map[permissionKey]*Permission) error {
	if len(m.RenamedFrom) == 0 {
		return nil
	}
	for _, p := range m.AllPermissions() {
		for _, old := range m.RenamedFrom {
			action, ok := trimModel(p.Codename, m.Name)
			from := permissionKey{contentType, core.PermissionCodename(action, old)}
			to := permissionKey{contentType, p.Codename}
			if !ok || have[from] == nil || have[to] != nil {
				continue
			}
			_, err := db.NewUpdate().Model(have[from]).WherePK().
				Set("codename = ?", p.Codename).Set("name = ?", p.Name).Exec(ctx)
			if err != nil {
				return fmt.Errorf("auth: rename the permission %s: %w", from.codename, err)
			}
			have[to] = have[from]
			delete(have, from)
		}
	}
	return nil
}

// trimModel takes "_question" off "add_question".
func trimModel(codename, model string) (action string, ok bool) {
	n := len(codename) - len(model) - 1
	if n <= 0 || codename[n:] != "_"+model {
		return "", false
	}
	return codename[:n], true
}
