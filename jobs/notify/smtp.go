package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP is a channel that sends each letter as a mail through a server.
type SMTP struct {
	server MailServer
	domain string // of the sender, for message ids
}

// MailServer says how mail is sent.
type MailServer struct {
	Host      string `yaml:"host"`
	Port      int    `yaml:"port"` // 587 if 0
	From      string `yaml:"from"` // Muster <service@example.com>
	User      string `yaml:"user"`
	Secret    string `yaml:"secret"`
	SecretEnv string `yaml:"secret_env"` // the environment variable that has it, instead
	TLS       string `yaml:"tls"`        // starttls if empty; tls from the beginning; none only on loopback
}

// NewSMTP makes a channel of a server.
func NewSMTP(s MailServer) (*SMTP, error) {
	if s.Host == "" {
		return nil, errors.New("host: name the mail server")
	}
	if s.Port == 0 {
		s.Port = mail.DefaultPortTLS
	}
	m := mail.NewMsg()
	if err := m.From(s.From); err != nil {
		return nil, errors.New("from: a sender such as Muster <service@example.com>")
	}
	switch s.TLS {
	case "", "starttls", "tls":
	case "none":
		if !loopback(s.Host) {
			return nil, fmt.Errorf("tls: none would send people's addresses to %s in the clear", s.Host)
		}
	default:
		return nil, fmt.Errorf("tls: %q is none of starttls, tls and none", s.TLS)
	}
	if _, err := s.client(deliverTime); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(strings.Trim(m.GetFromString()[0], "<>"), "@")
	return &SMTP{server: s, domain: domain}, nil
}

// client makes a client for one letter, which is given up after a while: the library looks at its context only while it
// connects.
func (s MailServer) client(within time.Duration) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(s.Port), mail.WithTimeout(within), mail.WithoutNoop()}
	switch s.TLS {
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case "tls":
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.User != "" {
		how := mail.SMTPAuthAutoDiscover
		if s.TLS == "none" {
			how = mail.SMTPAuthPlainNoEnc // loopback alone
		}
		options = append(options, mail.WithSMTPAuth(how), mail.WithUsername(s.User), mail.WithPassword(s.Secret))
	}
	return mail.NewClient(s.Host, options...)
}

// Once implements Channel: SMTP knows no keys. The Message-ID is that of the letter at every try, by which readers' mail programs
// tell that it is one mail.
func (s *SMTP) Once() bool { return false }

// Deliver implements Channel.
func (s *SMTP) Deliver(ctx context.Context, l Letter) (string, error) {
	id := messageID(l.Key) + "@" + s.domain
	m := mail.NewMsg()
	m.SetMessageIDWithValue(id)
	m.SetDate()
	m.Subject(oneLine(l.Subject))
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday notice answers it
	if err := m.From(s.server.From); err != nil {
		return "", &Failure{Why: "the sender's address can't be used"}
	}
	if err := m.AddToFormat(oneLine(l.Name), l.To); err != nil {
		return "", &Failure{Why: "the address can't be used", Final: true}
	}
	within := deliverTime
	if deadline, ok := ctx.Deadline(); ok {
		within = max(time.Until(deadline), time.Millisecond)
	}
	client, err := s.server.client(within)
	if err != nil {
		return "", &Failure{Why: "the mail server can't be used"}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return "", &Failure{Why: "the mail server can't be reached"}
	}
	err = client.SendWithSMTPClient(conn, m)
	if e := (*mail.SendError)(nil); errors.As(err, &e) && e.Reason == mail.ErrSMTPReset {
		err = nil // it was taken; only the tidying up after it failed
	}
	if err != nil {
		_ = conn.Close()
		return "", refusedMail(err)
	}
	_ = client.CloseWithSMTPClient(conn) // what was taken is taken, whatever becomes of QUIT
	return id, nil
}

func messageID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// refusedMail tells what a server's refusal means: 5xx is for good, 4xx for now. Where it gave no code the letter may have
// been taken, unless it was not even at the text.
func refusedMail(err error) *Failure {
	var e *mail.SendError
	if !errors.As(err, &e) {
		return &Failure{Why: "the connection to the mail server broke", Unknown: true}
	}
	code := e.ErrorCode()
	switch {
	case code >= 500:
		return &Failure{Why: fmt.Sprintf("the mail server answered %d", code), Final: e.Reason == mail.ErrSMTPRcptTo || e.Reason == mail.ErrSMTPData || e.Reason == mail.ErrSMTPDataClose}
	case code >= 400:
		return &Failure{Why: fmt.Sprintf("the mail server answered %d", code)}
	case e.Reason == mail.ErrSMTPDataClose, e.Reason == mail.ErrWriteContent:
		return &Failure{Why: "the connection to the mail server broke", Unknown: true}
	}
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		return &Failure{Why: "the mail server didn't answer in time"}
	}
	return &Failure{Why: "the connection to the mail server broke"}
}
