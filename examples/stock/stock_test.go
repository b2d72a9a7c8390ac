package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
)

var project = coretest.New(NewProject)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// client is a program that asks the API.
type client struct {
	site  *coretest.Site
	token string
}

// newClient makes a user with permissions and a token of his, as it is made at the terminal.
func newClient(t *testing.T, s *coretest.Site, name string, perms ...string) client {
	t.Helper()
	users := auth.NewUsers(s.DB(), (*auth.User)(nil))
	u, err := users.CreateWithoutPassword(t.Context(), name, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, perm := range perms {
		var id int64
		err := s.DB().NewSelect().Table("auth_permission").Column("id").Where("codename = ?", perm).Scan(t.Context(), &id)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if _, err := users.SetPermissionIDs(t.Context(), u, ids...); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Call(t.Context(), &command.Env{Stdout: &out}, "createtoken", name, "test"); err != nil {
		t.Fatal(err)
	}
	return client{s, strings.TrimSpace(out.String())}
}

func (c client) do(t *testing.T, method, path, body string) *coretest.Page {
	t.Helper()
	r := httptest.NewRequest(method, "http://"+coretest.Host+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.site.Browser().Send(t, r)
}

// items are what the database holds.
func items(t *testing.T, s *coretest.Site) map[string]int64 {
	t.Helper()
	var rows []Item
	if err := s.DB().NewSelect().Model(&rows).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := map[string]int64{}
	for _, row := range rows {
		found[row.Name] = row.Quantity
	}
	return found
}

// TestAPI adds, changes and deletes an item, and looks into the database after each step.
func TestAPI(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		c := newClient(t, s, "clerk", "add_item", "change_item", "delete_item")
		p := c.do(t, "POST", "/api/items/", `{"name": " Bolts ", "quantity": 5}`)
		if p.Status != 201 || items(t, s)["Bolts"] != 5 {
			t.Fatalf("add: status %d, %s, the table has %v", p.Status, p.Body, items(t, s))
		}
		at := p.Location()
		var item Item
		if p = c.do(t, "GET", at, ""); json.Unmarshal([]byte(p.Body), &item) != nil || item.Name != "Bolts" {
			t.Errorf("read: status %d, %s", p.Status, p.Body)
		}
		if p = c.do(t, "PATCH", at, `{"quantity": 7}`); p.Status != 200 || items(t, s)["Bolts"] != 7 {
			t.Errorf("change: status %d, %s, the table has %v", p.Status, p.Body, items(t, s))
		}
		if p = c.do(t, "PATCH", at, `{}`); p.Status != 200 || items(t, s)["Bolts"] != 7 {
			t.Errorf("change nothing: status %d, %s, the table has %v", p.Status, p.Body, items(t, s))
		}
		if p = c.do(t, "GET", "/api/items/", ""); !strings.Contains(p.Body, `"quantity":7`) {
			t.Errorf("list: status %d, %s", p.Status, p.Body)
		}
		if p = c.do(t, "DELETE", at, ""); p.Status != 204 || len(items(t, s)) != 0 {
			t.Errorf("delete: status %d, %s, the table has %v", p.Status, p.Body, items(t, s))
		}
		if p = c.do(t, "GET", at, ""); p.Status != 404 || p.Body != `{"error":"There is no such item."}`+"\n" {
			t.Errorf("what is gone: status %d, %s", p.Status, p.Body)
		}
	})
}

// TestWhoMay asks as nobody, with a token that nobody has, as a reader and as somebody who is not
// active any more.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		reader, gone := newClient(t, s, "reader"), newClient(t, s, "gone", "add_item")
		if _, err := s.DB().NewUpdate().Table("auth_user").Set("is_active = ?", false).Where("username = 'gone'").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		const body = `{"name": "Nuts"}`
		for _, tt := range []struct {
			name         string
			client       client
			method, path string
			status       int
			challenge    string
		}{
			{"nobody reads", client{site: s}, "GET", "/api/items/", 401, "Bearer"},
			{"nobody adds", client{site: s}, "POST", "/api/items/", 401, "Bearer"},
			{"a wrong token", client{s, "nonsense"}, "GET", "/api/items/", 401, `Bearer error="invalid_token"`},
			{"an empty token", client{s, " "}, "GET", "/api/items/", 401, `Bearer error="invalid_token"`},
			{"a user who is not active", gone, "POST", "/api/items/", 401, `Bearer error="invalid_token"`},
			{"a reader reads", reader, "GET", "/api/items/", 200, ""},
			{"a reader adds", reader, "POST", "/api/items/", 403, ""},
			{"no such address", reader, "GET", "/api/nothing/", 404, ""},
		} {
			p := tt.client.do(t, tt.method, tt.path, body)
			if p.Status != tt.status || p.Header.Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("%s: status %d, challenge %q, want %d, %q", tt.name, p.Status, p.Header.Get("WWW-Authenticate"), tt.status, tt.challenge)
			}
			if kind := p.Header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
				t.Errorf("%s: Content-Type %q: %s", tt.name, kind, p.Body)
			}
		}
		if len(items(t, s)) != 0 {
			t.Errorf("the table has %v", items(t, s))
		}
	})
}

func TestInput(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		c := newClient(t, s, "clerk", "add_item", "change_item")
		c.do(t, "POST", "/api/items/", `{"name": "Bolts", "quantity": 1}`)
		for _, tt := range []struct {
			body   string
			status int
			want   string
		}{
			{`{"name": "Bolts"}`, 422, taken},
			{`{}`, 422, "needs a name"},
			{`{"name": "  "}`, 422, "needs a name"},
			{`{"name": "x", "quantity": -1}`, 422, "not negative"},
			{`{"name": "` + strings.Repeat("é", 101) + `"}`, 422, "at most 100"},
			{`{"name": "a\u0000b"}`, 422, "NUL"},
			{`{"name": 5}`, 400, "JSON"},
			{`{"name": "x"} {"name": "y"}`, 400, "more than one value"},
			{`{"name": "x", "id": 9}`, 400, "unknown field"},
			{`{"name": "x", "quantity": 99999999999999999999}`, 400, "JSON"},
			{`{"name": `, 400, "JSON"},
			{`{"name": "` + strings.Repeat("x", 3<<20) + `"}`, 413, "larger"},
		} {
			if p := c.do(t, "POST", "/api/items/", tt.body); p.Status != tt.status || !strings.Contains(p.Body, tt.want) {
				t.Errorf("%.60s: status %d, %s, want %d with %q", tt.body, p.Status, p.Body, tt.status, tt.want)
			}
		}
		if got := items(t, s); len(got) != 1 || got["Bolts"] != 1 {
			t.Errorf("the table has %v, want Bolts alone", got)
		}
		r := httptest.NewRequest("POST", "http://"+coretest.Host+"/api/items/", strings.NewReader("name=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer "+c.token)
		if p := s.Browser().Send(t, r); p.Status != http.StatusUnsupportedMediaType {
			t.Errorf("a form: status %d, want 415", p.Status)
		}
	})
}

// TestToken: the table holds nothing that could be used, and goes with its user.
func TestToken(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		c := newClient(t, s, "clerk")
		row := new(Token)
		if err := s.DB().NewSelect().Model(row).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(c.token, row.Digest) || (client{s, row.Digest}).do(t, "GET", "/api/items/", "").Status != 401 {
			t.Error("what the table holds can be used as a token")
		}
		users := auth.NewUsers(s.DB(), (*auth.User)(nil))
		u, err := users.ByUsername(t.Context(), "clerk")
		if err != nil {
			t.Fatal(err)
		}
		if err := users.Delete(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		if p := c.do(t, "GET", "/api/items/", ""); p.Status != 401 {
			t.Errorf("the token of a deleted user: status %d, want 401", p.Status)
		}
		for _, args := range [][]string{{}, {"clerk"}, {"nobody", "x"}} {
			if err := s.Call(t.Context(), nil, "createtoken", args...); err == nil {
				t.Errorf("createtoken %v succeeds", args)
			}
		}
	})
}
