package scaffold

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

// StartApp returns the command that writes an app. labels are those of the project's apps, which a
// new one cannot have.
func StartApp(labels []string) command.Command {
	return command.Command{
		Name: "startapp", Args: "name [folder]", Summary: "Write a new app of a project", Standalone: true,
		Details: "It is written to a folder of its name, or the one that is given, inside a module: a model with " +
			"its migration, a permission, pages and tests. Nothing is overwritten; what to add to the project is printed.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			model := fs.String("model", "Item", "the name of its model")
			return func(_ context.Context, env *command.Env, args []string) error {
				if len(args) < 1 || len(args) > 2 {
					return command.Usagef("startapp takes a name and perhaps a folder: startapp billing")
				}
				return startApp(env, args, *model, labels)
			}
		},
	}
}

func startApp(env *command.Env, args []string, model string, labels []string) error {
	name := args[0]
	if err := errors.Join(checkName("an app", name), checkModel(model)); err != nil {
		return err
	}
	if slices.Contains(labels, name) {
		return fmt.Errorf("the project has an app %q already; choose another name", name)
	}
	dir, named := folderOf(args)
	if err := checkTarget(dir, named); err != nil {
		return err
	}
	importPath, err := importPathOf(dir)
	if err != nil {
		return err
	}
	files, err := render("app", dir, data{App: name, Import: importPath, Model: model})
	if err != nil {
		return err
	}
	if err := write(files); err != nil {
		return err
	}
	env.Printf("The app %s is in %s. Two lines more in project.go put it into the project, an import and an argument of core.New:\n\n"+
		"\t%q\n\t%s.New(s.DB, a).App(),\n\nThen `%s migrate` makes its table.\n", name, dir, importPath, name, env.Program)
	return nil
}

// importPathOf returns the import path of a package in a folder, which need not be there yet.
func importPathOf(dir string) (string, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	root := moduleAround(full)
	if root == "" {
		return "", fmt.Errorf("%s is in no module: call startapp in the folder of a project, where go.mod is", dir)
	}
	rest, err := filepath.Rel(root, full)
	if err != nil {
		return "", err
	}
	return path.Join(modulePathOf(root), filepath.ToSlash(rest)), nil
}
