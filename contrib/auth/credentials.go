package auth

import (
	"fmt"
	"reflect"
	"regexp"
	"sync"
)

// cleansed takes the place of a secret, whatever its length.
const cleansed = "********************"

// sensitiveName is compiled at the first failed log-in, not at each start.
var sensitiveName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)api|token|key|secret|password|signature`)
})

// CleanCredentials returns the fields of credentials (a struct, a pointer to one, or a map with
// text keys) as text that may be logged: the value of every field whose name has api, token, key,
// secret, password or signature in it, in any case, is replaced by asterisks. The fields of
// embedded structs count as the struct's own; of other values that are made of several only the
// type is told, since nobody looks into them for secrets. Credentials of other types give nothing.
func CleanCredentials(c Credentials) map[string]string {
	out := map[string]string{}
	v := reflect.Indirect(reflect.ValueOf(c))
	switch {
	case v.Kind() == reflect.Struct:
		cleanStruct(v, out)
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		for _, key := range v.MapKeys() {
			out[key.String()] = cleanValue(key.String(), v.MapIndex(key))
		}
	}
	return out
}

func cleanStruct(v reflect.Value, out map[string]string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch value := reflect.Indirect(v.Field(i)); {
		case f.Anonymous && value.Kind() == reflect.Struct:
			cleanStruct(value, out)
		case f.IsExported():
			out[f.Name] = cleanValue(f.Name, v.Field(i))
		}
	}
}

// cleanValue returns a value as text, unless its name or its kind may hide a secret.
func cleanValue(name string, v reflect.Value) string {
	if sensitiveName().MatchString(name) {
		return cleansed
	}
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Bool:
		return fmt.Sprint(v)
	}
	if v.CanInt() || v.CanUint() || v.CanFloat() {
		return fmt.Sprint(v)
	}
	return v.Type().String()
}
