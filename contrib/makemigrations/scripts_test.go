package makemigrations_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-belleville/belleville/contrib/makemigrations"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

// versions are the models of the scripts' project, by what the variable MODELS says.
var versions = map[string][]core.Model{
	"plain":   item[plain](),
	"note":    item[withNote](),
	"remark":  item[withRemark](),
	"votes":   item[withVotes](),
	"ware":    {model[renamedModel]("ware")},
	"other":   {model[plain]("item"), model[other]("other")},
	"int":     item[nInt](),
	"numeric": item[nNumeric](),
	"text":    item[nNullText](),
	"notnull": item[nText](),
	"none":    nil,
}

// manageMain is the program of a project with one app, whose models are those that MODELS names.
func manageMain() {
	os.Exit(core.Main(func(s core.Settings) (*core.Project, error) {
		shop := core.App{Label: "shop", Models: versions[os.Getenv("MODELS")], Migrations: migrate.Files(os.DirFS("migrations"))}
		byHand := core.App{Label: "hand", HandMigrated: true}
		return core.New(s, shop, byHand, core.App{Label: "pages"}, makemigrations.App())
	}))
}

// sqlMain runs statements and prints what the last one finds.
func sqlMain() {
	if err := runSQL(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runSQL(statements []string) error {
	db, err := database.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range statements {
		rows, err := db.QueryContext(context.Background(), q)
		if err != nil {
			return err
		}
		for rows.Next() {
			var text *string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if text == nil {
				text = new(string)
			}
			fmt.Println(*text)
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// TestScripts types what the files under testdata say, on both databases.
func TestScripts(t *testing.T) {
	t.Parallel()
	for kind, url := range map[string]func(*testing.T) string{"sqlite": testdb.SQLiteURL, "postgres": testdb.PostgresURL} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_ = url(t) // skips here when there is no server
			testscript.Run(t, testscript.Params{
				Dir: "testdata",
				Setup: func(env *testscript.Env) error {
					env.Setenv("DATABASE_URL", url(t))
					env.Setenv("SECRET_KEY", strings.Repeat("a-key-for-tests-", 4))
					env.Setenv("ALLOWED_HOSTS", "127.0.0.1")
					env.Setenv("GORACE", "atexit_sleep_ms=0")
					if err := os.Mkdir(filepath.Join(env.WorkDir, "migrations"), 0o700); err != nil {
						return err
					}
					return os.WriteFile(filepath.Join(env.WorkDir, "go.mod"), []byte("module "+modelPackage+"\n"), 0o600)
				},
				Condition: func(cond string) (bool, error) { return cond == kind, nil },
			})
		})
	}
}
