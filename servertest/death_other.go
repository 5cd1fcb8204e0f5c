//go:build !linux

package servertest

import "os/exec"

// dieWithParent does nothing where the kernel can't do it: there only Stop ends a server.
func dieWithParent(*exec.Cmd) {}
