package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/database"
)

// users is how many there are. They share one password, and so one hash.
const (
	users    = 32
	password = "correct horse battery"
)

// seed makes the users, who may all see the page.
func seed(ctx context.Context, url, hasher string) error {
	list := hashers.Django52()
	if hasher == "argon2" {
		list = []hashers.Hasher{hashers.Argon2{}}
	}
	encoded, err := hashers.New(hashers.Config{List: list}).Make(ctx, password)
	if err != nil {
		return err
	}
	db, err := database.Open(url)
	if err != nil {
		return err
	}
	defer db.Close()
	for i := range users {
		_, err := db.NewRaw(`INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)`+
			` VALUES (?, ?, ?, '', '', '', ?, ?, ?)`, encoded, false, username(i), false, true, time.Now().UTC()).Exec(ctx)
		if err != nil {
			return err
		}
	}
	_, err = db.NewRaw(`INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT u.id, p.id FROM auth_user u, auth_permission p WHERE p.codename IN (?)`,
		bun.List([]string{"view_user", "add_user", "change_user", "view_group"})).Exec(ctx)
	return err
}

func username(i int) string { return "user" + strconv.Itoa(i%users) }

// client makes a client with connections of its own that follows no redirect.
func client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
}

// logIn returns the cookie of a new session.
func logIn(ctx context.Context, c *http.Client, base, name string) (*http.Cookie, error) {
	form := url.Values{"username": {name}, "password": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/accounts/login/", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return nil, err
	}
	for _, cookie := range res.Cookies() {
		if cookie.Name == "sessionid" && res.StatusCode == http.StatusFound {
			return cookie, nil
		}
	}
	return nil, fmt.Errorf("log-in: status %s and no session", res.Status)
}

// logInAll logs everybody in and returns their cookies, which all servers know.
func logInAll(ctx context.Context, base string) ([]string, error) {
	var cookies []string
	c := client()
	defer c.CloseIdleConnections()
	for i := range users {
		cookie, err := logIn(ctx, c, base, username(i))
		if err != nil {
			return nil, err
		}
		cookies = append(cookies, "sessionid="+cookie.Value)
	}
	return cookies, nil
}

// site is a server and what was measured of it.
type site struct {
	*rig.Server
	rounds []figures
}

// figures are those of one round.
type figures struct {
	quiet, flood  rig.Result // the page
	alone, beside float64    // log-ins a second
}

// settle is how long a flood lasts before anything is counted.
const settle = time.Second

func (s *site) measure(ctx context.Context, o options, cookies []string) error {
	load := rig.Load{URL: s.URL + "/page/", Cookies: cookies, Connections: o.pages, Time: o.time}
	var f figures
	var err error
	if f.quiet, err = s.page(ctx, load); err != nil {
		return err
	}
	f.alone, err = s.flood(ctx, o.logins, func() error { return pause(ctx, o.time) })
	if err != nil {
		return err
	}
	f.beside, err = s.flood(ctx, o.logins, func() (err error) {
		f.flood, err = s.page(ctx, load)
		return err
	})
	s.rounds = append(s.rounds, f)
	return err
}

func (s *site) page(ctx context.Context, load rig.Load) (rig.Result, error) {
	r, err := rig.Wrk(ctx, load)
	if err == nil && r.Failed > 0 {
		err = fmt.Errorf("%d of %d pages failed", r.Failed, r.Requests)
	}
	return r, err
}

// flood logs in on several connections without pause while something is done, and returns how many
// log-ins succeeded meanwhile in a second.
func (s *site) flood(ctx context.Context, connections int, meanwhile func() error) (perSecond float64, err error) {
	flooding, stop := context.WithCancel(ctx)
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for i := range connections {
		group.Go(func() {
			c := client()
			defer c.CloseIdleConnections()
			for n := i; flooding.Err() == nil; n += connections {
				if _, err := logIn(flooding, c, s.URL, username(n)); err != nil {
					if flooding.Err() == nil {
						failed.CompareAndSwap(nil, &err)
					}
					return
				}
				done.Add(1)
			}
		})
	}
	err = pause(ctx, settle)
	before, start := done.Load(), time.Now()
	if err == nil {
		err = meanwhile()
	}
	perSecond = float64(done.Load()-before) / time.Since(start).Seconds()
	stop()
	group.Wait()
	if p := failed.Load(); p != nil && err == nil {
		err = *p
	}
	// The hashes that nobody waits for any more are finished before the next measurement.
	_ = pause(ctx, settle)
	return perSecond, err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
