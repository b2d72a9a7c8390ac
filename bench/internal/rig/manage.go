package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Timed is how long a command took from its start to its end, and its CPU time.
type Timed struct{ Wall, CPU time.Duration }

// Time runs a program to its end in a folder (empty means here) and says how long it took.
func Time(ctx context.Context, dir string, env []string, path string, args ...string) (Timed, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return Timed{}, fmt.Errorf("%s %s: %w: %s", path, strings.Join(args, " "), err, out)
	}
	return Timed{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// Interpreter returns the Python that runs this Django; Env is its environment.
func (d *Django) Interpreter() string { return d.python }
