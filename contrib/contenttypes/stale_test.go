package contenttypes_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/migrate"
)

type (
	// Post refers to a content type by a foreign key, Comment to a post and to another comment.
	Post struct {
		bun.BaseModel `bun:"table:ct_post,alias:post"`

		ID            int64  `bun:"id,pk"`
		ContentTypeID *int64 `bun:"content_type_id"`
	}
	Comment struct {
		bun.BaseModel `bun:"table:ct_comment,alias:comment"`

		ID       int64  `bun:"id,pk"`
		PostID   *int64 `bun:"post_id"`
		AnswerTo *int64 `bun:"answer_to"`
	}
)

const staleTables = `
	CREATE TABLE ct_post (id integer PRIMARY KEY, content_type_id integer REFERENCES django_content_type (id));
	CREATE TABLE ct_comment (id integer PRIMARY KEY, post_id integer REFERENCES ct_post (id), answer_to integer REFERENCES ct_comment (id));
	CREATE TABLE django_admin_log (id integer PRIMARY KEY, content_type_id integer REFERENCES django_content_type (id));
	CREATE TABLE of_another_program (id integer PRIMARY KEY, content_type_id integer NOT NULL REFERENCES django_content_type (id));`

// staleProject has an app without models; with more it has another one.
func staleProject(s core.Settings, more ...core.App) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	apps := []core.App{types.App(), {
		Label: "contenttypes_tests", Models: []core.Model{{Of: (*Post)(nil)}, {Of: (*Comment)(nil)}},
		Migrations: migrate.List(migrate.Migration{Name: "0001_initial", Requires: []string{"contenttypes.0001_initial"}, UpSQL: staleTables}),
	}, {Label: "no_models"}}
	return core.New(s, append(apps, more...)...)
}

var staleSites = coretest.New(func(s core.Settings) (*core.Project, error) { return staleProject(s) })

// answer is somebody who gives answers in turn, or nobody when there is none.
type answer []string

func (a *answer) Interactive() bool { return len(*a) > 0 }

func (a *answer) Ask(context.Context, string) (string, error) {
	text := (*a)[0]
	if len(*a) > 1 {
		*a = (*a)[1:]
	}
	return text, nil
}

func (a *answer) AskSecret(ctx context.Context, prompt string) (string, error) {
	return a.Ask(ctx, prompt)
}

// staleTest is a test of the command on one database.
type staleTest struct {
	*testing.T
	*coretest.Site
	output string
}

// remove runs the command for somebody who gives an answer.
func (t *staleTest) remove(p answer, args ...string) error {
	t.Helper()
	var out bytes.Buffer
	err := t.Call(t.Context(), &command.Env{Stdout: &out, Prompter: &p}, "remove_stale_contenttypes", args...)
	t.output = out.String()
	return err
}

func (t *staleTest) removes(p answer, args ...string) {
	t.Helper()
	if err := t.remove(p, args...); err != nil {
		t.Fatal(err)
	}
}

func (t *staleTest) said(texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(t.output, text) {
			t.Errorf("the command does not say %q:\n%s", text, t.output)
		}
	}
}

// add makes a content type.
func (t *staleTest) add(app, model string) int64 {
	t.Helper()
	ct := &contenttypes.ContentType{AppLabel: app, Model: model}
	if _, err := t.DB().NewInsert().Model(ct).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return ct.ID
}

// exec runs statements.
func (t *staleTest) exec(format string, args ...any) {
	t.Helper()
	if _, err := t.DB().ExecContext(t.Context(), fmt.Sprintf(format, args...)); err != nil {
		t.Fatal(err)
	}
}

// labels are all content types but those of the project's models.
func (t *staleTest) labels() string {
	t.Helper()
	var rows []string
	err := t.DB().NewSelect().TableExpr("django_content_type").ColumnExpr("app_label || '.' || model").OrderExpr("1").Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(slices.DeleteFunc(rows, func(label string) bool {
		return slices.Contains([]string{"contenttypes.contenttype", "contenttypes_tests.post", "contenttypes_tests.comment"}, label)
	}), " ")
}

// rows are the keys of a table.
func (t *staleTest) rows(table string) string {
	t.Helper()
	var ids []string
	if err := t.DB().NewSelect().TableExpr(table).ColumnExpr("id").OrderExpr("id").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

func (t *staleTest) want(what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q\n%s", what, got, want, t.output)
	}
}

func runStale(t *testing.T, prefix string, cases map[string]func(*staleTest)) {
	t.Parallel()
	for name, run := range cases {
		t.Run(prefix+name, func(t *testing.T) {
			t.Parallel()
			staleSites.Each(t, func(t *testing.T, s *coretest.Site) { run(&staleTest{T: t, Site: s}) })
		})
	}
}

func TestDjangoRemoveStale(t *testing.T) {
	yes := answer{"yes"}
	// withoutModels are types of an app without models, and of one that only the second project has.
	withoutModels := func(t *staleTest) {
		t.add("contenttypes_tests", "fake")
		t.add("empty_models", "fake1")
		t.add("no_models", "fake2")
	}
	runStale(t, "django/contenttypes_tests/test_management.py/RemoveStaleContentTypesTests.", map[string]func(*staleTest){
		"test_interactive_true_with_dependent_objects": func(t *staleTest) {
			id := t.add("contenttypes_tests", "fake")
			t.exec("INSERT INTO ct_post VALUES (1, %d); INSERT INTO ct_comment VALUES (1, 1, NULL)", id)
			t.removes(yes, "--verbosity=2")
			t.said("- content type contenttypes_tests.fake", "- 1 contenttypes_tests.post", "- 1 contenttypes_tests.comment", "Deleted the stale content type contenttypes_tests.fake")
			t.want("posts", t.rows("ct_post"), "")
			t.want("comments", t.rows("ct_comment"), "")
			t.want("content types", t.labels(), "")
		},
		"test_interactive_true_without_dependent_objects": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			t.removes(yes, "--verbosity=2")
			t.said("Deleted the stale content type contenttypes_tests.fake")
			t.want("content types", t.labels(), "")
		},
		"test_interactive_false": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			t.removes(nil, "--noinput", "--verbosity=2")
			t.said("Deleted the stale content type contenttypes_tests.fake")
			t.want("content types", t.labels(), "")
		},
		"test_unavailable_content_type_model": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			asked := t.Queries.During(func() {
				if err := t.Migrated.Send(t.Context(), core.Migration{Project: t.Project, DB: t.DB(), Logf: func(string, ...any) {}}); err != nil {
					t.Error(err)
				}
			})
			if len(asked) > 0 {
				t.Errorf("without the table of content types it asks %q", asked)
			}
			t.want("content types", t.labels(), "contenttypes_tests.fake")
		},
		"test_contenttypes_removed_in_installed_apps_without_models": func(t *staleTest) {
			withoutModels(t)
			t.removes(yes, "--verbosity=2")
			t.said("Deleted the stale content type no_models.fake2")
			t.want("content types", t.labels(), "empty_models.fake1")
		},
		"test_contenttypes_removed_for_apps_not_in_installed_apps": func(t *staleTest) {
			withoutModels(t)
			t.removes(yes, "--include-stale-apps", "--verbosity=2")
			t.said("Deleted the stale content type empty_models.fake1", "Deleted the stale content type no_models.fake2")
			t.want("content types", t.labels(), "")
		},
	})
}

func TestRemoveStale(t *testing.T) {
	runStale(t, "", map[string]func(*staleTest){
		"nothing": func(t *staleTest) {
			t.removes(nil)
			t.want("output", t.output, "No content type is stale.\n")
			t.removes(nil, "-v0")
			t.want("output", t.output, "")
		},
		"no terminal": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			if err := t.remove(nil); err == nil || !strings.Contains(err.Error(), "--noinput") {
				t.Errorf("without a terminal: %v", err)
			}
			t.want("content types", t.labels(), "contenttypes_tests.fake")
		},
		"no": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			t.removes(answer{"y", "no"})
			t.said("The stale content types of the app \"contenttypes_tests\" stay.")
			t.want("content types", t.labels(), "contenttypes_tests.fake")
		},
		"apps by name": func(t *staleTest) {
			t.add("contenttypes_tests", "fake")
			t.add("gone", "fake")
			t.removes(nil, "--noinput", "gone")
			t.want("content types", t.labels(), "contenttypes_tests.fake")
			if err := t.remove(nil, "gone"); err == nil || !strings.Contains(err.Error(), `no app "gone"`) {
				t.Errorf("an app that nobody knows: %v", err)
			}
		},
		"of Django's apps": func(t *staleTest) {
			t.add("admin", "logentry")
			t.add("contenttypes_tests", "ported_later")
			t.exec("INSERT INTO django_migrations (app, name, applied) VALUES ('admin', '0001_initial', '2024-01-01 00:00:00+00:00'), ('contenttypes_tests', '0002_more', '2024-01-01 00:00:00+00:00')")
			const all = "admin.logentry contenttypes_tests.ported_later"
			t.removes(nil, "--noinput")
			t.removes(nil, "--noinput", "--include-stale-apps")
			t.said(`1 content type(s) of the app "admin" stay: another program has migrations of it`, `1 content type(s) of the app "contenttypes_tests" stay`)
			t.want("content types", t.labels(), all)
			t.removes(nil, "--noinput", "admin")
			t.want("content types", t.labels(), "contenttypes_tests.ported_later")
		},
		"all that hangs on them": func(t *staleTest) {
			id, other := t.add("contenttypes_tests", "fake"), t.add("elsewhere", "thing")
			t.exec("INSERT INTO ct_post VALUES (1, %d), (2, %d), (3, %d)", id, id, other)
			// 3 answers 2, 2 answers 1, which is about a post that goes; 5 is about one that stays.
			t.exec("INSERT INTO ct_comment VALUES (1, 1, NULL), (2, NULL, 1), (3, 3, 2), (5, 3, NULL)")
			t.exec("INSERT INTO django_admin_log VALUES (1, %d), (2, %d); INSERT INTO of_another_program VALUES (1, %d), (2, %d)", id, other, id, other)
			t.removes(answer{"yes"})
			t.said("  - content type contenttypes_tests.fake\n  - 1 of_another_program\n", "  - 2 contenttypes_tests.post\n  - 3 contenttypes_tests.comment\n",
				"  - 1 django_admin_log lose their content type and stay\n", "1 stale content type(s) of the app \"contenttypes_tests\" deleted.\n")
			t.want("posts", t.rows("ct_post"), "3")
			t.want("comments", t.rows("ct_comment"), "5")
			t.want("log", t.rows("django_admin_log"), "1 2")
			t.want("log of a type", t.rows("django_admin_log WHERE content_type_id IS NOT NULL"), "2")
			t.want("another program's rows", t.rows("of_another_program"), "2")
			t.want("content types", t.labels(), "elsewhere.thing")
		},
		"a reference in a circle": func(t *staleTest) {
			id := t.add("contenttypes_tests", "fake")
			t.exec("ALTER TABLE ct_post ADD COLUMN best_id integer REFERENCES ct_comment (id)")
			t.exec("INSERT INTO ct_post (id, content_type_id) VALUES (1, %d), (2, NULL); INSERT INTO ct_comment VALUES (1, 1, NULL); UPDATE ct_post SET best_id = 1 WHERE id = 2", id)
			if err := t.remove(nil, "--noinput"); err == nil || !strings.Contains(err.Error(), `nothing of the app "contenttypes_tests" was deleted`) {
				t.Errorf("a row that still refers to one that goes: %v", err)
			}
			t.want("comments", t.rows("ct_comment"), "1")
			t.want("content types", t.labels(), "contenttypes_tests.fake")
		},
	})
}
