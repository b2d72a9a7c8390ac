package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestCacheAndCommands runs a server that keeps users in memory and, beside it, commands that change
// them: two programs.
func TestCacheAndCommands(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		url  func(*testing.T) string
	}{{"sqlite", testdb.SQLiteURL}, {"postgres", testdb.PostgresURL}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			url := kind.url(t)
			testscript.Run(t, testscript.Params{
				Dir: "testdata/cache",
				Setup: func(env *testscript.Env) error {
					v, err := newVisitor(url)
					if err != nil {
						return err
					}
					env.Values[visitorKey{}] = v
					env.Setenv("ADDR", v.address)
					env.Setenv("DATABASE_URL", url)
					env.Setenv("SECRET_KEY", strings.Repeat("a-key-for-tests-", 4))
					env.Setenv("ALLOWED_HOSTS", "127.0.0.1")
					env.Setenv("GORACE", "atexit_sleep_ms=0")
					return nil
				},
				Condition: func(cond string) (bool, error) { return cond == kind.name, nil },
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"visit": func(ts *testscript.TestScript, _ bool, args []string) {
					ts.Check(ts.Value(visitorKey{}).(*visitor).do(args))
				}},
			})
		})
	}
}

type visitorKey struct{}

// visitor is a browser at the server of a script.
type visitor struct {
	address, database string
	client            *http.Client
}

func newVisitor(database string) (*visitor, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return &visitor{address: address, database: database, client: client}, free.Close()
}

// do runs one line of a script: "login NAME PASSWORD", "kept" for the user being answered from memory,
// "out" for being logged out after a while.
func (v *visitor) do(args []string) error {
	switch args[0] {
	case "login":
		return v.soon(func() (bool, error) {
			r, err := v.client.PostForm("http://"+v.address+"/accounts/login/", url.Values{"username": {args[1]}, "password": {args[2]}})
			if err != nil {
				return false, nil // the server is not up yet
			}
			return r.StatusCode == http.StatusFound || r.StatusCode == http.StatusSeeOther, r.Body.Close()
		})
	case "kept":
		return v.soon(v.kept)
	case "out":
		return v.soon(func() (bool, error) {
			status, _, err := v.profile()
			return status == http.StatusFound, err
		})
	}
	return fmt.Errorf("visit: %q is none of login, kept, out", args[0])
}

// soon asks until the answer is yes.
func (v *visitor) soon(question func() (bool, error)) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ok, err := question(); ok || err != nil {
			return err
		}
	}
	return fmt.Errorf("not within half a minute")
}

func (v *visitor) profile() (status int, body string, err error) {
	r, err := v.client.Get("http://" + v.address + "/accounts/profile/")
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return r.StatusCode, string(text), err
}

// kept renames the user without a word, and back: a page that has the name from before comes from
// memory.
func (v *visitor) kept() (bool, error) {
	db, err := database.Open(v.database)
	if err != nil {
		return false, err
	}
	defer db.Close()
	if _, _, err := v.profile(); err != nil {
		return false, err
	}
	for _, names := range [][2]string{{"ada", "ada-by-sql"}, {"ada-by-sql", "ada"}} {
		if _, err := db.Exec("UPDATE auth_user SET username = ? WHERE username = ?", names[1], names[0]); err != nil {
			return false, err
		}
		_, body, err := v.profile()
		if err != nil {
			return false, err
		}
		if strings.Contains(body, "<h1>"+names[0]+"</h1>") {
			_, err := db.Exec("UPDATE auth_user SET username = 'ada' WHERE username = 'ada-by-sql'")
			return true, err
		}
	}
	return false, nil
}
