package notify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestSettings(t *testing.T) {
	t.Setenv("SMS_SECRET", "s3cret")
	s, err := readSettings(strings.NewReader(`
sms: {shape: form, url: "https://sms.example.com/Messages.json", from: "+16175550000", user: AC1, secret_env: SMS_SECRET}
push: {shape: json, url: "https://push.example.com/send", secret: p, once: true, fields: {topic: experts}}
email: {host: mail.example.com, from: "Muster <service@example.com>", user: m, secret: x}
survey: https://example.com/survey/{ticket}
`))
	require.NoError(t, err)
	all, err := s.Channels()
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, "s3cret", all[muster.ChannelSMS].(*HTTP).provider.Secret)
	require.True(t, all[muster.ChannelPush].Once())
	require.False(t, all[muster.ChannelEmail].Once())
	require.Equal(t, "https://example.com/survey/tic_1", s.SurveyOf("tic_1"))

	s, err = readSettings(strings.NewReader(""))
	require.NoError(t, err)
	all, err = s.Channels()
	require.NoError(t, err)
	require.Empty(t, all)
}

// TestSettingsAreRefusedWithoutShowingSecrets: what is wrong is named, what is secret isn't.
func TestSettingsAreRefusedWithoutShowingSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"sms: {shape: fax, url: 'https://x.example', secret: hush}":        "shape",
		"sms: {shape: form, url: 'http://u:hush@x.example', secret: hush}": "https",
		"sms: {shape: form, url: 'hush', secret: hush}":                    "url",
		"sms: {shape: form, url: 'https://x.example', secrte: hush}":       "secrte",
		"sms: hush":                          "line 1",
		"sms: {secret_env: MUSTER_NO_SUCH}":  "MUSTER_NO_SUCH",
		"email: {from: 'a@b.example'}":       "host",
		"email: {host: m.example, from: ''}": "from",
		"email: {host: m.example, from: 'a@b.example', tls: none, user: u, secret: hush}": "clear",
		"email: {host: m.example, from: 'a@b.example', tls: maybe}":                       "tls",
		"survey: https://example.com/":                                                    "{ticket}",
	} {
		s, err := readSettings(strings.NewReader(text))
		if err == nil {
			_, err = s.Channels()
		}
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "hush", text)
	}
	_, err := ReadSettings("/no/such/file")
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
}
