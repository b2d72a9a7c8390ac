package templates_test

import (
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/templates"
)

func TestFuncs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr string
		v    any
		want string // "error" for one
	}{
		{`add 1 .v`, 2, "3"},
		{`.v | add -1`, int64(2), "1"},
		{`add .v "4"`, uint8(3), "7"},
		{`add 1 .v`, "x", "error"},
		{`.v | default "none"`, "", "none"},
		{`.v | default "none"`, nil, "none"},
		{`.v | default "none"`, 0, "none"},
		{`.v | default "none"`, "some", "some"},
		{`(dict "a" .v).a`, 1, "1"},
		{`dict "a"`, nil, "error"},
		{`dict 1 2`, nil, "error"},
		{`index (list 1 .v) 1`, 7, "7"},
		{`filesize .v`, 0, "0 bytes"},
		{`filesize .v`, 1, "1 byte"},
		{`filesize .v`, 1023, "1023 bytes"},
		{`filesize .v`, 1536, "1.5 KB"},
		{`filesize .v`, 3 << 30, "3.0 GB"},
		{`filesize .v`, int64(1) << 62, "4096.0 PB"},
		{`join ", " .v`, []string{"a", "<b>"}, "a, &lt;b&gt;"},
		{`join "-" .v`, [2]int{1, 2}, "1-2"},
		{`join "-" .v`, nil, ""},
		{`join "-" .v`, 3, "error"},
		{`linebreaks .v`, "a <b>\r\nc\n\n\nd\n", "<p>a &lt;b&gt;<br>c</p>\n\n<p>d</p>"},
		{`linebreaks .v`, nil, ""},
		{`lower .v`, "ÄB", "äb"},
		{`upper .v`, "äb", "ÄB"},
		{`title .v`, "élan vital", "Élan vital"},
		{`title .v`, "", ""},
		{`pluralize .v`, 1, ""},
		{`pluralize .v`, 0, "s"},
		{`pluralize .v`, []int{1}, ""},
		{`pluralize .v`, []int{1, 2}, "s"},
		{`pluralize .v`, 1.0, ""},
		{`pluralize .v`, 1.5, "s"},
		{`.v | pluralize "es"`, 2, "es"},
		{`pluralize "y,ies" .v`, 1, "y"},
		{`pluralize "y,ies" .v`, 2, "ies"},
		{`pluralize "a" "b" "c"`, nil, "error"},
		{`truncate 5 .v`, "žluťoučký", "žluť…"},
		{`truncate 5 .v`, "short", "short"},
		{`truncate 0 .v`, "short", "…"},
		{`truncate 5 .v`, nil, ""},
		{`yesno "open,closed" .v`, true, "open"},
		{`yesno "open,closed" .v`, nil, "closed"},
		{`yesno "open,closed,unknown" .v`, nil, "unknown"},
		{`yesno "open" .v`, nil, "error"},
		{`date "Y" .v`, nil, ""},
		{`date "Y" .v`, time.Time{}, ""},
		{`date "Y" .v`, (*time.Time)(nil), ""},
		{`date "Y" .v`, &sampleTime, "2024"},
		{`date "Y" .v`, sql.NullTime{Time: sampleTime, Valid: true}, "2024"},
		{`date "Y" .v`, sql.NullTime{Time: sampleTime}, ""},
		{`date "Y" .v`, sql.NullString{String: "x", Valid: true}, "error"},
		{`date "Y" .v`, "2024", "error"},
	} {
		set := newSet(templates.Config{}, source{"p": "{{" + c.expr + "}}"})
		var b strings.Builder
		err := set.Render(t.Context(), &b, "p", map[string]any{"v": c.v})
		if got := b.String(); (err != nil) != (c.want == "error") || err == nil && got != c.want {
			t.Errorf("{{%s}} of %#v = %q, %v; want %q", c.expr, c.v, got, err, c.want)
		}
	}
}

func TestOwnFuncsWin(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{Funcs: template.FuncMap{
		"upper":  func(string) string { return "mine" },
		"static": func(name string) string { return "/static/" + name },
		"_get":   func() string { return "never called" },
	}}, source{"p": `{{upper "x"}} {{static "a.css"}}`})
	if got, want := render(t, set, "p", nil), "mine /static/a.css"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestURLIf(t *testing.T) {
	t.Parallel()
	page := source{"p": `[{{url_if "login"}}{{with url_if "poll" 3}}{{.}}{{end}}]`}
	if got := render(t, newSet(templates.Config{}, page), "p", nil); got != "[]" {
		t.Errorf("without url: got %q, want []", got)
	}
	url := func(name string, args ...any) (string, error) {
		if name != "poll" {
			return "", errors.New("no such route")
		}
		return fmt.Sprint("/polls/", args[0], "/"), nil
	}
	set := newSet(templates.Config{Funcs: template.FuncMap{"url": url}}, page)
	if got := render(t, set, "p", nil); got != "[/polls/3/]" {
		t.Errorf("got %q, want only the route that exists", got)
	}
}

var sampleTime = time.Date(2024, time.February, 3, 16, 5, 9, 123000, time.FixedZone("CET", 3600))

func TestDate(t *testing.T) {
	t.Parallel()
	winter := sampleTime
	midnight := time.Date(2023, time.September, 11, 0, 0, 0, 0, time.UTC)
	noon := time.Date(2023, time.March, 21, 12, 0, 0, 0, time.UTC)
	newYear := time.Date(2021, time.January, 1, 0, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		format string
		t      time.Time
		want   string
	}{
		{"Y-m-d H:i", winter, "2024-02-03 16:05"},
		{"D d M y", winter, "Sat 03 Feb 24"},
		{"l jS F Y", winter, "Saturday 3rd February 2024"},
		{"N j, Y, P", winter, "Feb. 3, 2024, 4:05 p.m."},
		{"N j", midnight, "Sept. 11"},
		{"N", noon, "March"},
		{"P", midnight, "midnight"},
		{"P", noon, "noon"},
		{"P|f", newYear, "12:30 a.m.|12:30"},
		{"f", noon, "12"},
		{"g G h H i s u", winter, "4 16 04 16 05 09 000123"},
		{"a A", winter, "p.m. PM"},
		{"A a", midnight, "AM a.m."},
		{"b E n", winter, "feb February 2"},
		{"c", winter, "2024-02-03T16:05:09.000123+01:00"},
		{"c", noon, "2023-03-21T12:00:00+00:00"},
		{"r", winter, "Sat, 03 Feb 2024 16:05:09 +0100"},
		{"e T O Z I", winter, "CET CET +0100 3600 0"},
		{"U", winter, "1706972709"},
		{"L t z w W o", winter, "True 29 34 6 5 2024"},
		{"L t z w W o", newYear, "False 31 1 5 53 2020"},
		{"S", midnight, "th"},
		{"S", noon, "st"},
		{`jS \o\f F`, noon, "21st of March"},
		{`Y\\`, noon, `2023\`},
		{`è ⌚ Y`, noon, `è ⌚ 2023`},
		{"", noon, ""},
		{`\`, noon, ""},
	} {
		set := newSet(templates.Config{}, source{"p": "{{date .f .t}}"})
		var b strings.Builder
		if err := set.RenderText(t.Context(), &b, "p", map[string]any{"f": c.format, "t": c.t}); err != nil || b.String() != c.want {
			t.Errorf("date %q of %v = %q, %v; want %q", c.format, c.t, b.String(), err, c.want)
		}
	}
}

func TestDateLocation(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{Location: time.FixedZone("X", -5*3600)}, source{"p": `{{date "Y-m-d H:i T" .t}}`})
	if got, want := render(t, set, "p", map[string]any{"t": sampleTime}), "2024-02-03 10:05 X"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzText checks that what people write never becomes markup, whatever function it goes through.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a\n\nb", "<script>", "\x00<b\r\r\n>", "\\", "\xff<", "&lt;"} {
		f.Add(seed)
	}
	set := newSet(templates.Config{}, source{
		"p": `{{linebreaks .v}}{{truncate 3 .v}}{{title .v}}{{upper .v}}{{.v | default "x"}}`,
		"d": `{{date .v .t}}`,
	})
	f.Fuzz(func(t *testing.T, s string) {
		data := map[string]any{"v": s, "t": sampleTime}
		got := strings.NewReplacer("<p>", "", "</p>", "", "<br>", "").Replace(render(t, set, "p", data))
		if strings.ContainsAny(got, "<>") {
			t.Errorf("%q became %q", s, got)
		}
		render(t, set, "d", data)
	})
}
