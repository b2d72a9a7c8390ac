package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/database"
)

// Models that cannot be users.
type (
	noKey struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		auth.AbstractUser
	}
	twoKeys struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		A             int64 `bun:"a,pk"`
		B             int64 `bun:"b,pk"`
		auth.AbstractUser
	}
	floatKey struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            float64 `bun:"id,pk"`
		auth.AbstractUser
	}
	noName struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
	}
	dateName struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username time.Time `bun:"username"`
	}
	pointerName struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string  `bun:"username"`
		Email    *string `bun:"email"`
	}
	textActive struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username"`
		IsActive string `bun:"is_active"`
	}
	pointerEmbedded struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		*auth.AbstractUser
	}
	deletedNotNull struct {
		bun.BaseModel `bun:"table:x,alias:x"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.AbstractUser
		DeletedAt time.Time `bun:"deleted_at,soft_delete"`
	}
)

// Every use of a model that cannot be one returns the sentence that says why.
func TestModelProblems(t *testing.T) {
	t.Parallel()
	db := database.Broken(errors.New("no database"))
	for _, c := range []struct {
		model auth.Account
		want  string
	}{
		{nil, "write auth.NewUsers(db, (*YourUser)(nil))"},
		{(*auth.AnonymousUser)(nil), "in no database"},
		{(*noKey)(nil), "has 0 primary keys"},
		{(*twoKeys)(nil), "has 2 primary keys"},
		{(*floatKey)(nil), "is a float64: make it an int64"},
		{(*noName)(nil), `no column "username"`},
		{(*dateName)(nil), "log in by a string or a whole number"},
		{(*pointerName)(nil), "make it a string"},
		{(*textActive)(nil), "make it a bool"},
		{(*pointerEmbedded)(nil), "embeds *AbstractUser"},
		{(*deletedNotNull)(nil), "add nullzero"},
	} {
		users, ctx := auth.NewUsers(db, c.model), t.Context()
		_, byPK := users.ByPK(ctx, "1")
		_, byName := users.ByUsername(ctx, "x")
		_, created := users.Create(ctx, "x", "", "x", nil)
		_, holders := users.WithPerm(ctx, "a.b", auth.WithPermOptions{})
		_, members := users.InGroup(ctx, &auth.Group{})
		for what, err := range map[string]error{
			"ByPK": byPK, "ByUsername": byName, "Create": created, "WithPerm": holders, "InGroup": members,
			"Insert": users.Insert(ctx, &auth.User{}), "Save": users.Save(ctx, &auth.User{}), "Delete": users.Delete(ctx, &auth.User{}),
			"Clean": users.Clean(&auth.User{}), "Groups": users.Groups(&auth.User{}).Clear(ctx),
		} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%T: %s: %v, want %q in it", c.model, what, err, c.want)
			}
		}
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	runPeople(t, "", []peopleCase{
		{"a text that no database can hold", testUnstorable},
		{"another unique column", testDuplicates},
		{"a failure inside of a transaction", testFailureInTransaction},
		{"deleting", testDeleting},
		{"a model that marks deleted users", testSoftDelete},
		{"a hash that changed meanwhile", testUpgradeRace},
		{"users of another model", testForeignUser},
		{"the same user", testSame},
		{"the keys of users", testKeys},
		{"columns that are saved", testSavedColumns},
	})
}

func testUnstorable(t *peopleTest) {
	for _, bad := range []string{"a\x00b", "\xff"} {
		u := t.user("user", nil)
		_, err := t.users.Create(t.ctx, bad, "", "x", nil)
		t.wantError("the name of a new user", err, auth.ErrText)
		_, err = t.users.Create(t.ctx, "x", bad, "x", nil)
		t.wantError("the address of a new user", err, auth.ErrText)
		u.FirstName = bad
		err = t.users.Save(t.ctx, u)
		t.wantError("Save", err, auth.ErrText)
		wantText(t.T, "Save", err, "first_name")
		t.noError(t.users.Save(t.ctx, u, "last_name"))
		_, err = t.groups.Create(t.ctx, bad)
		t.wantError("a group", err, auth.ErrText)
		_, err = t.users.ByUsername(t.ctx, bad)
		t.wantError("ByUsername", err, auth.ErrNoUser)
		_, err = t.groups.ByName(t.ctx, bad)
		t.wantError("ByName", err, auth.ErrNoGroup)
		_, err = t.groups.Permission(t.ctx, "auth."+bad)
		t.wantError("Permission", err, auth.ErrNoPermission)
		if got, err := t.users.WithPerm(t.ctx, "auth."+bad, auth.WithPermOptions{}); err != nil || len(got) != 0 {
			t.Errorf("WithPerm = %v, %v", got, err)
		}
		t.noError(t.users.Delete(t.ctx, u))
	}
	numbers := t.with((*integerUser)(nil), nil)
	for _, name := range []string{"x", "1.5", "01", "99999999999999999999", "+1"} {
		_, err := numbers.users.CreateWithoutPassword(t.ctx, name, "", nil)
		t.wantError("a name that is no number", err, auth.ErrText)
		_, err = numbers.users.ByUsername(t.ctx, name)
		t.wantError("ByUsername of no number", err, auth.ErrNoUser)
	}
	_, err := numbers.users.ByUsername(t.ctx, "9223372036854775807")
	t.wantError("ByUsername of a number beyond the column", err, auth.ErrNoUser)
}

func testDuplicates(t *peopleTest) {
	t = t.with((*uuidUser)(nil), nil)
	first, err := t.users.CreateWithoutPassword(t.ctx, "first", "", nil)
	t.noError(err)
	_, err = t.users.CreateWithoutPassword(t.ctx, "second", "", func(u auth.Account) error {
		u.(*uuidUser).ID = first.(*uuidUser).ID
		return nil
	})
	t.wantError("the key of another", err, auth.ErrDuplicate)
	if errors.Is(err, auth.ErrUsernameTaken) {
		t.Errorf("%v speaks of the name", err)
	}
	_, err = t.users.CreateWithoutPassword(t.ctx, "first", "", nil)
	t.wantError("the name of another", err, auth.ErrUsernameTaken)
}

// A name that is taken does not spoil the transaction around it, nor does a group's.
func testFailureInTransaction(t *peopleTest) {
	t.user("john", nil)
	t.group("Beatles")
	t.noError(t.DB().RunInTx(t.ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		users, groups := t.users.In(tx), t.groups.In(tx)
		_, err := users.CreateWithoutPassword(ctx, "john", "", nil)
		t.wantError("the name again", err, auth.ErrUsernameTaken)
		_, err = groups.Create(ctx, "Beatles")
		t.wantError("the group again", err, auth.ErrGroupTaken)
		u, err := users.CreateWithoutPassword(ctx, "paul", "", nil)
		if err != nil {
			return err
		}
		again, err := users.ByPK(ctx, users.PK(u))
		t.wantBool("the user is there inside", true)(users.Same(u, again), err)
		return nil
	}))
	_, err := t.users.ByUsername(t.ctx, "paul")
	t.noError(err)
}

func testDeleting(t *peopleTest) {
	_, err := t.DB().ExecContext(t.ctx, `CREATE TABLE django_admin_log (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED)`)
	t.noError(err)
	u, other := t.user("john", nil), t.user("paul", nil)
	for i, x := range []*auth.User{u, other} {
		_, err := t.DB().ExecContext(t.ctx, "INSERT INTO django_admin_log VALUES (?, ?)", i, x.ID)
		t.noError(err)
		t.addProfile(x, "tea")
	}
	if err := t.users.Delete(t.ctx, u); !database.IsForeignKeyViolation(err) {
		t.Errorf("Delete with a profile: %v, want a foreign key violation", err)
	}
	t.users.Deleting().Connect(func(ctx context.Context, ev auth.UserDeleting) error {
		_, err := ev.DB.NewDelete().Model((*userProfile)(nil)).Where("user_id = ?", ev.User.(*auth.User).ID).Exec(ctx)
		return err
	})
	t.noError(t.users.Delete(t.ctx, u))
	for _, table := range []string{"auth_user", "django_admin_log", "accounts_userprofile"} {
		if n, err := t.DB().NewSelect().TableExpr(table).Count(t.ctx); err != nil || n != 1 {
			t.Errorf("%s has %d rows, %v; want that of the other user", table, n, err)
		}
	}
	refused := errors.New("refused")
	t.users.Deleting().Connect(func(context.Context, auth.UserDeleting) error { return refused })
	t.wantError("a receiver that refuses", t.users.Delete(t.ctx, other), refused)
	t.reload(other)
}

// leaver is kept when it is deleted.
type leaver struct {
	bun.BaseModel `bun:"table:auth_tests_extensionuser,alias:leaver"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.AbstractUser
	DateOfBirth time.Time `bun:"date_of_birth"`
	LeftAt      time.Time `bun:"left_at,soft_delete,nullzero"`
}

func testSoftDelete(t *peopleTest) {
	_, err := t.DB().ExecContext(t.ctx, "ALTER TABLE auth_tests_extensionuser ADD COLUMN left_at timestamp with time zone NULL")
	t.noError(err)
	t = t.with((*leaver)(nil), nil)
	u, err := t.users.Create(t.ctx, "john", "", "x", nil)
	t.noError(err)
	t.reload(u)
	_, err = t.DB().NewDelete().Model(u).WherePK().Exec(t.ctx)
	t.noError(err)
	_, err = t.users.ByPK(t.ctx, t.users.PK(u))
	t.wantError("ByPK of a user marked as deleted", err, auth.ErrNoUser)
	_, err = t.users.ByUsername(t.ctx, "john")
	t.wantError("ByUsername of a user marked as deleted", err, auth.ErrNoUser)
}

// The hash is brought up to date only where the old one still stands.
func testUpgradeRace(t *peopleTest) {
	u, err := t.users.Create(t.ctx, "john", "", "old", nil)
	t.noError(err)
	stale := t.reload(u)
	t.noError(t.users.ChangePassword(t.ctx, u, "new"))
	newer := t.hashing(hashers.PBKDF2SHA256{Iterations: 5}, hashers.MD5{})
	t.wantBool("the old password of a user read before", true)(newer.users.CheckPassword(t.ctx, stale, "old"))
	t.wantBool("the new password after that", true)(t.users.CheckPassword(t.ctx, t.reload(u), "new"))
}

func testForeignUser(t *peopleTest) {
	other := &extensionUser{ID: 1}
	_, err := auth.Profile[userProfile](t.ctx, auth.NewProfiles(t.Auth, "accounts.UserProfile"), other)
	for what, err := range map[string]error{
		"Insert": t.users.Insert(t.ctx, other), "Save": t.users.Save(t.ctx, other), "Delete": t.users.Delete(t.ctx, other),
		"Groups": t.users.Groups(other).AddIDs(t.ctx, 1), "Permissions": t.users.Permissions(other).Clear(t.ctx), "Profile": err,
		"nil": t.users.Save(t.ctx, nil), "a nil pointer": t.users.Save(t.ctx, (*auth.User)(nil)),
	} {
		wantText(t.T, what, err, "is not a user of this project")
	}
	if t.users.PK(other) != "" || t.users.IsActive(other) || t.users.IsActive(nil) {
		t.Error("a user of another model has a key, or is active")
	}
	wantText(t.T, "groups of a user that is not stored", t.users.Groups(&auth.User{}).AddIDs(t.ctx, 1), "not stored yet")
}

func testSame(t *peopleTest) {
	u, other := t.user("john", nil), t.user("paul", nil)
	fresh := &auth.User{}
	for _, c := range []struct {
		a, b auth.Account
		want bool
	}{
		{u, t.reload(u), true}, {u, other, false}, {fresh, fresh, true}, {fresh, &auth.User{}, false}, {u, nil, false}, {nil, nil, false},
		{u, &extensionUser{ID: u.ID}, false}, {&auth.AnonymousUser{}, nil, false},
	} {
		t.wantBool("Same", c.want)(t.users.Same(c.a, c.b), nil)
		t.wantBool("Same the other way", c.want)(t.users.Same(c.b, c.a), nil)
	}
}

func testKeys(t *peopleTest) {
	t = t.with((*uuidUser)(nil), nil)
	u := t.users.New().(*uuidUser)
	if u.ID.IsZero() {
		t.Error("New makes no key")
	}
	u.Username, u.ID = "john", database.UUID{}
	t.noError(t.users.Insert(t.ctx, u))
	if u.ID.IsZero() {
		t.Error("Insert makes no key")
	}
	for _, text := range []string{u.ID.String(), u.ID.Hex(), strings.ToUpper(u.ID.String())} {
		found, err := t.users.ByPK(t.ctx, text)
		t.wantBool("ByPK("+text+")", true)(t.users.Same(found, u), err)
	}
	column, err := t.column("SELECT CAST(id AS text) FROM auth_tests_uuiduser")
	t.noError(err)
	want := u.ID.Hex()
	if database.IsPostgres(t.DB()) {
		want = u.ID.String()
	}
	if column != want {
		t.Errorf("the database holds the key %q, want %q", column, want)
	}
}

func (t *peopleTest) column(query string) (text string, err error) {
	err = t.DB().NewRaw(query).Scan(t.ctx, &text)
	return text, err
}

func testSavedColumns(t *peopleTest) {
	u := t.user("john", nil)
	stale := t.reload(u).(*auth.User)
	u.FirstName = "John"
	t.noError(t.users.Save(t.ctx, u))
	stale.LastName = "Lennon"
	t.noError(t.users.Save(t.ctx, stale, "last_name"))
	if got := t.reload(u).(*auth.User).FullName(); got != "John Lennon" {
		t.Errorf("the name is %q", got)
	}
	if err := t.users.Save(t.ctx, u, "no_such_column"); err == nil {
		t.Error("a column that does not exist was saved")
	}
	h := &history{}
	t = t.with((*auth.User)(nil), func(c *auth.Config) { c.Validators = append(c.Validators, h) })
	t.noError(t.users.SetPassword(t.ctx, u, "secret"))
	t.noError(t.users.Save(t.ctx, u, "last_name"))
	if len(h.set) != 0 {
		t.Errorf("the rules were told of %q, which was not saved", h.set)
	}
	t.noError(t.users.Save(t.ctx, u, "password"))
	if len(h.set) != 1 {
		t.Errorf("the rules were told %d times, want once", len(h.set))
	}
}
