package djangocheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/migrate"
)

// history is what the database records of migrations, compared with what the project knows.
type history struct {
	status  []migrate.Status
	unknown map[string][]string // app -> names that the project does not know
}

// lookAtMigrations compares the history of the shared apps.
func (r *run) lookAtMigrations(ctx context.Context) error {
	if !r.schema.has(historyTable, "app", "name") {
		r.add("E002", "Run migrate --fake-initial, which records what is there and makes what is missing.",
			"There are tables of Django's, but no history of migrations (the table %s).", historyTable)
		return nil
	}
	if err := r.readHistory(ctx); err != nil {
		return err
	}
	for _, s := range r.history.status {
		if !slices.Contains(r.sharedApps(), s.App) {
			continue
		}
		switch {
		case len(s.Missing) > 0:
			r.add("E003", "Run Django's migrate with Django 3.2 or later, then look again.",
				"%d of the %d migrations of Django's app %s are not recorded, so its tables are of an older Django: %s.",
				len(s.Missing), len(s.Replaces), s.App, few(s.Missing))
		case s.Applied.IsZero():
			r.add("E004", "Run migrate, here or in Django; with --fake-initial where the tables are there already.",
				"The migration %s.%s is not recorded.", s.App, s.Name)
		}
	}
	for _, app := range r.sharedApps() {
		if names := r.history.unknown[app]; len(names) > 0 && r.brings(app) {
			r.add("W005", "Look at what they change. Where a later Django made them, look for a later Belleville too.",
				"%d migration(s) of the app %s are not known here, so its tables may have changed: %s.", len(names), app, few(names))
		}
	}
	return nil
}

// sharedApps are the apps whose tables both sides use, the user model's app last.
func (r *run) sharedApps() []string {
	apps := []string{"contenttypes", "auth", "sessions"}
	if m, ok := r.project.ModelOf(r.auth.Users().New()); ok && !slices.Contains(apps, m.AppLabel()) {
		apps = append(apps, m.AppLabel())
	}
	return apps
}

// brings reports whether the project has migrations of an app itself.
func (r *run) brings(label string) bool {
	app, ok := r.project.App(label)
	return ok && app.Migrations != nil
}

func (r *run) readHistory(ctx context.Context) error {
	var sources []migrate.App
	for _, app := range r.project.Apps() {
		sources = append(sources, migrate.App{Label: app.Label, Source: app.Migrations})
	}
	m, err := migrate.New(r.db, sources...)
	if err != nil {
		return err
	}
	if r.history.status, err = m.History(ctx); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, s := range r.history.status {
		for _, name := range append([]string{s.Name}, s.Replaces...) {
			if !strings.Contains(name, ".") {
				name = s.App + "." + name
			}
			known[name] = true
		}
	}
	var recorded []struct{ App, Name string }
	if err := r.db.NewSelect().Table(historyTable).Column("app", "name").Order("app", "name").Scan(ctx, &recorded); err != nil {
		return fmt.Errorf("read the history of migrations: %w", err)
	}
	r.history.unknown = map[string][]string{}
	for _, row := range recorded {
		if !known[row.App+"."+row.Name] {
			r.history.unknown[row.App] = append(r.history.unknown[row.App], row.Name)
		}
	}
	return nil
}
