package web

import (
	"fmt"
	"net/url"
)

// Reverse returns the path of a named route with its variables filled in. The arguments are
// either pairs of a name and a value, reverse("polls:detail", "id", 3), or one value for each
// variable in the order of the pattern, reverse("polls:detail", 3). Values are formatted with
// fmt.Sprint and escaped. An unknown name, a missing or surplus value, and a value that the
// pattern does not match are errors. It needs a built router.
func (r *Router) Reverse(name string, args ...any) (string, error) {
	route := r.table.names[name]
	if route == nil {
		return "", fmt.Errorf("reverse: there is no route named %q", name)
	}
	if route.mux == nil {
		return "", fmt.Errorf("reverse %q: the routes are not built yet", name)
	}
	vars, err := route.mux.GetVarNames()
	if err != nil {
		return "", fmt.Errorf("reverse %q: %w", name, err)
	}
	pairs, err := reversePairs(name, vars, args)
	if err != nil {
		return "", err
	}
	u, err := route.mux.URLPath(pairs...)
	if err != nil {
		return "", fmt.Errorf("reverse %q: %w", name, err)
	}
	return (&url.URL{Path: u.Path}).EscapedPath(), nil
}

func reversePairs(name string, vars []string, args []any) ([]string, error) {
	var pairs []string
	switch len(args) {
	case len(vars):
		for i, v := range vars {
			pairs = append(pairs, v, fmt.Sprint(args[i]))
		}
	case 2 * len(vars):
		for _, a := range args {
			pairs = append(pairs, fmt.Sprint(a))
		}
	default:
		return nil, fmt.Errorf("reverse %q: the route has %d variables %v, got %d arguments", name, len(vars), vars, len(args))
	}
	return pairs, nil
}
