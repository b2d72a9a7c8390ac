package djangotest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// adminSteps are about Django's admin, where pages are named after the model: "auth/user".
func (w *world) adminSteps(t *testing.T, model string) {
	w.step(t, "admin edits belleville's user", "3.2", func(t *testing.T) { w.adminEdits(t, model) })
	w.both(t, "delete who used the admin", "3.2", func(t *testing.T, here, there site) { w.deleteAdmin(t, model, here, there) })
}

// adminEdits: Django's admin, entered by a log-in at Belleville, edits a user that Belleville made,
// and Belleville goes by that.
func (w *world) adminEdits(t *testing.T, model string) {
	name := add(t, w.belleville)
	pk := w.belleville.user(t, name).PK
	visitor := w.person(t)
	visitor.mustLogin(t, w.belleville, name, secret)
	p := w.superuser(t, w.belleville, "root."+name)

	path := "/admin/" + model + "/" + pk + "/"
	form, options := p.form(t, path+"change/")
	if form.Get("username") != name || form.Get("email") != name+"@example.org" || form.Get("is_active") == "" {
		t.Errorf("the admin shows %v", form)
	}
	sell := ""
	for value, text := range options {
		if strings.HasSuffix(text, "Can sell items") {
			sell = value
		}
	}
	if sell == "" {
		t.Fatalf("the admin offers no permission of the Go model: %v", options)
	}
	form.Set("email", "edited@example.org")
	form.Set("first_name", "Edited")
	form.Set("is_staff", "on")
	form.Set("user_permissions", sell)
	p.save(t, path+"change/", form)
	got := w.belleville.user(t, name)
	if got.Email != "edited@example.org" || got.FirstName != "Edited" || !got.Staff || !slices.Equal(got.Permissions, []string{"shop.sell_item"}) {
		t.Errorf("after the edit Belleville has %+v", got)
	}
	visitor.wantUser(t, w.belleville, name) // an edit ends no session
	if !visitor.who(t, w.belleville, "shop.sell_item").Has["shop.sell_item"] {
		t.Error("Belleville does not give the permission that the admin gave")
	}

	p.save(t, path+"password/", url.Values{"password1": {"staple battery 7"}, "password2": {"staple battery 7"}, "usable_password": {"true"}})
	visitor.wantUser(t, w.belleville, "")
	w.person(t).mustLogin(t, w.belleville, name, "staple battery 7")

	form, _ = p.form(t, path+"change/")
	form.Del("is_active")
	p.save(t, path+"change/", form)
	if w.person(t).login(t, w.belleville, name, "staple battery 7") {
		t.Error("Belleville logs in a user whom the admin deactivated")
	}
}

// superuser is a new superuser who is logged in at a site.
func (w *world) superuser(t *testing.T, s site, name string) *person {
	t.Helper()
	s.createUser(t, newUser{name: name, email: name + "@example.org", password: secret, staff: true, superuser: true})
	p := w.person(t)
	p.mustLogin(t, s, name, secret)
	return p
}

// form reads the values of the form of an admin page, and the options that it has.
func (p *person) form(t *testing.T, path string) (url.Values, map[string]string) {
	t.Helper()
	answer := p.get(t, p.world.django, path)
	if answer.status != http.StatusOK {
		t.Fatalf("%s: status %d to %q", path, answer.status, answer.location())
	}
	doc, err := html.Parse(strings.NewReader(answer.body))
	if err != nil {
		t.Fatal(err)
	}
	form, options := url.Values{}, map[string]string{}
	var in string // the select that an option is in
	for n := range doc.Descendants() {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		_, checked := attr["checked"]
		_, selected := attr["selected"]
		switch kind := attr["type"]; {
		case n.Type != html.ElementNode || n.Data != "option" && n.Data != "select" && attr["name"] == "":
		case n.Data == "select":
			in = attr["name"]
		case n.Data == "option":
			options[attr["value"]] = strings.TrimSpace(n.FirstChild.Data)
			if selected {
				form.Add(in, attr["value"])
			}
		case n.Data == "input" && kind != "submit" && (kind != "checkbox" && kind != "radio" || checked):
			value, ok := attr["value"]
			if !ok && kind == "checkbox" {
				value = "on"
			}
			form.Add(attr["name"], value)
		}
	}
	return form, options
}

// formErrors are what an admin page says is wrong with a form.
var formErrors = regexp.MustCompile(`(?s)<ul class="errorlist.*?</ul>`)

// save sends the form of an admin page, which has to be taken.
func (p *person) save(t *testing.T, path string, form url.Values) {
	t.Helper()
	form.Del("csrfmiddlewaretoken")
	if answer := p.post(t, p.world.django, path, form); answer.status != http.StatusFound {
		t.Fatalf("the admin does not save %s: status %d, %q", path, answer.status, formErrors.FindAllString(answer.body, -1))
	}
}

// deleteAdmin: a user who is in the admin's log can be deleted by either side.
func (w *world) deleteAdmin(t *testing.T, model string, here, there site) {
	name := nameOf(t)
	p := w.superuser(t, there, name)
	path := "/admin/" + model + "/" + here.user(t, name).PK + "/change/"
	form, _ := p.form(t, path)
	form.Set("first_name", "Logged")
	p.save(t, path, form)
	here.deleteUser(t, name)
	p.wantUser(t, there, "")
}
