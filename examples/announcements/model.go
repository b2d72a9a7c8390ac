package announcements

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/web"
)

// maxText is the longest announcement in characters.
const maxText = 500

// Announcement is a notice to everybody.
type Announcement struct {
	bun.BaseModel `bun:"table:announcements_announcement,alias:announcement"`

	ID     int64     `bun:"id,pk,autoincrement"`
	Text   string    `bun:"text,notnull,type:varchar(500)"`
	Starts time.Time `bun:"starts,notnull"`
	// Ends is zero for one that is shown until it is withdrawn.
	Ends time.Time `bun:"ends,nullzero"`
}

// Reading says that a user has read an announcement and wants to see it no more. The user is kept as
// text, so that the plugin goes with every user model.
type Reading struct {
	bun.BaseModel `bun:"table:announcements_reading,alias:reading"`

	ID             int64  `bun:"id,pk,autoincrement"`
	AnnouncementID int64  `bun:"announcement_id,notnull"`
	Reader         string `bun:"reader,notnull,type:varchar(64)"`

	Announcement *Announcement `bun:"rel:belongs-to,join:announcement_id=id"`
}

// Add stores an announcement that starts now and ends after a time, or with 0 when it is withdrawn.
// Text that is empty or longer than 500 characters is refused.
func (a *Announcements) Add(ctx context.Context, text string, lasts time.Duration) (*Announcement, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, errors.New("an announcement without words is none: write some")
	case n > maxText:
		return nil, fmt.Errorf("the announcement has %d characters: at most %d", n, maxText)
	case lasts < 0:
		return nil, fmt.Errorf("it cannot last %s: give a time from now, or 0 for until it is withdrawn", lasts)
	}
	m := &Announcement{Text: text, Starts: a.now()}
	if lasts > 0 {
		m.Ends = m.Starts.Add(lasts)
	}
	if _, err := a.cfg.DB.NewInsert().Model(m).Exec(ctx); err != nil {
		return nil, fmt.Errorf("announcements: store one: %w", err)
	}
	return m, nil
}

// current returns the announcements of this moment, the newest first. It is one query.
func (a *Announcements) current(ctx context.Context) ([]*Announcement, error) {
	var found []*Announcement
	err := a.selectCurrent(&found).Scan(ctx)
	return found, err
}

func (a *Announcements) selectCurrent(found *[]*Announcement) *bun.SelectQuery {
	now := a.now()
	return a.cfg.DB.NewSelect().Model(found).
		Where("starts <= ?", now).
		Where("ends IS NULL OR ends > ?", now).
		OrderExpr("starts DESC, id DESC")
}

// bar is the value of .announcements in templates: what this visitor sees at the top of the page.
func (a *Announcements) bar(ctx context.Context) (any, error) {
	u, err := auth.UserOf(ctx)
	if err != nil {
		return nil, err
	}
	var found []*Announcement
	q := a.selectCurrent(&found).Limit(int64(a.cfg.Shown))
	if u.IsAuthenticated() {
		q = q.Where("NOT EXISTS (SELECT 1 FROM announcements_reading r WHERE r.announcement_id = announcement.id AND r.reader = ?)",
			a.cfg.Auth.Users().PK(u))
	}
	return found, q.Scan(ctx)
}

// markRead stores that a user has read one. Twice is the same as once.
func (a *Announcements) markRead(ctx context.Context, id int64, u auth.Account) error {
	known, err := a.cfg.DB.NewSelect().Model((*Announcement)(nil)).Where("id = ?", id).Exists(ctx)
	if err != nil {
		return fmt.Errorf("announcements: look for one: %w", err)
	}
	if !known {
		return errGone()
	}
	m := &Reading{AnnouncementID: id, Reader: a.cfg.Auth.Users().PK(u)}
	if _, err := a.cfg.DB.NewInsert().Model(m).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("announcements: mark as read: %w", err)
	}
	return nil
}

// end withdraws one.
func (a *Announcements) end(ctx context.Context, id int64) error {
	res, err := a.cfg.DB.NewUpdate().Model((*Announcement)(nil)).Set("ends = ?", a.now()).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("announcements: withdraw: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errGone()
}

func errGone() error { return web.NotFound("There is no such announcement.") }

// now is the time as both databases keep it.
func (a *Announcements) now() time.Time { return a.cfg.Now().UTC().Truncate(time.Microsecond) }
