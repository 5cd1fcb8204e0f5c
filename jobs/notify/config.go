package notify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sysopssquad/muster"
)

// Settings are the providers of a company, as a YAML file has them. See docs/notifications.md.
type Settings struct {
	SMS    *Provider   `yaml:"sms"`
	Push   *Provider   `yaml:"push"`
	Email  *MailServer `yaml:"email"`
	Survey string      `yaml:"survey"` // where customers say how it was; {ticket} stands for the ticket's id
}

// ReadSettings reads settings from a file; "" are none. No error shows a value of the file: some are secret.
func ReadSettings(path string) (Settings, error) {
	if path == "" {
		return Settings{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return Settings{}, muster.Invalid("channels", path, "name a file that can be read, see docs/notifications.md").Because(err)
	}
	defer f.Close()
	s, err := readSettings(f)
	if err != nil {
		return Settings{}, muster.Invalid("channels", path, err.Error())
	}
	return s, nil
}

// quoted are values that the parser's errors show.
var quoted = regexp.MustCompile("`[^`]*`")

func readSettings(r io.Reader) (s Settings, err error) {
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return Settings{}, errors.New(oneLine(quoted.ReplaceAllString(err.Error(), "a value")))
	}
	for _, p := range []*Provider{s.SMS, s.Push} {
		if p == nil {
			continue
		}
		if p.Secret, err = secretOf(p.Secret, p.SecretEnv); err != nil {
			return Settings{}, err
		}
	}
	if m := s.Email; m != nil {
		if m.Secret, err = secretOf(m.Secret, m.SecretEnv); err != nil {
			return Settings{}, err
		}
	}
	if s.Survey != "" && !strings.Contains(s.Survey, "{ticket}") {
		return Settings{}, errors.New("survey: say where the ticket's id goes: https://example.com/survey/{ticket}")
	}
	return s, nil
}

// secretOf takes a secret from the environment, if that is where it is.
func secretOf(secret, env string) (string, error) {
	if env == "" {
		return secret, nil
	}
	if v := os.Getenv(env); v != "" {
		return v, nil
	}
	return "", fmt.Errorf("secret_env: the environment has no %s", env)
}

// Channels makes the channels that are configured.
func (s Settings) Channels() (Channels, error) {
	all := make(Channels)
	for name, p := range map[muster.Channel]*Provider{muster.ChannelSMS: s.SMS, muster.ChannelPush: s.Push} {
		if p == nil {
			continue
		}
		c, err := NewHTTP(*p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = c
	}
	if s.Email != nil {
		c, err := NewSMTP(*s.Email)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", muster.ChannelEmail, err)
		}
		all[muster.ChannelEmail] = c
	}
	return all, nil
}

// SurveyOf is where a customer says how a ticket was, "" if nowhere.
func (s Settings) SurveyOf(t muster.TicketID) string {
	return strings.ReplaceAll(s.Survey, "{ticket}", string(t))
}
