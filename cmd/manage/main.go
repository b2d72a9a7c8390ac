// Command manage runs the demo project, examples/polls: it migrates its database, serves its pages,
// and makes its users. `manage help` lists what it can do.
package main

import (
	"os"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/examples/polls"
)

func main() { os.Exit(core.Main(polls.NewProject)) }
