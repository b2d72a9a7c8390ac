package dbstore

import (
	"errors"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

var errOtherFeed = errors.New("dbstore keeps sessions in another database than the one that the feed hears of: give changes.Config the same DB")

// TellTo implements [sessions.Teller]. On PostgreSQL the statements that change or delete a row
// notify in the same step; on SQLite the file itself tells.
func (s *Store) TellTo(feed *changes.Feed) error {
	if !feed.On(s.db) {
		return errOtherFeed
	}
	if !feed.Tells() {
		return nil
	}
	s.feed = feed
	next := 6 + len(s.c.Columns) // after the columns, the key and the data
	s.swap = database.NewPrepared(s.db, `WITH changed AS (`+s.swapText+` RETURNING 1) SELECT pg_notify(`+place(next)+`, `+place(next+1)+`) FROM changed`)
	// Told in any case: the row may have been deleted by somebody who tells nobody.
	s.remove = database.NewPrepared(s.db, `WITH gone AS (`+s.removeText+`) SELECT pg_notify($2, $3)`)
	return nil
}
