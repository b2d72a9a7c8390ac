package polls_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/examples/polls"
)

var project = coretest.New(polls.NewProject)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// secret is the password of every user here.
const secret = "correct horse battery"

// site is a project with users and one question with the choices Yes and No.
type site struct {
	*coretest.Site
	users    *auth.Users
	groups   *auth.Groups
	question polls.Question
}

func each(t *testing.T, f func(t *testing.T, s *site)) {
	t.Parallel()
	project.Each(t, func(t *testing.T, cs *coretest.Site) {
		s := &site{Site: cs, users: auth.NewUsers(cs.DB(), (*auth.User)(nil)), groups: auth.NewGroups(cs.DB())}
		s.question = polls.Question{Text: "Shall we?"}
		if _, err := cs.DB().NewInsert().Model(&s.question).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		choices := []*polls.Choice{{QuestionID: s.question.ID, Text: "Yes"}, {QuestionID: s.question.ID, Text: "No"}}
		if _, err := cs.DB().NewInsert().Model(&choices).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.question.Choices = choices
		f(t, s)
	})
}

// user stores a user with permissions.
func (s *site) user(t *testing.T, name string, perms ...string) *auth.User {
	t.Helper()
	u := s.users.New().(*auth.User)
	u.Username, u.Password = name, preferred(t)
	if err := s.users.Insert(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	for _, perm := range perms {
		p, err := s.groups.Permission(t.Context(), perm)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.users.Permissions(u).Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	return u
}

// login logs in through the page.
func (s *site) login(t *testing.T, u *auth.User) *coretest.Browser {
	t.Helper()
	b := s.Browser()
	page := b.Post(t, "/accounts/login/", url.Values{"username": {u.Username}, "password": {secret}})
	if page.Status != 302 || page.Location() != "/accounts/profile/" {
		t.Fatalf("log-in: status %d to %q; body %.500s", page.Status, page.Location(), page.Body)
	}
	return b
}

// preferredOnce is the hash of secret, made once because it costs a fifth of a second.
var preferredOnce = sync.OnceValues(func() (string, error) {
	return hashers.PBKDF2SHA256{}.Encode(secret, "saltsaltsaltsaltsaltsa")
})

func preferred(t *testing.T) auth.Hash {
	t.Helper()
	encoded, err := preferredOnce()
	if err != nil {
		t.Fatal(err)
	}
	return auth.Hash(encoded)
}

func (s *site) path(action string) string { return fmt.Sprintf("/polls/%d/%s", s.question.ID, action) }

func (s *site) votes(t *testing.T) int {
	t.Helper()
	n, err := s.DB().NewSelect().Model((*polls.Vote)(nil)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestWhoMaySeeWhat(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		toLogin := func(path string) string { return "/accounts/login/?next=" + path }
		nobody := s.Browser()
		for path, want := range map[string]string{
			"/": "", "/polls/": "", "/api/whoami": "", "/accounts/login/": "",
			"/accounts/profile/": toLogin("/accounts/profile/"),
			s.path(""):           toLogin(s.path("")),
			"/polls/add/":        toLogin("/polls/add/"),
		} {
			page := nobody.Get(t, path)
			switch {
			case want == "" && page.Status != 200:
				t.Errorf("GET %s as nobody: status %d, want 200", path, page.Status)
			case want != "" && (page.Status != 302 || page.Location() != want):
				t.Errorf("GET %s as nobody: status %d to %q, want a redirect to %q", path, page.Status, page.Location(), want)
			}
		}
		if page := nobody.Post(t, s.path("close/"), url.Values{}); page.Status != 403 || !strings.Contains(page.Body, "Only people who may close") {
			t.Errorf("POST close as nobody: status %d, body %.300s; want 403 with its message", page.Status, page.Body)
		}
		bob := s.login(t, s.user(t, "bob"))
		if page := bob.Get(t, s.path("")); page.Status != 200 || !strings.Contains(page.Body, "Shall we?") {
			t.Errorf("GET the question as bob: status %d", page.Status)
		}
		if page := bob.Get(t, "/polls/add/"); page.Status != 302 {
			t.Errorf("GET add as bob: status %d, want 302", page.Status)
		}
		if page := bob.Post(t, s.path("vote/"), url.Values{"choice": {"1"}}); page.Status != 302 || s.votes(t) != 0 {
			t.Errorf("bob, who may not vote: status %d, %d votes stored", page.Status, s.votes(t))
		}
		if page := bob.Get(t, "/polls/999/"); page.Status != 404 {
			t.Errorf("GET an unknown question: status %d, want 404", page.Status)
		}
	})
}

func TestVote(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.user(t, "ada", "polls.can_vote")
		b := s.login(t, ada)
		choice := fmt.Sprint(s.question.Choices[1].ID)
		if page := b.Post(t, s.path("vote/"), url.Values{"choice": {"12345"}}); page.Status != 422 || s.votes(t) != 0 {
			t.Errorf("a choice of no question: status %d, %d votes; want 422 and none", page.Status, s.votes(t))
		}
		page := b.Post(t, s.path("vote/"), url.Values{"choice": {choice}})
		if page.Status != 302 || page.Location() != s.path("") {
			t.Fatalf("vote: status %d to %q; body %.300s", page.Status, page.Location(), page.Body)
		}
		var vote polls.Vote
		if err := s.DB().NewSelect().Model(&vote).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if vote.UserID != ada.ID || vote.ChoiceID != s.question.Choices[1].ID {
			t.Errorf("stored %+v, want ada's vote for No", vote)
		}
		body := b.Follow(t, page).Body
		for _, want := range []string{"your vote", "1 of 1", "Your vote was counted."} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not show %q: %s", want, body)
			}
		}
		if again := b.Get(t, s.path("")).Body; strings.Contains(again, "Your vote was counted.") {
			t.Error("the message is shown twice")
		}
		if page := b.Post(t, s.path("vote/"), url.Values{"choice": {choice}}); page.Status != 409 || s.votes(t) != 1 {
			t.Errorf("second vote: status %d, %d votes; want 409 and one", page.Status, s.votes(t))
		}
	})
}

func TestVotingAtOnceCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.login(t, s.user(t, "ada", "polls.can_vote"))
		session := b.Cookie("sessionid")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				b := s.Browser()
				b.SetCookie("sessionid", session)
				b.Post(t, s.path("vote/"), url.Values{"choice": {fmt.Sprint(s.question.Choices[0].ID)}})
			})
		}
		wg.Wait()
		if n := s.votes(t); n != 1 {
			t.Errorf("eight requests at once stored %d votes, want 1", n)
		}
	})
}

func TestAddAndClose(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.login(t, s.user(t, "ada", "polls.add_question", "polls.close_question", "polls.can_vote"))
		if page := b.Post(t, "/polls/add/", url.Values{"question": {"<b>New?</b>"}, "choices": {"One"}}); page.Status != 200 ||
			!strings.Contains(page.Body, "&lt;b&gt;New?&lt;/b&gt;") || !strings.Contains(page.Body, `aria-invalid="true"`) {
			t.Errorf("a question with one choice: status %d, want the form with what was typed; body %s", page.Status, page.Body)
		}
		page := b.Post(t, "/polls/add/", url.Values{"question": {"New?"}, "choices": {"One\r\n\r\n Two \r\n"}})
		if page.Status != 302 {
			t.Fatalf("add: status %d; body %s", page.Status, page.Body)
		}
		var q polls.Question
		err := s.DB().NewSelect().Model(&q).Relation("Choices").Where("question.text = ?", "New?").Scan(t.Context())
		if err != nil || len(q.Choices) != 2 || q.Choices[1].Text != "Two" {
			t.Fatalf("stored %+v with %d choices, %v", q, len(q.Choices), err)
		}
		if page := b.Post(t, s.path("close/"), url.Values{}); page.Status != 302 {
			t.Fatalf("close: status %d", page.Status)
		}
		if page := b.Post(t, s.path("vote/"), url.Values{"choice": {fmt.Sprint(s.question.Choices[0].ID)}}); page.Status != 409 || s.votes(t) != 0 {
			t.Errorf("vote on a closed question: status %d, %d votes; want 409 and none", page.Status, s.votes(t))
		}
	})
}

func TestProfileAndLogout(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.user(t, "ada", "polls.can_vote")
		g, err := s.groups.Create(t.Context(), "Voters & friends")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.users.Groups(ada).Add(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		b := s.login(t, ada)
		old := b.Cookie("sessionid")
		page := b.Get(t, "/accounts/profile/")
		for _, want := range []string{"ada", "Voters &amp; friends", "polls.can_vote", `action="/accounts/logout/"`} {
			if !strings.Contains(page.Body, want) {
				t.Errorf("the profile does not show %q", want)
			}
		}
		if page := b.Get(t, "/accounts/logout/"); page.Status != 405 {
			t.Errorf("GET logout: status %d, want 405", page.Status)
		}
		if page := b.Post(t, "/accounts/logout/", url.Values{}); page.Status != 200 {
			t.Errorf("logout: status %d, want 200", page.Status)
		}
		if b.Cookie("sessionid") != "" {
			t.Error("the cookie is still there after the log-out")
		}
		b.SetCookie("sessionid", old)
		if page := b.Get(t, "/accounts/profile/"); page.Status != 302 {
			t.Errorf("the old session still opens the profile: status %d", page.Status)
		}
		n, err := s.DB().NewSelect().TableExpr("django_session").Count(t.Context())
		if err != nil || n != 0 {
			t.Errorf("%d session rows after the log-out, %v", n, err)
		}
	})
}

func TestWhoami(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.user(t, "ada", "polls.close_question", "polls.can_vote")
		for _, tt := range []struct {
			b    *coretest.Browser
			want map[string]any
		}{
			{s.Browser(), map[string]any{"id": nil, "username": "", "is_authenticated": false, "is_staff": false,
				"is_superuser": false, "groups": []any{}, "permissions": []any{}}},
			{s.login(t, ada), map[string]any{"id": float64(ada.ID), "username": "ada", "is_authenticated": true, "is_staff": false,
				"is_superuser": false, "groups": []any{}, "permissions": []any{"polls.can_vote", "polls.close_question"}}},
		} {
			page := tt.b.Get(t, "/api/whoami")
			var got map[string]any
			if err := json.Unmarshal([]byte(page.Body), &got); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("whoami is %v, %v; want %v", got, err, tt.want)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.user(t, "ada", "polls.can_vote")
		b := s.login(t, ada)
		session := b.Cookie("sessionid")
		for _, cookie := range []string{"nonsense", session + "x", "../../etc/passwd", "' OR 1=1 --", strings.Repeat("a", 5000)} {
			v := s.Browser()
			v.Header.Set("Cookie", "sessionid="+cookie)
			if page := v.Get(t, "/accounts/profile/"); page.Status != 302 {
				t.Errorf("the cookie %.40q: status %d, want an anonymous visitor's 302", cookie, page.Status)
			}
		}
		b.Header.Set("Sec-Fetch-Site", "cross-site")
		if page := b.Post(t, s.path("vote/"), url.Values{"choice": {"1"}}); page.Status != 403 || s.votes(t) != 0 {
			t.Errorf("a vote from another site: status %d, %d votes; want 403 and none", page.Status, s.votes(t))
		}
		b.Header.Del("Sec-Fetch-Site")
		if page := b.Post(t, s.path("vote/"), url.Values{"choice": {strings.Repeat("9", 3<<20)}}); page.Status != 413 {
			t.Errorf("3 MiB of a vote: status %d, want 413", page.Status)
		}
		// The database loses its sessions: that is an error, and nobody becomes anonymous by it.
		if _, err := s.DB().ExecContext(t.Context(), "ALTER TABLE django_session RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		if page := b.Get(t, "/accounts/profile/"); page.Status != 500 || strings.Contains(page.Body, "django_session") {
			t.Errorf("without the table of sessions: status %d, want 500 without details; body %.300s", page.Status, page.Body)
		}
		if page := b.Get(t, "/polls/"); page.Status != 500 {
			t.Errorf("a page that shows the user, without the table of sessions: status %d, want 500", page.Status)
		}
	})
}

func TestQueries(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.login(t, s.user(t, "ada", "polls.add_question"))
		s.Queries.AtMost(t, 2, func() { b.Get(t, "/polls/add/") })
		s.Queries.AtMost(t, 0, func() { s.Browser().Get(t, "/accounts/profile/") })
		if got := s.Queries.During(func() { b.Get(t, "/polls/add/") }); s.Settings().Cache == nil && len(got) != 2 {
			t.Errorf("%d statements are counted for an authenticated page, want 2: does the counter work?", len(got))
		}
	})
}

// TestPasswordReset follows the mailed link to a new password, which ends the old session.
func TestPasswordReset(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ada := s.user(t, "ada")
		ada.Email = "ada@example.com"
		if err := s.users.Save(t.Context(), ada, "email"); err != nil {
			t.Fatal(err)
		}
		elsewhere := s.login(t, ada)
		b := s.Browser()
		for _, address := range []string{"nobody@example.com", "ADA@example.com"} {
			if page := b.Post(t, "/accounts/password_reset/", url.Values{"email": {address}}); page.Status != 302 || page.Location() != "/accounts/password_reset/done/" {
				t.Fatalf("asking for a link to %s: status %d to %q", address, page.Status, page.Location())
			}
		}
		mails := s.Outbox.Outbox()
		if len(mails) != 1 || len(mails[0].To) != 1 || mails[0].To[0] != "ada@example.com" {
			t.Fatalf("%d mails, want one to the stored address: %+v", len(mails), mails)
		}
		_, link, found := strings.Cut(mails[0].Text, "http://"+coretest.Host)
		if link, _, _ = strings.Cut(link, "\n"); !found {
			t.Fatalf("the mail has no link: %s", mails[0].Text)
		}
		form := b.Get(t, strings.TrimSpace(link))
		if form.Status != 302 || strings.Contains(form.Location(), strings.Split(link, "/")[4]) {
			t.Fatalf("the link: status %d to %q, want a redirect without the token", form.Status, form.Location())
		}
		if page := b.Follow(t, form); page.Status != 200 {
			t.Fatalf("the form: status %d", page.Status)
		}
		const fresh = "a new password entirely"
		page := b.Post(t, form.Location(), url.Values{"new_password1": {fresh}, "new_password2": {fresh}})
		if page.Status != 302 || page.Location() != "/accounts/reset/done/" {
			t.Fatalf("the new password: status %d to %q; body %.600s", page.Status, page.Location(), page.Body)
		}
		for raw, want := range map[string]int{secret: 200, fresh: 302} {
			if page := s.Browser().Post(t, "/accounts/login/", url.Values{"username": {"ada"}, "password": {raw}}); page.Status != want {
				t.Errorf("log-in with %q: status %d, want %d", raw, page.Status, want)
			}
		}
		if page := elsewhere.Get(t, "/accounts/profile/"); page.Status != 302 {
			t.Errorf("the session from before: status %d, want 302 to the login page", page.Status)
		}
		if page := s.Browser().Get(t, strings.TrimSpace(link)); page.Status != 200 {
			t.Errorf("the used link: status %d, want a page that says so", page.Status)
		}
	})
}

func TestLoadDemoTwice(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for range 2 {
			if err := run(t, s.Project, "loaddemo"); err != nil {
				t.Fatal(err)
			}
		}
		n, err := s.DB().NewSelect().Model((*polls.Question)(nil)).Count(t.Context())
		if err != nil || n != 4 { // three and the one of each
			t.Errorf("%d questions, %v; want 4", n, err)
		}
		page := s.Browser().Post(t, "/accounts/login/", url.Values{"username": {"ada"}, "password": {"countess-of-code"}})
		if page.Status != 302 {
			t.Errorf("the demo log-in: status %d", page.Status)
		}
	})
}
