package dispatch

import (
	"context"
	"sync"
)

// Numbers are reserved in blocks, so that few submissions pay for it: of so many, or for so many batches of
// an import ahead.
const (
	block   = 50
	batches = 8
)

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
		size := int64(block)
		if n > 1 {
			size = batches * n
		}
		first, err := store.Reserve(ctx, int(size))
		if err != nil {
			return 0, err
		}
		b.next, b.left = first, size
	}
	first := b.next
	b.next += n
	b.left -= n
	return first, nil
}
