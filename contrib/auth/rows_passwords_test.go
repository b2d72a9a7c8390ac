package auth_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/mail"
)

func TestUserPasswordRows(t *testing.T) {
	t.Parallel()
	runPeople(t, "row/", []peopleCase{
		{"U19", func(t *peopleTest) {
			u := t.user("john", nil)
			before := u.Password
			t.noError(t.users.SetPassword(t.ctx, u, "secret"))
			if u.Password == before || t.reload(u).(*auth.User).Password != before {
				t.Error("SetPassword left the field or changed the row")
			}
			t.noError(t.users.Save(t.ctx, u))
			if t.reload(u).(*auth.User).Password != u.Password {
				t.Error("Save did not change the row")
			}
		}},
		{"U20", rowCheckPassword},
		{"U21", func(t *peopleTest) {
			u, err := t.users.Create(t.ctx, "john", "", "secret", nil)
			t.noError(err)
			t.users.SetUnusablePassword(u)
			hash := string(u.(*auth.User).Password)
			if !regexp.MustCompile(`^![a-zA-Z0-9]{40}$`).MatchString(hash) {
				t.Errorf("the unusable password is %q", hash)
			}
			t.wantBool("the empty password", false)(t.users.CheckPassword(t.ctx, u, ""))
			t.wantBool("the hash itself", false)(t.users.CheckPassword(t.ctx, u, hash))
			t.wantBool("the password before the save", true)(t.users.CheckPassword(t.ctx, t.reload(u), "secret"))
		}},
		{"U22", func(t *peopleTest) {
			u := t.user("john", nil)
			for hash, want := range map[string]bool{"": true, "unknown$x": true, "md5$a$b": true, "!": false, "!abc": false} {
				u.Password = auth.Hash(hash)
				t.wantBool("HasUsablePassword of "+hash, want)(t.users.HasUsablePassword(u), nil)
			}
			t.users.SetUnusablePassword(u)
			t.wantBool("HasUsablePassword", false)(t.users.HasUsablePassword(u), nil)
		}},
		{"U28", rowMail},
		{"U29", rowCreate},
		{"U30", func(t *peopleTest) {
			u, err := t.users.CreateSuperuser(t.ctx, "root", "root@example.com", "secret", nil)
			t.noError(err)
			if got := t.reload(u).(*auth.User); !got.IsStaff || !got.IsSuperuser || !got.IsActive {
				t.Errorf("%+v", got)
			}
			for column, fill := range map[string]func(*auth.User){
				"is_staff":     func(u *auth.User) { u.IsStaff = false },
				"is_superuser": func(u *auth.User) { u.IsSuperuser = false },
			} {
				_, err := t.users.CreateSuperuser(t.ctx, column, "", "x", func(u auth.Account) error { fill(u.(*auth.User)); return nil })
				wantText(t.T, "a superuser without "+column, err, "must have "+column)
				_, err = t.users.ByUsername(t.ctx, column)
				t.wantError("after the failure", err, auth.ErrNoUser)
			}
		}},
		{"U32", func(t *peopleTest) {
			encoded, err := t.users.Hashers().Make(t.ctx, "secret")
			t.noError(err)
			joined := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC)
			u := &auth.User{AbstractUser: auth.AbstractUser{
				Username: "john", FirstName: "John", LastName: "Lennon", Email: "John@BEATLES.com", IsActive: true, DateJoined: joined,
			}}
			u.Password = auth.Hash(encoded)
			t.noError(t.users.Insert(t.ctx, u))
			got := t.reload(u).(*auth.User)
			if got.Username != "john" || got.FullName() != "John Lennon" || got.Email != "John@BEATLES.com" || !got.DateJoined.Equal(joined) {
				t.Errorf("%+v", got)
			}
			t.wantBool("the ready-made hash", true)(t.users.CheckPassword(t.ctx, got, "secret"))
		}},
		{"U36", func(t *peopleTest) {
			for _, raw := range []string{"secret", "", "secret$x", "md5$secret", strings.Repeat("a", 32)} {
				u := t.user("user "+raw, func(u *auth.User) { u.Password = auth.Hash(raw) })
				t.wantBool("a raw text in the column, "+raw, false)(t.users.CheckPassword(t.ctx, t.reload(u), raw))
			}
		}},
		{"P10", rowUpgrade},
		{"P15", func(t *peopleTest) {
			u, err := t.users.Create(t.ctx, "john", "", "", nil)
			t.noError(err)
			t.wantBool("HasUsablePassword", true)(t.users.HasUsablePassword(t.reload(u)), nil)
			t.wantBool("the blank password", true)(t.users.CheckPassword(t.ctx, t.reload(u), ""))
			t.wantBool("another", false)(t.users.CheckPassword(t.ctx, t.reload(u), " "))
		}},
		{"G31", rowLongNames},
	})
	t.Run("row/U31", func(t *testing.T) {
		t.Parallel()
		const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
		seen := map[rune]bool{}
		for range 300 {
			p := auth.MakeRandomPassword(10, "")
			if len(p) != 10 || strings.Trim(p, letters) != "" {
				t.Fatalf("MakeRandomPassword(10) = %q", p)
			}
			for _, r := range p {
				seen[r] = true
			}
		}
		if len(seen) != len(letters) {
			t.Errorf("3000 characters are of %d kinds, want %d", len(seen), len(letters))
		}
		if got := auth.MakeRandomPassword(5, "abcdefg"); len(got) != 5 || strings.Trim(got, "abcdefg") != "" {
			t.Errorf("MakeRandomPassword(5, abcdefg) = %q", got)
		}
		if got := auth.MakeRandomPassword(0, ""); got != "" {
			t.Errorf("MakeRandomPassword(0) = %q", got)
		}
	})
}

func rowCheckPassword(t *peopleTest) {
	u, err := t.users.Create(t.ctx, "john", "", "secret", nil)
	t.noError(err)
	t.wantBool("the right password", true)(t.users.CheckPassword(t.ctx, t.reload(u), "secret"))
	t.wantBool("a wrong password", false)(t.users.CheckPassword(t.ctx, t.reload(u), "Secret"))
	t.users.SetUnusablePassword(u)
	for _, raw := range []string{"secret", "", "!"} {
		t.wantBool("an unusable password", false)(t.users.CheckPassword(t.ctx, u, raw))
	}
	old := t.reload(u).(*auth.User)
	old.FirstName = "not saved"
	newer := t.hashing(hashers.PBKDF2SHA256{Iterations: 5}, hashers.MD5{})
	t.wantBool("the right password under a newer hasher", true)(newer.users.CheckPassword(t.ctx, old, "secret"))
	got := t.reload(u).(*auth.User)
	if !strings.HasPrefix(string(got.Password), "pbkdf2_sha256$5$") || got.FirstName != "" || got.Password != old.Password {
		t.Errorf("the row has the hash %q and the first name %q", string(got.Password), got.FirstName)
	}
}

// hashing is the same test with other hashers.
func (t *peopleTest) hashing(list ...hashers.Hasher) *peopleTest {
	return t.with((*auth.User)(nil), func(c *auth.Config) { c.Hashers = hashers.New(hashers.Config{List: list}) })
}

func rowMail(t *peopleTest) {
	outbox := &mail.Memory{}
	mailer := &mail.Mailer{Transport: outbox, DefaultFrom: "site@example.com"}
	u := t.user("john", nil)
	t.noError(t.users.Mail(t.ctx, mailer, u, mail.Message{Subject: "S", Text: "T", To: []string{"other@example.com"}}))
	t.noError(t.users.Mail(t.ctx, mailer, u, mail.Message{Subject: "S", Text: "T", From: "me@example.com"}))
	sent := outbox.Outbox()
	if len(sent) != 2 {
		t.Fatalf("%d messages, want 2", len(sent))
	}
	for i, from := range []string{"site@example.com", "me@example.com"} {
		if m := sent[i]; m.From != from || len(m.To) != 1 || m.To[0] != "john@example.com" || m.Subject != "S" || m.Text != "T" {
			t.Errorf("message %d is %+v", i, m)
		}
	}
	u.Email = ""
	t.wantError("Mail without an address", t.users.Mail(t.ctx, mailer, u, mail.Message{}), auth.ErrNoEmail)
	t.wantError("Mail to a visitor", t.users.Mail(t.ctx, mailer, &auth.AnonymousUser{}, mail.Message{}), auth.ErrAnonymous)
}

func rowCreate(t *peopleTest) {
	u, err := t.users.Create(t.ctx, "john", "John@BEATLES.com", "secret", func(u auth.Account) error {
		u.(*auth.User).LastName = "Lennon"
		return nil
	})
	t.noError(err)
	got := t.reload(u).(*auth.User)
	if !got.IsActive || got.IsStaff || got.IsSuperuser || got.Email != "John@beatles.com" || got.LastName != "Lennon" || got.ID == 0 {
		t.Errorf("%+v", got)
	}
	t.wantBool("the password", true)(t.users.CheckPassword(t.ctx, got, "secret"))
	other, err := t.users.CreateWithoutPassword(t.ctx, "paul", "", nil)
	t.noError(err)
	t.wantBool("HasUsablePassword", false)(t.users.HasUsablePassword(t.reload(other)), nil)
	refused := errors.New("refused")
	_, err = t.users.Create(t.ctx, "ringo", "", "x", func(auth.Account) error { return refused })
	t.wantError("a fill that fails", err, refused)
	_, err = t.users.ByUsername(t.ctx, "ringo")
	t.wantError("after the failure", err, auth.ErrNoUser)
}

func rowUpgrade(t *peopleTest) {
	for _, c := range []struct {
		name  string
		old   hashers.Hasher
		login bool
	}{
		{"another algorithm", hashers.MD5{}, true},
		{"another cost", hashers.PBKDF2SHA256{Iterations: 3}, true},
		{"a wrong password", hashers.MD5{}, false},
	} {
		before := t.hashing(c.old)
		u, err := before.users.Create(t.ctx, c.name, "", "secret", nil)
		t.noError(err)
		old := u.(*auth.User).Password
		raw := "secret"
		if !c.login {
			raw = "wrong"
		}
		after := t.hashing(hashers.PBKDF2SHA256{Iterations: 5}, hashers.MD5{})
		statements := t.Queries.During(func() {
			got, err := after.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: c.name, Password: raw})
			if err != nil || (got != nil) != c.login {
				t.Errorf("%s: Authenticate = %v, %v", c.name, got, err)
			}
		})
		var updates []string
		for _, s := range statements {
			if strings.HasPrefix(s, "UPDATE") {
				updates = append(updates, s)
			}
		}
		got := t.reload(u).(*auth.User).Password
		if !c.login {
			if got != old || len(updates) != 0 {
				t.Errorf("%s: the hash is %q after %q", c.name, string(got), updates)
			}
			continue
		}
		if len(updates) != 1 || strings.Contains(updates[0], "username") || !strings.HasPrefix(string(got), "pbkdf2_sha256$5$") {
			t.Errorf("%s: the hash is %q after %q", c.name, string(got), updates)
		}
	}
}

func rowLongNames(t *peopleTest) {
	u, err := t.users.CreateWithoutPassword(t.ctx, "ﬀ", "", nil)
	t.noError(err)
	if got := t.users.Username(t.reload(u)); got != "ff" {
		t.Errorf("the ligature is stored as %q", got)
	}
	huge := strings.Repeat("ﬀ", 1<<20/3)
	ctx, cancel := context.WithTimeout(t.ctx, time.Second)
	defer cancel()
	t.Queries.AtMost(t.T, 0, func() {
		_, err = t.users.Create(ctx, huge, "", "secret", nil)
		t.wantError("a name of 1 MB", err, auth.ErrText)
		if len(err.Error()) > 200 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
		// Fits before NFKC, and not after it.
		_, err = t.users.Create(ctx, strings.Repeat("\ufdfa", 150), "", "secret", nil)
		t.wantError("a name that grows", err, auth.ErrText)
	})
}

// What is too long is refused before NFKC is worked out.
func TestLongNameIsNotNormalised(t *testing.T) { // not parallel: it counts allocations
	users := auth.NewUsers(database.Broken(errors.New("no database")), (*auth.User)(nil))
	u := &auth.User{AbstractUser: auth.AbstractUser{Username: strings.Repeat("ﬀ", 1<<20/3)}}
	var err error
	if n := testing.AllocsPerRun(1, func() { err = users.Clean(u) }); n > 20 || !errors.Is(err, auth.ErrText) {
		t.Errorf("a name of 1 MB takes %v allocations to refuse: %v", n, err)
	}
}
