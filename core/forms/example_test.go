package forms_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-belleville/belleville/core/forms"
)

// post makes the request that a browser sends.
func post(values url.Values) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// LoginForm has a check of its own that needs both fields.
type LoginForm struct {
	forms.Form
	Username forms.Field[string]
	Password forms.Field[string]

	authenticate func(ctx context.Context, username, password string) (bool, error)
}

func NewLoginForm(authenticate func(context.Context, string, string) (bool, error)) *LoginForm {
	f := &LoginForm{
		Username: forms.Field[string]{
			Name: "username", Label: "User name", Type: forms.Char{MaxLength: 150},
			Attrs: forms.Attrs{"autocomplete": "username", "autocapitalize": "none", "autofocus": ""},
		},
		Password: forms.Field[string]{
			Name: "password", Type: forms.Password{},
			Attrs: forms.Attrs{"autocomplete": "current-password"},
		},
		authenticate: authenticate,
	}
	f.Declare(&f.Username, &f.Password)
	return f
}

// Clean is called by Validate and Accept after the fields were checked.
func (f *LoginForm) Clean(ctx context.Context) error {
	if !f.Username.Valid() || !f.Password.Valid() {
		return nil
	}
	ok, err := f.authenticate(ctx, f.Username.Value, f.Password.Value)
	if err != nil {
		return err // an error page, not a wrong password
	}
	if !ok {
		return &forms.Error{Code: "invalid_login", Message: "That user name and password do not go together."}
	}
	return nil
}

// A log-in form: a check across fields, and a password that is never shown again.
func Example_login() {
	f := NewLoginForm(func(_ context.Context, username, password string) (bool, error) {
		return username == "ada" && password == "lovelace", nil
	})
	ok, err := forms.Accept(post(url.Values{"username": {"ada"}, "password": {"byron"}}), f)
	fmt.Println(ok, err, f.NonFieldErrors())
	for _, field := range f.Fields() {
		fmt.Println(field.Input())
	}
	// Output:
	// false <nil> That user name and password do not go together.
	// <input type="text" name="username" id="id_username" value="ada" autocapitalize="none" autocomplete="username" autofocus maxlength="150" required>
	// <input type="password" name="password" id="id_password" autocomplete="current-password" required>
}

type PollForm struct {
	forms.Form
	Question forms.Field[string]
	Choices  forms.Field[[]string]
}

func NewPollForm() *PollForm {
	f := &PollForm{
		Question: forms.Field[string]{
			Name: "question", Type: forms.Char{MaxLength: 200},
			Messages: map[string]string{"max_length": "At most {max} characters, please."},
		},
		Choices: forms.Field[[]string]{
			Name: "choices", Help: "One a line, two at least.",
			Type: forms.Lines{Min: 2, Max: 10, MaxLength: 100, Unique: true},
		},
	}
	f.Declare(&f.Question, &f.Choices)
	return f
}

// A poll with its choices in one box, one a line: the value is a list.
func Example_poll() {
	f := NewPollForm()
	ok, err := forms.Accept(post(url.Values{"question": {" Tea or coffee? "}, "choices": {"Tea\r\n\r\nCoffee\r\n"}}), f)
	fmt.Printf("%v %v %q %q\n", ok, err, f.Question.Value, f.Choices.Value)

	f = NewPollForm()
	ok, err = forms.Accept(post(url.Values{"question": {"Tea?"}, "choices": {"Tea"}}), f)
	fmt.Println(ok, err, f.Choices.Errors(), f.Choices.Errors().Has("too_few"))
	// Output:
	// true <nil> "Tea or coffee?" ["Tea" "Coffee"]
	// false <nil> Please enter at least 2, one a line. true
}

type PhotoForm struct {
	forms.Form
	Title forms.Field[string]
	Photo forms.Field[*multipart.FileHeader]
}

func NewPhotoForm() *PhotoForm {
	f := &PhotoForm{
		Title: forms.Field[string]{Name: "title", Optional: true},
		Photo: forms.Field[*multipart.FileHeader]{
			Name: "photo", Type: forms.File{MaxSize: 1 << 20, Extensions: []string{".png", ".jpg"}},
		},
	}
	f.Limits = forms.Limits{Body: 2 << 20} // the route allows more with web.BodyLimit
	f.Declare(&f.Title, &f.Photo)
	return f
}

// A form with a file: the page's form element needs enctype="multipart/form-data".
func Example_file() {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, _ := w.CreateFormFile("photo", "cat.PNG")
	fmt.Fprint(part, "a picture")
	w.Close()
	r := httptest.NewRequest("POST", "/", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())

	f := NewPhotoForm()
	ok, err := forms.Accept(r, f)
	fmt.Println(ok, err, f.Photo.Value.Filename, f.Photo.Value.Size, f.Multipart())
	// Output: true <nil> cat.PNG 9 true
}

// A template shows the parts of a form; this is the whole of it.
func ExampleForm_Render() {
	f := NewPollForm()
	html, err := f.Render()
	fmt.Print(html)
	fmt.Println("error:", err)
	// Output:
	// <div class="field">
	// <label for="id_question">Question</label>
	// <input type="text" name="question" id="id_question" maxlength="200" required>
	// </div>
	// <div class="field">
	// <label for="id_choices">Choices</label>
	// <div class="help" id="id_choices_helptext">One a line, two at least.</div>
	// <textarea name="choices" id="id_choices" aria-describedby="id_choices_helptext" required>
	// </textarea>
	// </div>
	// error: <nil>
}

// A rule of one's own, the same for every form.
func ExampleMatches() {
	plate := forms.Field[string]{Name: "plate", Validators: []func(context.Context, string) error{
		forms.Matches(regexp.MustCompile(`^[A-Z]{1,3}-[0-9]{1,4}$`), &forms.Error{Code: "invalid", Message: "A number plate looks like B-1234."}),
	}}
	for _, text := range []string{"B-1234", "none"} {
		var f forms.Form
		f.Declare(&plate)
		f.Bind(forms.Data{Values: url.Values{"plate": {text}}})
		ok, err := forms.Validate(context.Background(), &f)
		fmt.Println(ok, plate.Errors(), err)
	}
	// Output:
	// true  <nil>
	// false A number plate looks like B-1234. <nil>
}

// Accept calls this; a view does where there is no form, as for a button.
func ExampleRead() {
	d, err := forms.Read(post(url.Values{"vote": {"3"}}), forms.Limits{})
	fmt.Println(d.Values.Get("vote"), err)
	// Output: 3 <nil>
}

// For widgets of one's own: values are escaped.
func ExampleTag() {
	fmt.Println(forms.Tag("input", forms.Attrs{"name": "color", "type": "color", "value": `"><script>`, "autofocus": ""}))
	// Output: <input type="color" name="color" value="&#34;&gt;&lt;script&gt;" autofocus>
}
