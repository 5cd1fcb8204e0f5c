package sqlite

import (
	"context"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// queue gathers the commits that wait for the writer, so that whoever gets it carries out all of them in one
// transaction: one wait for the disk acknowledges many callers. Changes are judged one by one in order
// whatever batch they came in, so the result is that of some order of the single commits.
type queue struct {
	mu      sync.Mutex
	waiting []*request
}

// request is one call of Commit.
type request struct {
	changes  []graph.Change
	rows     []encoded // by change
	outcomes []graph.Outcome
	err      error
	done     chan struct{} // closed when outcomes or err are set
}

func (q *queue) join(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
}

// withdraw takes a request back; false means that it is being carried out, or was.
func (q *queue) withdraw(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, r)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// next takes the requests that came first, as many as make one batch of changes.
func (q *queue) next() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.waiting) && (n == 0 || size+len(q.waiting[n].changes) <= graph.MaxBatch) {
		size += len(q.waiting[n].changes)
		n++
	}
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// serve hands a request in and returns when it was carried out, by this goroutine or by another.
func (s *Store) serve(ctx context.Context, r *request) {
	s.queue.join(r)
	for {
		select {
		case <-r.done:
			return
		case on := <-s.writer.slots:
			on, err := s.writer.opened(ctx, on)
			if err != nil {
				if s.queue.withdraw(r) {
					r.err = s.failure(ctx, err)
					return
				}
				continue
			}
			s.carryOut(on, s.queue.next())
		case <-ctx.Done():
			if s.queue.withdraw(r) {
				r.err = cancelled(ctx.Err())
				return
			}
			<-r.done // somebody is writing it: the outcome is as good as here
			return
		}
	}
}

// carryOut commits requests together and gives the writer back. If that fails before the commit, one of them
// may be to blame: then each is tried alone. There may be none: another has carried out all.
func (s *Store) carryOut(on *session, batch []*request) {
	defer s.writer.give(on)
	defer func() {
		for _, r := range batch {
			close(r.done)
		}
	}()
	for _, r := range batch {
		r.err = muster.E(muster.CodeUnknown, "the store broke off", "send the same command again under the same id")
	}
	if len(batch) == 0 {
		return
	}
	err := s.write(on, batch)
	for _, r := range batch {
		r.err = err
		if err != nil && len(batch) > 1 && !unknown(err) {
			r.err = s.write(on, []*request{r})
		}
	}
}
