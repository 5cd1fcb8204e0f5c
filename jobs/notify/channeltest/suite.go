// Package channeltest is the contract of a notify.Channel as tests: each channel passes it against a real server.
package channeltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/jobs/notify"
)

// Mood is what a provider does with letters.
type Mood int

// The moods.
const (
	Fine    Mood = iota
	Never        // refuses the letter for good
	NotNow       // refuses it for now, and asks to be called again in 7 s where its protocol can say so
	Silent       // takes the letter and doesn't answer
	Broken       // takes the letter and ends the connection instead of answering
	Faulty       // takes the letter and answers that something went wrong
	Nowhere      // doesn't listen
)

// Received is a letter as the provider got it.
type Received struct{ To, Subject, Text, Key string }

// Provider is a real server that the channel under test calls.
type Provider interface {
	Be(m Mood)
	// Received lists what arrived whole, also what was then not answered.
	Received() []Received
}

// Options is what the suite needs.
type Options struct {
	// Open gives a channel and the provider that it calls, nil for one that calls none. They end with the test.
	Open func(t *testing.T) (notify.Channel, Provider)
	// To is an address of the channel's kind.
	To string
	// Secret must not be in any error.
	Secret string
	// Retry tells that the provider can say when it wants to be called again.
	Retry bool
	// FaultyRefuses tells that Faulty is known not to have taken the letter.
	FaultyRefuses bool
}

func (o Options) letter(n int) notify.Letter {
	return notify.Letter{
		Key: fmt.Sprintf("msg_%d", n), To: o.To, Name: "Zoë Muñoz", Subject: "T-1: Ana va", Text: "T-1: Ana va el vie 20 nov, de 13 a 15 h. ¿Ya? 冷",
	}
}

// failure sends a letter that must not be taken.
func failure(t *testing.T, c notify.Channel, l notify.Letter, o Options) *notify.Failure {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := c.Deliver(ctx, l)
	require.Error(t, err)
	var f *notify.Failure
	require.True(t, errors.As(err, &f), "%v", err)
	require.NotEmpty(t, f.Why)
	require.NotContains(t, f.Why, o.Secret)
	require.NotContains(t, f.Why, l.To, "logs are no place for people's addresses")
	return f
}

// Run holds a channel to the contract.
func Run(t *testing.T, o Options) {
	t.Run("a letter arrives as it was written", func(t *testing.T) {
		c, p := o.Open(t)
		_, err := c.Deliver(t.Context(), o.letter(1))
		require.NoError(t, err)
		if p == nil {
			return
		}
		got := p.Received()
		require.Len(t, got, 1)
		require.Equal(t, o.To, got[0].To)
		require.Equal(t, o.letter(1).Text, got[0].Text)
	})
	t.Run("what a customer typed adds neither lines nor headers", func(t *testing.T) {
		c, p := o.Open(t)
		l := o.letter(1)
		l.Name, l.Subject = "Joan\r\nBcc: all@example.com", "T-1\r\nX-Evil: 1"
		_, err := c.Deliver(t.Context(), l)
		require.NoError(t, err)
		if p != nil {
			got := p.Received()
			require.Len(t, got, 1)
			require.Equal(t, o.To, got[0].To)
			require.Equal(t, l.Text, got[0].Text)
		}
	})
	t.Run("several at once", func(t *testing.T) {
		c, p := o.Open(t)
		var wg sync.WaitGroup
		errs := make([]error, 16)
		for n := range errs {
			wg.Go(func() { _, errs[n] = c.Deliver(t.Context(), o.letter(n)) })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		if p != nil {
			require.Len(t, p.Received(), 16)
		}
	})
	t.Run("nothing is sent when there is no time left", func(t *testing.T) {
		c, p := o.Open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Deliver(ctx, o.letter(1))
		require.Error(t, err)
		if p != nil {
			require.Empty(t, p.Received())
		}
	})
	if c, p := o.Open(t); p == nil {
		_ = c
		return
	}
	t.Run("a refusal for good is final", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(Never)
		f := failure(t, c, o.letter(1), o)
		require.True(t, f.Final)
		require.False(t, f.Unknown)
	})
	t.Run("a refusal for now is neither final nor in doubt", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(NotNow)
		f := failure(t, c, o.letter(1), o)
		require.False(t, f.Final)
		require.False(t, f.Unknown)
		if o.Retry {
			require.Equal(t, 7*time.Second, f.After)
		}
		p.Be(Fine)
		_, err := c.Deliver(t.Context(), o.letter(1))
		require.NoError(t, err)
	})
	t.Run("without an answer it ends in time, and nobody knows", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(Silent)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := c.Deliver(ctx, o.letter(1))
		require.Less(t, time.Since(began), 3*time.Second)
		var f *notify.Failure
		require.ErrorAs(t, err, &f)
		require.True(t, f.Unknown)
		require.False(t, f.Final)
	})
	t.Run("where the connection breaks after the letter nobody knows", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(Broken)
		f := failure(t, c, o.letter(1), o)
		require.True(t, f.Unknown)
		require.False(t, f.Final)
		require.Len(t, p.Received(), 1, "it is not sent again behind our back")
	})
	t.Run("a fault of the provider is tried again", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(Faulty)
		f := failure(t, c, o.letter(1), o)
		require.False(t, f.Final)
		require.Equal(t, !o.FaultyRefuses, f.Unknown)
	})
	t.Run("a provider that isn't there has taken nothing", func(t *testing.T) {
		c, p := o.Open(t)
		p.Be(Nowhere)
		f := failure(t, c, o.letter(1), o)
		require.False(t, f.Unknown)
		require.False(t, f.Final)
	})
	t.Run("every try of a message has its key", func(t *testing.T) {
		c, p := o.Open(t)
		for range 2 {
			_, err := c.Deliver(t.Context(), o.letter(1))
			require.NoError(t, err)
		}
		got := p.Received()
		require.NotEmpty(t, got[0].Key)
		for _, r := range got {
			require.Equal(t, got[0].Key, r.Key)
		}
		if c.Once() {
			require.Len(t, got, 1, "the provider knows the key")
		}
		_, err := c.Deliver(t.Context(), o.letter(2))
		require.NoError(t, err)
		all := p.Received()
		require.NotEqual(t, got[0].Key, all[len(all)-1].Key)
	})
}
