package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sysopssquad/muster"
)

// Listen opens a port on loopback. Other addresses are refused: until people sign in, whoever reaches the
// port may do everything. A port in use is named, with what holds it where /proc tells.
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, muster.Invalid("--addr", addr, "give host:port, such as 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return nil, muster.Invalid("--addr", addr, "a port is a number from 0 to 65535")
	}
	if !isLoopback(host) {
		return nil, muster.Invalid("--addr", addr,
			"until people sign in Muster listens on loopback only; give 127.0.0.1:"+port+", and reach it from elsewhere through ssh -L")
	}
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, (&muster.Error{
			Code: muster.CodeTaken, Message: addr + " is in use" + holder(port),
			Hint: "stop that, or choose another with --addr", Field: "--addr", Value: addr,
		}).Because(err)
	case errors.Is(err, syscall.EACCES):
		return nil, muster.Invalid("--addr", addr, "this user may not open that port; choose one from 1024").Because(err)
	case err != nil:
		return nil, muster.Invalid("--addr", addr, "give an address of this machine, such as 127.0.0.1:8080").Because(err)
	}
	if bound, err := netip.ParseAddrPort(l.Addr().String()); err != nil || !bound.Addr().IsLoopback() {
		_ = l.Close()
		return nil, muster.Invalid("--addr", addr, "this name is not on loopback; give 127.0.0.1:"+port)
	}
	return l, nil
}

// Limits of a connection. Streams of events set their own deadline before each write.
const (
	headerTime    = 10 * time.Second
	readTime      = 30 * time.Second
	writeTime     = 60 * time.Second
	idleTime      = 120 * time.Second
	maxHeader     = 64 << 10
	drainTime     = 10 * time.Second
	writeOneEvent = 30 * time.Second
)

// Serve answers on a listener until the context ends, then lets requests under way finish. Close
// Config.Done at the same time, or streams hold it up.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := srv.Shutdown(draining)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests still ran after %s: %w", drainTime, err), srv.Close())
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// holder finds who listens on a port: its socket's inode in /proc/net/tcp, then the process that has it
// open. It is empty where there is no /proc, or the process is another user's.
func holder(port string) string {
	inodes := listening(port)
	if len(inodes) == 0 {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil || !inodes[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		line, _ := os.ReadFile("/proc/" + pid + "/cmdline")
		command := shown(strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " ")))
		return fmt.Sprintf(" by process %s (%s)", pid, command)
	}
	return ""
}

// listening gives the inodes of the sockets that listen on a port.
func listening(port string) map[string]bool {
	const listen = "0A"
	n, _ := strconv.Atoi(port)
	want := fmt.Sprintf(":%04X", n)
	inodes := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		rows, _ := os.ReadFile(table)
		for row := range strings.Lines(string(rows)) {
			// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
			f := strings.Fields(row)
			if len(f) > 9 && f[3] == listen && strings.HasSuffix(f[1], want) {
				inodes[f[9]] = true
			}
		}
	}
	return inodes
}
