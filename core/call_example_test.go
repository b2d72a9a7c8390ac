package core_test

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
)

// A command can be called from code as it would be typed; what would be an exit status is an error.
func ExampleProject_Call() {
	greet := command.Command{
		Name: "greet", Args: "name", Summary: "Say hello",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(_ context.Context, env *command.Env, args []string) error {
				env.Printf("Hello, %s\n", args[0])
				return nil
			}
		},
	}
	db, err := database.Open("sqlite:not-opened-here.sqlite3")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	p, err := core.New(core.Settings{DB: db, Keys: []string{"0123456789-0123456789-0123456789-0123456789-0123456789"}},
		core.App{Label: "greetings", Commands: []command.Command{greet}})
	if err != nil {
		fmt.Println(err)
		return
	}
	env := &command.Env{Stdout: os.Stdout, Program: "manage"}
	fmt.Println(p.Call(context.Background(), env, "greet", "ada"))
	fmt.Println(p.Call(context.Background(), env, "great", "ada"))
	// Output:
	// Hello, ada
	// <nil>
	// there is no command "great" (did you mean "greet"?); `manage help` lists them all
}
