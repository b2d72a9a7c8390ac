package main

import (
	"context"
	"os"
	"runtime"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

// processorsMain is the program "processors", whose command "show" tells how many processors Go used
// when the project was made and when the command runs.
func processorsMain() {
	os.Exit(core.Main(func(s core.Settings) (*core.Project, error) {
		made := runtime.GOMAXPROCS(0)
		show := command.Command{Name: "show", Summary: "Tell the processors", Setup: func(*pflag.FlagSet) command.Run {
			return func(_ context.Context, env *command.Env, _ []string) error {
				env.Printf("made with %d, run with %d\n", made, runtime.GOMAXPROCS(0))
				return nil
			}
		}}
		return core.New(s, core.App{Label: "processors", Commands: []command.Command{show}})
	}))
}
