package messages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
)

// UserMessages is a queue of texts for each user in the database, as Django's users had until 1.1:
// whoever knows the user can add to it at any time, and the user sees the texts when he next comes,
// on whatever machine. They have no level and no time. Give it to [Config] to have them shown
// with the other messages, which makes its table, auth_message.
//
//	queue := messages.NewUserMessages(s.DB, (*auth.User)(nil))
//	msgs := messages.New(messages.Config{Sessions: sess, Users: queue})
//	…
//	err := queue.Add(ctx, user, "Your export is ready.")
//
// Every page that reads messages then asks the database for those of the user. It is made by
// [NewUserMessages] and safe for concurrent use.
type UserMessages struct {
	db bun.IDB
	*userTable
}

// NewUserMessages returns the queues of a user model, the one of the project's auth.Users, named by
// a typed nil pointer. It does no I/O.
func NewUserMessages(db *bun.DB, model auth.Account) *UserMessages {
	return &UserMessages{db: db, userTable: newUserTable(db.Dialect(), model)}
}

// In returns the queues on a transaction: what is added is there when it is committed.
func (um *UserMessages) In(tx bun.IDB) *UserMessages {
	return &UserMessages{db: tx, userTable: um.userTable}
}

// Add puts a text at the end of a user's queue. A visitor has no queue: the text becomes a message of
// the request of ctx, at LevelInfo, and outside of one the error is [auth.ErrAnonymous].
func (um *UserMessages) Add(ctx context.Context, u auth.Account, text string) error {
	if u == nil || u.IsAnonymous() {
		q := Of(ctx)
		if q == nil {
			return auth.ErrAnonymous
		}
		return q.Add(LevelInfo, text)
	}
	key, err := um.key(u)
	if err != nil {
		return err
	}
	_, err = um.db.NewRaw(`INSERT INTO "auth_message" ("user_id", "message") VALUES (?, ?)`, key, storable(text)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("messages: add to a user's queue: %w", err)
	}
	return nil
}

// storable returns a text that both databases can hold: PostgreSQL takes neither NUL nor anything
// but UTF-8.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// queued is a row of the table, but for its user.
type queued struct {
	ID      int64  `bun:"id"`
	Message string `bun:"message"`
}

// GetAndDelete returns the texts of a user's queue in the order in which they were added and empties
// it. Of two calls at once each text goes to one. A visitor has none, which is no error.
func (um *UserMessages) GetAndDelete(ctx context.Context, u auth.Account) ([]string, error) {
	if u == nil || u.IsAnonymous() {
		return nil, nil
	}
	key, err := um.key(u)
	if err != nil {
		return nil, err
	}
	// Nearly always there is nothing, and to find that out needs no lock for writing.
	var some []int64
	err = um.db.NewRaw(`SELECT "id" FROM "auth_message" WHERE "user_id" = ? LIMIT 1`, key).Scan(ctx, &some)
	if err != nil || len(some) == 0 {
		return nil, wrap("read a user's queue", err)
	}
	var rows []queued
	err = um.db.NewRaw(`DELETE FROM "auth_message" WHERE "user_id" = ? RETURNING "id", "message"`, key).Scan(ctx, &rows)
	if err != nil {
		return nil, wrap("empty a user's queue", err)
	}
	slices.SortFunc(rows, func(a, b queued) int { return cmp.Compare(a.ID, b.ID) })
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.Message
	}
	return texts, nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("messages: %s: %w", doing, err)
}

// key returns the user's key in its own type.
func (um *UserMessages) key(u auth.Account) (any, error) {
	if um.problem != nil {
		return nil, um.problem
	}
	v := reflect.ValueOf(u)
	if v.Type() != reflect.TypeOf(um.model) || v.IsNil() {
		return nil, fmt.Errorf("messages: a %T is not a user of this project, whose model is %T", u, um.model)
	}
	key := um.pk.Value(v.Elem())
	if key.IsZero() {
		return nil, errors.New("messages: the user is not stored yet: it has no queue before")
	}
	return key.Interface(), nil
}
