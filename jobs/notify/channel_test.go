package notify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"mime"
	"mime/quotedprintable"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/jobs/notify"
	"github.com/sysopssquad/muster/jobs/notify/channeltest"
)

const secret = "hunter2-s3cret"

func TestSink(t *testing.T) {
	channeltest.Run(t, channeltest.Options{
		To: "+16175550100", Open: func(*testing.T) (notify.Channel, channeltest.Provider) { return notify.Sink{}, nil },
	})
}

// gateway is an HTTP provider.
type gateway struct {
	t      *testing.T
	server *httptest.Server
	once   bool

	mu       sync.Mutex
	mood     channeltest.Mood
	received []channeltest.Received
	done     chan struct{}
}

func newGateway(t *testing.T, once bool) *gateway {
	g := &gateway{t: t, once: once, done: make(chan struct{})}
	g.server = httptest.NewServer(g)
	t.Cleanup(func() {
		close(g.done)
		g.server.Close()
	})
	return g
}

func (g *gateway) Be(m channeltest.Mood) {
	g.mu.Lock()
	g.mood = m
	g.mu.Unlock()
	if m == channeltest.Nowhere {
		g.server.Listener.Close()
		g.server.CloseClientConnections()
	}
}

func (g *gateway) Received() []channeltest.Received {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.received
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	got := channeltest.Received{Key: r.Header.Get("Idempotency-Key")}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var m map[string]string
		if json.Unmarshal(body, &m) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		got.To, got.Subject, got.Text = m["to"], m["title"], m["text"]
	} else {
		if user, pass, _ := r.BasicAuth(); user != "AC1" || pass != secret {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.ParseForm() != nil || r.PostForm.Get("From") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		got.To, got.Text = r.PostForm.Get("To"), r.PostForm.Get("Body")
	}
	g.mu.Lock()
	mood := g.mood
	if mood != channeltest.Never && mood != channeltest.NotNow {
		known := false
		for _, r := range g.received {
			known = known || r.Key == got.Key
		}
		if !known || !g.once {
			g.received = append(g.received, got)
		}
	}
	g.mu.Unlock()
	switch mood {
	case channeltest.Never:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"code": 21211, "message": "Invalid 'To' Phone Number"}`))
	case channeltest.NotNow:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	case channeltest.Silent:
		<-g.done
	case channeltest.Broken:
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.(*net.TCPConn).CloseWrite() // half-closed: the client reads the end, the server still listens
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	case channeltest.Faulty:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"sid": "SM1", "id": "m-1"}`))
	}
}

func overHTTP(t *testing.T, shape string, once bool) (notify.Channel, channeltest.Provider) {
	g := newGateway(t, once)
	p := notify.Provider{Shape: shape, URL: g.server.URL + "/send", From: "+16175550000", Secret: secret, Once: once}
	if shape == "form" {
		p.User = "AC1"
	}
	c, err := notify.NewHTTP(p)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, g
}

func TestFormAPI(t *testing.T) {
	channeltest.Run(t, channeltest.Options{
		To: "+16175550100", Secret: secret, Retry: true,
		Open: func(t *testing.T) (notify.Channel, channeltest.Provider) { return overHTTP(t, "form", false) },
	})
}

func TestWebhook(t *testing.T) {
	channeltest.Run(t, channeltest.Options{
		To: "exp_ana", Secret: secret, Retry: true,
		Open: func(t *testing.T) (notify.Channel, channeltest.Provider) { return overHTTP(t, "json", true) },
	})
}

func TestReferenceOfTheProvider(t *testing.T) {
	for shape, want := range map[string]string{"form": "SM1", "json": "m-1"} {
		c, _ := overHTTP(t, shape, false)
		got, err := c.Deliver(t.Context(), notify.Letter{Key: "k", To: "+1", Text: "x"})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// postOffice is an SMTP server.
type postOffice struct {
	listener net.Listener

	mu       sync.Mutex
	mood     channeltest.Mood
	received []channeltest.Received
	done     chan struct{}
}

func newPostOffice(t *testing.T) *postOffice {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &postOffice{listener: l, done: make(chan struct{})}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &counter{office: p, conn: c}, nil
	}))
	s.Domain, s.ReadTimeout, s.ErrorLog = "localhost", 5*time.Second, silent{}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		close(p.done)
		_ = s.Close()
		_ = l.Close() // a server that has not begun yet ends by this
		<-ended
	})
	return p
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (p *postOffice) Be(m channeltest.Mood) {
	p.mu.Lock()
	p.mood = m
	p.mu.Unlock()
	if m == channeltest.Nowhere {
		p.listener.Close()
	}
}

func (p *postOffice) Received() []channeltest.Received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.received
}

// counter is one connection to the post office.
type counter struct {
	office *postOffice
	conn   *smtp.Conn
	to     string
}

func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

func (c *counter) Mail(string, *smtp.MailOptions) error { return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	switch c.office.now() {
	case channeltest.Never:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox " + to}
	case channeltest.NotNow:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
	}
	return nil
}

func (p *postOffice) now() channeltest.Mood {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mood
}

func (c *counter) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(m.Body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	p := c.office
	p.mu.Lock()
	mood := p.mood
	p.received = append(p.received, channeltest.Received{
		To: c.to, Subject: subject, Text: strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), Key: m.Header.Get("Message-ID"),
	})
	p.mu.Unlock()
	switch mood {
	case channeltest.Silent:
		<-p.done
	case channeltest.Broken:
		return c.conn.Conn().Close()
	case channeltest.Faulty:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again"}
	}
	return nil
}

func TestMailServer(t *testing.T) {
	channeltest.Run(t, channeltest.Options{
		To: "joan@example.com", Secret: secret, FaultyRefuses: true,
		Open: func(t *testing.T) (notify.Channel, channeltest.Provider) {
			p := newPostOffice(t)
			at := p.listener.Addr().(*net.TCPAddr)
			c, err := notify.NewSMTP(notify.MailServer{Host: "127.0.0.1", Port: at.Port, From: "Muster <service@example.com>", TLS: "none"})
			require.NoError(t, err)
			return c, p
		},
	})
}
