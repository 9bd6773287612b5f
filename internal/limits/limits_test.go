package limits_test

import (
	"fmt"
	"testing"
	"time"

	"latchkey/internal/limits"
)

// policies are what is free, and the waits from then on, by limit.
var policies = map[string]struct {
	attempt func(n int) limits.Attempt
	free    int
	waits   []time.Duration
}{
	"login, pair": {
		func(int) limits.Attempt { return login("joe", "192.0.2.1") }, 5,
		[]time.Duration{
			2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second,
			128 * time.Second, 256 * time.Second, 512 * time.Second, 512 * time.Second, 15 * time.Minute, 15 * time.Minute,
		},
	},
	"login, address": {
		func(n int) limits.Attempt { return login(account(n), "192.0.2.1") }, 50,
		[]time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
			64 * time.Second, 128 * time.Second, 256 * time.Second, 256 * time.Second,
		},
	},
	"login, account": {
		func(n int) limits.Attempt { return login("joe", address(n)) }, 100,
		[]time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 16 * time.Second,
		},
	},
	"sign-up, address": {
		func(int) limits.Attempt { return limits.Attempt{Action: limits.SignUp, Address: "192.0.2.1"} }, 50,
		[]time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second},
	},
	"recovery, pair": {
		func(int) limits.Attempt {
			return limits.Attempt{Action: limits.Mail, Account: "joe@example.com", Address: "192.0.2.1"}
		}, 5,
		[]time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute},
	},
	"recovery, address": {
		func(n int) limits.Attempt {
			return limits.Attempt{Action: limits.Mail, Account: account(n), Address: "192.0.2.1"}
		}, 50,
		[]time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second},
	},
	"mailbox": {
		func(n int) limits.Attempt {
			return limits.Attempt{Action: limits.Mailbox, Account: "joe@example.com", Address: address(n)}
		}, 20,
		[]time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute},
	},
}

func TestWaits(t *testing.T) {
	for name, p := range policies {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			l, _ := newLimiter(t, c)
			for n := range p.free {
				if permit := pass(t, l, p.attempt(n)); permit.Blocks() != (n == p.free-1) {
					t.Errorf("attempt %d: blocks %v", n, permit.Blocks())
				}
			}
			for i, wait := range p.waits {
				n := p.free + i
				refuse(t, l, p.attempt(n), wait)
				c.move(wait - time.Microsecond)
				refuse(t, l, p.attempt(n), time.Microsecond)
				c.move(time.Microsecond)
				if !pass(t, l, p.attempt(n)).Blocks() {
					t.Errorf("attempt %d does not block", n)
				}
			}
		})
	}
}

// What is refused does not count, so whoever insists changes nothing.
func TestRefusedDoesNotCount(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	joe := login("joe", "192.0.2.1")
	storm(t, l, func(int) limits.Attempt { return joe })
	for range 200 {
		refuse(t, l, joe, 2*time.Second)
	}
	pass(t, l, login("bob", "192.0.2.1")) // the address has counted five
	pass(t, l, login("joe", "192.0.2.2")) // the account too
	c.move(2 * time.Second)
	pass(t, l, joe)
	refuse(t, l, joe, 4*time.Second)
}

// The longest of the waits is the one that tells the truth.
func TestLongestWait(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	storm(t, l, func(n int) limits.Attempt { return login(account(n), "192.0.2.1") })
	c.move(time.Second)
	pass(t, l, login("joe", "192.0.2.1")) // the address waits for 2 s
	storm(t, l, func(n int) limits.Attempt { return login("joe", address(n)) })
	refuse(t, l, login("joe", "192.0.2.1"), 2*time.Second)
	refuse(t, l, login("joe", "192.0.2.2"), time.Second)
	refuse(t, l, login("bob", "192.0.2.1"), 2*time.Second)
	c.move(1500 * time.Millisecond)
	refuse(t, l, login("joe", "192.0.2.1"), 500*time.Millisecond)
	pass(t, l, login("joe", "192.0.2.2"))
}

func TestActionsCountByThemselves(t *testing.T) {
	l, _ := newLimiter(t, newClock())
	joe := login("joe", "192.0.2.1")
	storm(t, l, func(int) limits.Attempt { return joe })
	joe.Action = limits.Mail
	pass(t, l, joe)
	joe.Action = limits.SignUp
	pass(t, l, joe)
	joe.Action = "else"
	if _, err := l.Take(t.Context(), joe); err == nil {
		t.Error("an action without limits is let through")
	}
}

// Of what was counted one is forgotten every 15 minutes.
func TestForgetting(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		free  int
	}{
		{2 * time.Second, 1},
		{15*time.Minute - time.Microsecond, 1},
		{15 * time.Minute, 1},
		{30 * time.Minute, 2},
		{75*time.Minute - time.Microsecond, 4},
		{75 * time.Minute, 5},
		{240 * time.Hour, 5},
	} {
		t.Run(fmt.Sprint(test.after), func(t *testing.T) {
			c := newClock()
			l, _ := newLimiter(t, c)
			joe := func(int) limits.Attempt { return login("joe", "192.0.2.1") }
			storm(t, l, joe)
			c.move(test.after)
			if n, _ := storm(t, l, joe); n != test.free {
				t.Errorf("%d are free, want %d", n, test.free)
			}
		})
	}
}

// What the sweep removes was forgotten anyway.
func TestSweep(t *testing.T) {
	c := newClock()
	l, path := newLimiter(t, c)
	s := open(t, path, c.now)
	joe := func(int) limits.Attempt { return login("joe", "192.0.2.1") }
	storm(t, l, joe)
	if err := s.SweepAttempts(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuse(t, l, joe(0), 2*time.Second)
	c.move(75 * time.Minute)
	if err := s.SweepAttempts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, _ := storm(t, l, joe); n != 5 {
		t.Errorf("%d are free", n)
	}
}

// guessed is how many guesses get through in a day that takes its time.
func guessed(t *testing.T, l *limits.Limiter, c *clock, attempt func(n int) limits.Attempt) (n int) {
	t.Helper()
	for end := c.Add(24 * time.Hour); c.Before(end); {
		if _, wait := take(t, l, attempt(n)); wait > 0 {
			c.move(wait)
			continue
		}
		n++
	}
	return n
}

// The figures of the policy's comment.
func TestGuessesPerDay(t *testing.T) {
	for name, want := range map[string]struct{ first, then int }{
		"login, pair": {109, 96}, "login, address": {346, 288},
		"sign-up, address": {202, 144}, "mailbox": {49, 24}, "recovery, pair": {23, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			l, _ := newLimiter(t, c)
			attempt := policies[name].attempt
			if first := guessed(t, l, c, attempt); first != want.first {
				t.Errorf("%d guesses on the first day, want %d", first, want.first)
			}
			if then := guessed(t, l, c, attempt); then != want.then {
				t.Errorf("%d guesses on the second day, want %d", then, want.then)
			}
		})
	}
}

// Whoever waits until something is forgotten guesses no more often.
func TestPatienceGainsNothing(t *testing.T) {
	for _, n := range []int{1, 4, 5, 10, 13} {
		t.Run(fmt.Sprint(n, " at once"), func(t *testing.T) {
			t.Parallel()
			c := newClock()
			l, _ := newLimiter(t, c)
			through := 0
			for end := c.Add(24 * time.Hour); c.Before(end); c.move(time.Duration(n) * 15 * time.Minute) {
				for range n {
					insist(t, l, c, login("joe", "192.0.2.1"))
					through++
				}
			}
			if through > 109 {
				t.Errorf("%d guesses in a day", through)
			}
		})
	}
}
