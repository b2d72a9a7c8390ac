// Package forms reads what people post: it turns the text of a request into typed, checked values
// and shows the form again, with what was typed and what is wrong with it, until it is right.
//
// A form is a struct that embeds [Form] and has a [Field] for each value. A function makes one
// for each request; nothing is shared between requests:
//
//	type PollForm struct {
//		forms.Form
//		Question forms.Field[string]
//		Choices  forms.Field[[]string]
//	}
//
//	func newPollForm() *PollForm {
//		f := &PollForm{
//			Question: forms.Field[string]{Name: "question", Type: forms.Char{MaxLength: 200}},
//			Choices:  forms.Field[[]string]{Name: "choices", Type: forms.Lines{Min: 2}, Help: "One a line."},
//		}
//		f.Declare(&f.Question, &f.Choices)
//		return f
//	}
//
//	func (p *Polls) add(w http.ResponseWriter, r *http.Request) error {
//		f := newPollForm()
//		ok, err := forms.Accept(r, f)
//		if err != nil {
//			return err // the database is gone, the body is too large: an error page
//		}
//		if ok {
//			return p.save(w, r, f.Question.Value, f.Choices.Value)
//		}
//		return web.Render(w, r, "polls/add.html", web.Data{"form": f})
//	}
//
// What concerns several fields is checked in a method Clean of the outer struct, which takes the
// place of [Form.Clean]. Its error is one of the whole form; [Field.AddError] puts one to a field.
//
// To change a form that somebody else has written, embed a pointer to it, declare more fields,
// give others a new label, order them, remove some; and call its Clean in your own:
//
//	type SignupForm struct {
//		*authforms.UserCreation
//		Invitation forms.Field[string]
//	}
//
// In a template {{template "forms/form.html" .form}} shows everything, so that the user of a
// screen reader hears what is wrong and where; {{.form.Field "question"}} is one field, whose
// parts (Label, Input, Errors and so on) are those of [Bound]. The <form> element, its button and
// its token are the page's own. A form with files needs enctype="multipart/form-data".
//
// A new kind of value is a new [Type]; a new way to show one is a new [Widget].
//
// Text that is not UTF-8 is repaired with U+FFFD and NUL is refused everywhere, because databases
// do not store either. The package has nothing to do with models: views copy the values.
package forms
