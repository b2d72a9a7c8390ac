package auth

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
)

// ensurePermissions makes the permissions that are missing after a migrate, unless the tables are
// not there.
func (a *Auth) ensurePermissions(ctx context.Context, ev core.Migration) error {
	if !ev.HasTable((*contenttypes.ContentType)(nil)) || !ev.HasTable((*Permission)(nil)) {
		return nil
	}
	if err := EnsurePermissions(ctx, ev.DB, ev.Models, ev.Logf); err != nil {
		return err
	}
	// Migrations write what they like, by any means.
	return ev.Project.Settings().Cache.Tell(ctx, ev.DB, changes.Everything)
}

// EnsurePermissions makes the permissions of models that are missing, default and custom, and
// before them their content types; those of renamed models are carried over. It takes at most six
// statements however many models there are, and one for each action of a model that was renamed.
// It runs after each migrate, and works inside a migration's transaction, so that a migration can
// give the permissions of its own models to a group:
//
//	Up: func(ctx context.Context, db bun.IDB) error {
//		if err := auth.EnsurePermissions(ctx, db, project.Models(), nil); err != nil {
//			return err
//		}
//		p, err := auth.NewGroups(db).Permission(ctx, "polls.close_question")
//		…
//	}
//
// logf, which may be nil, hears of each row.
func EnsurePermissions(ctx context.Context, db bun.IDB, models []core.Model, logf func(string, ...any)) error {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	types, err := contenttypes.Ensure(ctx, db, models, logf)
	if err != nil {
		return err
	}
	have, err := readPermissionKeys(ctx, db)
	if err != nil {
		return err
	}
	var missing []*Permission
	for _, m := range models {
		ct := types[m.Label()]
		if err := renamePermissions(ctx, db, m, ct.ID, have, logf); err != nil {
			return err
		}
		for _, p := range m.AllPermissions() {
			key := permissionKey{ct.ID, p.Codename}
			if have[key] != nil {
				continue
			}
			row := &Permission{Name: p.Name, ContentTypeID: ct.ID, Codename: p.Codename}
			have[key] = row
			missing = append(missing, row)
			logf("Adding permission %s.%s", m.AppLabel(), p.Codename)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = db.NewInsert().Model(&missing).On("CONFLICT (content_type_id, codename) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("auth: store permissions: %w", err)
	}
	return nil
}

// permissionKey is what is unique in the table.
type permissionKey struct {
	contentType int64
	codename    string
}

func readPermissionKeys(ctx context.Context, db bun.IDB) (map[permissionKey]*Permission, error) {
	var rows []*Permission
	if err := db.NewSelect().Model(&rows).Column("id", "content_type_id", "codename").Scan(ctx); err != nil {
		return nil, fmt.Errorf("auth: read permissions: %w", err)
	}
	have := make(map[permissionKey]*Permission, len(rows))
	for _, p := range rows {
		have[permissionKey{p.ContentTypeID, p.Codename}] = p
	}
	return have, nil
}

// renamePermissions gives the default permissions of a renamed model their new codenames, so that
// whoever was allowed to change the old model may change the new one.
func renamePermissions(ctx context.Context, db bun.IDB, m core.Model, contentType int64, have map[permissionKey]*Permission, logf func(string, ...any)) error {
	for _, old := range m.RenamedFrom {
		for _, p := range builtin(m) {
			action := p.Codename[:len(p.Codename)-len(m.Name)-1]
			from := permissionKey{contentType, core.PermissionCodename(action, old)}
			to := permissionKey{contentType, p.Codename}
			if have[from] == nil || have[to] != nil {
				continue
			}
			_, err := db.NewUpdate().Model(have[from]).WherePK().
				Set("codename = ?", p.Codename).Set("name = ?", p.Name).Exec(ctx)
			if err != nil {
				return fmt.Errorf("auth: rename the permission %s: %w", from.codename, err)
			}
			have[to] = have[from]
			delete(have, from)
			logf("Renamed permission %s.%s to %s", m.AppLabel(), from.codename, p.Codename)
		}
	}
	return nil
}
