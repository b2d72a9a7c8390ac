package core

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/migrate"
)

// MigrateOptions say how far to migrate and who hears of it. The zero value applies everything.
type MigrateOptions struct {
	// Target says how far; zero is all of it.
	Target migrate.Target
	// Fake records the migrations without running them, FakeInitial only each app's first one, and
	// that when its tables are there; see [migrate.Options].
	Fake, FakeInitial bool
	// Progress hears of each migration; nil for nobody.
	Progress func(migrate.Event)
	// Logf is told what the apps do after the migrations; nil for nobody.
	Logf func(format string, args ...any)
}

// Migrate brings the database up to date and sends Migrating, Migrated and AppMigrated, whether
// there was anything to apply or not. Several processes may do it at once.
func (p *Project) Migrate(ctx context.Context, o MigrateOptions) error {
	if err := p.Ready(); err != nil {
		return err
	}
	m, err := p.migrator()
	if err != nil {
		return err
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	event := func(ctx context.Context, db bun.IDB, steps []migrate.Step) (Migration, error) {
		models, err := p.migratedModels(ctx, m, db)
		return Migration{Project: p, DB: db, Steps: steps, Models: models, Logf: o.Logf}, err
	}
	options := migrate.Options{Target: o.Target, Fake: o.Fake, FakeInitial: o.FakeInitial, Progress: o.Progress}
	if p.Migrating.HasReceivers() { // a hook costs a transaction and a statement
		options.Before = func(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
			ev, err := event(ctx, db, steps)
			if err != nil {
				return err
			}
			return p.Migrating.Send(ctx, ev)
		}
	}
	if p.Migrated.HasReceivers() || p.AppMigrated.HasReceivers() {
		options.After = func(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
			ev, err := event(ctx, db, steps)
			if err != nil {
				return err
			}
			return p.sendMigrated(ctx, ev)
		}
	}
	return m.Migrate(ctx, options)
}

// sendMigrated tells of a migrate that is through, once for the project and once for each app.
func (p *Project) sendMigrated(ctx context.Context, ev Migration) error {
	if err := p.Migrated.Send(ctx, ev); err != nil {
		return err
	}
	for _, app := range p.apps {
		if err := p.AppMigrated.Send(ctx, AppMigration{ev, app.Label}); err != nil {
			return err
		}
	}
	return nil
}

// migratedModels returns the models of the apps that have no migrations of their own, or have one
// that is applied.
func (p *Project) migratedModels(ctx context.Context, m *migrate.Migrator, db bun.IDB) ([]Model, error) {
	history, err := m.HistoryIn(ctx, db)
	if err != nil {
		return nil, err
	}
	waiting := map[string]bool{}
	for _, h := range history {
		if _, seen := waiting[h.App]; !seen || !h.Applied.IsZero() {
			waiting[h.App] = h.Applied.IsZero()
		}
	}
	return slices.DeleteFunc(p.Models(), func(model Model) bool { return waiting[model.AppLabel()] }), nil
}
