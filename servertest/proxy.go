package servertest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Fault says where a proxied conversation breaks.
type Fault int

// The faults, seen from the request that triggers them.
const (
	RequestLost Fault = iota // the server never sees the request
	ReplyLost                // the server answers, the client never sees it
	InFlight                 // the server gets the request while both connections are cut
	Silence                  // neither side hears of the other again, and nothing is cut
)

// Proxy stands between clients and a server and cuts connections, or lets them fall silent, when told to. Reach the server
// by it with the bolt scheme: routing would lead a client around the proxy.
type Proxy struct {
	listener net.Listener
	target   string
	user     *url.Userinfo
	running  sync.WaitGroup
	hits     atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]bool
	match []byte // in what clients send
	fault Fault
	armed int // how many more matches break
}

// BoltCommit is a COMMIT message of the Bolt protocol as a client sends it: one chunk of two bytes.
var BoltCommit = []byte{0x00, 0x02, 0xb0, 0x12, 0x00, 0x00}

// NewProxy listens on a free port and forwards to a server, given by its URL, until the test ends. URL gives the way
// through it.
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: u.Host, user: u.User, conns: make(map[net.Conn]bool)}
	p.running.Add(1)
	go p.accept()
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
		p.running.Wait()
	})
	return p
}

// URL leads to the server by way of the proxy, with the same user: bolt://user:password@127.0.0.1:port.
func (p *Proxy) URL(scheme string) string {
	return (&url.URL{Scheme: scheme, User: p.user, Host: p.listener.Addr().String()}).String()
}

// Arm breaks the next times conversations in which a client sends match.
func (p *Proxy) Arm(match []byte, fault Fault, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.match, p.fault, p.armed = match, fault, times
}

// Hits is how many conversations were broken.
func (p *Proxy) Hits() int { return int(p.hits.Load()) }

// Cut closes all connections now.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) accept() {
	defer p.running.Done()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = true, true
		p.mu.Unlock()
		var deaf atomic.Bool // the client hears nothing more
		p.running.Add(2)
		go p.forward(client, server, &deaf)
		go p.reply(server, client, &deaf)
	}
}

// forward carries what the client sends.
func (p *Proxy) forward(client, server net.Conn, deaf *atomic.Bool) {
	defer p.running.Done()
	defer p.drop(client, server)
	buf := make([]byte, 64<<10)
	for silent := false; ; {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if silent {
			continue
		}
		fault, broken := p.breaks(buf[:n])
		if broken && fault == RequestLost {
			return
		}
		if broken && fault == Silence {
			silent = true
			continue
		}
		if broken && fault == ReplyLost {
			deaf.Store(true) // reply cuts the connection when the answer comes
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if broken && fault == InFlight {
			return
		}
	}
}

// reply carries what the server answers.
func (p *Proxy) reply(server, client net.Conn, deaf *atomic.Bool) {
	defer p.running.Done()
	defer p.drop(client, server)
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || deaf.Load() {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// breaks tells whether this request is to be broken, and counts it.
func (p *Proxy) breaks(request []byte) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.armed == 0 || !bytes.Contains(request, p.match) {
		return 0, false
	}
	p.armed--
	p.hits.Add(1)
	return p.fault, true
}

func (p *Proxy) drop(conns ...io.Closer) {
	for _, c := range conns {
		_ = c.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.conns, c.(net.Conn))
	}
}
