package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
)

// Item is something in stock.
type Item struct {
	bun.BaseModel `bun:"table:stock_item,alias:item"`

	ID       int64  `bun:"id,pk,autoincrement" json:"id"`
	Name     string `bun:"name,notnull,unique,type:varchar(100)" json:"name"`
	Quantity int64  `bun:"quantity,notnull" json:"quantity"`
}

// maxName is the length of the column, in characters.
const maxName = 100

func (s *Stock) routes(r *web.Router) {
	r.Get("/api/items/", "items", s.list, s.allow())
	r.Post("/api/items/", "add", s.add, s.allow("stock.add_item"))
	r.Get("/api/items/{id:[0-9]+}/", "item", s.show, s.allow())
	r.Handle([]string{http.MethodPatch}, "/api/items/{id:[0-9]+}/", "change", web.Handler(s.change), s.allow("stock.change_item"))
	r.Handle([]string{http.MethodDelete}, "/api/items/{id:[0-9]+}/", "delete", web.Handler(s.remove), s.allow("stock.delete_item"))
}

func (s *Stock) list(w http.ResponseWriter, r *http.Request) error {
	items := []*Item{}
	if err := s.db.NewSelect().Model(&items).Order("name").Limit(1000).Scan(r.Context()); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{"items": items})
}

func (s *Stock) show(w http.ResponseWriter, r *http.Request) error {
	item, err := s.find(r)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, item)
}

func (s *Stock) add(w http.ResponseWriter, r *http.Request) error {
	var in itemInput
	if err := readJSON(r, &in); err != nil {
		return err
	}
	item := new(Item)
	problems := in.apply(item)
	if in.Name == nil {
		problems["name"] = "An item needs a name."
	}
	if len(problems) > 0 {
		return unprocessable(w, problems)
	}
	_, err := s.db.NewInsert().Model(item).Exec(r.Context())
	if database.IsUniqueViolation(err) {
		return unprocessable(w, map[string]string{"name": taken})
	}
	if err != nil {
		return err
	}
	to, err := web.Reverse(r.Context(), "stock:item", item.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Location", to)
	return web.JSON(w, http.StatusCreated, item)
}

func (s *Stock) change(w http.ResponseWriter, r *http.Request) error {
	var in itemInput
	if err := readJSON(r, &in); err != nil {
		return err
	}
	item, err := s.find(r)
	if err != nil {
		return err
	}
	if problems := in.apply(item); len(problems) > 0 {
		return unprocessable(w, problems)
	}
	if columns := in.columns(); len(columns) > 0 {
		_, err = s.db.NewUpdate().Model(item).Column(columns...).WherePK().Exec(r.Context())
	}
	if database.IsUniqueViolation(err) {
		return unprocessable(w, map[string]string{"name": taken})
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, item)
}

func (s *Stock) remove(w http.ResponseWriter, r *http.Request) error {
	item, err := s.find(r)
	if err != nil {
		return err
	}
	if _, err := s.db.NewDelete().Model(item).WherePK().Exec(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// find returns the item of the address, or a 404.
func (s *Stock) find(r *http.Request) (*Item, error) {
	none := web.NotFound("There is no such item.")
	id, err := strconv.ParseInt(web.Var(r, "id"), 10, 64)
	if err != nil {
		return nil, none
	}
	item := new(Item)
	err = s.db.NewSelect().Model(item).Where("id = ?", id).Scan(r.Context())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, none
	}
	return item, err
}

// itemInput is what a client may send; what it leaves out stays as it is.
type itemInput struct {
	Name     *string `json:"name"`
	Quantity *int64  `json:"quantity"`
}

const taken = "There is an item of this name already."

// apply puts the input into an item and returns what is wrong with it, by field.
func (in *itemInput) apply(item *Item) map[string]string {
	problems := map[string]string{}
	if in.Name != nil {
		item.Name = strings.TrimSpace(*in.Name)
		switch {
		case item.Name == "":
			problems["name"] = "An item needs a name."
		case utf8.RuneCountInString(item.Name) > maxName:
			problems["name"] = fmt.Sprintf("A name has at most %d characters.", maxName)
		case strings.ContainsRune(item.Name, 0):
			problems["name"] = "A name cannot hold a NUL."
		}
	}
	if in.Quantity != nil {
		if item.Quantity = *in.Quantity; item.Quantity < 0 {
			problems["quantity"] = "A quantity is not negative."
		}
	}
	return problems
}

// columns are those that the input changes.
func (in *itemInput) columns() []string {
	var columns []string
	if in.Name != nil {
		columns = append(columns, "name")
	}
	if in.Quantity != nil {
		columns = append(columns, "quantity")
	}
	return columns
}

// readJSON reads the one JSON value of a body; what cannot be read is the client's mistake.
func readJSON(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &web.StatusError{Code: http.StatusUnsupportedMediaType, Message: "Send JSON, with Content-Type: application/json."}
	}
	body := json.NewDecoder(r.Body)
	body.DisallowUnknownFields()
	err := body.Decode(into)
	if err == nil {
		if _, more := body.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more than one value")
		}
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return err
	}
	if err != nil {
		return web.BadRequest("This cannot be read as JSON: " + err.Error() + ".")
	}
	return nil
}

func unprocessable(w http.ResponseWriter, problems map[string]string) error {
	return web.JSON(w, http.StatusUnprocessableEntity, map[string]any{"errors": problems})
}
