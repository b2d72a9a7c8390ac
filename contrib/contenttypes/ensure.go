package contenttypes

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
)

// migrated makes the missing rows after a migrate, unless the table is not there.
func (t *Types) migrated(ctx context.Context, ev core.Migration) error {
	if !ev.HasTable((*ContentType)(nil)) {
		return nil
	}
	_, err := Ensure(ctx, ev.DB, ev.Models, ev.Logf)
	t.ClearCache()
	return err
}

// Ensure makes the rows of models that are missing, gives those of renamed models their new names,
// and returns all rows by label. It takes one SELECT; an INSERT and another SELECT when something
// is missing, however much it is; and an UPDATE for each model that was renamed. It works inside a
// migration's transaction. logf, which may be nil, hears of each row.
func Ensure(ctx context.Context, db bun.IDB, models []core.Model, logf func(string, ...any)) (map[string]*ContentType, error) {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	have, err := readAll(ctx, db)
	if err != nil {
		return nil, err
	}
	// Renamed models come first: a new model may have taken the old name.
	for _, m := range models {
		if err := rename(ctx, db, m, have, logf); err != nil {
			return nil, err
		}
	}
	var missing []*ContentType
	for _, m := range models {
		if have[m.Label()] == nil {
			ct := &ContentType{AppLabel: m.AppLabel(), Model: m.Name}
			have[m.Label()] = ct
			missing = append(missing, ct)
			logf("Adding content type %s", ct.Label())
		}
	}
	if len(missing) == 0 {
		return have, nil
	}
	_, err = db.NewInsert().Model(&missing).On("CONFLICT (app_label, model) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("contenttypes: store content types: %w", err)
	}
	return readAll(ctx, db)
}

func readAll(ctx context.Context, db bun.IDB) (map[string]*ContentType, error) {
	var rows []*ContentType
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("contenttypes: read content types: %w", err)
	}
	have := make(map[string]*ContentType, len(rows))
	for _, ct := range rows {
		have[ct.Label()] = ct
	}
	return have, nil
}

// rename gives the row of a model's earlier name the new one, so that the permissions which hang
// on it stay. When the model has a row under its new name, the old one is left alone.
func rename(ctx context.Context, db bun.IDB, m core.Model, have map[string]*ContentType, logf func(string, ...any)) error {
	for _, old := range m.RenamedFrom {
		ct := have[m.AppLabel()+"."+old]
		if ct == nil || have[m.Label()] != nil {
			continue
		}
		if _, err := db.NewUpdate().Model(ct).Set("model = ?", m.Name).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("contenttypes: rename %s to %s: %w", ct.Label(), m.Name, err)
		}
		delete(have, ct.Label())
		ct.Model = m.Name
		have[m.Label()] = ct
		logf("Renamed the content type %s.%s to %s", m.AppLabel(), old, m.Label())
	}
	return nil
}

// Rename returns a step for a migration that renames a model, in lower case: its content type
// keeps its key, and with it the permissions and whatever else points to it.
//
//	migrate.Migration{Name: "0002_renamed",
//		Up:   contenttypes.Rename("shop", "client", "customer"),
//		Down: contenttypes.Rename("shop", "customer", "client"),
//	}
//
// Where there is no row of the old name, or one of the new name already, it does nothing. A model
// that carries its old name in [core.Model.RenamedFrom] needs no such step, but has no way back;
// with the name there, its permissions get their new codenames too.
func Rename(app, from, to string) func(ctx context.Context, db bun.IDB) error {
	return func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewRaw("UPDATE django_content_type SET model = ? WHERE app_label = ? AND model = ?"+
			" AND NOT EXISTS (SELECT 1 FROM django_content_type ct WHERE ct.app_label = ? AND ct.model = ?)",
			to, app, from, app, to).Exec(ctx)
		if err != nil {
			return fmt.Errorf("contenttypes: rename %s.%s to %s: %w", app, from, to, err)
		}
		return nil
	}
}
