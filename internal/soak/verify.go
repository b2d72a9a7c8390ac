package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
)

// verdict is the outcome.
type verdict struct {
	acknowledged, lost, foreign int
	examples                    []string
}

func (v *verdict) note(count *int, format string, args ...any) {
	*count++
	if len(v.examples) < 20 {
		v.examples = append(v.examples, fmt.Sprintf(format, args...))
	}
}

// verify compares the journal with the stores, and with what both servers tell each visitor.
func (s *site) verify(ctx context.Context, c *crowd, j *journal) (*verdict, error) {
	accounts, acknowledged, err := j.read()
	if err != nil {
		return nil, err
	}
	v := &verdict{acknowledged: acknowledged, lost: int(c.vanished.Load()), foreign: int(c.foreign.Load())}
	all, db, err := stores(s.databaseURL, s.redisAddress, s.key)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, engine := range engines {
		found, err := v.list(ctx, engine, all[engine])
		if err != nil {
			return nil, err
		}
		for owner, a := range accounts[engine] {
			v.compare(owner, a, found[owner], "the store")
		}
	}
	// What a cache may know of the time before a crash is over by then.
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(5*time.Second + cacheddb.Hold):
	}
	for _, visitor := range c.visitors {
		v.askServers(ctx, visitor, accounts[visitor.engine])
	}
	return v, ctx.Err()
}

// list returns the sessions of an engine by owner. Two engines share the table, so each looks at
// its own owners.
func (v *verdict) list(ctx context.Context, engine string, s sessions.Store) (map[string]sessions.Data, error) {
	found := map[string]sessions.Data{}
	for e, err := range s.(sessions.Lister).All(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list the sessions of %s: %w", engine, err)
		}
		owner := text(e.Data["owner"])
		if !strings.HasPrefix(owner, engine+"-") {
			if owner == "" {
				v.note(&v.foreign, "%s: a session of nobody, with %d values", engine, len(e.Data))
			}
			continue
		}
		if found[owner] != nil {
			v.note(&v.foreign, "%s has two sessions", owner)
		}
		found[owner] = e.Data
	}
	return found, nil
}

// compare holds a session against what was acknowledged of it. d is nil when there is none.
func (v *verdict) compare(owner string, a *account, d sessions.Data, where string) {
	switch {
	case d == nil && a.maybe:
		return
	case d != nil && a.out:
		v.note(&v.foreign, "%s logged out, and %s has the session still", owner, where)
		return
	}
	for name, want := range a.values {
		from, number, _ := strings.Cut(text(d[name]), "=")
		got, err := strconv.Atoi(number)
		switch {
		case d[name] == nil || from == owner && (err != nil || got < want):
			v.note(&v.lost, "%s: %s has %s = %q, want %d or later", owner, where, name, text(d[name]), want)
		case from != owner:
			v.note(&v.foreign, "%s: %s has %s = %q", owner, where, name, text(d[name]))
		}
	}
}

func text(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

// askServers asks both servers for a visitor's session.
func (v *verdict) askServers(ctx context.Context, visitor *visitor, accounts map[string]*account) {
	m := visitor.now()
	if m.key == "" || accounts[m.owner] == nil {
		return
	}
	for _, address := range visitor.addresses {
		status, _, body := visitor.ask(ctx, address, "dump", m, url.Values{})
		if status != http.StatusOK {
			v.note(&v.lost, "%s: %s answers %d: %.200s", m.owner, address, status, body)
			continue
		}
		d := sessions.Data{}
		for line := range strings.Lines(body) {
			name, raw, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			d[name] = json.RawMessage(raw)
		}
		v.compare(m.owner, accounts[m.owner], d, "a server")
	}
}
