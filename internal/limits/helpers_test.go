package limits_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/limits"
	"latchkey/internal/store"
	"latchkey/models"
)

// clock is a time that stands still until it is moved. Its zone and its
// nanoseconds are not what the database keeps.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func (c *clock) move(d time.Duration) { c.Time = c.Add(d) }

func newClock() *clock {
	return &clock{time.Date(2026, 3, 1, 15, 4, 5, 123_456_789, time.FixedZone("", 3*3600))}
}

// open opens the database, with its tables, until the test ends.
func open(tb testing.TB, path string, now func() time.Time) *store.Store {
	tb.Helper()
	s, err := store.Open(path, now)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// newLimiter is a limiter on a new database in that file.
func newLimiter(tb testing.TB, c *clock) (l *limits.Limiter, path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "latchkey.db")
	return limits.New(open(tb, path, c.now), c.now, true), path
}

func login(account, address string) limits.Attempt {
	return limits.Attempt{Action: limits.Login, Account: account, Address: address}
}

// known is the attempt of an owner who has logged in from there before.
func known(a limits.Attempt) limits.Attempt {
	a.Known = func(context.Context) (bool, error) { return true, nil }
	return a
}

// take makes an attempt, and is the time to wait if it is refused.
func take(tb testing.TB, l *limits.Limiter, a limits.Attempt) (limits.Permit, time.Duration) {
	tb.Helper()
	permit, err := l.Take(tb.Context(), a)
	if err == nil {
		return permit, 0
	}
	e, _ := errors.AsType[*models.Error](err)
	if e == nil || e.Kind != models.KindTooManyRequests || e.RetryAfter <= 0 {
		tb.Fatalf("%+v: %v", a, err)
	}
	return limits.Permit{}, e.RetryAfter
}

func pass(tb testing.TB, l *limits.Limiter, a limits.Attempt) limits.Permit {
	tb.Helper()
	permit, wait := take(tb, l, a)
	if wait > 0 {
		tb.Fatalf("%s of %q from %q is refused for %s", a.Action, a.Account, a.Address, wait)
	}
	return permit
}

// insist makes an attempt as soon as it may be made.
func insist(tb testing.TB, l *limits.Limiter, c *clock, a limits.Attempt) limits.Permit {
	tb.Helper()
	permit, wait := take(tb, l, a)
	for wait > 0 {
		c.move(wait)
		permit, wait = take(tb, l, a)
	}
	return permit
}

func refuse(tb testing.TB, l *limits.Limiter, a limits.Attempt, want time.Duration) {
	tb.Helper()
	if _, wait := take(tb, l, a); wait != want {
		tb.Errorf("%s of %q from %q is refused for %s, want %s", a.Action, a.Account, a.Address, wait, want)
	}
}

func succeed(tb testing.TB, p limits.Permit) {
	tb.Helper()
	if err := p.Succeeded(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// storm is what attempts are let through until one is refused, each after the
// one before it.
func storm(tb testing.TB, l *limits.Limiter, attempt func(n int) limits.Attempt) (n int, wait time.Duration) {
	tb.Helper()
	for ; wait == 0; n++ {
		_, wait = take(tb, l, attempt(n))
	}
	return n - 1, wait
}

func address(n int) string { return fmt.Sprintf("198.%d.%d.%d", 18+n>>16, n>>8&255, n&255) }

func account(n int) string { return fmt.Sprint("account", n) }
