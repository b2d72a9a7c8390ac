package database

import (
	"net/url"
	"strconv"
	"time"
)

// pool is how many connections are kept, and for how long.
type pool struct {
	maxOpen, maxIdle   int
	lifetime, idleTime time.Duration
}

// takePool reads the pool's parameters and takes them out of q, so that what is left is the
// database's own. p holds the defaults.
func takePool(q url.Values, p pool) (pool, error) {
	var err error
	if p.maxOpen, err = takeInt(q, "max_open_conns", p.maxOpen, 1); err != nil {
		return p, err
	}
	if p.maxIdle, err = takeInt(q, "max_idle_conns", p.maxOpen, 0); err != nil {
		return p, err
	}
	if p.lifetime, err = takeDuration(q, "conn_max_lifetime", p.lifetime); err != nil {
		return p, err
	}
	p.idleTime, err = takeDuration(q, "conn_max_idle_time", p.idleTime)
	return p, err
}

func takeInt(q url.Values, name string, missing, least int) (int, error) {
	text, ok := take(q, name)
	if !ok {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, failed("the database URL's "+name+" is not a whole number from "+strconv.Itoa(least)+" up", "correct it, as in "+name+"=16")
	}
	return n, nil
}

func takeDuration(q url.Values, name string, missing time.Duration) (time.Duration, error) {
	text, ok := take(q, name)
	if !ok {
		return missing, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, failed("the database URL's "+name+" is not a length of time", "correct it, as in "+name+"=5s or "+name+"=10m")
	}
	return d, nil
}

// take removes a parameter and returns its last value.
func take(q url.Values, name string) (string, bool) {
	all := q[name]
	if len(all) == 0 {
		return "", false
	}
	delete(q, name)
	return all[len(all)-1], true
}
