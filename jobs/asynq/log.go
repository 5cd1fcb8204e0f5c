package asynq

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// sayAgain is how long the same complaint of Asynq is kept back.
const sayAgain = time.Minute

// logger passes Asynq's complaints on, each once a minute: with Redis down it has several a second.
type logger struct {
	log  *slog.Logger
	mu   sync.Mutex
	said map[string]time.Time
}

func newLogger(log *slog.Logger) *logger { return &logger{log: log, said: make(map[string]time.Time)} }

func (l *logger) say(args []any) {
	text := fmt.Sprint(args...)
	about, _, _ := strings.Cut(text, ":")
	l.mu.Lock()
	now := time.Now()
	again := now.Sub(l.said[about]) < sayAgain
	if !again {
		if len(l.said) > 100 {
			clear(l.said)
		}
		l.said[about] = now
	}
	l.mu.Unlock()
	if !again {
		l.log.Warn("the queue: " + text)
	}
}

func (l *logger) Debug(...any)      {}
func (l *logger) Info(...any)       {}
func (l *logger) Warn(args ...any)  { l.say(args) }
func (l *logger) Error(args ...any) { l.say(args) }
func (l *logger) Fatal(args ...any) { l.say(args) } // ending the process is not a library's decision
