package scaffold_test

import (
	"fmt"
	"strings"

	"github.com/go-belleville/belleville/core/scaffold"
)

// Package core gives both commands to every project. A new app cannot have the label of another.
func ExampleStartApp() {
	var help strings.Builder
	fmt.Println(scaffold.StartProject().Name, scaffold.StartProject().Err())
	fmt.Println(scaffold.StartApp([]string{"polls"}).Name, scaffold.StartApp(nil).WriteHelp(&help))
	usage, _, _ := strings.Cut(help.String(), "\n")
	fmt.Println(usage)
	// Output:
	// startproject <nil>
	// startapp <nil>
	// usage: manage startapp [options] name [folder]
}
