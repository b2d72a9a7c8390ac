package auth

import (
	"fmt"
	"reflect"
	"regexp"
)

// cleansed takes the place of a secret, whatever its length.
const cleansed = "********************"

var sensitiveName = regexp.MustCompile(`(?i)api|token|key|secret|password|signature`)

// CleanCredentials returns the fields of credentials (a struct, a pointer to one, or a map with
// text keys) as text that may be logged: the value of every field whose name has api, token, key,
// secret, password or signature in it is replaced by asterisks. Anything else gives nothing.
func CleanCredentials(c Credentials) map[string]string {
	out := map[string]string{}
	put := func(name string, value any) {
		out[name] = fmt.Sprint(value)
		if sensitiveName.MatchString(name) {
			out[name] = cleansed
		}
	}
	v := reflect.Indirect(reflect.ValueOf(c))
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				put(f.Name, v.Field(i).Interface())
			}
		}
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		for _, key := range v.MapKeys() {
			put(key.String(), v.MapIndex(key).Interface())
		}
	}
	return out
}
