package dispatch

import (
	"context"
	"sync"
)

// block is how many ticket numbers are reserved at once, so that few submissions pay for it.
const block = 50

// numbers are the ticket numbers that this process has reserved. Those it doesn't use are gaps.
type numbers struct {
	mu         sync.Mutex
	next, left int64
}

// take gives the first of n numbers in a row.
func (b *numbers) take(ctx context.Context, store Store, n int64) (int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n {
		first, err := store.Reserve(ctx, int(max(n, block)))
		if err != nil {
			return 0, err
		}
		b.next, b.left = first, max(n, block)
	}
	first := b.next
	b.next += n
	b.left -= n
	return first, nil
}
