package polls_test

import (
	"io"
	"testing"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

// run runs a command of the project.
func run(t *testing.T, p *core.Project, args ...string) error {
	t.Helper()
	return p.Run(t.Context(), &command.Env{Stdout: io.Discard, Stderr: io.Discard, Program: "manage"}, args)
}
