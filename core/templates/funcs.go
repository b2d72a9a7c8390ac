package templates

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// standardFuncs are the functions of every set, besides html/template's own. The value they work
// on comes last, so that it can be piped in.
func standardFuncs(loc *time.Location) template.FuncMap {
	return template.FuncMap{
		"add":        add,
		"date":       dateFunc(loc),
		"default":    defaultTo,
		"dict":       dict,
		"filesize":   fileSize,
		"join":       join,
		"linebreaks": lineBreaks,
		"list":       func(items ...any) []any { return items },
		"lower":      strings.ToLower,
		"pluralize":  pluralize,
		"title":      title,
		"truncate":   truncate,
		"upper":      strings.ToUpper,
		"yesno":      yesNo,
	}
}

// dateFunc is {{date "Y-m-d H:i" .When}} in Django's format letters; "" for no time.
func dateFunc(loc *time.Location) func(string, any) (string, error) {
	return func(format string, v any) (string, error) {
		t, ok, err := asTime(v)
		if !ok || err != nil {
			return "", err
		}
		if loc != nil {
			t = t.In(loc)
		}
		return formatDate(format, t), nil
	}
}

// urlIf is url for pages that a project may not have: "" instead of an error.
func urlIf(url any) func(string, ...any) string {
	reverse, _ := url.(func(string, ...any) (string, error))
	return func(name string, args ...any) string {
		if reverse == nil {
			return ""
		}
		path, err := reverse(name, args...)
		if err != nil {
			return ""
		}
		return path
	}
}

// add is {{add 1 .N}}, for whole numbers.
func add(numbers ...any) (int64, error) {
	var sum int64
	for _, n := range numbers {
		i, err := whole(n)
		if err != nil {
			return 0, fmt.Errorf("add: %w", err)
		}
		sum += i
	}
	return sum, nil
}

func whole(n any) (int64, error) {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint():
		return int64(v.Uint()), nil
	case v.IsValid() && v.Kind() == reflect.String:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%v is no whole number", n)
}

// defaultTo is {{.Name | default "nobody"}}: the default for what is empty, zero, false or nil.
func defaultTo(otherwise, value any) any {
	if truth, _ := template.IsTrue(value); truth {
		return value
	}
	return otherwise
}

// dict is {{template "row.html" (dict "poll" . "open" true)}}: several values for one template.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// fileSize is {{filesize .Size}}: a number of bytes as people say it.
func fileSize(n any) (string, error) {
	size, err := whole(n)
	if err != nil {
		return "", fmt.Errorf("filesize: %w", err)
	}
	if size == 1 {
		return "1 byte", nil
	}
	if size < 1024 {
		return fmt.Sprintf("%d bytes", size), nil
	}
	value, unit := float64(size)/1024, 0
	units := []string{"KB", "MB", "GB", "TB", "PB"}
	for value >= 1024 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %s", value, units[unit]), nil
}

// join is {{join ", " .Tags}} for a slice or array of anything that prints.
func join(separator string, list any) (string, error) {
	v := reflect.ValueOf(list)
	if !v.IsValid() {
		return "", nil
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return "", fmt.Errorf("join: %T is no list", list)
	}
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = fmt.Sprint(v.Index(i).Interface())
	}
	return strings.Join(parts, separator), nil
}

// lineBreaks is {{linebreaks .Text}}: paragraphs at empty lines and <br> at line ends, escaped.
func lineBreaks(v any) template.HTML {
	if v == nil {
		return ""
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(fmt.Sprint(v))
	var paragraphs []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.Trim(p, "\n"); strings.TrimSpace(p) != "" {
			p = strings.ReplaceAll(template.HTMLEscapeString(p), "\n", "<br>")
			paragraphs = append(paragraphs, "<p>"+p+"</p>")
		}
	}
	return template.HTML(strings.Join(paragraphs, "\n\n")) // escaped above
}

// pluralize is vote{{pluralize .N}}, cherr{{pluralize "y,ies" .N}}, walrus{{pluralize "es" .N}}.
// The count is a number or the length of a list.
func pluralize(args ...any) (string, error) {
	endings := "s"
	if len(args) == 2 {
		endings = fmt.Sprint(args[0])
	}
	if len(args) < 1 || len(args) > 2 {
		return "", errors.New(`pluralize: say {{pluralize .N}} or {{pluralize "y,ies" .N}}`)
	}
	one, many, two := strings.Cut(endings, ",")
	if !two {
		one, many = "", one
	}
	if isOne(args[len(args)-1]) {
		return one, nil
	}
	return many, nil
}

func isOne(count any) bool {
	v := reflect.ValueOf(count)
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return v.Len() == 1
	case reflect.Float32, reflect.Float64:
		return v.Float() == 1
	}
	n, err := whole(count)
	return err == nil && n == 1
}

// title makes the first letter a capital and leaves the rest.
func title(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// truncate is {{truncate 80 .Text}}: at most that many characters, the last one "…" when cut.
func truncate(length int, v any) string {
	if v == nil {
		return ""
	}
	runes := []rune(fmt.Sprint(v))
	if len(runes) <= length {
		return string(runes)
	}
	return string(runes[:max(length-1, 0)]) + "…"
}

// yesNo is {{yesno "open,closed" .Open}}; a third word is for nil.
func yesNo(words string, v any) (string, error) {
	list := strings.Split(words, ",")
	if len(list) < 2 {
		return "", errors.New(`yesno: needs two words, as in "yes,no"`)
	}
	if v == nil && len(list) > 2 {
		return list[2], nil
	}
	if truth, _ := template.IsTrue(v); truth {
		return list[0], nil
	}
	return list[1], nil
}
