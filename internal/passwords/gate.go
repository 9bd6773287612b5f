package passwords

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"
)

// ErrBusy reports that a gate's queue is full: the caller should answer 503 and let the client come back.
var ErrBusy = errors.New("too many passwords are waiting to be hashed")

// Gate lets a few functions run at once and a few more wait, first come, first served.
//
// One hash takes tens of milliseconds of a core and tens of MiB. Ungated, a burst of logins takes memory in
// proportion to its size and starves every other request of the processor.
type Gate struct {
	places chan struct{} // one for each caller inside, running or waiting
	slots  *semaphore.Weighted
}

// NewGate makes a gate that runs at most slots functions at once and lets at most queue callers wait. Less than one
// slot counts as one, and a queue below zero as none.
func NewGate(slots, queue int) *Gate {
	slots, queue = max(slots, 1), max(queue, 0)
	return &Gate{
		places: make(chan struct{}, slots+queue),
		slots:  semaphore.NewWeighted(int64(slots)),
	}
}

// Do runs f in the caller's goroutine once a slot is free. It answers ErrBusy at once when the queue is full, and
// ctx.Err() when ctx ends before f has begun; in both cases f does not run. Once begun, f runs to its end. A panic in
// f passes through and frees the slot.
func (g *Gate) Do(ctx context.Context, f func()) error {
	select {
	case g.places <- struct{}{}:
		defer func() { <-g.places }()
	default:
		return ErrBusy
	}
	if err := g.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer g.slots.Release(1)
	f()
	return nil
}
