package gorillastore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// encode writes gorilla's values as JSON by name.
func encode(values map[any]any) (sessions.Data, error) {
	d := make(sessions.Data, len(values))
	for key, value := range values {
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("the value named %v has a name of type %T: names are text here", key, key)
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("the value named %q cannot be written as JSON: %w", name, err)
		}
		d[name] = raw
	}
	return d, nil
}

// decode reads them again.
func decode(d sessions.Data) (map[any]any, error) {
	values := make(map[any]any, len(d))
	for name, raw := range d {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return map[any]any{}, fmt.Errorf("gorillastore: the value named %q: %w", name, err)
		}
		values[name] = plain(value)
	}
	return values, nil
}

// plain replaces numbers by int where they are whole, else by float64.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return v // larger than both; it is written as it was read
		}
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(v[name])
		}
	}
	return value
}
