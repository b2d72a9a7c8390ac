package command_test

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

// A command is a value: its flags are declared for each call, and its output goes where Env says.
func Example() {
	greet := command.Command{
		Name: "greet", Args: "[name]", Summary: "Say hello",
		Setup: func(fs *pflag.FlagSet) command.Run {
			loud := fs.Bool("loud", false, "shout")
			return func(_ context.Context, env *command.Env, args []string) error {
				name := env.User
				if len(args) > 0 {
					name = args[0]
				}
				env.Printf("Hello, %s", name)
				if *loud {
					env.Printf("!!!")
				}
				env.Printf("\n")
				return nil
			}
		},
	}
	env := &command.Env{Stdout: os.Stdout, User: "ada"}
	fmt.Println(greet.Execute(context.Background(), env, nil))
	fmt.Println(greet.Execute(context.Background(), env, []string{"bob", "--loud"}))
	fmt.Println(greet.Execute(context.Background(), env, []string{"--soft"}))
	// Output:
	// Hello, ada
	// <nil>
	// Hello, bob!!!
	// <nil>
	// greet: unknown flag: --soft; `help greet` lists the options
}
