package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// HTTP is a channel that posts each letter to a provider's address.
type HTTP struct {
	shape    shape
	provider Provider
	client   *http.Client
}

// Provider says how an HTTP provider is called.
type Provider struct {
	Shape     string            `yaml:"shape"`      // form or json, see shapes
	URL       string            `yaml:"url"`        // where letters are posted
	From      string            `yaml:"from"`       // sender: a number, or a name that the provider knows
	User      string            `yaml:"user"`       // with Secret: basic authentication
	Secret    string            `yaml:"secret"`     // alone: a bearer token
	SecretEnv string            `yaml:"secret_env"` // the environment variable that has it, instead
	Once      bool              `yaml:"once"`       // the provider delivers a letter once for its Idempotency-Key
	Fields    map[string]string `yaml:"fields"`     // more fields for every request
}

// A shape is how a request is written and where its answer has the provider's name for it.
type shape struct {
	kind      string
	body      func(p Provider, l Letter) ([]byte, error)
	reference []string // fields of the answer, the first that is there counts
}

// shapes of providers: form is that of Twilio's Messages (twilio.com/docs/messaging/api/message-resource), which several
// others copy; json is a plain webhook.
var shapes = map[string]shape{
	"form": {"application/x-www-form-urlencoded", formBody, []string{"sid", "id", "message_id"}},
	"json": {"application/json", jsonBody, []string{"id", "message_id", "reference"}},
}

func formBody(p Provider, l Letter) ([]byte, error) {
	v := url.Values{"To": {l.To}, "From": {p.From}, "Body": {l.Text}}
	for name, value := range p.Fields {
		v.Set(name, value)
	}
	return []byte(v.Encode()), nil
}

func jsonBody(p Provider, l Letter) ([]byte, error) {
	v := map[string]string{"key": l.Key, "to": l.To, "from": p.From, "name": l.Name, "title": l.Subject, "text": l.Text}
	for name, value := range p.Fields {
		v[name] = value
	}
	return json.Marshal(v)
}

// NewHTTP makes a channel of a provider.
func NewHTTP(p Provider) (*HTTP, error) {
	s, ok := shapes[p.Shape]
	if !ok {
		return nil, fmt.Errorf("shape: %q is neither form nor json", p.Shape)
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("url: give an address that begins with https://") // not shown: it may have a password in it
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("url: http to %s would send people's addresses and the secret in the clear: use https", u.Hostname())
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSHandshakeTimeout: 5 * time.Second,
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: parallel, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret goes nowhere else
	}
	return &HTTP{shape: s, provider: p, client: client}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Once implements Channel.
func (h *HTTP) Once() bool { return h.provider.Once }

// Close ends the connections that are kept open.
func (h *HTTP) Close() { h.client.CloseIdleConnections() }

// longestAnswer is how much of an answer is read.
const longestAnswer = 64 << 10

// Deliver implements Channel.
func (h *HTTP) Deliver(ctx context.Context, l Letter) (string, error) {
	body, err := h.shape.body(h.provider, l)
	if err != nil {
		return "", &Failure{Why: "the letter can't be written: " + err.Error(), Final: true}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.provider.URL, bytes.NewReader(body))
	if err != nil {
		return "", &Failure{Why: "the provider's address can't be used", Final: true}
	}
	r.GetBody = nil // a request that may have arrived is not sent again behind our back
	r.Header.Set("Content-Type", h.shape.kind)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Idempotency-Key", l.Key)
	switch p := h.provider; {
	case p.User != "":
		r.SetBasicAuth(p.User, p.Secret)
	case p.Secret != "":
		r.Header.Set("Authorization", "Bearer "+p.Secret)
	}
	answer, err := h.client.Do(r)
	if err != nil {
		return "", unreachable(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if answer.StatusCode/100 == 2 {
		return h.named(text), nil // taken, even if the rest of the answer never came
	}
	if err != nil {
		text = nil
	}
	return "", refused(answer, text)
}

// named finds the provider's name for the letter in an answer.
func (h *HTTP) named(answer []byte) string {
	var fields map[string]any
	if json.Unmarshal(answer, &fields) != nil {
		return ""
	}
	for _, name := range h.shape.reference {
		if s, ok := fields[name].(string); ok {
			return clip(s, 100)
		}
	}
	return ""
}

// unreachable tells what it means that there was no answer. Only where no connection came about is it sure that the letter
// was not taken.
func unreachable(err error) *Failure {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" || errors.Is(err, syscall.ECONNREFUSED) {
		return &Failure{Why: "the provider can't be reached"}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Failure{Why: "the provider didn't answer in time", Unknown: true}
	}
	return &Failure{Why: "the connection to the provider broke", Unknown: true}
}

// refused tells what a status means: 408, 425, 429 and 5xx may be better later, and of 5xx nobody knows whether the letter
// was taken, but for 503, which says that it was not. 401, 403 and redirections are our own configuration's fault: they
// may be better once somebody has seen to it. All others are about this letter, for good.
func refused(answer *http.Response, text []byte) *Failure {
	f := &Failure{Why: fmt.Sprintf("the provider answered %d", answer.StatusCode), After: retryAfter(answer.Header.Get("Retry-After"))}
	if why := reason(text); why != "" {
		f.Why += ": " + why
	}
	switch s := answer.StatusCode; {
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable:
	case s >= 500:
		f.Unknown = true
	case s < 400, s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusNotFound, s == http.StatusMethodNotAllowed:
		f.Why += "; look at its configuration"
	default:
		f.Final = true
	}
	return f
}

// reason is what a provider says of a refusal, if it is JSON.
func reason(text []byte) string {
	var fields map[string]any
	if json.Unmarshal(text, &fields) != nil {
		return ""
	}
	for _, name := range []string{"message", "error", "detail"} {
		if s, ok := fields[name].(string); ok {
			return clip(oneLine(s), 120)
		}
	}
	return ""
}

// retryAfter reads the header of that name in seconds; a date, which nobody uses here, counts as none.
func retryAfter(header string) time.Duration {
	s, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil || s < 0 {
		return 0
	}
	return time.Duration(min(s, int(longestRetry/time.Second))) * time.Second
}
