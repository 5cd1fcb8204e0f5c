// Package asynq keeps the queue (with Asynq) and the event stream in Redis: one server, a Sentinel group, a
// Cluster, or one in this process (Embedded). Redis holds nothing that the graph doesn't know: it may be
// wiped at any time.
package asynq

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sysopssquad/muster"
)

// Figures of connections.
const (
	dialTime    = time.Second
	answerTime  = 3 * time.Second
	enqueueTime = time.Second // a hint isn't worth more
	retries     = 1           // of one command; whoever sends it knows what to do without Redis
	retryPause  = 50 * time.Millisecond
)

// hush keeps the client from writing to standard error what it returns as an error anyway.
var hush = sync.OnceFunc(func() { redis.SetLogger(silence{}) })

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Redis is a connection that queue and stream share.
type Redis struct {
	client redis.UniversalClient
	shown  string // the URL without its password
	log    *slog.Logger
}

// schemes is what a URL may look like.
const schemes = "give redis://host:6379/0, rediss://... for TLS, redis-sentinel://host1:26379,host2:26379/master " +
	"or redis-cluster://host1:6379,host2:6379; user:password@ goes before the first host"

// Open prepares a connection by URL; nothing is sent yet, so that a process can start while Redis is down.
// See Check.
func Open(at string, log *slog.Logger) (*Redis, error) {
	hush()
	shown := Shown(at)
	scheme, _, _ := strings.Cut(at, "://")
	r := &Redis{shown: shown, log: log}
	switch scheme {
	case "redis", "rediss", "unix":
		o, err := redis.ParseURL(at)
		if err != nil {
			return nil, muster.Invalid("redis", shown, schemes) // the cause would quote what stands where the password does
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = dialTime, answerTime, answerTime, true
		o.DialerRetries, o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff = retries, retries, retryPause, retryPause
		r.client = redis.NewClient(o)
	case "redis-sentinel", "redis-cluster":
		o, err := group(at, scheme)
		if err != nil {
			return nil, err
		}
		r.client = redis.NewUniversalClient(o)
	default:
		return nil, muster.Invalid("redis", shown, schemes)
	}
	return r, nil
}

// group reads the URL of several servers.
func group(at, scheme string) (*redis.UniversalOptions, error) {
	refused := muster.Invalid("redis", Shown(at), schemes)
	rest := strings.TrimPrefix(at, scheme+"://")
	o := &redis.UniversalOptions{
		DialTimeout: dialTime, ReadTimeout: answerTime, WriteTimeout: answerTime, ContextTimeoutEnabled: true,
		DialerRetries: retries, MaxRetries: retries, MinRetryBackoff: retryPause, MaxRetryBackoff: retryPause,
		IsClusterMode: scheme == "redis-cluster",
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		user, password, _ := strings.Cut(rest[:i], ":")
		var err, perr error
		o.Username, err = url.PathUnescape(user)
		o.Password, perr = url.PathUnescape(password)
		if err != nil || perr != nil {
			return nil, refused
		}
		rest = rest[i+1:]
	}
	hosts, path, _ := strings.Cut(rest, "/")
	for host := range strings.SplitSeq(hosts, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			return nil, refused
		}
		o.Addrs = append(o.Addrs, host)
	}
	if o.IsClusterMode {
		if path != "" {
			return nil, refused // a cluster has no other database than 0
		}
		return o, nil
	}
	master, db, numbered := strings.Cut(path, "/")
	if master == "" {
		return nil, refused
	}
	o.MasterName = master
	if numbered {
		n, err := strconv.Atoi(db)
		if err != nil || n < 0 {
			return nil, refused
		}
		o.DB = n
	}
	return o, nil
}

// Shown is a URL without its password. Of one that can't be read it shows what can't be one.
func Shown(at string) string {
	scheme, rest, ok := strings.Cut(at, "://")
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		user, _, _ := strings.Cut(rest[:i], ":")
		return scheme + "://" + user + ":xxxxx@" + rest[i+1:]
	}
	if i := strings.LastIndex(at, "@"); i >= 0 {
		return "..." + at[i:]
	}
	if _, err := url.Parse(at); err != nil && ok {
		return scheme + "://..."
	}
	return at
}

// Ping tells whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error { return r.trouble(r.client.Ping(ctx).Err()) }

// Close ends the connection. Queues that run on it must have ended before.
func (r *Redis) Close() error { return r.client.Close() }

// trouble turns an error of the client into one of ours.
func (r *Redis) trouble(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return muster.E(muster.CodeUnavailable, "Redis at "+r.shown+" can't be used",
		"check that it runs and can be reached; until then everything goes on from sweep to sweep").Because(err)
}
