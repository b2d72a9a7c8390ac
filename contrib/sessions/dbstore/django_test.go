package dbstore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

// medium is a place with a store of a configuration.
func (p place) medium(c dbstore.Config) sessioncases.Medium {
	c.Table = p.table
	return sessioncases.Medium{
		Store: dbstore.NewWith(p.db, keys, c),
		Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
			c, key := c, sessions.NewKey()
			c.Log = log
			_, err := p.db.ExecContext(t.Context(), `INSERT INTO ? VALUES (?, ?, ?, NULL)`, bun.Ident(p.table), key, text, time.Now().Add(time.Hour).UTC())
			if err != nil {
				t.Fatal(err)
			}
			r, err := dbstore.NewWith(p.db, keys, c).Load(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			return r.Data
		},
	}
}

// insert puts a row into Django's table as another program would.
func insert(t *testing.T, db *bun.DB, key, text string) {
	t.Helper()
	row := &sessions.Row{SessionKey: key, SessionData: text, ExpireDate: time.Now().Add(time.Hour)}
	if _, err := db.NewInsert().Model(row).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// rows returns how many rows a table has.
func rows(t *testing.T, db *bun.DB, table string) int64 {
	t.Helper()
	n, err := db.NewSelect().TableExpr("?", bun.Ident(table)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDjango(t *testing.T) {
	t.Parallel()
	all := newPlaces(t)
	e := sessioncases.Engine{Class: "DatabaseSessionTests", Salt: sessions.Salt, Each: all.each(dbstore.Config{})}
	sessioncases.Run(t, e)
	databaseCases(t, e, all, dbstore.Config{})
}

// each runs f with an empty place of each kind.
func (p *places) each(c dbstore.Config) func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
	return func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
		eachKind(t, func(t *testing.T, kind string) { f(t, p.of(t, kind).medium(c)) })
	}
}

// databaseCases are the cases about the table itself.
func databaseCases(t *testing.T, e sessioncases.Engine, all *places, c dbstore.Config) {
	run := func(name string, f func(t *testing.T, db *bun.DB, table string, sess *sessions.Sessions)) {
		with := e
		with.Each = func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) { f(t, sessioncases.Medium{}) }
		sessioncases.Case(t, with, name, func(t *testing.T, _ sessioncases.Medium) {
			eachKind(t, func(t *testing.T, kind string) {
				p := all.of(t, kind)
				f(t, p.db, p.table, sessions.New(sessions.Config{Store: p.medium(c).Store}))
			})
		})
	}
	run("test_session_get_decoded", func(t *testing.T, db *bun.DB, table string, sess *sessions.Sessions) {
		s := saved(t, sess, "x", 1, 0)
		var text string
		if err := db.NewSelect().TableExpr("?", bun.Ident(table)).Column("session_data").Where("session_key = ?", s.Key()).Scan(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		if d := sessions.NewCodec(keys, "", nil, nil).Decode(t.Context(), text); len(d) != 1 || string(d["x"]) != "1" {
			t.Errorf("the row holds %s, want x = 1", d)
		}
	})
	run("test_sessionmanager_save", func(t *testing.T, db *bun.DB, table string, sess *sessions.Sessions) {
		s := saved(t, sess, "y", 1, 0)
		text, err := sessions.NewCodec(keys, "", nil, nil).Encode(sessions.Data{"y": json.RawMessage("2")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.NewUpdate().TableExpr("?", bun.Ident(table)).Set("session_data = ?", text).Where("session_key = ?", s.Key()).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if y, _, err := sessions.Get[int](t.Context(), sess.Open(s.Key()), "y"); y != 2 || err != nil {
			t.Errorf("y = %d, %v; want what the row says, 2", y, err)
		}
	})
	run("test_clearsessions_command", func(t *testing.T, db *bun.DB, table string, sess *sessions.Sessions) {
		saved(t, sess, "foo", "bar", time.Hour)
		saved(t, sess, "foo", "bar", -time.Hour)
		if n := rows(t, db, table); n != 2 {
			t.Errorf("%d rows before, want 2", n)
		}
		var out bytes.Buffer
		if err := sess.App().Commands[0].Execute(t.Context(), &command.Env{Stdout: &out}, nil); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, db, table); n != 1 || !strings.Contains(out.String(), "1 expired") {
			t.Errorf("%d rows after clearsessions, which says %q; want 1", n, out.String())
		}
	})
}

// saved stores a session with one value and a life of its own, 0 for none.
func saved(t *testing.T, sess *sessions.Sessions, name string, value any, life time.Duration) *sessions.Session {
	t.Helper()
	s := sess.Open("")
	if err := s.Set(t.Context(), name, value); err != nil {
		t.Fatal(err)
	}
	if life != 0 {
		if err := s.SetExpiry(t.Context(), life); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// ownTable is a table with a column that is filled from the session.
var ownTable = dbstore.Config{Columns: []dbstore.Column{{
	Name: "account_id",
	Value: func(d sessions.Data) (any, error) {
		raw, ok := d["_auth_user_id"]
		if !ok {
			return nil, nil
		}
		var id int64
		err := json.Unmarshal(raw, &id)
		return id, err
	},
}}}

func TestDjangoOwnTable(t *testing.T) {
	t.Parallel()
	all := newPlaces(t)
	e := sessioncases.Engine{Class: "CustomDatabaseSessionTests", Salt: sessions.Salt, CookieAge: 24 * time.Hour, Each: all.each(ownTable)}
	sessioncases.Run(t, e)
	databaseCases(t, e, all, ownTable)
	sessioncases.Case(t, e, "test_extra_session_field", func(t *testing.T, m sessioncases.Medium) {
		sess := sessions.New(sessions.Config{Store: m.Store})
		s := saved(t, sess, "_auth_user_id", 42, 0)
		if id := accountOf(t, m.Store, s.Key()); id == nil || *id != 42 {
			t.Errorf("account_id = %v, want 42", id)
		}
		s = sess.Open(s.Key()) // which loads what the row is compared with
		if err := errors.Join(s.Delete(t.Context(), "_auth_user_id"), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		if id := accountOf(t, m.Store, s.Key()); id != nil {
			t.Errorf("account_id = %d after the log-out, want NULL", *id)
		}
		// And by the way that holds the row: the second save of one Session.
		for _, value := range []any{1, 43} {
			if err := errors.Join(s.Set(t.Context(), "_auth_user_id", value), s.Save(t.Context())); err != nil {
				t.Fatal(err)
			}
		}
		if id := accountOf(t, m.Store, s.Key()); id == nil || *id != 43 {
			t.Errorf("account_id = %v, want 43", id)
		}
	})
}

func accountOf(t *testing.T, s sessions.Store, key string) *int {
	t.Helper()
	var id *int
	db, table := dbstore.Table(s.(*dbstore.Store))
	err := db.QueryRowContext(t.Context(), `SELECT account_id FROM ? WHERE session_key = ?`, bun.Ident(table), key).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
