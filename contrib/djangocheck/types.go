package djangocheck

import (
	"context"
	"fmt"

	"github.com/go-belleville/belleville/contrib/contenttypes"
)

// lookAtTypes compares the content types of the project's apps with its models.
func (r *run) lookAtTypes(ctx context.Context) error {
	if !r.schema.has(typesTable, "id", "app_label", "model") {
		return nil // the migrations say so
	}
	var rows []*contenttypes.ContentType
	if err := r.db.NewSelect().Model(&rows).OrderExpr("app_label, model").Scan(ctx); err != nil {
		return fmt.Errorf("read content types: %w", err)
	}
	var stale, missing []string
	there := map[string]bool{}
	for _, ct := range rows {
		there[ct.Label()] = true
		_, known := r.auth.Types().Model(ct)
		if _, ours := r.project.App(ct.AppLabel); ours && !known && len(r.history.unknown[ct.AppLabel]) == 0 {
			stale = append(stale, ct.Label())
		}
	}
	for _, m := range r.project.Models() {
		if !there[m.Label()] {
			missing = append(missing, m.Label())
		}
	}
	if len(stale) > 0 {
		r.add("W060", "Run remove_stale_contenttypes, here or in Django, and look at what it would delete.",
			"%d content type(s) of this project's apps have no model here: %s.", len(stale), few(stale))
	}
	if len(missing) > 0 {
		r.add("W061", "Run migrate here, which makes them and their permissions.",
			"%d model(s) of this project have no content type, and so no permissions: %s.", len(missing), few(missing))
	}
	return nil
}
