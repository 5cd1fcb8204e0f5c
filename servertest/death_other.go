//go:build !linux

package servertest

import "os/exec"

// DieWithParent does nothing where the kernel can't do it: there only Stop ends a server.
func DieWithParent(*exec.Cmd) {}
