package contenttypes_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// The models of Django's own tests.
type (
	Author struct {
		bun.BaseModel `bun:"table:ct_author,alias:author"`

		ID   int64  `bun:"id,pk"`
		Name string `bun:"name,notnull"`
	}
	Article struct {
		bun.BaseModel `bun:"table:ct_article,alias:article"`

		ID    int64  `bun:"id,pk"`
		Title string `bun:"title,notnull"`
	}
	SchemeIncludedURL struct {
		bun.BaseModel `bun:"table:ct_scheme,alias:scheme"`

		ID  int64  `bun:"id,pk"`
		URL string `bun:"url,notnull"`
	}
	Concrete struct {
		bun.BaseModel `bun:"table:ct_concrete,alias:concrete"`

		ID   int64  `bun:"id,pk"`
		Name string `bun:"name,notnull"`
	}
	Proxy struct {
		Concrete `bun:",inherit"`
	}
	FooWithURL struct {
		Author `bun:",inherit"`
	}
	FooBroken struct {
		Author `bun:",inherit"`
	}
	FooNoURL Article
	Site     struct {
		Author `bun:",inherit"`
	}
	OnTheFly struct {
		Author `bun:",inherit"`
	}
	Document struct { // a key of text
		bun.BaseModel `bun:"table:ct_document,alias:document"`

		Slug string `bun:"slug,pk"`
	}
	// Tag has a reference whose key is kept as text, Like one whose key is kept as a number.
	Tag struct {
		bun.BaseModel `bun:"table:ct_tag,alias:tag"`

		ID int64 `bun:"id,pk"`
		contenttypes.Ref
	}
	Like struct {
		bun.BaseModel `bun:"table:ct_like,alias:vote"`

		ID int64 `bun:"id,pk"`
		contenttypes.Ref
	}
)

func (a *Author) AbsoluteURL(ctx context.Context) (string, error) {
	return web.Reverse(ctx, "contenttypes_tests:author", a.ID)
}

func (s *SchemeIncludedURL) AbsoluteURL(context.Context) (string, error) { return s.URL, nil }

func (f *FooWithURL) AbsoluteURL(context.Context) (string, error) {
	return "/users/" + f.Name + "/", nil
}

var errBroken = errors.New("this model does not know its own address")

func (*FooBroken) AbsoluteURL(context.Context) (string, error) { return "", errBroken }

const tables = `
	CREATE TABLE ct_author (id integer PRIMARY KEY, name varchar(100) NOT NULL);
	CREATE TABLE ct_article (id integer PRIMARY KEY, title varchar(100) NOT NULL);
	CREATE TABLE ct_scheme (id integer PRIMARY KEY, url varchar(100) NOT NULL);
	CREATE TABLE ct_concrete (id integer PRIMARY KEY, name varchar(10) NOT NULL);
	CREATE TABLE ct_document (slug varchar(50) PRIMARY KEY);
	CREATE TABLE ct_tag (id integer PRIMARY KEY, content_type_id integer NOT NULL, object_id varchar(50) NOT NULL);
	CREATE TABLE ct_like (id integer PRIMARY KEY, content_type_id integer NOT NULL, object_id integer NOT NULL);
	INSERT INTO ct_author VALUES (1, 'Boris'), (2, 'Anna');
	INSERT INTO ct_article VALUES (1, 'Old Article'), (2, 'Current Article'), (3, 'Future Article');
	INSERT INTO ct_scheme VALUES (1, 'http://test_scheme_included_http/'), (2, 'https://test_scheme_included_https/'), (3, '//test_default_scheme_kept/');
	INSERT INTO ct_concrete VALUES (1, 'Concrete');
	INSERT INTO ct_document VALUES ('to be'), ('7');`

// services finds the service of a site by its database.
var services sync.Map

var project = coretest.New(func(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	services.Store(s.DB, types)
	tests := core.App{
		Label: "contenttypes_tests",
		Models: []core.Model{
			{Of: (*Author)(nil)}, {Of: (*Article)(nil)}, {Of: (*SchemeIncludedURL)(nil)},
			{Of: (*Concrete)(nil), Name: "concretemodel"},
			{Of: (*Proxy)(nil), Name: "proxymodel", ProxyOf: (*Concrete)(nil)},
			{Of: (*FooWithURL)(nil), ProxyOf: (*Author)(nil)},
			{Of: (*FooBroken)(nil), ProxyOf: (*Author)(nil)},
			{Of: (*FooNoURL)(nil), ProxyOf: (*Article)(nil)},
			{Of: (*Site)(nil), ProxyOf: (*Author)(nil)},
			{Of: (*OnTheFly)(nil), Name: "modelcreatedonthefly"},
			{Of: (*Document)(nil)}, {Of: (*Tag)(nil)}, {Of: (*Like)(nil)},
		},
		Migrations: migrate.List(migrate.Migration{Name: "0001_initial", UpSQL: tables}),
		Routes: func(r *web.Router) {
			r.Get("/shortcut/{content_type_id}/{object_id}/", "shortcut", types.Shortcut)
			r.Get("/authors/{id}/", "author", func(w http.ResponseWriter, r *http.Request) error { return nil })
		},
	}
	return core.New(s, types.App(), tests)
})

func typesOf(s *coretest.Site) *contenttypes.Types {
	types, _ := services.Load(s.DB())
	return types.(*contenttypes.Types)
}
