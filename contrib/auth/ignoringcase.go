package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/database"
)

// ByEmail returns the users whose stored address is the given one but for the case of letters, in
// the order of their keys; several users may share one. What the database finds is compared again
// by [names.SameIgnoringCase], so "mıke@example.org" does not find mike@example.org. Users who are
// not active are among them. It costs a scan of the table unless there is an index on
// UPPER(email), which SQLite cannot use.
func (us *Users) ByEmail(ctx context.Context, address string) ([]Account, error) {
	f := us.model.email
	if f == nil || !searchable(address) {
		return nil, nil
	}
	candidates, err := us.list(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.WhereGroup(" AND ", us.ignoringCase(f, address))
	})
	if err != nil {
		return nil, err
	}
	var found []Account
	for _, u := range candidates {
		if names.SameIgnoringCase(address, us.Email(u)) {
			found = append(found, u)
		}
	}
	return found, nil
}

// UsernameTaken reports whether a user has the name, as it is or in other case. The costs are
// those of [Users.ByEmail].
func (us *Users) UsernameTaken(ctx context.Context, name string) (bool, error) {
	if !searchable(name) {
		return false, nil
	}
	taken, err := us.db.NewSelect().Table(us.model.table.Name).ColumnExpr("1").
		WhereGroup(" AND ", us.ignoringCase(us.model.username, name)).Limit(1).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("auth: look for a user name: %w", err)
	}
	return taken, nil
}

// searchable reports whether a database could hold the text and compare with it.
func searchable(text string) bool {
	const longest = 4096 // bytes; a pattern has several for each
	return text != "" && len(text) <= longest && !strings.ContainsRune(text, 0) && utf8.ValidString(text)
}

// ignoringCase compares a column with a text. SQLite's own comparison knows the case of a to z
// alone, so it gets a pattern which names both forms of each letter.
func (us *Users) ignoringCase(f *schema.Field, text string) func(*bun.SelectQuery) *bun.SelectQuery {
	column := bun.Ident(f.Name)
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if database.IsPostgres(us.db) {
			return q.Where("UPPER(CAST(? AS text)) = UPPER(?)", column, text)
		}
		for _, pattern := range globPatterns(text) {
			q = q.WhereOr("? GLOB ?", column, pattern)
		}
		return q
	}
}

// globPatterns returns patterns for SQLite's GLOB that match a text whatever the case of its
// letters. There are several when a letter has a form of two: "ß" is "SS".
func globPatterns(text string) []string {
	var patterns []string
	seen := map[string]bool{}
	for _, s := range []string{text, cases.Fold().String(text), cases.Upper(language.Und).String(text)} {
		if p := globPattern(s); !seen[p] {
			seen[p] = true
			patterns = append(patterns, p)
		}
	}
	return patterns
}

func globPattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		forms := []rune{r}
		for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
			forms = append(forms, c)
		}
		if len(forms) == 1 && !strings.ContainsRune("*?[", r) {
			b.WriteRune(r)
			continue
		}
		slices.Sort(forms) // so that all spellings of a text have one pattern
		b.WriteString("[" + string(forms) + "]")
	}
	return b.String()
}
