package main

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestMissingExamples(t *testing.T) {
	t.Parallel()
	const code = "package x\n\nfunc New() int { return 1 }\n\nfunc Old() {}\n\nfunc own() {}\n\ntype T struct{}\n\nfunc (T) M() {}\n"
	const head = "package x_test\n\nimport (\n\t\"fmt\"\n\n\t\"m/x\"\n)\n\n"
	const none = "no runnable example uses x."
	for _, tt := range []struct {
		name, dir, tests string
		want             []string
	}{
		{"none at all", "x", "package x_test\n", []string{"x/a.go: the package has no runnable example"}},
		{"without output", "x", head + "func ExampleNew() { fmt.Println(x.New()) }\n", []string{"x/a.go: the package has no runnable example"}},
		{"one of two", "x", head + "func Example() {\n\tfmt.Println(x.New())\n\t// Output: 1\n}\n", []string{"x: " + none + "Old"}},
		{"in a helper", "x", head + "func help() { x.Old() }\n\nfunc Example() {\n\thelp()\n\tfmt.Println(x.New())\n\t// Output: 1\n}\n", nil},
		{"by name", "x", head + "func ExampleOld_again() {\n\tfmt.Println(x.New())\n\t// Output: 1\n}\n", nil},
		{"a package for tests", "xtest", "package x_test\n", nil},
		{"internal", "internal/x", "package x_test\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := missingExamples(fstest.MapFS{tt.dir + "/a.go": {Data: []byte(code)}, tt.dir + "/a_test.go": {Data: []byte(tt.tests)}})
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("missingExamples: %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
