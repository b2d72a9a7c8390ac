package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

func (a *Auth) changepassword() command.Command {
	return command.Command{
		Name: "changepassword", Args: "[username]", Summary: "Change a user's password", ChecksMigrations: true,
		Details: "Without a name it is the one of the system's user. All of the user's sessions end.",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				name := env.User
				switch len(args) {
				case 0:
				case 1:
					name = args[0]
				default:
					return command.Usagef("changepassword takes one user name, got %d", len(args))
				}
				return a.askNewPassword(ctx, env, name)
			}
		},
	}
}

// passwordTries is how often a new password is asked for.
const passwordTries = 3

func (a *Auth) askNewPassword(ctx context.Context, env *command.Env, name string) error {
	u, err := a.users.ByUsername(ctx, name)
	if errors.Is(err, ErrNoUser) {
		return fmt.Errorf("there is no user '%s'", name)
	}
	if err != nil {
		return err
	}
	if !env.Prompt().Interactive() {
		return errors.New("the password was not changed: there is no terminal to ask at")
	}
	env.Printf("Changing the password of '%s'\n", name)
	for range passwordTries {
		raw, again, err := askTwice(ctx, env.Prompt())
		if err != nil {
			return err
		}
		if raw != again {
			env.Errorf("The two passwords are not the same. Please try again.\n")
			continue
		}
		if problem := a.users.ValidatePassword(ctx, raw, u); problem != nil {
			env.Errorf("%s\n", problem)
			continue
		}
		if err := a.users.ChangePassword(ctx, u, raw); err != nil {
			return err
		}
		env.Printf("The password of '%s' was changed.\n", name)
		return nil
	}
	return fmt.Errorf("the password of '%s' was not changed: %d attempts failed", name, passwordTries)
}

// askTwice asks for a new password and for the same again. What is left blank ends the command.
func askTwice(ctx context.Context, p command.Prompter) (raw, again string, err error) {
	for _, q := range []struct {
		prompt string
		answer *string
	}{{"Password: ", &raw}, {"Password (again): ", &again}} {
		if *q.answer, err = p.AskSecret(ctx, q.prompt); err != nil {
			return "", "", err
		}
		if *q.answer == "" {
			return "", "", errors.New("the password was not changed: it was left blank")
		}
	}
	return raw, again, nil
}
