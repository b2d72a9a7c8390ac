package auth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/djangovectors"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestSchemaIsDjangos compares everything that our migrate makes with what Django's makes.
func TestSchemaIsDjangos(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *coretest.Site) {
		kind := "sqlite"
		url := testdb.SQLiteURL
		if database.IsPostgres(s.DB()) {
			kind, url = "postgres", testdb.PostgresURL
		}
		statements, history := djangovectors.Schema(t, kind)
		django, err := database.Open(url(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { django.Close() })
		if _, err := django.DB.ExecContext(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
		want, got := describe(t, django, kind), describe(t, s.DB(), kind)
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("Django has, we have not: %s", line)
			}
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("we have, Django has not: %s", line)
			}
		}
		var recorded []string
		err = s.DB().NewSelect().TableExpr("django_migrations").ColumnExpr("app || '.' || name").OrderExpr("1").Scan(t.Context(), &recorded)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(history)
		slices.Sort(recorded)
		if !slices.Equal(recorded, history) {
			t.Errorf("django_migrations holds %v, want %v", recorded, history)
		}
	})
}

// describe lists tables, columns, types, indexes and constraints as the database itself tells them.
func describe(t *testing.T, db *bun.DB, kind string) []string {
	t.Helper()
	queries := []string{`SELECT type || ' ' || tbl_name || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_sequence'`}
	if kind == "postgres" {
		queries = []string{
			`SELECT table_name || '.' || column_name || ' #' || ordinal_position || ' ' || data_type || ' ' || coalesce(character_maximum_length::text, '') ||
				' null=' || is_nullable || ' default=' || coalesce(column_default, '') || ' identity=' || coalesce(identity_generation, '')
				FROM information_schema.columns WHERE table_schema = 'public'`,
			`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`,
			`SELECT c.conrelid::regclass || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace`,
		}
	}
	var all []string
	for _, q := range queries {
		var lines []string
		if err := db.NewRaw(q).Scan(t.Context(), &lines); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			all = append(all, strings.Join(strings.Fields(line), " "))
		}
	}
	if len(all) < 10 {
		t.Fatalf("the database describes itself with %d lines only", len(all))
	}
	return all
}
