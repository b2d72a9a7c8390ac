package templates

import (
	"context"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"sync"
)

// Lookuper is a value whose names are known only while the page runs, such as the permissions of
// a user: for {{.perms.polls.add_poll}} the value of perms is asked for "polls", and what it
// returns, if it is a Lookuper too, for "add_poll". A method or field of that name comes first.
// It works for names that follow one of a provider's directly, not through a variable.
type Lookuper interface {
	// LookupName returns the value for the name; nil for a name it does not know.
	LookupName(name string) (any, error)
}

// lazy stands in the page's data for a value that a provider can give. It lives as long as one
// Render, on one goroutine, which is why it may hold the context.
type lazy struct {
	ctx     context.Context
	name    string
	provide Provider
	done    bool
	value   any
	err     error
}

// String is seen by code that was given the whole data map; the value is not computed for it.
func (l *lazy) String() string { return "(" + l.name + ")" }

func (l *lazy) force() (any, error) {
	if !l.done {
		l.done = true
		if l.value, l.err = l.provide(l.ctx); l.err != nil {
			l.err = fmt.Errorf("the value of %q: %w", l.name, l.err)
		}
	}
	return l.value, l.err
}

// values is what a page sees: the data, and a placeholder for each provider whose name is free.
func (s *Set) values(ctx context.Context, data map[string]any) map[string]any {
	if len(s.providers) == 0 {
		return data
	}
	all := make(map[string]any, len(s.providers)+len(data))
	places := make([]lazy, 0, len(s.providers))
	for name, provide := range s.providers {
		if _, given := data[name]; !given {
			places = append(places, lazy{ctx: ctx, name: name, provide: provide})
			all[name] = &places[len(places)-1]
		}
	}
	for name, value := range data {
		all[name] = value
	}
	return all
}

// valueFuncs are the functions that the rewriter calls.
func (s *Set) valueFuncs() template.FuncMap {
	return template.FuncMap{"_get": s.get, "_must": must}
}

// get forces a lazy value and passes any other through as it is, still addressable if it was.
// The path is what the page goes on to look up in the value; "" for nothing.
func (s *Set) get(path string, v reflect.Value) (reflect.Value, error) {
	inner := v
	for inner.Kind() == reflect.Interface {
		inner = inner.Elem()
	}
	if !inner.IsValid() || !inner.CanInterface() {
		return v, nil
	}
	if inner.Type() == reflect.TypeFor[*lazy]() {
		value, err := inner.Interface().(*lazy).force()
		if err != nil {
			return reflect.Value{}, err
		}
		v, inner = reflect.ValueOf(value), reflect.ValueOf(value)
	}
	if path == "" || !inner.IsValid() || !inner.Type().Implements(reflect.TypeFor[Lookuper]()) {
		return v, nil
	}
	return s.lookup(inner, strings.Split(path, "."))
}

// lookup asks a Lookuper for the words of the path and returns maps in which html/template finds
// the answers under those words.
func (s *Set) lookup(v reflect.Value, path []string) (reflect.Value, error) {
	value, asked := v.Interface(), 0
	for _, word := range path {
		l, ok := value.(Lookuper)
		if !ok || s.members.has(reflect.ValueOf(value), word) {
			break
		}
		var err error
		if value, err = l.LookupName(word); err != nil {
			return reflect.Value{}, err
		}
		asked++
	}
	if asked == 0 {
		return v, nil
	}
	for i := asked - 1; i >= 0; i-- {
		value = map[string]any{path[i]: value}
	}
	return reflect.ValueOf(value), nil
}

// members remembers which types have a method or field of which name: finding out costs more than
// the rest of a look-up. The names are those in the templates.
type members struct {
	mu    sync.RWMutex
	known map[member]bool
}

type member struct {
	typ  reflect.Type
	name string
}

func (m *members) has(v reflect.Value, name string) bool {
	key := member{v.Type(), name}
	m.mu.RLock()
	has, known := m.known[key]
	m.mu.RUnlock()
	if known {
		return has
	}
	has = hasMember(key.typ, name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[member]bool{}
	}
	m.known[key] = has
	return has
}

func hasMember(t reflect.Type, name string) bool {
	if _, ok := t.MethodByName(name); ok {
		return true
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	f, ok := t.FieldByName(name)
	return ok && f.IsExported()
}

// must refuses a name that nobody gave. A name that was given the value nil is fine.
func must(name string, v reflect.Value) (reflect.Value, error) {
	if !v.IsValid() {
		return v, fmt.Errorf("nobody gave the page a value named %q", name)
	}
	return v, nil
}
