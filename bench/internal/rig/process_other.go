//go:build !unix

package rig

import (
	"errors"
	"os"
	"os/exec"
)

func separate(*exec.Cmd) {}

// end kills a program; there is no gentler way here.
func end(p *os.Process, _ bool) error {
	if err := p.Kill(); !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}
