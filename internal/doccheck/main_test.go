package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code string
		want       string // names reported, separated by spaces
	}{
		{"bare", "func F() {}\ntype T struct{ X int }\nvar V, v = 1, 2\nconst C = 1", "F T V C"},
		{"commented", "// F f.\nfunc F() {}\n// T t.\ntype T struct{ X int }\n// V v.\nvar V = 1", ""},
		{"not exported", "func f() {}\ntype t struct{}\nfunc (t) M() {}\nfunc (t *t) N() {}", ""},
		{"methods", "// T t.\ntype T[K any] struct{}\nfunc (t T[K]) A() {}\nfunc (t *T[K]) B() {}\n// C c.\nfunc (T[K]) C() {}\nfunc (T[K]) d() {}", "A B"},
		{"two type parameters", "// T t.\ntype T[K, V any] struct{}\nfunc (t *T[K, V]) A() {}", "A"},
		{"group with a comment", "// Codes.\nconst (\n\tA = 1\n\tB = 2\n)", ""},
		{"group without", "const (\n\tA = 1 // a\n\t// B b.\n\tB = 2\n\tC = 3\n\td = 4\n)", "C"},
		{"settings", "// Config c.\ntype Config struct {\n\tA int // a\n\t// B b.\n\tB int\n\tC, D int\n\te int\n}", "C D"},
		{"settings named above", "// Config needs A. It has a Base too.\ntype Config struct {\n\tA, B int\n\tBas int\n}", "B Bas"},
		{"directive is no comment", "//go:noinline\nfunc F() {}", "F"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := check(fstest.MapFS{"x/a.go": {Data: []byte("package x\n\n" + tt.code + "\n")}})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, finding := range got {
				names = append(names, strings.Fields(finding)[2])
			}
			if strings.Join(names, " ") != tt.want {
				t.Errorf("findings = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCheckLooksAtImportablePackages: each of these files has an exported name without comment.
func TestCheckLooksAtImportablePackages(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"cmd/a.go":    {Data: []byte("package main\nfunc F() {}")},
		"x/a_test.go": {Data: []byte("package x\nfunc F() {}")},
		"x/a.go":      {Data: []byte("package x\nfunc F() {}")},
	}
	got, err := check(tree)
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "x/a.go:2:6: exported F") {
		t.Errorf("check = %q, %v; want the one of x/a.go", got, err)
	}
}
