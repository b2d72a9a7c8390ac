package contenttypes

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
)

// ensure makes the missing rows after a migrate: one SELECT, one INSERT, and an UPDATE for each
// model that was renamed.
func (t *Types) ensure(ctx context.Context, ev core.Migration) error {
	if err := ensureModels(ctx, ev.DB, ev.Project.Models(), ev.Logf); err != nil {
		return err
	}
	t.ClearCache()
	return nil
}

func ensureModels(ctx context.Context, db bun.IDB, models []core.Model, logf func(string, ...any)) error {
	var rows []*ContentType
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return fmt.Errorf("contenttypes: %w", err)
	}
	have := map[string]*ContentType{}
	for _, ct := range rows {
		have[ct.Label()] = ct
	}
	var missing []*ContentType
	for _, m := range models {
		if have[m.Label()] != nil {
			continue
		}
		renamed, err := rename(ctx, db, m, have)
		if err != nil {
			return err
		}
		if renamed {
			logf("Renamed the content type %s", m.Label())
			continue
		}
		missing = append(missing, &ContentType{AppLabel: m.AppLabel(), Model: m.Name})
	}
	if len(missing) == 0 {
		return nil
	}
	for _, ct := range missing {
		logf("Adding content type %s", ct.Label())
	}
	_, err := db.NewInsert().Model(&missing).On("CONFLICT (app_label, model) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("contenttypes: %w", err)
	}
	return nil
}

// rename gives the row of a model's earlier name the new one, so that the permissions which hang
// on it stay. It reports whether there was such a row.
func rename(ctx context.Context, db bun.IDB, m core.Model, have map[string]*ContentType) (bool, error) {
	for _, old := range m.RenamedFrom {
		ct := have[m.AppLabel()+"."+old]
		if ct == nil {
			continue
		}
		if _, err := db.NewUpdate().Model(ct).Set("model = ?", m.Name).WherePK().Exec(ctx); err != nil {
			return false, fmt.Errorf("contenttypes: rename %s to %s: %w", ct.Label(), m.Name, err)
		}
		return true, nil
	}
	return false, nil
}
