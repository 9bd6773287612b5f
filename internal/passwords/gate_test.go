package passwords

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// visitors run functions through one gate, each in its own goroutine, and hold them inside until let go. All of it
// happens in a synctest bubble, where arrive returns when the visitor has come as far as it can.
type visitors struct {
	gate    *Gate
	leave   chan struct{} // one receive lets one running visitor go
	running int
	peak    int
	order   []int // of beginning
	answers map[int]error
}

func newVisitors(g *Gate) *visitors {
	return &visitors{gate: g, leave: make(chan struct{}), answers: map[int]error{}}
}

// arrive sends visitor id to the gate. The fields need no lock: synctest.Wait lets one goroutine move at a time here.
func (v *visitors) arrive(ctx context.Context, id int) {
	go func() {
		v.answers[id] = v.gate.Do(ctx, func() {
			v.order = append(v.order, id)
			v.running++
			v.peak = max(v.peak, v.running)
			<-v.leave
			v.running--
		})
	}()
	synctest.Wait()
}

// letGo ends one running visitor, and returns when whoever takes its place runs.
func (v *visitors) letGo() {
	v.leave <- struct{}{}
	synctest.Wait()
}

func TestGateRunsAtMostItsSlotsInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitors(NewGate(2, 8))
		for id := range 8 {
			v.arrive(t.Context(), id)
		}
		if v.running != 2 {
			t.Fatalf("%d run at first, want 2", v.running)
		}
		for range 8 {
			v.letGo()
		}
		if v.peak != 2 {
			t.Errorf("%d ran at once, want 2", v.peak)
		}
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7}; !slices.Equal(v.order, want) {
			t.Errorf("they ran in the order %v, want %v", v.order, want)
		}
		for id := range 8 {
			if err, ok := v.answers[id]; err != nil || !ok {
				t.Errorf("visitor %d: answered %v with %v, want nil", id, ok, err)
			}
		}
	})
}

func TestGateIsBusyWhenItsQueueIsFull(t *testing.T) {
	for _, size := range []struct{ slots, queue int }{{1, 0}, {1, 2}, {3, 1}} {
		synctest.Test(t, func(t *testing.T) {
			v := newVisitors(NewGate(size.slots, size.queue))
			full := size.slots + size.queue
			for id := range full + 1 {
				v.arrive(t.Context(), id)
			}
			if err := v.answers[full]; !errors.Is(err, ErrBusy) {
				t.Errorf("%+v: one too many got %v, want ErrBusy", size, err)
			}
			v.letGo()
			v.arrive(t.Context(), full+1)
			if err, answered := v.answers[full+1]; answered {
				t.Errorf("%+v: a place was free, got %v", size, err)
			}
			for range full {
				v.letGo()
			}
			if slices.Contains(v.order, full) || len(v.order) != full+1 {
				t.Errorf("%+v: %v ran", size, v.order)
			}
		})
	}
}

func TestGateGivesUpThePlaceOfOneWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitors(NewGate(1, 1))
		v.arrive(t.Context(), 0)
		ctx, leave := context.WithCancel(t.Context())
		v.arrive(ctx, 1)
		leave()
		synctest.Wait()
		if err := v.answers[1]; !errors.Is(err, context.Canceled) {
			t.Fatalf("who left got %v, want context.Canceled", err)
		}
		v.arrive(t.Context(), 2)
		v.letGo()
		v.letGo()
		if want := []int{0, 2}; !slices.Equal(v.order, want) {
			t.Errorf("%v ran, want %v", v.order, want)
		}
	})
}

func TestGateDoesNotRunForOneWhoHasLeftAlready(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	ran := false
	if err := NewGate(1, 0).Do(ctx, func() { ran = true }); !errors.Is(err, context.Canceled) || ran {
		t.Errorf("got %v and ran is %v, want context.Canceled and false", err, ran)
	}
}

func TestGateFreesTheSlotAfterAPanic(t *testing.T) {
	g := NewGate(1, 0)
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Errorf("recovered %v, want the panic of f", got)
			}
		}()
		_ = g.Do(t.Context(), func() { panic("boom") })
	}()
	ran := false
	// A slot that leaked would hold this up for good, a place that leaked would answer ErrBusy.
	if err := g.Do(t.Context(), func() { ran = true }); err != nil || !ran {
		t.Errorf("after a panic: got %v and ran is %v, want nil and true", err, ran)
	}
}

func TestGateWithoutSlotsStillRuns(t *testing.T) {
	ran := false
	if err := NewGate(0, -1).Do(t.Context(), func() { ran = true }); err != nil || !ran {
		t.Errorf("got %v and ran is %v, want nil and true", err, ran)
	}
}

func TestGateTellsWhoWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2, 1)
		var begun int
		var ended []error
		g.Watch(func(context.Context) (func(), func(error)) {
			return func() { begun++ }, func(err error) { ended = append(ended, err) }
		})
		v := newVisitors(g)
		left, leave := context.WithCancel(t.Context())
		v.arrive(t.Context(), 1)
		if running, waiting := g.Load(); running != 1 || waiting != 0 {
			t.Errorf("%d run, %d wait", running, waiting)
		}
		v.arrive(t.Context(), 2)
		v.arrive(left, 3)
		v.arrive(t.Context(), 4) // the queue is full
		if running, waiting := g.Load(); running != 2 || waiting != 1 {
			t.Errorf("%d run, %d wait", running, waiting)
		}
		leave()
		synctest.Wait()
		v.letGo()
		v.letGo()
		if want := []error{ErrBusy, context.Canceled, nil, nil}; begun != 2 || !slices.Equal(ended, want) {
			t.Errorf("%d have begun, %v", begun, ended)
		}
		if running, waiting := g.Load(); running != 0 || waiting != 0 {
			t.Errorf("%d run, %d wait", running, waiting)
		}
	})
}
