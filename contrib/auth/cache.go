package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

// keptUser is a user as this process keeps it. It is shared by all requests, which get copies.
type keptUser struct {
	user        Account // its sets of permissions are shared with the copies
	permissions bool    // they were read
}

// Fresh returns a context with which the session, the user and the permissions of a request are read
// from the database, and not from the memory of this process; see [core.Settings.Cache]. It is for
// what must be certain, such as a payment:
//
//	user, err := auth.UserOf(auth.Fresh(r.Context()))
//
// The rest of the request has that user too. Without a cache it changes nothing.
func Fresh(ctx context.Context) context.Context { return changes.Fresh(ctx) }

// ReadFresh is [Fresh] for a whole handler. Put it in front of the wrapper that asks for the user:
//
//	r.Post("/pay/", "pay", p.pay, auth.ReadFresh, p.auth.PermissionRequired("shop.pay"))
func ReadFresh(next http.Handler) http.Handler { return freshHandler{next} }

type freshHandler struct{ next http.Handler }

// Unwrap lets the routes see the rule behind it.
func (h freshHandler) Unwrap() http.Handler { return h.next }

// ServeHTTP implements http.Handler.
func (h freshHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.next.ServeHTTP(w, r.WithContext(Fresh(r.Context())))
}

// useFeed keeps users by a feed from now on; nil leaves that be.
func (a *Auth) useFeed(feed *changes.Feed) {
	if feed == nil || a.users.model.problem != nil {
		return
	}
	us := a.users
	if !feed.On(us.own) {
		a.uncached = errors.New("the users lie in another database than the one that the feed hears of")
		return
	}
	us.feed = feed
	a.groups.feed, a.groups.topic = feed, us.topic()
	if a.uncached = us.model.uncopyable(); a.uncached == nil && us.kept == nil {
		us.kept = changes.Keep[*keptUser](feed, us.topic())
	}
}

// topic is where changes to users are told.
func (c *usersConfig) topic() string { return "user." + c.model.table.Name }

// TellChanged tells all processes that rows of users were changed by other means than the methods of
// Users and Groups, by SQL for instance: the row of a user of that key, its groups or permissions. No
// keys are all users, which is right for a change to groups or permissions. In a transaction they
// are told when it commits. It does nothing in a project without a cache.
func (us *Users) TellChanged(ctx context.Context, pks ...string) error {
	if us.feed == nil {
		return nil
	}
	return us.feed.Tell(ctx, us.db, us.topic(), pks...)
}

// write runs a change to a user and tells of it.
func (us *Users) write(ctx context.Context, u Account, change func(ctx context.Context, db bun.IDB) error) error {
	if us.feed == nil {
		return change(ctx, us.db)
	}
	return us.feed.Write(ctx, us.db, us.topic(), []string{us.PK(u)}, change)
}

// loadKept is load from memory, where users are kept. A transaction has none.
func (us *Users) loadKept(ctx context.Context, pk string, withPermissions bool) (Account, error) {
	if us.kept == nil || us.own == nil {
		return us.load(ctx, pk, withPermissions)
	}
	withPermissions = withPermissions && us.model.permissions
	have, ticket, ok := us.kept.Get(ctx, pk)
	if ok && (have.permissions || !withPermissions) {
		return us.copyOf(have), nil
	}
	u, err := us.load(ctx, pk, withPermissions)
	if err != nil {
		return nil, err
	}
	if us.PK(u) != pk {
		return u, nil // another spelling of the key, under which nobody would tell of changes
	}
	k := &keptUser{user: us.model.copyOf(u), permissions: withPermissions}
	k.user.base().state.own, k.user.base().state.group = u.base().state.own, u.base().state.group
	us.kept.Put(ticket, k)
	if !changes.IsFresh(ctx) {
		u.base().state.kept = k
	}
	return u, nil
}

// copyOf returns a user for one request.
func (us *Users) copyOf(k *keptUser) Account {
	u := us.model.copyOf(k.user)
	shared := k.user.base().state
	u.base().state = userState{own: shared.own, group: shared.group, kept: k}
	return u
}

// certain returns the user as it is in the database where ctx asks for that and u was kept, and a
// visitor for one who is gone. It asks once for each user value.
func (a *Auth) certain(ctx context.Context, u Account) (Account, error) {
	if isNobody(u) || u.base().state.kept == nil || !changes.IsFresh(ctx) {
		return u, nil
	}
	state := &u.base().state
	if state.certain == nil {
		now, err := a.users.load(ctx, a.users.PK(u), true)
		switch {
		case errors.Is(err, ErrNoUser):
			now = &AnonymousUser{}
		case err != nil:
			return nil, err
		case a.users.model.isSuperuser(now):
			now.base().state.own, now.base().state.group = nil, nil // as LoadUser has it
		}
		now.base().state.backend = state.backend
		state.certain = now
	}
	return state.certain, nil
}

// catchUp makes a user that was kept fit to be saved whole: what the request did not change gets the
// values that the database has now. Otherwise a deactivation that this process has not heard of yet
// would be undone by whoever saves a first name. The row is locked until the end of tx.
func (us *Users) catchUp(ctx context.Context, tx bun.IDB, u Account) error {
	mine, was := reflect.ValueOf(u).Elem(), reflect.ValueOf(u.base().state.kept.user).Elem()
	now := us.model.new()
	v := reflect.ValueOf(now).Elem()
	pk := us.model.pk
	v.FieldByIndex(pk.Index).Set(mine.FieldByIndex(pk.Index))
	q := tx.NewSelect().Model(now).WherePK()
	if database.IsPostgres(tx) {
		q = q.For("UPDATE")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoUser
	}
	if err != nil {
		return fmt.Errorf("auth: read a user before it is saved: %w", err)
	}
	for _, f := range us.model.table.Fields {
		field := mine.FieldByIndex(f.Index)
		if reflect.DeepEqual(field.Interface(), was.FieldByIndex(f.Index).Interface()) {
			field.Set(v.FieldByIndex(f.Index))
		}
	}
	u.base().state.kept = nil
	return nil
}
