package core_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// newSite is what a project's package exports: everything that it is made of.
func newSite(s core.Settings) (*core.Project, error) {
	hello := core.App{Label: "hello", Routes: func(r *web.Router) {
		r.Root().Get("/", "index", func(w http.ResponseWriter, r *http.Request) error {
			return web.JSON(w, http.StatusOK, "hello")
		})
	}}
	return core.New(s, hello)
}

// The main function of cmd/manage is os.Exit(core.Main(newSite)). Tests, and programs that bring
// a server of their own, take the handler.
func ExampleNew() {
	environment := map[string]string{
		"DATABASE_URL":  "sqlite:not-opened-here.sqlite3",
		"SECRET_KEY":    "0123456789-0123456789-0123456789-0123456789-0123456789",
		"ALLOWED_HOSTS": "example.org",
	}
	s := core.SettingsFromEnv(func(name string) string { return environment[name] })
	s.NoRequestLog = true
	p, err := newSite(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := p.Handler()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, host := range []string{"example.org", "evil.example"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://"+host+"/", nil))
		fmt.Println(w.Code)
	}
	// Output:
	// 200
	// 400
}

func ExampleMain() {
	defer func(args []string) { os.Args = args }(os.Args)
	os.Args = []string{"manage", "nonsense"} // as typed
	fmt.Println(core.Main(newSite))
	// Output: 1
}

func ExampleOpenDB() {
	db, err := core.OpenDB("sqlite:not-opened-here.sqlite3")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(db.Close())
	_, err = core.OpenDB("")
	fmt.Println(err)
	// Output:
	// <nil>
	// database: the database URL is empty: write sqlite:path/to/file or postgres://user:password@host:5432/name
}

// The names of the permissions that each model has.
func ExamplePermissionCodename() {
	for _, action := range core.DefaultActions() {
		fmt.Println(core.PermissionCodename(action, "question"))
	}
	// Output:
	// add_question
	// change_question
	// delete_question
	// view_question
}
