package templates_test

import (
	"fmt"
	"io/fs"

	"github.com/go-belleville/belleville/templates"
)

// A project's own templates win over these by having their names.
func ExamplePages() {
	for _, name := range []string{"base.html", "registration/login.html"} {
		info, err := fs.Stat(templates.Pages(), name)
		fmt.Println(info.Name(), err)
	}
	// Output:
	// base.html <nil>
	// login.html <nil>
}

func ExampleStatic() {
	files, err := fs.Glob(templates.Static(), "*.css")
	fmt.Println(files, err)
	// Output: [belleville.css] <nil>
}

// What startproject and startapp copy.
func ExampleScaffold() {
	files, err := fs.ReadDir(templates.Scaffold(), ".")
	for _, f := range files {
		fmt.Println(f.Name(), err)
	}
	// Output:
	// app <nil>
	// project <nil>
}
