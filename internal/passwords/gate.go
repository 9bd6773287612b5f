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
	atOnce int
	watch  func(context.Context) (begun func(), ended func(error))
}

// NewGate makes a gate that runs at most slots functions at once and lets at most queue callers wait. Less than one
// slot counts as one, and a queue below zero as none.
func NewGate(slots, queue int) *Gate {
	slots, queue = max(slots, 1), max(queue, 0)
	return &Gate{
		places: make(chan struct{}, slots+queue),
		slots:  semaphore.NewWeighted(int64(slots)),
		atOnce: slots,
		watch:  func(context.Context) (func(), func(error)) { return func() {}, func(error) {} },
	}
}

// Watch has watch called whenever a caller comes to the gate. Of what it returns, begun is called when the caller's
// function is to run, and ended when that has run, or with the error of Do instead. It is to be set before the first Do.
func (g *Gate) Watch(watch func(context.Context) (begun func(), ended func(error))) { g.watch = watch }

// Load is how many functions run and how many callers wait.
func (g *Gate) Load() (running, waiting int) {
	inside := len(g.places)
	running = min(inside, g.atOnce)
	return running, inside - running
}

// Do runs f in the caller's goroutine once a slot is free. It answers ErrBusy at once when the queue is full, and
// ctx.Err() when ctx ends before f has begun; in both cases f does not run. Once begun, f runs to its end. A panic in
// f passes through and frees the slot.
func (g *Gate) Do(ctx context.Context, f func()) (err error) {
	begun, ended := g.watch(ctx)
	defer func() { ended(err) }()
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
	begun()
	f()
	return nil
}
