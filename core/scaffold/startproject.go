package scaffold

import (
	"cmp"
	"context"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

// firstApp and firstModel are what a new project has for an example.
const (
	firstApp   = "notes"
	firstModel = "Note"
)

// StartProject returns the command that writes a project.
func StartProject() command.Command {
	return command.Command{
		Name: "startproject", Args: "name [folder]", Summary: "Write a new project", Standalone: true,
		Details: "It is written to a folder of its name, or the one that is given, and needs no change to " +
			"run: `make run`, `make test`. Nothing is overwritten.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			module := fs.String("module", "", "the path of its module, like example.com/shop (default: its name)")
			replace := fs.String("replace", "", "the folder of Belleville's checkout, for go.mod (default: found)")
			return func(_ context.Context, env *command.Env, args []string) error {
				if len(args) < 1 || len(args) > 2 {
					return command.Usagef("startproject takes a name and perhaps a folder: startproject shop")
				}
				return startProject(env, args, *module, *replace)
			}
		},
	}
}

func startProject(env *command.Env, args []string, module, replace string) error {
	name := args[0]
	if err := checkName("a project", name); err != nil {
		return err
	}
	module = cmp.Or(module, name)
	if err := checkModule(module); err != nil {
		return err
	}
	version, folder, err := framework(replace)
	if err != nil {
		return err
	}
	dir, named := folderOf(args)
	if err := checkTarget(dir, named); err != nil {
		return err
	}
	d := data{
		Name: name, Module: module, Version: version, Replace: quoted(folder),
		App: firstApp, Import: module + "/" + firstApp, Model: firstModel,
	}
	files, err := render("project", dir, d)
	if err != nil {
		return err
	}
	app, err := render("app", filepath.Join(dir, firstApp), d)
	if err != nil {
		return err
	}
	if err := write(append(files, app...)); err != nil {
		return err
	}
	env.Printf("The project %s is in %s. Go on with\n\n\tcd %s\n\tmake test\n\tmake run\n", name, dir, dir)
	return nil
}

// folderOf returns the folder to write to: the second argument, else one of the name's.
func folderOf(args []string) (dir string, named bool) {
	if len(args) > 1 {
		return filepath.Clean(args[1]), true
	}
	return args[0], false
}
