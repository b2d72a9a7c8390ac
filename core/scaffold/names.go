package scaffold

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	modelPattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	pathPattern  = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`)
)

// maxName keeps the names of tables and permissions, which begin with an app's, within what databases hold.
const maxName = 40

// standard are the first elements of the import paths of Go's own packages.
var standard = strings.Fields(`archive bufio bytes cmd cmp compress container context crypto database debug embed
	encoding errors expvar flag fmt go hash html image index io iter log maps math mime net os path plugin reflect
	regexp runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe weak`)

// predeclared are the words that mean something everywhere in Go without being keywords.
var predeclared = strings.Fields(`any append bool byte cap clear close comparable complex complex128 complex64 copy
	delete error false float32 float64 imag int int16 int32 int64 int8 iota len make max min new nil panic print
	println real recover rune string true uint uint16 uint32 uint64 uint8 uintptr`)

// special are names of folders and packages that the go command treats in its own way.
var special = strings.Fields(`main init internal vendor testdata documentation`)

// imported are the names that the written files use for other packages and for their own variables.
var imported = strings.Fields(`accounts auth authtest authviews belleville bun contenttypes core coretest dbstore forms
	fs hashers home http login makemigrations messages migrate notes project sessions stored url web`)

// checkName returns what is wrong with the name of a project or an app, which is that of its package.
func checkName(what, name string) error {
	fix := "; choose another name"
	switch {
	case !namePattern.MatchString(name):
		if s := suggestion(name); s != "" {
			fix = fmt.Sprintf(", as in %q", s)
		}
		return fmt.Errorf("%q is no name for %s: write lower-case letters, digits and _, beginning with a letter%s", name, what, fix)
	case len(name) > maxName:
		return fmt.Errorf("%q is too long for the name of %s: at most %d characters", name, what, maxName)
	case token.IsKeyword(name), slices.Contains(predeclared, name):
		return fmt.Errorf("%q is a word of the Go language, so %s cannot have it as its name%s", name, what, fix)
	case slices.Contains(standard, name):
		return fmt.Errorf("%q is a package of Go's standard library, so %s cannot have it as its name%s", name, what, fix)
	case slices.Contains(special, name), strings.HasSuffix(name, "_test"):
		return fmt.Errorf("the go command has a meaning of its own for %q, so %s cannot have it as its name%s", name, what, fix)
	case slices.Contains(imported, name):
		return fmt.Errorf("%q is the name of a package that every project uses, so %s cannot have it%s", name, what, fix)
	}
	return nil
}

// suggestion makes a name of what was typed, or returns "".
func suggestion(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ' || r == '.':
			return '_'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, name)
	if !namePattern.MatchString(s) {
		return ""
	}
	return s
}

// checkModel returns what is wrong with the name of a model.
func checkModel(name string) error {
	switch {
	case !modelPattern.MatchString(name):
		return fmt.Errorf("%q is no name for a model: write letters and digits, beginning with a capital, as in LogEntry", name)
	case len(name) > maxName:
		return fmt.Errorf("%q is too long for the name of a model: at most %d characters", name, maxName)
	case name == "New", name == "Plugin":
		return fmt.Errorf("%q is what the app calls something else; choose another name for the model", name)
	}
	return nil
}

// checkModule returns what is wrong with the path of a module.
func checkModule(path string) error {
	for i, element := range strings.Split(path, "/") {
		if !pathPattern.MatchString(element) || strings.HasSuffix(element, ".") {
			return fmt.Errorf("%q is no path for a module: write something like example.com/shop", path)
		}
		if i == 0 && slices.Contains(standard, element) {
			return fmt.Errorf("the path %q begins like the packages of Go's standard library; write something like example.com/%s", path, path)
		}
	}
	return nil
}
