package torture

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sysopssquad/muster/servertest"
)

// process is one of Muster's, which is started again whenever it ends, as a service manager would.
type process struct {
	name, kind string
	binary     string
	args       []string
	addr       string // of a server
	log, dir   string
	env        []string // beside the environment of this process

	quit chan struct{} // closed to stop
	done chan struct{} // closed when it has stopped

	mu      sync.Mutex
	cmd     *exec.Cmd
	crash   string         // where the next one kills itself, see MUSTER_CRASH
	point   string         // of its work at which this one will
	killed  bool           // by us
	crashes map[string]int // how often it killed itself, by point
}

// restartAfter is how long a service manager takes.
const restartAfter = 300 * time.Millisecond

// start runs the process until stop.
func (p *process) start() error {
	p.quit, p.done = make(chan struct{}), make(chan struct{})
	started := make(chan error, 1)
	go p.supervise(started)
	return <-started
}

// supervise starts it again after each end. It keeps to one thread: the kernel takes the end of the thread that started a
// child for the end of the parent.
func (p *process) supervise(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	for first := true; ; first = false {
		cmd, err := p.launch()
		if first {
			started <- err
		}
		if err != nil {
			return
		}
		_ = cmd.Wait()
		p.mu.Lock()
		if !p.killed && cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			if p.crashes == nil {
				p.crashes = make(map[string]int)
			}
			p.crashes[p.point]++
		}
		p.mu.Unlock()
		select {
		case <-p.quit:
			return
		case <-time.After(restartAfter):
		}
	}
}

// launch starts it once.
func (p *process) launch() (*exec.Cmd, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(p.binary, p.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, out, out
	servertest.DieWithParent(cmd)
	cmd.Env = append(os.Environ(), p.env...)
	if p.crash != "" {
		cmd.Env = append(cmd.Env, "MUSTER_TESTING=1", "MUSTER_CRASH="+p.crash)
	}
	p.point, _, _ = strings.Cut(p.crash, ":")
	p.crash = ""
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd, p.killed = cmd, false
	return cmd, nil
}

// kill ends it at once. The next one ends at a point of its own work, if crash isn't "".
func (p *process) kill(crash string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crash, p.killed = crash, true
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// tookCrashes adds how often it killed itself since it was last asked, by point.
func (p *process) tookCrashes(to map[string]int) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for point, times := range p.crashes {
		to[point] += times
		n += times
	}
	p.crashes = nil
	return n
}

// stop ends it for good.
func (p *process) stop() {
	if p.quit == nil {
		return
	}
	close(p.quit)
	for late := time.After(15 * time.Second); ; {
		p.mu.Lock()
		cmd := p.cmd
		p.mu.Unlock()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
			p.quit = nil
			return
		case <-late:
			_ = cmd.Process.Kill()
		case <-time.After(restartAfter): // it may just have been started again
		}
	}
}
