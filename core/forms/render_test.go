package forms_test

import (
	"html/template"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/forms"
)

const evil = `"><script>'&`

// show returns how one field is shown: empty, and again after evil text was posted.
func show[T any](t *testing.T, field forms.Field[T]) (string, string) {
	t.Helper()
	field.Name = "f"
	var f struct{ forms.Form }
	f.Declare(&field)
	input := func() string {
		b, err := f.Field("f")
		if err != nil {
			t.Fatal(err)
		}
		return string(b.Input())
	}
	empty := input()
	f.Bind(one(evil))
	return empty, input()
}

func TestWidgets(t *testing.T) {
	t.Parallel()
	const typed = `value="&#34;&gt;&lt;script&gt;&#39;&amp;"`
	check := func(name string, wantEmpty, wantPosted, empty, posted string) {
		t.Helper()
		if empty != wantEmpty {
			t.Errorf("%s\n got %s\nwant %s", name, empty, wantEmpty)
		}
		if posted != wantPosted {
			t.Errorf("%s, posted\n got %s\nwant %s", name, posted, wantPosted)
		}
	}
	a, b := show(t, forms.Field[string]{Type: forms.Char{MinLength: 2, MaxLength: 9}, Initial: new("<i>")})
	check("line", `<input type="text" name="f" id="id_f" value="&lt;i&gt;" maxlength="9" minlength="2" required>`,
		`<input type="text" name="f" id="id_f" `+typed+` maxlength="9" minlength="2" required>`, a, b)
	a, b = show(t, forms.Field[string]{Type: forms.Password{}, Initial: new("secret")})
	check("password", `<input type="password" name="f" id="id_f" required>`, `<input type="password" name="f" id="id_f" required>`, a, b)
	a, b = show(t, forms.Field[string]{Widget: forms.TextArea{Rows: 3}, Initial: new("\n</textarea>")})
	check("text area", "<textarea name=\"f\" id=\"id_f\" required rows=\"3\">\n\n&lt;/textarea&gt;</textarea>",
		"<textarea name=\"f\" id=\"id_f\" required rows=\"3\">\n&#34;&gt;&lt;script&gt;&#39;&amp;</textarea>", a, b)
	a, b = show(t, forms.Field[string]{Widget: forms.Hidden{}, Attrs: forms.Attrs{"data-x": "1"}})
	check("hidden", `<input type="hidden" name="f" id="id_f" value="">`, `<input type="hidden" name="f" id="id_f" `+typed+`>`, a, b)
	a, b = show(t, forms.Field[bool]{Initial: new(true), Optional: true})
	check("checkbox", `<input type="checkbox" name="f" id="id_f" checked>`, `<input type="checkbox" name="f" id="id_f" checked>`, a, b)
	a, b = show(t, forms.Field[int64]{Type: forms.Integer{Min: new(int64(0))}, Initial: new(int64(0)), Optional: true})
	check("number", `<input type="number" name="f" id="id_f" value="0" min="0">`, `<input type="number" name="f" id="id_f" `+typed+` min="0">`, a, b)
	a, b = show(t, forms.Field[*multipart.FileHeader]{Type: forms.File{Extensions: []string{".png", ".gif"}}})
	check("file", `<input type="file" name="f" id="id_f" accept=".png,.gif" required>`, `<input type="file" name="f" id="id_f" accept=".png,.gif" required>`, a, b)
	a, _ = show(t, forms.Field[string]{Attrs: forms.Attrs{"autofocus": "", "onclick=x y": "evil", "title": `"`, "type": "search", "required": ""}})
	check("attributes", `<input type="search" name="f" id="id_f" autofocus required title="&#34;">`, "", a, "")
}

func TestOptionWidgets(t *testing.T) {
	t.Parallel()
	food := forms.Choice[string]{Blank: "Choose <one>", Options: []forms.Option[string]{
		{Value: "a", Label: "Apple & co", Group: "Fruit"}, {Value: "p", Label: "Pear", Group: "Fruit"},
		{Value: "c", Label: "Carrot", Group: "Roots"}, {Value: "w", Disabled: true}}}
	a, b := show(t, forms.Field[string]{Type: food, Initial: new("p")})
	want := `<select name="f" id="id_f" required>
<option value="">Choose &lt;one&gt;</option>
<optgroup label="Fruit">
<option value="a">Apple &amp; co</option>
<option value="p" selected>Pear</option>
</optgroup>
<optgroup label="Roots">
<option value="c">Carrot</option>
</optgroup>
<option value="w" disabled>w</option>
</select>`
	if a != want {
		t.Errorf("select\n got %s\nwant %s", a, want)
	}
	if strings.Contains(b, "selected") || strings.Contains(b, "script") {
		t.Errorf("what is not offered was shown: %s", b)
	}
	two := forms.Choice[int64]{Options: []forms.Option[int64]{{Value: 1}, {Value: 2, Label: "<Two>"}}}
	a, _ = show(t, forms.Field[int64]{Type: two})
	if strings.Contains(a, "required") || strings.Contains(a, `value=""`) {
		t.Errorf("a list without an empty option must not be required: %s", a)
	}
	a, _ = show(t, forms.Field[int64]{Type: two, Optional: true})
	if !strings.Contains(a, `<option value="">–</option>`) {
		t.Errorf("an optional list lacks an empty option: %s", a)
	}
	a, _ = show(t, forms.Field[int64]{Type: two, Widget: forms.Radios{}, Initial: new(int64(2)), Attrs: forms.Attrs{"autofocus": ""}})
	want = `<ul class="options">
<li><label for="id_f"><input type="radio" name="f" id="id_f" value="1" autofocus required> <span>1</span></label></li>
<li><label for="id_f_1"><input type="radio" name="f" id="id_f_1" value="2" checked required> <span>&lt;Two&gt;</span></label></li>
</ul>`
	if a != want {
		t.Errorf("radios\n got %s\nwant %s", a, want)
	}
	several := forms.MultipleChoice[int64]{Options: []forms.Option[int64]{{Value: 1, Group: "<g>"}, {Value: 2, Disabled: true}}}
	a, _ = show(t, forms.Field[[]int64]{Type: several, Initial: &[]int64{1}})
	want = `<ul class="options">
<li><b>&lt;g&gt;</b></li>
<li><label for="id_f"><input type="checkbox" name="f" id="id_f" value="1" checked> <span>1</span></label></li>
<li><label for="id_f_1"><input type="checkbox" name="f" id="id_f_1" value="2" disabled> <span>2</span></label></li>
</ul>`
	if a != want {
		t.Errorf("checkboxes\n got %s\nwant %s", a, want)
	}
	a, _ = show(t, forms.Field[[]int64]{Type: several, Widget: forms.Select{Multiple: true}})
	if !strings.HasPrefix(a, `<select name="f" id="id_f" multiple required>`) {
		t.Errorf("multiple select: %s", a)
	}
}

func TestBoundParts(t *testing.T) {
	t.Parallel()
	f := newSignup()
	f.Name.Label, f.Name.Help = "Name & <title>", template.HTML("<b>help</b>")
	validate(t, f, values("name", "far too long to be", "password1", "s3cret"))
	b, err := f.Field("name")
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"Name": {b.Name(), "name"}, "ID": {b.ID(), "id_name"}, "HelpID": {b.HelpID(), "id_name_helptext"},
		"ErrorID": {b.ErrorID(), "id_name_error"}, "DescribedBy": {b.DescribedBy(), "id_name_helptext id_name_error"},
		"Label": {b.Label(), "Name & <title>"}, "LabelTag": {string(b.LabelTag()), `<label for="id_name">Name &amp; &lt;title&gt;</label>`},
		"HelpText": {string(b.HelpText()), "<b>help</b>"}, "Value": {b.Value(), "far too long to be"},
		"Input": {string(b.Input()), `<input type="text" name="name" id="id_name" value="far too long to be" aria-describedby="id_name_helptext id_name_error" aria-invalid="true" maxlength="10" required>`},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s = %q, want %q", what, pair[0], pair[1])
		}
	}
	if !b.Required() || b.IsHidden() || b.IsGroup() || b.IsCheckbox() || !b.Errors().Has("max_length") {
		t.Errorf("required %v, hidden %v, group %v, checkbox %v, errors %v", b.Required(), b.IsHidden(), b.IsGroup(), b.IsCheckbox(), b.Errors())
	}
	if p, _ := f.Field("password1"); p.Value() != "" {
		t.Errorf("a password's Value is %q, want nothing", p.Value())
	}
	if _, err := f.Field("nobody"); err == nil {
		t.Error("a field that is not there gave no error")
	}
	if n := len(f.FieldErrors()); n != 2 {
		t.Errorf("%d fields have errors, want 2", n)
	}
	html, err := f.Render()
	if err != nil || strings.Contains(string(html), "s3cret") || !strings.Contains(string(html), `role="alert"`) {
		t.Errorf("Render: %v\n%s", err, html)
	}
}

func TestGroupAndHidden(t *testing.T) {
	t.Parallel()
	var f struct{ forms.Form }
	kind := forms.Field[string]{Name: "kind", Type: colours, Widget: forms.Radios{}, Help: "h"}
	token := forms.Field[string]{Name: "token", Widget: forms.Hidden{}}
	f.Declare(&kind, &token)
	f.Bind(forms.Data{})
	if _, err := forms.Validate(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	b, _ := f.Field("kind")
	if got, want := string(b.LabelTag()), "<legend>Kind</legend>"; got != want || !b.IsGroup() {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(b.Input()); strings.Contains(got, "aria-") {
		t.Errorf("the elements of a group are described one by one: %s", got)
	}
	if len(f.Fields()) != 1 || len(f.Hidden()) != 1 || len(f.FieldErrors()) != 1 || f.Multipart() {
		t.Errorf("got %d fields, %d hidden, %d with errors", len(f.Fields()), len(f.Hidden()), len(f.FieldErrors()))
	}
	html, err := f.Render()
	for _, want := range []string{`<fieldset class="field wrong" aria-describedby="id_kind_helptext id_kind_error">`, `<p>Token: `, `type="hidden"`} {
		if err != nil || !strings.Contains(string(html), want) {
			t.Errorf("Render (%v) lacks %s:\n%s", err, want, html)
		}
	}
}

func TestNoLabel(t *testing.T) {
	t.Parallel()
	var f struct{ forms.Form }
	f.Declare(
		&forms.Field[string]{Name: "q", NoLabel: true, Attrs: forms.Attrs{"aria-label": "Search"}},
		&forms.Field[bool]{Name: "all", NoLabel: true},
		&forms.Field[string]{Name: "kind", NoLabel: true, Widget: forms.Radios{}, Type: forms.Choice[string]{}},
	)
	f.Bind(forms.Data{})
	if _, err := forms.Validate(t.Context(), &f); err != nil {
		t.Fatal(err)
	}
	html, err := f.Render()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(html), "<label") || strings.Contains(string(html), "<legend") {
		t.Errorf("there is a label: %s", html)
	}
	for _, want := range []string{`aria-label="Search"`, `<a href="#id_q">q</a>`} {
		if !strings.Contains(string(html), want) {
			t.Errorf("there is no %s: %s", want, html)
		}
	}
	if b, err := f.Field("q"); err != nil || b.Label() != "" || b.LabelTag() != "" {
		t.Errorf("label %q, element %q, %v", b.Label(), b.LabelTag(), err)
	}
}
