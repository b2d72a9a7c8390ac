// Command manage runs Belleville's demo, examples/polls, with the plugin in it.
package main

import (
	"os"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/examples/polls"

	"example.com/announcements"
)

func main() { os.Exit(core.Main(polls.With(announcements.App))) }
