//go:build unix

package rig

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// separate puts a program and its children into a process group of their own: Ctrl-C is for the
// benchmark, which then stops its servers itself.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end tells a program's process group to end, or kills it. That it is gone already is no error.
func end(p *os.Process, kill bool) error {
	signal := syscall.SIGTERM
	if kill {
		signal = syscall.SIGKILL
	}
	if err := syscall.Kill(-p.Pid, signal); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
