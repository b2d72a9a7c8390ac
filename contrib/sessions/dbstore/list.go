package dbstore

import (
	"context"
	"iter"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// All implements [sessions.Lister]: it reads the living sessions in pages by key.
func (s *Store) All(ctx context.Context) iter.Seq2[sessions.Entry, error] {
	const page = 500
	return func(yield func(sessions.Entry, error) bool) {
		for after := ""; ; {
			var rows []sessions.Row
			err := s.db.NewSelect().Model(&rows).ModelTableExpr("? AS session", bun.Ident(s.c.Table)).
				Where("session_key > ?", after).Where("expire_date > ?", s.c.Now().UTC()).
				OrderExpr("session_key").Limit(page).Scan(ctx)
			if err != nil {
				yield(sessions.Entry{}, err)
				return
			}
			for _, row := range rows {
				after = row.SessionKey
				if !yield(sessions.Entry{Key: row.SessionKey, Record: s.record(ctx, row.SessionData, row.ExpireDate)}, nil) {
					return
				}
			}
			if len(rows) < page {
				return
			}
		}
	}
}
