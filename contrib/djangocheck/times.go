package djangocheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/database"
)

// moment is a column that holds a time, and the column by which the newest rows are found.
type moment struct{ table, column, order string }

// moments are the columns of times that both sides read and write.
func (r *run) moments() []moment {
	table, _, _ := r.store()
	all := []moment{{table, "expire_date", "expire_date"}, {historyTable, "applied", "id"}}
	if users := r.userTable; users.pk != "" {
		all = append(all, moment{users.name, "last_login", users.pk}, moment{users.name, "date_joined", users.pk})
	}
	var there []moment
	for _, m := range all {
		if r.schema.has(m.table, m.column, m.order) {
			there = append(there, m)
		}
	}
	return there
}

// lookAtTimes looks for times that are not UTC.
func (r *run) lookAtTimes(ctx context.Context) error {
	if database.IsPostgres(r.db) {
		return r.lookAtPostgresTimes(ctx)
	}
	for _, m := range r.moments() {
		if err := r.lookAtText(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) lookAtPostgresTimes(ctx context.Context) error {
	var zone string
	if err := r.db.NewRaw("SHOW TimeZone").Scan(ctx, &zone); err != nil {
		return fmt.Errorf("ask for the time zone: %w", err)
	}
	for _, m := range r.moments() {
		if kind := r.schema[m.table][m.column].Kind; kind != "timestamp with time zone" {
			r.add("E052", fmt.Sprintf(`While both programs are stopped: ALTER TABLE "%s" ALTER COLUMN "%s" TYPE timestamp with time zone USING "%[2]s" AT TIME ZONE 'the zone that the times are in'.`, m.table, m.column),
				"The column %s.%s is of the type %q: each side takes its times for those of its own zone.", m.table, m.column, kind)
		}
	}
	if zone != "UTC" && zone != "Etc/UTC" {
		r.add("W053", "Take the parameter timezone out of DATABASE_URL.",
			"Connections of this project have the time zone %s instead of UTC. Columns without a time zone, and what SQL makes of times, differ from Django's.", zone)
	}
	return nil
}

// What a time looks like in SQLite, and one that says another offset than UTC.
const (
	timePattern   = `[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]*`
	offsetPattern = `*[+-][0-9][0-9]:[0-9][0-9]`
)

// lookAtText looks at the text of times in SQLite, which compares it letter by letter.
func (r *run) lookAtText(ctx context.Context, m moment) error {
	var n struct{ All, Odd, Elsewhere int }
	err := r.db.NewRaw(`SELECT count(*) AS "all", COALESCE(sum(t NOT GLOB ?), 0) AS odd,
		COALESCE(sum(t GLOB ? AND t NOT LIKE '%+00:00' AND t NOT LIKE '%-00:00'), 0) AS elsewhere
		FROM (SELECT CAST(? AS text) AS t FROM ? WHERE ? IS NOT NULL ORDER BY ? DESC LIMIT ?)`,
		timePattern, offsetPattern, bun.Ident(m.column), bun.Ident(m.table), bun.Ident(m.column), bun.Ident(m.order), r.o.Sample).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("look at the times in %s.%s: %w", m.table, m.column, err)
	}
	if n.Odd > 0 {
		r.add("E050", "Write them as Django does with USE_TZ = True: UTC, as in 2026-01-31 23:59:59.123456.",
			"%d of %d times in %s.%s are not written as Django writes them, and SQLite compares them letter by letter.", n.Odd, n.All, m.table, m.column)
	}
	if n.Elsewhere > 0 {
		r.add("E051", "Write them in UTC: UPDATE the column with datetime(…) of itself.",
			"%d of %d times in %s.%s are not in UTC but say another offset, and SQLite compares them letter by letter.", n.Elsewhere, n.All, m.table, m.column)
	}
	return nil
}

const (
	// maxLogins is how many sessions are compared with the log-in that they began with.
	maxLogins = 50
	// near is how far the two may be apart.
	near = 5 * time.Second
	// step is what zones differ by.
	step = 15 * time.Minute
)

// compareLogins compares the time at which a session was signed, which is always UTC, with the user's
// last log-in. In a new session both are the same moment, and when they are hours apart, to the
// second, the log-in was written in local time: USE_TZ is False in Django.
func (r *run) compareLogins(ctx context.Context, s *seen) error {
	if !r.userTable.readable || r.has("E020", "E021", "E022") {
		return nil
	}
	apart := map[time.Duration]int{}
	for pk, signed := range s.logins {
		u, err := r.auth.Users().ByPK(ctx, pk)
		if errors.Is(err, auth.ErrNoUser) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read a user: %w", err)
		}
		login := r.auth.Users().TokenSubject(u).LastLogin
		if d := login.Sub(signed); !login.IsZero() && (d-d.Round(step)).Abs() <= near {
			apart[d.Round(step)]++
		}
	}
	for d, n := range apart {
		if d != 0 && apart[0] == 0 && d.Abs() <= 14*time.Hour {
			r.add("W054", "Set USE_TZ = True in Django first, and convert the stored times to UTC; docs/beside-django.md says why.",
				"%d live session(s) began %v from the log-in that made them, to the second: Django seems to store local times (USE_TZ = False).", n, d)
		}
	}
	return nil
}
