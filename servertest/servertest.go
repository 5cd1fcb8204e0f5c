// Package servertest runs the real servers that tests and benchmarks need: a Neo4j with authentication, a Redis that
// keeps an append-only file, and a browser's path. Each server listens on a free port of the loopback interface, lives
// in a folder of its own and dies with the process that started it.
//
// Tests use Main, Neo4j and Redis; other programs StartNeo4j, StartBriefNeo4j and StartRedis.
package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// remedy is what every complaint about a server that isn't there ends with.
const remedy = "run scripts/install-servers"

// Server is a running server, or one that was stopped or killed and can be started again on the same port and data.
type Server struct {
	URL string // how clients reach it, with user and password

	name    string
	home    string
	own     bool // home is ours to remove
	command func() *exec.Cmd
	ready   func(*Server) error // nil once it answers
	patient time.Duration       // how long it may take until it answers

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
}

// newServer prepares a home for a server in dir, or in a temporary folder that goes with it if dir is "".
func newServer(name, dir string, patient time.Duration) (*Server, error) {
	s := &Server{name: name, home: dir, patient: patient}
	if dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		s.home = abs
		return s, os.MkdirAll(abs, 0o700)
	}
	sweep()
	home, err := os.MkdirTemp("", fmt.Sprintf("%s%d-%s-", prefix, os.Getpid(), name))
	s.home, s.own = home, true
	return s, err
}

// prefix of temporary homes; the process id of their owner follows.
const prefix = "muster-servertest-"

// sweep removes the homes of servers whose owner was killed before it could.
func sweep() {
	homes, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, home := range homes {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(home), prefix), "-")
		n, err := strconv.Atoi(pid)
		if err == nil && errors.Is(syscall.Kill(n, 0), syscall.ESRCH) {
			_ = os.RemoveAll(home)
		}
	}
}

// start runs the process and waits until it answers.
func (s *Server) start() error {
	cmd := s.command()
	out, err := os.OpenFile(s.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	DieWithParent(cmd)

	started, exited := make(chan error, 1), make(chan struct{})
	go await(cmd, started, exited)
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w; %s", s.name, err, remedy)
	}
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.mu.Unlock()

	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(s.patient)
	defer late.Stop()
	for {
		err := s.ready(s)
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended at once: %s", s.name, s.tail())
		case <-late.C:
			_ = s.Kill()
			return fmt.Errorf("%s doesn't answer after %s: %w; %s", s.name, s.patient, err, s.tail())
		case <-tick.C:
		}
	}
}

// await starts a process and waits for its end on one locked thread: the kernel takes the end of the thread that
// started a child for the end of the parent.
func await(cmd *exec.Cmd, started chan<- error, exited chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		_ = cmd.Wait()
		close(exited)
	}
}

func (s *Server) log() string { return filepath.Join(s.home, "console.log") }

// tail is the end of what the process printed.
func (s *Server) tail() string {
	b, _ := os.ReadFile(s.log())
	return string(b[max(0, len(b)-2000):])
}

// Kill ends the process as a power cut would, and waits until it is gone. Start brings it back.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

// Start starts a server again that was killed or stopped, on the same port and data.
func (s *Server) Start() error { return s.start() }

// Stop ends the process in good order. What lived in a temporary home is removed, and killed rather than asked: nobody
// will read its data again.
func (s *Server) Stop() error {
	if !s.own {
		return s.end(syscall.SIGTERM)
	}
	return errors.Join(s.end(syscall.SIGKILL), os.RemoveAll(s.home))
}

func (s *Server) end(with syscall.Signal) error {
	s.mu.Lock()
	cmd, exited := s.cmd, s.exited
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(with); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	late := time.NewTimer(20 * time.Second) // a Neo4j that is asked takes up to 11 s
	defer late.Stop()
	select {
	case <-exited:
		return nil
	case <-late.C:
		return errors.Join(cmd.Process.Kill(), fmt.Errorf("%s had to be killed", s.name))
	}
}

// Pid is the process's id.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd.Process.Pid
}

// freePort asks the kernel for a port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
