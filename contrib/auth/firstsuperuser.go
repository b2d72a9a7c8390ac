package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-belleville/belleville/core"
)

// offerSuperuser asks for a first superuser when migrate has just made the table of users.
func (a *Auth) offerSuperuser(ctx context.Context, ev core.Installation) error {
	m, ok := ev.Project.ModelOf(a.users.model.newOrNil())
	if !ok || ev.NoInput || !slices.Contains(ev.Apps, m.AppLabel()) || !ev.Env.Prompt().Interactive() {
		return nil
	}
	if some, err := a.haveSuperuser(ctx); err != nil || some {
		return err
	}
	question := "The tables of users were just made, so there is no superuser yet.\nMake one now? (yes/no): "
	for {
		answer, err := ev.Env.Prompt().Ask(ctx, question)
		switch {
		case err != nil:
			return err
		case answer == "no":
			return nil
		case answer == "yes":
			return a.createsuperuser().Execute(ctx, ev.Env, nil)
		}
		question = `Please answer "yes" or "no": `
	}
}

// haveSuperuser reports whether there is a superuser, or any user of a model that knows none.
func (a *Auth) haveSuperuser(ctx context.Context) (bool, error) {
	q := a.users.db.NewSelect().Table(a.users.model.table.Name).ColumnExpr("1").Limit(1)
	if a.users.model.permissions {
		q = q.Where("is_superuser")
	}
	some, err := q.Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("auth: look for a superuser: %w", err)
	}
	return some, nil
}
