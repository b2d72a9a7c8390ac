package database_test

import (
	"errors"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestIsUniqueViolationOf(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		for _, q := range []string{
			`CREATE TABLE member (id integer PRIMARY KEY, username varchar(9) UNIQUE, email varchar(9), a integer, b integer, UNIQUE (a, b))`,
			`CREATE UNIQUE INDEX member_email_upper ON member (UPPER(email))`,
			`INSERT INTO member VALUES (1, 'ada=(x)', 'A', 1, 2)`,
		} {
			if _, err := db.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			values string
			want   []string
		}{
			{"1, 'b', 'b', 2, 2", []string{"id"}},
			{"2, 'ada=(x)', 'b', 2, 2", []string{"username"}},
			{"2, 'b', 'a', 2, 2", []string{"email"}},
			{"2, 'b', 'b', 1, 2", []string{"a", "b"}},
		} {
			_, err := db.ExecContext(t.Context(), "INSERT INTO member VALUES ("+tt.values+")")
			for _, column := range []string{"id", "username", "email", "a", "b", "mail", "x", ""} {
				want := false
				for _, w := range tt.want {
					want = want || w == column
				}
				if got := database.IsUniqueViolationOf(err, column); got != want {
					t.Errorf("%s: IsUniqueViolationOf(%q) = %v, want %v; %v", tt.values, column, got, want, err)
				}
			}
		}
		if database.IsUniqueViolationOf(errors.New("x"), "id") || database.IsUniqueViolationOf(nil, "id") {
			t.Error("another error is no unique violation")
		}
	})
}
