package polls

import (
	"net/http"

	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// questionForm is what a new question is made of.
type questionForm struct {
	forms.Form
	Question forms.Field[string]
	Choices  forms.Field[[]string]
}

func newQuestionForm() *questionForm {
	f := &questionForm{
		Question: forms.Field[string]{Name: "question", Type: forms.Char{MaxLength: 200}},
		Choices: forms.Field[[]string]{Name: "choices", Type: forms.Lines{Min: 2, Max: 20, MaxLength: 200, Unique: true},
			Help: "One a line, at least two."},
	}
	f.Declare(&f.Question, &f.Choices)
	return f
}

// add shows the form, and stores the question when what was posted is right.
func (p *Polls) add(w http.ResponseWriter, r *http.Request) error {
	f := newQuestionForm()
	ok, err := forms.Accept(r, f)
	if err != nil {
		return err
	}
	if !ok {
		return web.Render(w, r, "polls/add.html", web.Data{"form": f})
	}
	q, err := create(r.Context(), p.db, f.Question.Value, f.Choices.Value)
	if err != nil {
		return err
	}
	return p.backTo(w, r, q, "Your question is open.")
}
