package servertest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// StartRedis runs a Redis with its data in dir, or in a temporary folder if dir is "", and waits until it answers. It
// keeps an append-only file and evicts nothing, as Muster asks of a Redis. URL is redis://127.0.0.1:port/0.
func StartRedis(dir string) (*Server, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("no redis-server: %w; %s", err, remedy)
	}
	s, err := newServer("redis", dir, 20*time.Second)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s.command = func() *exec.Cmd {
		return exec.Command(binary, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", s.home,
			"--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "")
	}
	s.URL = fmt.Sprintf("redis://127.0.0.1:%d/0", port)
	s.ready = func(s *Server) error { return s.redis("PING", "+PONG") }
	if err := s.start(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// redis sends one inline command and compares the answer.
func (s *Server) redis(command, want string) error {
	address := strings.TrimSuffix(strings.TrimPrefix(s.URL, "redis://"), "/0")
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c, "%s\r\n", command); err != nil {
		return err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(line); got != want {
		return fmt.Errorf("redis answers %s with %q", command, got)
	}
	return nil
}

// WipeRedis deletes all keys.
func (s *Server) WipeRedis() error { return s.redis("FLUSHALL", "+OK") }
