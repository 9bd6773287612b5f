// Package limits slows guessing down: it counts what is tried by account, by
// address and by both, and after some attempts makes each further one wait. The
// counts are in the database, so that neither a restart nor a second instance
// resets them.
package limits

import (
	"context"
	"errors"
	"time"

	"latchkey/models"
)

// Action is what is attempted.
type Action string

// The actions that are limited, each by itself.
const (
	Login   Action = "login"
	SignUp  Action = "sign-up"
	Mail    Action = "mail"    // that a mail is asked for, to an address that the caller names
	Mailbox Action = "mailbox" // that one is sent there
)

// Attempt is something that may be tried only so often.
type Attempt struct {
	Action Action
	// Account is what is guessed at, as it was typed and then folded; it may be
	// a password typed into the wrong field, so only a hash of it is kept.
	// Empty for SignUp.
	Account string
	Address string // the client's
	// Known reports whether the account's owner has logged in from the address
	// before: then the account's own limit does not hold. It is asked only if
	// that is what refuses the attempt. Nil means no.
	Known func(ctx context.Context) (bool, error)
}

// Store keeps counts by key. Its errors are returned as they are.
type Store interface {
	// Attempts are the counts of these keys, at most three, as far as there are any.
	Attempts(ctx context.Context, keys []string) ([]models.AttemptCount, error)
	// ChangeAttempts gives the counts of these keys to change, each a zero one
	// where there is none, and keeps those that it returns, while nobody else
	// changes them. If it returns an error nothing is changed.
	ChangeAttempts(ctx context.Context, keys []string, change func([]models.AttemptCount) ([]models.AttemptCount, error)) error
}

// Limiter says what may be tried now. It is safe for concurrent use.
type Limiter struct {
	store Store
	now   func() time.Time
	on    bool
}

// New makes a limiter. One that is not on lets everything pass and keeps nothing.
func New(store Store, now func() time.Time, on bool) *Limiter {
	utc := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Limiter{store: store, now: utc, on: on}
}

// Take counts an attempt before it is made, so that parallel guesses count as
// well. One that may not be made now is KindTooManyRequests, with the time to
// wait, and does not count: else whoever insists would keep the honest out.
func (l *Limiter) Take(ctx context.Context, a Attempt) (Permit, error) {
	if !l.on {
		return Permit{}, nil
	}
	counters, err := countersOf(a)
	if err != nil {
		return Permit{}, err
	}
	permit, err := l.take(ctx, counters)
	if r, refused := errors.AsType[*refusal](err); refused && r.by == byAccount && a.Known != nil {
		known, errKnown := a.Known(ctx)
		if errKnown != nil {
			return Permit{}, errKnown
		}
		if known {
			permit, err = l.take(ctx, exempt(counters, byAccount))
		}
	}
	if r, refused := errors.AsType[*refusal](err); refused {
		return Permit{}, models.TooManyRequests(r.wait)
	}
	return permit, err
}

// take looks before it writes, because a refusal has to be cheap.
func (l *Limiter) take(ctx context.Context, counters []counter) (Permit, error) {
	counts, err := l.store.Attempts(ctx, keys(counters))
	if err != nil {
		return Permit{}, err
	}
	t := taking{counters: counters, now: l.now()}
	if r := t.refusal(counts); r != nil && len(t.mended(counts)) == 0 {
		return Permit{}, r
	}
	if err := l.store.ChangeAttempts(ctx, keys(counters), func(counts []models.AttemptCount) ([]models.AttemptCount, error) {
		t.now = l.now() // it may have waited for its turn
		return t.decide(counts)
	}); err != nil {
		return Permit{}, err
	}
	if t.refused != nil {
		return Permit{}, t.refused
	}
	return Permit{limiter: l, counters: counters, taken: t.taken, at: t.now}, nil
}
