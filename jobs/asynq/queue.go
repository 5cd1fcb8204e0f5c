package asynq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// Figures of the queue.
const (
	queueName    = "muster"
	lookEvery    = 20 * time.Millisecond // Asynq polls; at its own second, a prompt round would lose most of its time
	delayedEvery = time.Second           // the same for tasks with a time: Asynq knows whole seconds only
	forgetEvery  = 5 * time.Second       // ids that were kept long enough
	stopTime     = 8 * time.Second       // for handlers that don't heed their context
	taskTime     = time.Minute
	parallel     = 8
	clientLife   = time.Second
	spareRetries = 20 // see Enqueue
)

// errStopped marks a task that the end of Run cut short: it is not the task's failure.
var errStopped = errors.New("the process is stopping")

// Queue is a jobs.Queue on Asynq.
type Queue struct {
	redis *Redis

	mu     sync.Mutex
	client *asynq.Client
	born   time.Time
}

// Queue gives the queue of this Redis.
func (r *Redis) Queue() *Queue { return &Queue{redis: r} }

// Ping tells whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error { return q.redis.Ping(ctx) }

// enqueuer gives an Asynq client. A client remembers that it registered its queue, and after Redis was
// wiped it never does so again; a new one costs nothing, so each lives for a second.
func (q *Queue) enqueuer() *asynq.Client {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now := time.Now(); q.client == nil || now.Sub(q.born) > clientLife {
		q.client, q.born = asynq.NewClientFromRedisClient(q.redis.client), now
	}
	return q.client
}

// Enqueue adds a task. It never reaches Asynq's archive, where its id would block all later tasks of that
// id: the handler of Run drops it after jobs.Retries tries, long before Asynq's own count is up.
func (q *Queue) Enqueue(ctx context.Context, t jobs.Task) error {
	if err := t.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, enqueueTime)
	defer cancel()
	options := []asynq.Option{asynq.Queue(queueName), asynq.MaxRetry(jobs.Retries + spareRetries), asynq.Timeout(taskTime)}
	if t.ID != "" {
		options = append(options, asynq.TaskID(t.ID))
	}
	if t.Keep > 0 {
		options = append(options, asynq.Retention(t.Keep))
	}
	if !t.At.IsZero() {
		options = append(options, asynq.ProcessAt(t.At))
	}
	_, err := q.enqueuer().EnqueueContext(ctx, asynq.NewTask(t.Name, t.Payload), options...)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return q.redis.trouble(err)
}

// Run hands tasks to handlers until ctx is done.
func (q *Queue) Run(ctx context.Context, h jobs.Handlers) error {
	tick := time.NewTicker(orphansEvery)
	defer tick.Stop()
	return q.run(ctx, h, tick.C)
}

// run looks for orphans at every tick.
func (q *Queue) run(ctx context.Context, h jobs.Handlers, tick <-chan time.Time) error {
	handling, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	srv := asynq.NewServerFromRedisClient(q.redis.client, asynq.Config{
		Concurrency: parallel, Queues: map[string]int{queueName: 1},
		TaskCheckInterval: lookEvery, DelayedTaskCheckInterval: delayedEvery,
		JanitorInterval: forgetEvery, ShutdownTimeout: stopTime,
		RetryDelayFunc: func(n int, _ error, _ *asynq.Task) time.Duration { return jobs.RetryDelay(n) },
		IsFailure:      func(err error) bool { return !errors.Is(err, errStopped) },
		Logger:         newLogger(q.redis.log), LogLevel: asynq.WarnLevel,
	})
	err := srv.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		defer context.AfterFunc(handling, func() { stop(errStopped) })()
		err := call(ctx, h, t)
		if err == nil {
			return nil
		}
		if errors.Is(context.Cause(ctx), errStopped) {
			return errStopped
		}
		if tried, _ := asynq.GetRetryCount(ctx); tried >= jobs.Retries {
			q.redis.log.Warn("a task failed too often and is dropped", "task", t.Type(), "err", err)
			return fmt.Errorf("%w: %w", asynq.RevokeTask, err)
		}
		return err
	}))
	if err != nil {
		return muster.E(muster.CodeInternal, "the queue can't start", "report this").Because(err)
	}
	q.tendOrphans(ctx, tick) // until ctx is done
	srv.Stop()               // takes no more
	cancel(errStopped)       // asks those that run to end
	srv.Shutdown()           // waits for them; only then may the connection be closed
	return nil
}

// call runs a task's handler; without one the task is done.
func call(ctx context.Context, h jobs.Handlers, t *asynq.Task) (err error) {
	handle, ok := h[t.Type()]
	if !ok {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = muster.E(muster.CodeInternal, fmt.Sprintf("the handler of task %s panicked: %v", t.Type(), p), "report this")
		}
	}()
	return handle(ctx, t.Payload())
}
