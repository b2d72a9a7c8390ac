package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// engines are the stores, each with a cookie and a folder of its name.
var engines = []string{"db", "cached", "redis"}

// stores opens the engines.
func stores(databaseURL, redisAddress, key string) (map[string]sessions.Store, *bun.DB, error) {
	db, err := database.Open(databaseURL)
	if err != nil {
		return nil, nil, err
	}
	logging.Disable() // that Redis is away is no news here
	client := redis.NewClient(&redis.Options{Addr: redisAddress, DialTimeout: time.Second})
	keys := signing.Keys{key}
	quiet := slog.New(slog.DiscardHandler)
	return map[string]sessions.Store{
		"db":     dbstore.New(db, keys),
		"cached": cacheddb.New(dbstore.New(db, keys), cacheddb.Config{Cache: redisstore.NewCache(client, ""), Log: quiet}),
		"redis":  redisstore.New(client),
	}, db, nil
}

// serve is what the server processes do, until they are killed.
func serve(ctx context.Context) error {
	all, _, err := stores(os.Getenv("DATABASE_URL"), os.Getenv("SOAK_REDIS"), os.Getenv("SECRET_KEY"))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for name, store := range all {
		sess := sessions.New(sessions.Config{Store: store, CookieName: name})
		for path, h := range map[string]handler{"set": set, "cycle": cycle, "out": out, "dump": dump} {
			mux.Handle("/"+name+"/"+path, sess.Middleware(h))
		}
	}
	mux.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	ln, err := net.Listen("tcp", os.Getenv("SOAK_ADDRESS"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	return server.Serve(ln)
}

// handler is a page that may fail.
type handler func(w http.ResponseWriter, r *http.Request, s *sessions.Session, owner string) error

// ServeHTTP answers 409 when the session is somebody else's, and 410 when it is nobody's though the
// visitor has one.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := sessions.Of(r.Context())
	owner, found, err := sessions.Get[string](r.Context(), s, "owner")
	switch asked := r.FormValue("owner"); {
	case err != nil:
	case !found && r.FormValue("new") == "":
		http.Error(w, "gone", http.StatusGone)
		return
	case found && owner != asked:
		http.Error(w, "the session of "+owner, http.StatusConflict)
		return
	default:
		err = h(w, r, s, asked)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// set sets a value, and makes a new session its visitor's.
func set(_ http.ResponseWriter, r *http.Request, s *sessions.Session, owner string) error {
	if r.FormValue("new") != "" {
		if err := s.Set(r.Context(), "owner", owner); err != nil {
			return err
		}
	}
	return s.Set(r.Context(), r.FormValue("name"), owner+"="+r.FormValue("value"))
}

func cycle(_ http.ResponseWriter, r *http.Request, s *sessions.Session, _ string) error {
	return s.CycleKey(r.Context())
}

func out(_ http.ResponseWriter, r *http.Request, s *sessions.Session, _ string) error {
	return s.Flush(r.Context())
}

func dump(w http.ResponseWriter, r *http.Request, s *sessions.Session, _ string) error {
	d, err := s.Values(r.Context())
	var b strings.Builder
	for name, raw := range d {
		fmt.Fprintf(&b, "%s %s\n", name, raw)
	}
	if err == nil {
		_, err = w.Write([]byte(b.String()))
	}
	return err
}
