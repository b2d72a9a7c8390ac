package polls

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/database"
)

// Question is what people are asked.
type Question struct {
	bun.BaseModel `bun:"table:polls_question,alias:question"`

	ID      int64     `bun:"id,pk,autoincrement"`
	Text    string    `bun:"text,notnull,type:varchar(200)"`
	Asked   time.Time `bun:"asked,notnull"`
	Closed  bool      `bun:"closed,notnull"`
	Choices []*Choice `bun:"rel:has-many,join:id=question_id"`
}

// Choice is one answer to a question.
type Choice struct {
	bun.BaseModel `bun:"table:polls_choice,alias:choice"`

	ID         int64  `bun:"id,pk,autoincrement"`
	QuestionID int64  `bun:"question_id,notnull"`
	Text       string `bun:"text,notnull,type:varchar(200)"`
	Votes      int64  `bun:"votes,scanonly"`
}

// Vote is one user's answer. The table allows one for each user and question.
type Vote struct {
	bun.BaseModel `bun:"table:polls_vote,alias:vote"`

	ID         int64 `bun:"id,pk,autoincrement"`
	QuestionID int64 `bun:"question_id,notnull"`
	ChoiceID   int64 `bun:"choice_id,notnull"`
	UserID     int64 `bun:"user_id,notnull"`
}

// Total returns the number of votes for all choices.
func (q *Question) Total() int64 {
	var n int64
	for _, c := range q.Choices {
		n += c.Votes
	}
	return n
}

// What keeps somebody from voting.
var (
	errClosed   = errors.New("this question is closed")
	errVoted    = errors.New("you have voted on this question already")
	errNoChoice = errors.New("that is not one of the choices")
)

// questions returns all questions, the newest first.
func (p *Polls) questions(ctx context.Context) ([]*Question, error) {
	var qs []*Question
	err := p.db.NewSelect().Model(&qs).OrderExpr("asked DESC, id DESC").Scan(ctx)
	return qs, err
}

// question returns a question with its choices and their votes; sql.ErrNoRows for an unknown one.
func (p *Polls) question(ctx context.Context, id string) (*Question, error) {
	q := new(Question)
	err := p.db.NewSelect().Model(q).Where("question.id = ?", id).
		Relation("Choices", func(sq *bun.SelectQuery) *bun.SelectQuery {
			return sq.ColumnExpr("choice.*").
				ColumnExpr("(SELECT count(*) FROM polls_vote v WHERE v.choice_id = choice.id) AS votes").
				OrderExpr("choice.id")
		}).Scan(ctx)
	return q, err
}

// choiceOf returns the choice that a user made, 0 for none yet.
func (p *Polls) choiceOf(ctx context.Context, q *Question, u *auth.User) (int64, error) {
	var ids []int64
	err := p.db.NewSelect().Model((*Vote)(nil)).Column("choice_id").
		Where("question_id = ? AND user_id = ?", q.ID, u.ID).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// cast stores a user's vote. That the question is open and the choice one of its own is decided
// by the same statement that stores it, so that nobody votes on a question that closes meanwhile.
func (p *Polls) cast(ctx context.Context, q *Question, choice string, u *auth.User) error {
	return p.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		open := tx.NewSelect().Model((*Question)(nil)).Column("closed").Where("id = ?", q.ID)
		if database.IsPostgres(tx) {
			open = open.For("SHARE")
		}
		var closed bool
		if err := open.Scan(ctx, &closed); err != nil {
			return err
		}
		if closed {
			return errClosed
		}
		res, err := tx.NewRaw(`INSERT INTO polls_vote (question_id, choice_id, user_id)
			SELECT question_id, id, ? FROM polls_choice WHERE question_id = ? AND CAST(id AS text) = ?`,
			u.ID, q.ID, choice).Exec(ctx)
		if database.IsUniqueViolation(err) {
			return errVoted
		}
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(errNoChoice, err)
		}
		return nil
	})
}

// create stores a question with its choices.
func create(ctx context.Context, db bun.IDB, text string, choices []string) (*Question, error) {
	q := &Question{Text: text, Asked: time.Now().UTC().Truncate(time.Microsecond)}
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(q).Exec(ctx); err != nil {
			return err
		}
		for _, c := range choices {
			q.Choices = append(q.Choices, &Choice{QuestionID: q.ID, Text: c})
		}
		_, err := tx.NewInsert().Model(&q.Choices).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store a question: %w", err)
	}
	return q, nil
}
