package auth_test

import (
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core/database"
)

// manyColumns is a user with columns of all sorts, in structs of all sorts.
type manyColumns struct {
	bun.BaseModel `bun:"table:many_columns,alias:many"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.AbstractUser
	inner
	*BehindPointer
	Address postal `bun:"embed:address_"`

	Small   int16          `bun:"small"`
	Big     int64          `bun:"big"`
	Named   level          `bun:"named"`
	Colour  colour         `bun:"colour"`
	Ready   ready          `bun:"ready"`
	Ratio   float64        `bun:"ratio"`
	Left    *time.Time     `bun:"left_at"`
	Born    bun.NullTime   `bun:"born"`
	Nick    *string        `bun:"nick"`
	Count   *int64         `bun:"count"`
	Note    sql.NullString `bun:"note"`
	Loud    loud           `bun:"loud"`
	Token   *database.UUID `bun:"token"`
	Tags    []string       `bun:"tags,type:text"`
	Extra   map[string]any `bun:"extra,type:text"`
	Bytes   []byte         `bun:"bytes"`
	Ignored string         `bun:"-"`
	Anyhow  anything       `bun:"anyhow,type:text"`
}

type (
	inner struct {
		deeper
		Middle string `bun:"middle"`
	}
	deeper struct {
		Deep string `bun:"deep"`
	}
	BehindPointer struct {
		Far string `bun:"far"`
	}
	postal struct {
		Street string    `bun:"street"`
		Since  time.Time `bun:"since,nullzero"`
	}
	level    int64
	colour   string
	ready    bool
	anything struct{ A int }
	// loud reads itself, and must go on doing so.
	loud string
)

func (l *loud) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*l = "NOTHING"
	case string:
		*l = loud(strings.ToUpper(v))
	default:
		return fmt.Errorf("a loud %T", src)
	}
	return nil
}

const manyColumnsTable = `{id}, password varchar(128) NOT NULL, last_login timestamp with time zone NULL, is_superuser boolean NOT NULL,
	username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
	is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamp with time zone NOT NULL,
	middle text, deep text, far text, address_street text, address_since timestamp with time zone, small smallint, big bigint, named bigint, colour text,
	ready boolean, ratio double precision, left_at timestamp with time zone, born timestamp with time zone, nick text, count bigint, note text, loud text,
	token {uuid}, tags text, extra text, bytes {bytes}, anyhow text`

// TestLoadedAsBunLoads reads users of a model with columns of all sorts by key, and compares them with
// what bun reads of the same rows, with every column filled and with NULL wherever that can be.
func TestLoadedAsBunLoads(t *testing.T) {
	t.Parallel()
	people.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx, db := t.Context(), s.DB()
		kind := "blob"
		if database.IsPostgres(db) {
			kind = "bytea"
		}
		if err := makeTable("many_columns", strings.ReplaceAll(manyColumnsTable, "{bytes}", kind))(ctx, db); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			`CREATE TABLE many_columns_groups (id bigint, manycolumns_id bigint, group_id bigint)`,
			`CREATE TABLE many_columns_user_permissions (id bigint, manycolumns_id bigint, permission_id bigint)`,
		} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				t.Fatal(err)
			}
		}
		users := auth.NewUsers(db, (*manyColumns)(nil))
		at, id, n, nick := time.Date(2026, 2, 3, 4, 5, 6, 789000, time.UTC), database.NewUUID(), int64(-7), "ada"
		full := &manyColumns{
			inner: inner{deeper{"deep"}, "middle"}, BehindPointer: &BehindPointer{"far"}, Address: postal{"street", at}, Small: -3, Big: 1 << 60, Named: 9,
			Colour: "red", Ready: true, Ratio: 0.25, Left: &at, Born: bun.NullTime{Time: at}, Nick: &nick, Count: &n, Note: sql.NullString{String: "note", Valid: true},
			Loud: "loud", Token: &id, Tags: []string{"a", "b"}, Extra: map[string]any{"a": "b"}, Bytes: []byte{0, 255}, Anyhow: anything{5},
		}
		full.AbstractUser = auth.AbstractUser{Username: "full", FirstName: "Ünï", Email: "a@b", IsStaff: true, IsActive: true, DateJoined: at}
		full.Password, full.LastLogin, full.IsSuperuser = "md5$x$y", at, true
		empty := &manyColumns{AbstractUser: auth.AbstractUser{Username: "empty", DateJoined: at}}
		for _, u := range []*manyColumns{full, empty} {
			if _, err := db.NewInsert().Model(u).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		_, err := db.ExecContext(ctx, `UPDATE many_columns SET middle = NULL, deep = NULL, far = NULL, address_street = NULL, small = NULL, big = NULL, named = NULL,
			colour = NULL, ready = NULL, ratio = NULL, born = NULL, note = NULL, loud = NULL, tags = NULL, extra = NULL, bytes = NULL, anyhow = NULL WHERE username = 'empty'`)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time with what is left of the first
			wantAsBun(t, db, users, full.ID)
			wantAsBun(t, db, users, empty.ID)
		}
	})
}

func wantAsBun(t *testing.T, db *bun.DB, users *auth.Users, id int64) {
	t.Helper()
	want := new(manyColumns)
	if err := db.NewSelect().Model(want).Where("id = ?", id).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := users.ByPK(t.Context(), fmt.Sprint(id))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
	if users.PK(got) != fmt.Sprint(id) || users.IsActive(got) != want.IsActive {
		t.Errorf("key %q, active %v; want %d, %v", users.PK(got), users.IsActive(got), id, want.IsActive)
	}
}
