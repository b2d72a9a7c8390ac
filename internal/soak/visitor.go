package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is all visitors.
type crowd struct {
	visitors []*visitor
	refused  atomic.Int64
	foreign  atomic.Int64
	vanished atomic.Int64
}

// hands is how many requests of one visitor are under way at once.
const hands = 3

// names is how many values each hand sets, in turn.
const names = 8

func newCrowd(n int, addresses []string, j *journal) *crowd {
	c := &crowd{}
	client := &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * n},
	}
	for i := range n {
		c.visitors = append(c.visitors, &visitor{
			crowd: c, client: client, addresses: addresses, journal: j, number: i, engine: engines[i%len(engines)],
		})
	}
	return c
}

// visit lets all of them come until ctx ends.
func (c *crowd) visit(ctx context.Context) {
	var all sync.WaitGroup
	for _, v := range c.visitors {
		for hand := range hands {
			all.Go(func() { v.work(ctx, hand) })
		}
	}
	all.Wait()
}

// visitor is one browser with one session at a time.
type visitor struct {
	crowd     *crowd
	client    *http.Client
	addresses []string
	journal   *journal
	number    int
	engine    string

	count atomic.Int64 // the values that were tried

	mu     sync.Mutex
	life   int    // the session's number
	key    string // its cookie; "" before it was made
	epoch  int    // grows when a new key or a log-out is asked for, and when that is answered
	making bool   // one hand makes the session, or changes it; the others wait or go on
}

// moment is what a hand knows when it begins a request.
type moment struct {
	owner, key string
	epoch      int
}

func (v *visitor) now() moment {
	return moment{fmt.Sprintf("%s-%d.%d", v.engine, v.number, v.life), v.key, v.epoch}
}

// work makes requests, one after the other.
func (v *visitor) work(ctx context.Context, hand int) {
	for n := 0; ctx.Err() == nil; n++ {
		v.mu.Lock()
		m, making := v.now(), v.making
		first := m.key == "" && !making
		chance := rand.N(200)
		change := m.key != "" && !making && chance < 4
		if first || change {
			v.making = true
		}
		if change {
			v.epoch++
			m = v.now()
		}
		v.mu.Unlock()
		switch {
		case first:
			v.begin(ctx, m)
		case m.key == "": // another hand makes the session
		case change && chance == 0:
			v.out(ctx, m)
		case change:
			v.cycle(ctx, m)
		default:
			v.set(ctx, m, fmt.Sprintf("h%dn%d", hand, n%names))
		}
		select {
		case <-ctx.Done():
		case <-time.After(50*time.Millisecond + rand.N(200*time.Millisecond)):
		}
	}
}

// ask sends a request to one of the servers. The answer's cookie is "" when it sets none.
func (v *visitor) ask(ctx context.Context, address, path string, m moment, form url.Values) (status int, key, body string) {
	form.Set("owner", m.owner)
	ctx = context.WithoutCancel(ctx) // requests under way at the end are finished
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/"+v.engine+"/"+path+"?"+form.Encode(), nil)
	if err != nil {
		return 0, "", ""
	}
	if m.key != "" {
		r.AddCookie(&http.Cookie{Name: v.engine, Value: m.key})
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.crowd.refused.Add(1)
		return 0, "", ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.crowd.refused.Add(1)
		return 0, "", ""
	}
	for _, c := range res.Cookies() {
		if c.MaxAge >= 0 {
			key = c.Value
		}
	}
	switch {
	case res.StatusCode == http.StatusConflict:
		v.crowd.foreign.Add(1)
	case res.StatusCode >= 400:
		v.crowd.refused.Add(1)
	}
	return res.StatusCode, key, string(text)
}

func (v *visitor) server() string { return v.addresses[rand.N(len(v.addresses))] }

// begin makes a session. When the answer does not come the next one is another life.
func (v *visitor) begin(ctx context.Context, m moment) {
	value := int(v.count.Add(1))
	status, key, _ := v.ask(ctx, v.server(), "set", m, url.Values{"new": {"1"}, "name": {"first"}, "value": {strconv.Itoa(value)}})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.making = false
	if status != http.StatusOK || key == "" {
		v.life++
		return
	}
	v.key = key
	v.journal.value(v.engine, m.owner, "first", value)
}

// set sets a value. A session that is not there any more, though nobody changed its key meanwhile,
// has vanished.
func (v *visitor) set(ctx context.Context, m moment, name string) {
	value := int(v.count.Add(1))
	status, _, _ := v.ask(ctx, v.server(), "set", m, url.Values{"name": {name}, "value": {strconv.Itoa(value)}})
	switch status {
	case http.StatusOK:
		v.journal.value(v.engine, m.owner, name, value)
	case http.StatusGone:
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.epoch == m.epoch && !v.making {
			v.crowd.vanished.Add(1)
			v.life, v.key = v.life+1, ""
			v.epoch++
		}
	}
}

// cycle asks for a new key. When the answer does not come, nobody knows which key is alive: the
// values are looked for under any key at the end, and the visitor begins another life.
func (v *visitor) cycle(ctx context.Context, m moment) {
	status, key, _ := v.ask(ctx, v.server(), "cycle", m, url.Values{})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.making = false
	v.epoch++
	if status == http.StatusOK && key != "" && key != m.key {
		v.key = key
		return
	}
	v.life, v.key = v.life+1, ""
}

// out logs out and begins another life.
func (v *visitor) out(ctx context.Context, m moment) {
	v.journal.gone("maybe", v.engine, m.owner)
	status, _, _ := v.ask(ctx, v.server(), "out", m, url.Values{})
	if status == http.StatusOK {
		v.journal.gone("out", v.engine, m.owner)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.making = false
	v.life, v.key = v.life+1, ""
	v.epoch++
}
