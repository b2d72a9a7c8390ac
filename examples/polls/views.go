package polls

import (
	"database/sql"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/core/web"
)

func (p *Polls) home(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, "polls/home.html", nil)
}

func (p *Polls) profile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	user, err := auth.As[*auth.User](ctx)
	if err != nil {
		return err
	}
	groups, err := p.auth.Users().Groups(user).All(ctx)
	if err != nil {
		return err
	}
	perms, err := p.auth.AllPermissions(ctx, user, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, "polls/profile.html", web.Data{
		"groups": groups, "permissions": slices.Sorted(maps.Keys(perms)),
	})
}

func (p *Polls) index(w http.ResponseWriter, r *http.Request) error {
	questions, err := p.questions(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, "polls/index.html", web.Data{"questions": questions})
}

func (p *Polls) detail(w http.ResponseWriter, r *http.Request) error {
	return p.showQuestion(w, r, http.StatusOK, "")
}

// showQuestion is the page of a question, with what was wrong with a vote.
func (p *Polls) showQuestion(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	ctx := r.Context()
	q, err := p.find(r)
	if err != nil {
		return err
	}
	user, err := auth.As[*auth.User](ctx)
	if err != nil {
		return err
	}
	mine, err := p.choiceOf(ctx, q, user)
	if err != nil {
		return err
	}
	return web.SiteOf(ctx).Render(w, r, status, "polls/detail.html", web.Data{
		"question": q, "mine": mine, "problem": problem,
	})
}

// find returns the question of the address, or a 404.
func (p *Polls) find(r *http.Request) (*Question, error) {
	q, err := p.question(r.Context(), web.Var(r, "id"))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, web.NotFound("There is no such question.")
	}
	return q, err
}

func (p *Polls) vote(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return err
	}
	q, err := p.find(r)
	if err != nil {
		return err
	}
	user, err := auth.As[*auth.User](ctx)
	if err != nil {
		return err
	}
	err = p.cast(ctx, q, r.PostForm.Get("choice"), user)
	switch {
	case errors.Is(err, errNoChoice):
		return p.showQuestion(w, r, http.StatusUnprocessableEntity, "Choose one of the answers.")
	case errors.Is(err, errVoted), errors.Is(err, errClosed):
		return p.showQuestion(w, r, http.StatusConflict, "Your vote was not counted: "+err.Error()+".")
	case err != nil:
		return err
	}
	return p.backTo(w, r, q, "Your vote was counted.")
}

func (p *Polls) close(w http.ResponseWriter, r *http.Request) error {
	q, err := p.find(r)
	if err != nil {
		return err
	}
	q.Closed = true
	if _, err := p.db.NewUpdate().Model(q).Column("closed").WherePK().Exec(r.Context()); err != nil {
		return err
	}
	return p.backTo(w, r, q, "The question is closed.")
}

// backTo redirects to the page of a question, which shows a message.
func (p *Polls) backTo(w http.ResponseWriter, r *http.Request, q *Question, message string) error {
	if err := messages.Success(r.Context(), message); err != nil {
		return err
	}
	to, err := web.Reverse(r.Context(), "polls:detail", q.ID)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

// whoami tells a program who it is.
func (p *Polls) whoami(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	u, err := auth.UserOf(ctx)
	if err != nil {
		return err
	}
	answer := map[string]any{
		"id": nil, "username": "", "is_authenticated": u.IsAuthenticated(),
		"is_staff": false, "is_superuser": false, "groups": []string{}, "permissions": []string{},
	}
	if user, ok := u.(*auth.User); ok {
		groups, err := p.auth.Users().Groups(user).All(ctx)
		if err != nil {
			return err
		}
		names := []string{}
		for _, g := range groups {
			names = append(names, g.Name)
		}
		perms, err := p.auth.AllPermissions(ctx, user, nil)
		if err != nil {
			return err
		}
		answer["id"], answer["username"] = user.ID, user.Username
		answer["is_staff"], answer["is_superuser"] = user.IsStaff, user.IsSuperuser
		slices.Sort(names)
		answer["groups"] = names
		answer["permissions"] = append([]string{}, slices.Sorted(maps.Keys(perms))...)
	}
	return web.JSON(w, http.StatusOK, answer)
}
