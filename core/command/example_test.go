package command_test

import (
	"context"
	"errors"
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

// Flags that every command spells alike, and a mistake in how it was called.
func ExampleUsagef() {
	closePolls := command.Command{
		Name: "closepolls", Args: "[poll]...", Summary: "Close polls",
		Setup: func(fs *pflag.FlagSet) command.Run {
			verbosity, quiet := command.Verbosity(fs), command.NoInput(fs)
			return func(_ context.Context, env *command.Env, args []string) error {
				if len(args) == 0 {
					return command.Usagef("name the polls to close")
				}
				env.Printf("closing %v, verbosity %d, asking: %v\n", args, *verbosity, !*quiet)
				return nil
			}
		},
	}
	env := &command.Env{Stdout: os.Stdout}
	fmt.Println(closePolls.Execute(context.Background(), env, []string{"3", "4", "-v2", "--noinput"}))
	err := closePolls.Execute(context.Background(), env, nil)
	fmt.Println(err, errors.Is(err, command.ErrUsage))
	// Output:
	// closing [3 4], verbosity 2, asking: false
	// <nil>
	// name the polls to close true
}

func ExampleSystemUser() {
	environment := map[string]string{"USER": "ada"}
	fmt.Println(command.SystemUser(func(name string) string { return environment[name] }))
	// Output: ada
}
