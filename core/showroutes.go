package core

import (
	"context"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
)

func (p *Project) showroutes() command.Command {
	return command.Command{
		Name: "showroutes", Summary: "List the routes and who may call each", SkipChecks: true,
		Details: "Each line has the methods, the path, the rule and the name, in the order in which the\n" +
			"routes are tried. A rule is public, login, permission or what a wrapper of the project\n" +
			"calls itself; unknown is a handler that nothing can be said about.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			public := fs.Bool("public", false, "only what anyone may call, and the unknown")
			return func(_ context.Context, env *command.Env, _ []string) error {
				t := tabwriter.NewWriter(tableOutput{env}, 0, 0, 2, ' ', 0)
				for _, r := range p.site.Router.Routes() {
					if *public && !isOpen(r.Rules) {
						continue
					}
					cells := []string{strings.Join(r.Methods, ","), r.Path, ruleText(r.Rules)}
					if r.Name != "" {
						cells = append(cells, r.Name)
					}
					if _, err := t.Write([]byte(strings.Join(cells, "\t") + "\n")); err != nil {
						return err
					}
				}
				return t.Flush()
			}
		},
	}
}

// tableOutput writes to a command's Stdout, or nowhere.
type tableOutput struct{ env *command.Env }

func (o tableOutput) Write(b []byte) (int, error) {
	if o.env.Stdout == nil {
		return len(b), nil
	}
	return o.env.Stdout.Write(b)
}

// isOpen reports whether nothing is known that keeps anybody out.
func isOpen(rules []web.Rule) bool {
	return !slices.ContainsFunc(rules, func(r web.Rule) bool { return r.Kind != web.KindPublic && r.Kind != web.KindUnknown })
}

// ruleText is all rules of a route, the outermost first: each has to be met.
func ruleText(rules []web.Rule) string {
	var texts []string
	for _, r := range rules {
		texts = append(texts, r.String())
	}
	return strings.Join(texts, " + ")
}
