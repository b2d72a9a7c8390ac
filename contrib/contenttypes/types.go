package contenttypes

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/migrate"
)

// ContentType is a model's row.
type ContentType struct {
	bun.BaseModel `bun:"table:django_content_type,alias:content_type"`

	ID       int64  `bun:"id,pk,autoincrement"`
	AppLabel string `bun:"app_label,notnull,type:varchar(100)"`
	// Model is the model's name in lower case.
	Model string `bun:"model,notnull,type:varchar(100)"`
}

// NaturalKey returns the pair that names the row in every database.
func (c *ContentType) NaturalKey() (app, model string) { return c.AppLabel, c.Model }

// Label returns "app.model".
func (c *ContentType) Label() string { return c.AppLabel + "." + c.Model }

// ErrNotFound says that there is no such content type: migrate has not run since the model was
// added, or the name is wrong.
var ErrNotFound = errors.New("contenttypes: no such content type")

// Types finds content types. It is made by [New] and safe for concurrent use.
type Types struct {
	db    bun.IDB
	cache *cache // nil inside a transaction
	*registry
}

// registry knows the project's models once the project is ready.
type registry struct {
	models []core.Model
}

type cache struct {
	mu      sync.RWMutex
	byLabel map[string]*ContentType
	byID    map[int64]*ContentType
}

// New returns the service for a database, without I/O.
func New(db bun.IDB) *Types {
	return &Types{db: db, cache: newCache(), registry: &registry{}}
}

func newCache() *cache {
	return &cache{byLabel: map[string]*ContentType{}, byID: map[int64]*ContentType{}}
}

// In returns the service on a transaction. What it reads enters no cache, since the transaction
// may be rolled back.
func (t *Types) In(tx bun.IDB) *Types { return &Types{db: tx, registry: t.registry} }

// ClearCache forgets what was looked up, for programs that change the table by hand.
func (t *Types) ClearCache() {
	if t.cache == nil {
		return
	}
	t.cache.mu.Lock()
	defer t.cache.mu.Unlock()
	clear(t.cache.byLabel)
	clear(t.cache.byID)
}

// For returns the content type of a model, given as a typed pointer to its struct. A proxy gets
// the type of the model whose table it uses. A model that the project does not know is an error;
// so is a row that is not there, which wraps [ErrNotFound].
func (t *Types) For(ctx context.Context, model any) (*ContentType, error) {
	m, err := t.modelOf(model)
	if err != nil {
		return nil, err
	}
	for m.IsProxy() {
		if m, err = t.modelOf(m.ProxyOf); err != nil {
			return nil, err
		}
	}
	return t.ByName(ctx, m.AppLabel(), m.Name)
}

// ForExact is For, but a proxy gets a type of its own.
func (t *Types) ForExact(ctx context.Context, model any) (*ContentType, error) {
	m, err := t.modelOf(model)
	if err != nil {
		return nil, err
	}
	return t.ByName(ctx, m.AppLabel(), m.Name)
}

func (t *Types) modelOf(model any) (core.Model, error) {
	want := core.Model{Of: model}.Type()
	if want != nil {
		for _, m := range t.models {
			if m.Type() == want {
				return m, nil
			}
		}
	}
	return core.Model{}, fmt.Errorf("contenttypes: no app of the project brings the model %T", model)
}

// ForModels returns the types of many models, asking the database at most once for those that are
// not cached. A proxy gets the type of the model whose table it uses.
func (t *Types) ForModels(ctx context.Context, models ...any) (map[string]*ContentType, error) {
	labels := make([]string, 0, len(models))
	for _, model := range models {
		m, err := t.modelOf(model)
		for err == nil && m.IsProxy() {
			m, err = t.modelOf(m.ProxyOf)
		}
		if err != nil {
			return nil, err
		}
		labels = append(labels, m.Label())
	}
	return t.byLabels(ctx, labels)
}

func (t *Types) byLabels(ctx context.Context, labels []string) (map[string]*ContentType, error) {
	found := map[string]*ContentType{}
	var missing [][]string
	for _, label := range labels {
		if ct := t.cached(label); ct != nil {
			found[label] = ct
			continue
		}
		app, model, _ := strings.Cut(label, ".")
		missing = append(missing, []string{app, model})
	}
	if len(missing) > 0 {
		var rows []*ContentType
		q := t.db.NewSelect().Model(&rows)
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, pair := range missing {
				q = q.WhereOr("app_label = ? AND model = ?", pair[0], pair[1])
			}
			return q
		})
		if err := q.Scan(ctx); err != nil {
			return nil, fmt.Errorf("contenttypes: %w", err)
		}
		for _, ct := range rows {
			t.keep(ct)
			found[ct.Label()] = ct
		}
	}
	for _, label := range labels {
		if found[label] == nil {
			return nil, fmt.Errorf("%w: %s (has migrate run?)", ErrNotFound, label)
		}
	}
	return found, nil
}

func (t *Types) cached(label string) *ContentType {
	if t.cache == nil {
		return nil
	}
	t.cache.mu.RLock()
	defer t.cache.mu.RUnlock()
	return t.cache.byLabel[label]
}

func (t *Types) keep(ct *ContentType) {
	if t.cache == nil {
		return
	}
	t.cache.mu.Lock()
	defer t.cache.mu.Unlock()
	t.cache.byLabel[ct.Label()] = ct
	t.cache.byID[ct.ID] = ct
}

// ByName returns the content type of an app's label and a model's name, which is put into lower
// case first. The error of one that is not there wraps [ErrNotFound].
func (t *Types) ByName(ctx context.Context, app, model string) (*ContentType, error) {
	label := app + "." + strings.ToLower(model)
	found, err := t.byLabels(ctx, []string{label})
	if err != nil {
		return nil, err
	}
	return found[label], nil
}

// ByID returns the content type of a key. The error of one that is not there wraps [ErrNotFound].
func (t *Types) ByID(ctx context.Context, id int64) (*ContentType, error) {
	if t.cache != nil {
		t.cache.mu.RLock()
		ct := t.cache.byID[id]
		t.cache.mu.RUnlock()
		if ct != nil {
			return ct, nil
		}
	}
	ct := new(ContentType)
	err := t.db.NewSelect().Model(ct).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: id %d", ErrNotFound, id)
	}
	if err != nil {
		return nil, fmt.Errorf("contenttypes: %w", err)
	}
	t.keep(ct)
	return ct, nil
}

// Model returns the project's model that a content type stands for; false for the type of a
// model that no app of the project brings (any more).
func (t *Types) Model(ct *ContentType) (core.Model, bool) {
	for _, m := range t.models {
		if m.Label() == ct.Label() {
			return m, true
		}
	}
	return core.Model{}, false
}

// Name returns the model's name for people, or the stored name of a model that is gone.
func (t *Types) Name(ct *ContentType) string {
	if m, ok := t.Model(ct); ok {
		return m.VerboseName
	}
	return ct.Model
}

//go:embed migrations/*.sql
var migrations embed.FS

// App returns the app for core.New. contrib/auth requires it.
func (t *Types) App() core.App {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("contenttypes: " + err.Error()) // the folder is embedded above
	}
	return core.App{
		Label:      "contenttypes",
		Models:     []core.Model{{Of: (*ContentType)(nil)}},
		Migrations: migrate.Files(files),
		Ready: func(p *core.Project) error {
			t.models = p.Models()
			p.Migrated.Connect(t.ensure)
			return nil
		},
	}
}
