package core

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
)

func (p *Project) checkCommand() command.Command {
	return command.Command{
		Name: "check", Summary: "Look for mistakes in the project", SkipChecks: true,
		Details: "The exit status is 1 when an error is found, or what --fail-level names.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			deploy := fs.Bool("deploy", false, "look at what matters in production too")
			tags := fs.StringSliceP("tag", "t", nil, "only the checks with this `tag`; may be repeated")
			list := fs.Bool("list-tags", false, "only list the tags")
			level := fs.String("fail-level", "ERROR", "the mildest `level` to fail for: CRITICAL, ERROR, WARNING, INFO, DEBUG")
			return func(ctx context.Context, env *command.Env, _ []string) error {
				known := p.checkTags(*deploy)
				if *list {
					env.Printf("%s", lines(known))
					return nil
				}
				for _, tag := range *tags {
					if !slices.Contains(known, tag) {
						return command.Usagef("no check has the tag %q: the tags are %s", tag, strings.Join(known, ", "))
					}
				}
				mildest, ok := checkLevel(*level)
				if !ok {
					return command.Usagef("there is no level %q: write CRITICAL, ERROR, WARNING, INFO or DEBUG", *level)
				}
				return report(env, p.check(ctx, *deploy, *tags), mildest)
			}
		},
	}
}

// checkTags are the tags of all checks, sorted.
func (p *Project) checkTags(deploy bool) []string {
	var tags []string
	for _, c := range p.checks() {
		if deploy || !c.Deploy {
			tags = append(tags, c.Tags...)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func checkLevel(name string) (check.Level, bool) {
	for _, level := range []check.Level{check.Debug, check.Info, check.Warning, check.Error, check.Critical} {
		if strings.EqualFold(level.String(), name) {
			return level, true
		}
	}
	return 0, false
}

// report prints messages and fails when one is as bad as a level.
func report(env *command.Env, messages []check.Message, level check.Level) error {
	bad := 0
	for _, m := range messages {
		env.Errorf("%s: %s\n", m.Level, m)
		if m.Level >= level {
			bad++
		}
	}
	switch errors := countSerious(messages); {
	case errors > 0:
		return fmt.Errorf("the system check found %d error(s)", errors)
	case bad > 0:
		return fmt.Errorf("the system check found %d message(s) of the level %s or worse", bad, level)
	}
	env.Printf("The system check found %d warning(s) and no errors.\n", len(messages))
	return nil
}

// lines puts each text on a line of its own.
func lines(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return strings.Join(texts, "\n") + "\n"
}
