package contenttypes

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/migrate"
)

// ContentType is a model's row.
type ContentType struct {
	bun.BaseModel `bun:"table:django_content_type,alias:content_type"`

	ID       int64  `bun:"id,pk,autoincrement,type:integer"`
	AppLabel string `bun:"app_label,notnull,type:varchar(100)"`
	// Model is the model's name in lower case.
	Model string `bun:"model,notnull,type:varchar(100)"`
}

// NaturalKey returns the pair that names the row in every database.
func (c *ContentType) NaturalKey() (app, model string) { return c.AppLabel, c.Model }

// Label returns "app.model".
func (c *ContentType) Label() string { return c.AppLabel + "." + c.Model }

// String returns the label.
func (c *ContentType) String() string { return c.Label() }

// ErrNotFound says that there is no such content type, or no row that a [Ref] names.
var ErrNotFound = errors.New("contenttypes: not found")

// Types finds content types. It is made by [New] and safe for concurrent use. What it returns is
// the caller's own.
type Types struct {
	db    bun.IDB
	cache *cache // nil inside a transaction
	*registry
}

// registry knows the project's models once the project is ready.
type registry struct {
	project *core.Project
	models  []core.Model
	byType  map[reflect.Type]core.Model
	byLabel map[string]core.Model
	apps    map[string]string // their names for people
}

// New returns the service for a database, without I/O.
func New(db bun.IDB) *Types {
	return &Types{db: db, cache: newCache(), registry: &registry{}}
}

// In returns the service on a transaction. What it reads enters no cache, since the transaction
// may be rolled back.
func (t *Types) In(tx bun.IDB) *Types { return &Types{db: tx, registry: t.registry} }

// For returns the content type of a model, given as a typed pointer to its struct, nil or not. A
// proxy gets the type of the model whose table it uses. A row that is not there yet is made,
// so that it can be had in a migration. A model that the project does not know is an error.
func (t *Types) For(ctx context.Context, model any) (*ContentType, error) {
	return first(t.ForModels(ctx, model))
}

// ForExact is For, but a proxy gets a type of its own.
func (t *Types) ForExact(ctx context.Context, model any) (*ContentType, error) {
	return first(t.ForModelsExact(ctx, model))
}

func first(cts []*ContentType, err error) (*ContentType, error) {
	if err != nil {
		return nil, err
	}
	return cts[0], nil
}

// ForModels is For of several models, in their order. It asks the database once for all those that
// are not cached.
func (t *Types) ForModels(ctx context.Context, models ...any) ([]*ContentType, error) {
	return t.forModels(ctx, t.concreteOf, models)
}

// ForModelsExact is ForModels, but a proxy gets a type of its own.
func (t *Types) ForModelsExact(ctx context.Context, models ...any) ([]*ContentType, error) {
	return t.forModels(ctx, t.modelOf, models)
}

func (t *Types) forModels(ctx context.Context, find func(any) (core.Model, error), models []any) ([]*ContentType, error) {
	wanted := make([]core.Model, len(models))
	labels := make([]string, len(models))
	for i, model := range models {
		m, err := find(model)
		if err != nil {
			return nil, err
		}
		wanted[i], labels[i] = m, m.Label()
	}
	found, err := t.byLabels(ctx, labels)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(wanted, func(m core.Model) bool { return found[m.Label()] != nil })
	if len(missing) > 0 {
		all, err := Ensure(ctx, t.db, missing, nil)
		if err != nil {
			return nil, err
		}
		for _, m := range missing {
			found[m.Label()] = all[m.Label()]
			t.keep(all[m.Label()])
		}
	}
	cts := make([]*ContentType, len(labels))
	for i, label := range labels {
		cts[i] = own(found[label])
	}
	return cts, nil
}

// own returns a copy that its holder may change without harm to the cache.
func own(ct *ContentType) *ContentType {
	c := *ct
	return &c
}

// ErrNotReady says that the project's models are not known yet: its Ready has not been called, or
// the service's App is in no project.
var ErrNotReady = errors.New("contenttypes: the project is not ready yet, so its models are not known")

func (t *Types) modelOf(model any) (core.Model, error) {
	if t.byType == nil {
		return core.Model{}, ErrNotReady
	}
	if m, ok := t.byType[core.Model{Of: model}.Type()]; ok {
		return m, nil
	}
	return core.Model{}, fmt.Errorf("contenttypes: no app of the project brings the model %T: list it in its App's Models", model)
}

// concreteOf returns the model whose table a model uses: its own, or that of the one it is a proxy of.
func (t *Types) concreteOf(model any) (core.Model, error) {
	m, err := t.modelOf(model)
	for steps := 0; err == nil && m.IsProxy(); steps++ {
		if steps == len(t.models) {
			return m, fmt.Errorf("contenttypes: the model %s is a proxy of itself", m.Label())
		}
		m, err = t.modelOf(m.ProxyOf)
	}
	return m, err
}

// byLabels returns those of the labels that have a row, from the cache and at most one statement.
func (t *Types) byLabels(ctx context.Context, labels []string) (map[string]*ContentType, error) {
	found := map[string]*ContentType{}
	var apps, models []string
	for _, label := range labels {
		if ct := t.cached(label); ct != nil {
			found[label] = ct
			continue
		}
		app, model, _ := strings.Cut(label, ".")
		apps, models = append(apps, app), append(models, model)
	}
	if len(apps) == 0 {
		return found, nil
	}
	// The rows are looked for among all apps with all names, and told apart below: a comparison of
	// pairs is written differently for each database.
	var rows []*ContentType
	err := t.db.NewSelect().Model(&rows).Where("app_label IN (?)", bun.List(compact(apps))).
		Where("model IN (?)", bun.List(compact(models))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("contenttypes: %w", err)
	}
	for _, ct := range rows {
		if slices.Contains(labels, ct.Label()) {
			t.keep(ct)
			found[ct.Label()] = ct
		}
	}
	return found, nil
}

func compact(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// ByName returns the content type of an app's label and a model's name, which is put into lower
// case first. The error of one that is not there wraps [ErrNotFound].
func (t *Types) ByName(ctx context.Context, app, model string) (*ContentType, error) {
	label := app + "." + strings.ToLower(model)
	if !isText(label) {
		return nil, fmt.Errorf("%w: no content type has a name like %q", ErrNotFound, label)
	}
	found, err := t.byLabels(ctx, []string{label})
	if err != nil {
		return nil, err
	}
	if found[label] == nil {
		return nil, fmt.Errorf("%w: no content type is named %s (has migrate run?)", ErrNotFound, label)
	}
	return own(found[label]), nil
}

// isText reports whether a database can hold a text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// ByID returns the content type of a key. The error of one that is not there wraps [ErrNotFound].
func (t *Types) ByID(ctx context.Context, id int64) (*ContentType, error) {
	found, err := t.byIDs(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, fmt.Errorf("%w: no content type has the id %d", ErrNotFound, id)
	}
	return own(found[id]), nil
}

// byIDs returns those of the keys that have a row, from the cache and at most one statement.
func (t *Types) byIDs(ctx context.Context, ids []int64) (map[int64]*ContentType, error) {
	found := map[int64]*ContentType{}
	var missing []int64
	for _, id := range ids {
		if ct := t.cachedID(id); ct != nil {
			found[id] = ct
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	var rows []*ContentType
	if err := t.db.NewSelect().Model(&rows).Where("id IN (?)", bun.List(missing)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("contenttypes: %w", err)
	}
	for _, ct := range rows {
		t.keep(ct)
		found[ct.ID] = ct
	}
	return found, nil
}

// Model returns the project's model that a content type stands for; false for the type of a
// model that no app of the project brings (any more).
func (t *Types) Model(ct *ContentType) (core.Model, bool) {
	m, ok := t.byLabel[ct.Label()]
	return m, ok
}

// Name returns the model's name for people, or the stored name of a model that is gone.
func (t *Types) Name(ct *ContentType) string {
	if m, ok := t.Model(ct); ok {
		return m.VerboseName
	}
	return ct.Model
}

// AppLabeledName returns "App | model", both as people read them, or the stored name of a model
// that is gone.
func (t *Types) AppLabeledName(ct *ContentType) string {
	if m, ok := t.Model(ct); ok {
		return t.apps[ct.AppLabel] + " | " + m.VerboseName
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
		Label:        "contenttypes",
		VerboseName:  "Content types",
		Models:       []core.Model{{Of: (*ContentType)(nil), VerboseName: "content type"}},
		Migrations:   migrate.Files(files),
		HandMigrated: true,
		Commands:     []command.Command{t.removeStale()},
		Checks:       []check.Check{{Tags: []string{"models"}, Run: t.check}},
		Ready:        t.ready,
	}
}

func (t *Types) ready(p *core.Project) error {
	r := registry{
		project: p, models: p.Models(), byType: map[reflect.Type]core.Model{},
		byLabel: map[string]core.Model{}, apps: map[string]string{},
	}
	for _, app := range p.Apps() {
		r.apps[app.Label] = app.VerboseName
	}
	for _, m := range r.models {
		r.byLabel[m.Label()] = m
		if _, twice := r.byType[m.Type()]; !twice {
			r.byType[m.Type()] = m
		}
	}
	*t.registry = r
	p.Migrated.Connect(t.migrated)
	return nil
}

// maxModelName is what the column holds, in characters.
const maxModelName = 100

func (t *Types) check(context.Context) []check.Message {
	var found []check.Message
	for _, m := range t.models {
		if n := utf8.RuneCountInString(m.Name); n > maxModelName {
			found = append(found, check.Message{Level: check.Error, ID: "contenttypes.E005", Object: m.Label(),
				Text: fmt.Sprintf("The model's name has %d characters; its content type holds %d.", n, maxModelName),
				Hint: "Give the model a shorter Name in its App's Models."})
		}
	}
	return found
}
