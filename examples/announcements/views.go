package announcements

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// addForm is what an announcement is made of.
type addForm struct {
	forms.Form
	Text  forms.Field[string]
	Hours forms.Field[int64]
}

func newAddForm() *addForm {
	least, most := int64(1), int64(24*365)
	f := &addForm{
		Text: forms.Field[string]{Name: "text", Type: forms.Char{MaxLength: maxText}},
		Hours: forms.Field[int64]{Name: "hours", Optional: true, Type: forms.Integer{Min: &least, Max: &most},
			Help: "Empty: until somebody withdraws it."},
	}
	f.Declare(&f.Text, &f.Hours)
	return f
}

func (a *Announcements) list(w http.ResponseWriter, r *http.Request) error {
	found, err := a.current(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, "announcements/list.html", web.Data{"list": found})
}

func (a *Announcements) add(w http.ResponseWriter, r *http.Request) error {
	f := newAddForm()
	ok, err := forms.Accept(r, f)
	if err != nil {
		return err
	}
	if !ok {
		return web.Render(w, r, "announcements/add.html", web.Data{"form": f})
	}
	if _, err := a.Add(r.Context(), f.Text.Value, time.Duration(f.Hours.Value)*time.Hour); err != nil {
		return err
	}
	return toList(w, r)
}

func (a *Announcements) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := a.end(r.Context(), id); err != nil {
		return err
	}
	return toList(w, r)
}

// read takes an announcement out of the bar of whoever asks.
func (a *Announcements) read(w http.ResponseWriter, r *http.Request) error {
	u, err := auth.UserOf(r.Context())
	if err != nil {
		return err
	}
	id, err := idOf(r)
	if err != nil {
		return err
	}
	if err := a.markRead(r.Context(), id, u); err != nil {
		return err
	}
	return toList(w, r)
}

// idOf is the key in the address; one that is no number of a database is that of nothing.
func idOf(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(web.Var(r, "id"), 10, 64)
	if err != nil {
		return 0, errGone()
	}
	return id, nil
}

func toList(w http.ResponseWriter, r *http.Request) error {
	to, err := web.Reverse(r.Context(), "announcements:list")
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusSeeOther)
}
