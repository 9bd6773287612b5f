package limits_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"latchkey/internal/limits"
)

// While one address guesses all day, the owner at another notices nothing.
func TestOwnerElsewhere(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	for end := c.Add(24 * time.Hour); c.Before(end); {
		_, wait := take(t, l, login("joe", "192.0.2.1"))
		c.move(wait)
		succeed(t, pass(t, l, login("joe", "192.0.2.2")))
	}
}

// The account's own limit holds for all but an address that its owner has used.
func TestKnownAddress(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	n, wait := storm(t, l, func(n int) limits.Attempt { return login("joe", address(n)) })
	if n != 100 || wait != time.Second {
		t.Fatalf("%d are free, then %s", n, wait)
	}
	home := known(login("joe", "192.0.2.1"))
	for range 5 {
		pass(t, l, home)
	}
	refuse(t, l, home, 2*time.Second) // the pair's limit holds there too
	refuse(t, l, login("joe", "192.0.2.2"), time.Second)
	c.move(2 * time.Second)
	succeed(t, pass(t, l, home)) // the account gets its six back, and keeps the hundred
	pass(t, l, login("joe", address(n)))
	refuse(t, l, login("joe", "192.0.2.2"), 2*time.Second)
	if pass(t, l, home).Blocks() {
		t.Error("it blocks the account that is blocked by others")
	}
	refuse(t, l, login("joe", "192.0.2.2"), 2*time.Second)
}

func TestKnownIsAskedOnlyWhereItMatters(t *testing.T) {
	l, _ := newLimiter(t, newClock())
	asked, answer := 0, errors.New("the database is away")
	home := login("joe", "192.0.2.1")
	home.Known = func(context.Context) (bool, error) {
		asked++
		return false, answer
	}
	storm(t, l, func(int) limits.Attempt { return home })
	if asked > 0 {
		t.Error("asked though the pair's limit refuses")
	}
	storm(t, l, func(n int) limits.Attempt { return login("joe", address(n)) })
	refuse(t, l, home, 2*time.Second)
	if asked > 0 {
		t.Error("asked though the pair's limit refuses for longer")
	}
	home.Address = "192.0.2.2"
	if _, err := l.Take(t.Context(), home); !errors.Is(err, answer) {
		t.Error(err)
	}
	answer = nil
	refuse(t, l, home, time.Second)
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// A right password gives back all mistakes before it, and its own block.
func TestSucceeded(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	joe := login("joe", "192.0.2.1")
	for range 30 { // more than any limit lets through
		for range 4 {
			pass(t, l, joe)
		}
		permit := pass(t, l, joe)
		if !permit.Blocks() {
			t.Error("the fifth does not block")
		}
		refuse(t, l, joe, 2*time.Second)
		succeed(t, permit)
	}
	if n, _ := storm(t, l, func(n int) limits.Attempt { return login(account(n), "192.0.2.1") }); n != 50 {
		t.Errorf("the address has %d free", n)
	}
	if n, _ := storm(t, l, func(n int) limits.Attempt { return login("joe", address(n)) }); n != 100 {
		t.Errorf("the account has %d free", n)
	}
}

// The right password lifts the block of its own attempt, and no other's.
func TestSucceededLiftsItsOwnBlock(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	for n := range 49 {
		pass(t, l, login(account(n), "192.0.2.1"))
	}
	joe, bob := login("joe", "192.0.2.1"), login("bob", "192.0.2.1")
	succeed(t, pass(t, l, joe))
	slow := pass(t, l, joe)
	refuse(t, l, bob, time.Second)
	c.move(time.Second)
	pass(t, l, bob)
	refuse(t, l, joe, 2*time.Second)
	succeed(t, slow)
	refuse(t, l, joe, 2*time.Second)
}

// With an account of one's own one gains no guesses at those of others.
func TestOwnAccountGainsNothing(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	own := login("own", "192.0.2.1")
	guesses := 0
	for end := c.Add(24 * time.Hour); c.Before(end); {
		for range 4 {
			insist(t, l, c, own)
		}
		for range 10 {
			insist(t, l, c, login(account(guesses), "192.0.2.1"))
			guesses++
		}
		succeed(t, insist(t, l, c, own))
	}
	if guesses > 346+10 {
		t.Errorf("%d guesses in a day", guesses)
	}
}

// Two right passwords at once do not give the same back twice.
func TestSucceededTwice(t *testing.T) {
	l, _ := newLimiter(t, newClock())
	for n := range 45 {
		pass(t, l, login(account(n), "192.0.2.1"))
	}
	joe := login("joe", "192.0.2.1")
	one, other := pass(t, l, joe), pass(t, l, joe)
	for range 3 {
		succeed(t, one)
		succeed(t, other)
	}
	if n, _ := storm(t, l, func(n int) limits.Attempt { return login(account(100+n), "192.0.2.1") }); n != 5 {
		t.Errorf("the address has %d free", n)
	}
}

// 200 people behind one address come to work within half an hour. Each tenth
// mistypes the password twice, each twentieth the name.
func TestOffice(t *testing.T) {
	c := newClock()
	l, _ := newLimiter(t, c)
	for day := range 2 {
		for n := range 200 {
			joe := login(account(n), "192.0.2.1")
			if n%10 == day {
				pass(t, l, joe)
				pass(t, l, joe)
			}
			if n%20 == day {
				pass(t, l, login(account(n)+"x", "192.0.2.1"))
			}
			succeed(t, pass(t, l, joe))
			c.move(9 * time.Second)
		}
		c.move(23 * time.Hour)
	}
}
