// Command limit is the page of bench/server as one would write it by hand to be fast: net/http's own
// mux, PostgreSQL by a native pool of pgx or SQLite by modernc.org/sqlite, html/template, no middleware,
// and the very statements that Belleville sends (folder statements; a test of bench/server compares
// them). It answers to nothing but this page and can neither log in nor save a session: it shows how
// much of a request's time a framework could save at most.
//
//	DATABASE_URL=… SECRET_KEY=… limit 127.0.0.1:8000
package main

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"time"
)

//go:embed statements
var statements embed.FS

// statement reads one of the statements.
func statement(name, kind string) (string, error) {
	text, err := statements.ReadFile("statements/" + name + "." + kind + ".sql")
	return string(text), err
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: limit host:port, with DATABASE_URL and SECRET_KEY in the environment")
	}
	if err := run(os.Args[1], os.Getenv("DATABASE_URL"), os.Getenv("SECRET_KEY")); err != nil {
		log.Fatal(err)
	}
}

func run(address, url, secret string) error {
	db, err := open(url)
	if err != nil {
		return err
	}
	s := &site{db: db, signer: newSigner(secret)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /report/", s.report)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "reports") })
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

type site struct {
	db     rows
	signer *signer
}

// errNobody says that a request is not from a user who is logged in.
var errNobody = errors.New("not logged in")

// report is the page.
func (s *site) report(w http.ResponseWriter, r *http.Request) {
	u, err := s.user(r)
	switch {
	case errors.Is(err, errNobody):
		http.Redirect(w, r, "/accounts/login/?next=/report/", http.StatusFound)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	case !u.superuser && !u.permissions["reports.view_report"]:
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Cookie")
	err = page.Execute(w, struct {
		Username  string
		MayChange bool
	}{u.username, u.superuser || u.permissions["reports.change_report"]})
	if err != nil {
		log.Print(err)
	}
}

// user returns who is logged in.
func (s *site) user(r *http.Request) (*user, error) {
	cookie, err := r.Cookie("sessionid")
	if err != nil {
		return nil, errNobody
	}
	text, err := s.db.session(r.Context(), cookie.Value)
	if err != nil {
		return nil, err
	}
	session, err := s.signer.open(text)
	if err != nil {
		return nil, err
	}
	u, err := s.db.user(r.Context(), session.User)
	if err != nil {
		return nil, err
	}
	if !u.active || !s.signer.ours(session.Hash, u.password) {
		return nil, errNobody
	}
	return u, nil
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A report</title>
</head>
<body>
<p>You are {{.Username}}.</p>
<h1>A report</h1>
<p>{{if .MayChange}}You may change it.{{else}}You may not change it.{{end}}</p>
</body>
</html>
`))
