package limits_test

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/limits"
	"latchkey/internal/store"
	"latchkey/models"
)

// Two instances, and a thousand guesses at the same moment.
func TestParallel(t *testing.T) {
	c := newClock()
	one, path := newLimiter(t, c)
	limiters := []*limits.Limiter{one, limits.New(open(t, path, c.now), c.now, true)}
	var through, blocks atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for n := range 1000 {
		all.Go(func() {
			<-start
			permit, err := limiters[n%2].Take(t.Context(), login("joe", "192.0.2.1"))
			if err != nil {
				if models.KindOf(err) != models.KindTooManyRequests {
					t.Error(err)
				}
				return
			}
			through.Add(1)
			if permit.Blocks() {
				blocks.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	if through.Load() != 5 || blocks.Load() != 1 {
		t.Errorf("%d are let through, %d of these block", through.Load(), blocks.Load())
	}
}

// All kinds of attempts at once, right passwords among them, wait for each
// other and never for ever.
func TestParallelMixture(t *testing.T) {
	c := newClock()
	one, path := newLimiter(t, c)
	limiters := []*limits.Limiter{one, limits.New(open(t, path, c.now), c.now, true)}
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			permit, err := limiters[n%2].Take(t.Context(), login(account(n%7), address(n%5)))
			if err == nil {
				err = permit.Succeeded(t.Context())
			}
			if err != nil && models.KindOf(err) != models.KindTooManyRequests {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, _ := storm(t, one, func(n int) limits.Attempt { return login(account(100+n), address(0)) }); n != 50 {
		t.Errorf("afterwards the address has %d free", n)
	}
}

func TestRestart(t *testing.T) {
	c := newClock()
	l, path := newLimiter(t, c)
	joe := login("joe", "192.0.2.1")
	permit := pass(t, l, joe)
	storm(t, l, func(int) limits.Attempt { return joe })
	again, err := store.Open(path, c.now)
	if err != nil {
		t.Fatal(err)
	}
	l = limits.New(again, c.now, true)
	refuse(t, l, joe, 2*time.Second)
	c.move(2 * time.Second)
	pass(t, l, joe)
	refuse(t, l, joe, 4*time.Second)
	succeed(t, permit)
	pass(t, l, joe)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	// Without a database nothing is let through.
	for _, a := range []limits.Attempt{joe, login("bob", "192.0.2.2"), {Action: limits.SignUp}} {
		if _, err := l.Take(t.Context(), a); models.KindOf(err) != models.KindUnavailable {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// A clock that was set back blocks for no longer than the longest delay, and
// forgets nothing. One that is a little behind another instance's gains nothing.
func TestClockSetBack(t *testing.T) {
	for _, back := range []time.Duration{time.Second, time.Hour, 1000 * time.Hour} {
		c := newClock()
		l, _ := newLimiter(t, c)
		joe := login("joe", "192.0.2.1")
		for range 20 {
			insist(t, l, c, joe)
		}
		refuse(t, l, joe, 15*time.Minute)
		c.move(-back)
		refuse(t, l, joe, 15*time.Minute)
		c.move(14 * time.Minute)
		refuse(t, l, joe, time.Minute)
		c.move(time.Minute)
		pass(t, l, joe)
		if _, wait := take(t, l, joe); wait < 512*time.Second || wait > 15*time.Minute {
			t.Errorf("%s back: next after %s", back, wait)
		}
		if n, _ := storm(t, l, func(n int) limits.Attempt { return login("joe", address(n)) }); n < 80 || n > 100 {
			t.Errorf("%s back: the account has %d free", back, n)
		}
	}
}

// While it is off nothing is counted, and no database is needed.
func TestOff(t *testing.T) {
	l := limits.New(nil, time.Now, false)
	for range 200 {
		permit := pass(t, l, login("joe", "192.0.2.1"))
		if permit.Blocks() {
			t.Fatal("it blocks")
		}
		succeed(t, permit)
	}
}

// What was typed is nowhere in the files, not even in parts of them that are free.
func TestTypedIsNotKept(t *testing.T) {
	c := newClock()
	l, path := newLimiter(t, c)
	const secret, from = "hunter2-typed-as-name", "203.0.113.77"
	storm(t, l, func(int) limits.Attempt { return login(secret, from) })
	storm(t, l, func(int) limits.Attempt {
		return limits.Attempt{Action: limits.Mail, Account: secret, Address: from}
	})
	found := 0
	for _, file := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		found += len(content)
		if bytes.Contains(content, []byte("hunter2")) || bytes.Contains(content, []byte(from)) {
			t.Errorf("%s has what was typed", file)
		}
	}
	if found == 0 {
		t.Error("no file was read")
	}
}
