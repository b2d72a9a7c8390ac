package messages_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// The middleware works around any handler; in a project the app brings it.
func ExampleNew() {
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	msgs := messages.New(messages.Config{Sessions: sess, Keys: signing.Keys{"a long random text"}})

	mux := http.NewServeMux()
	mux.Handle("POST /close", web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if err := messages.Success(r.Context(), "The poll is closed."); err != nil {
			return err
		}
		return web.Redirect(w, r, "/polls", http.StatusFound)
	}))
	mux.Handle("GET /polls", web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		all, err := messages.Read(r.Context())
		for _, m := range all {
			fmt.Fprintf(w, "%s: %s\n", m.Tags(), m)
		}
		return err
	}))
	site := sess.Middleware(msgs.Middleware(mux))

	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/close", nil))
	next := httptest.NewRequest(http.MethodGet, "/polls", nil)
	next.AddCookie(w.Result().Cookies()[0])
	w = httptest.NewRecorder()
	site.ServeHTTP(w, next)
	fmt.Print(w.Body)
	// Output: success: The poll is closed.
}

// A level of the project's own, between two of Django's, and another word for errors.
func ExampleConfig() {
	const levelNews = 22
	msgs := messages.New(messages.Config{
		Storage: messages.SessionStorage{},
		Tags:    map[messages.Level]string{levelNews: "news", messages.LevelError: "danger"},
	})
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	handler := web.Handler(func(_ http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		if err := messages.Add(ctx, levelNews, "There is a new poll.", "wide"); err != nil {
			return err
		}
		if err := messages.Error(ctx, "But it is closed."); err != nil {
			return err
		}
		all, err := messages.Read(ctx)
		for _, m := range all {
			fmt.Printf("<li class=%q>%s</li>\n", m.Tags(), m.HTML())
		}
		return err
	})
	sess.Middleware(msgs.Middleware(handler)).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	// Output:
	// <li class="wide news">There is a new poll.</li>
	// <li class="danger">But it is closed.</li>
}

func ExampleSuccessMessage() {
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	msgs := messages.New(messages.Config{Sessions: sess, Keys: signing.Keys{"a long random text"}})
	msgs.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		clean := web.Data{"name": "Ada", "votes": 3} // what the form accepted
		if err := messages.SuccessMessage(r.Context(), "{name} has {votes} votes.", clean); err != nil {
			log.Fatal(err)
		}
		all, _ := messages.Read(r.Context())
		fmt.Println(all[0])
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	// Output: Ada has 3 votes.
}

// Each level has a function; TryAdd is for code that may run without messages.
func ExampleTryAdd() {
	msgs := messages.New(messages.Config{Storage: messages.NewCookieStorage(messages.CookieConfig{}), Keys: signing.Keys{"a long random text"}})
	handler := msgs.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		err := errors.Join(
			messages.Debug(ctx, "Below the usual minimum."),
			messages.Info(ctx, "The poll ends today."),
			messages.Warning(ctx, "Nobody has voted yet."),
			messages.AddHTML(ctx, messages.LevelInfo, `See <a href="/help/">the help</a>.`),
		)
		fmt.Println(err, messages.TryAdd(ctx, messages.LevelInfo, "And one more."), messages.Of(ctx) != nil)
		all, _ := messages.Read(ctx)
		for _, m := range all {
			fmt.Println(m.Tags(), m.HTML())
		}
	}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Println(messages.TryAdd(context.Background(), messages.LevelInfo, "Nobody hears this."))
	// Output:
	// <nil> true true
	// info The poll ends today.
	// warning Nobody has voted yet.
	// info See <a href="/help/">the help</a>.
	// info And one more.
	// false
}

// Templates compare with the levels by their names.
func ExampleDefaultLevels() {
	fmt.Println(messages.DefaultLevels()["ERROR"] == messages.LevelError)
	// Output: true
}

// Texts for users who may be away, kept in a table until they come. In a project the database is
// s.DB, and the table is made by `manage migrate`.
func ExampleNewUserMessages() {
	queue := messages.NewUserMessages(database.Broken(errors.New("the database is gone")), (*auth.User)(nil))
	msgs := messages.New(messages.Config{Storage: messages.NewCookieStorage(messages.CookieConfig{}), Users: queue})
	fmt.Println(msgs.App().Label)
	fmt.Println(queue.Add(context.Background(), &auth.User{ID: 1}, "Your export is ready.") != nil)
	// Output:
	// messages
	// true
}
