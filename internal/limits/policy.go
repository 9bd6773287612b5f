package limits

import (
	"time"

	"latchkey/models"
)

// kind is what attempts are counted for together.
type kind string

const (
	byPair    kind = "pair"    // one account from one address
	byAddress kind = "address" // any account from one address
	byAccount kind = "account" // one account from any address
)

// rule says how often something may be tried: free attempts at once; the last
// of these, and each one more, blocks for a while, which starts at first and
// doubles up to most. Of what was counted one is forgotten every most, so that
// patience gets no more through than insistence does.
type rule struct {
	kind        kind
	free        int
	first, most time.Duration
}

// rules are the whole policy. What is left of a day's guesses by it, at first
// and on each day that follows:
//
//	one address, one account            109, 96
//	one address, all accounts           346, 288
//	all addresses, one account        some 5,500
//
// One address never uses up what is free to an account, nor do seven of them at
// login, so its owner at another one notices nothing. Of an office of 200 behind one address,
// 50 may log in at the very same moment, and 12 an hour may give up on a name
// that they mistyped, before anybody there has to wait: all that was counted of
// those who get in is given back.
//
// An account with a verified address has two names to guess at, hence twice the
// guesses: one count for both would tell who has which address. While guesses
// come from everywhere, an owner at an address of which nothing is known competes
// with them for one attempt in sixteen seconds, and at one that is known does not.
//
// A mailbox gets 49 mails of a kind on the first day of an attack, then 24 a
// day. What is too much is left out rather than refused: for a refusal could keep
// the owner from recovering the account.
var rules = map[Action][]rule{
	Login: {
		{byPair, 5, 2 * time.Second, 15 * time.Minute},
		{byAddress, 50, time.Second, 5 * time.Minute},
		{byAccount, 100, time.Second, 16 * time.Second},
	},
	SignUp: {
		{byAddress, 50, 2 * time.Second, 10 * time.Minute},
	},
	Mail: {
		{byPair, 5, time.Minute, 2 * time.Hour},
		{byAddress, 50, 2 * time.Second, 5 * time.Minute},
	},
	Mailbox: {
		{byAccount, 20, time.Minute, time.Hour},
	},
}

// delay is for how long the last of so many attempts blocks.
func (r rule) delay(count int) time.Duration {
	if count < r.free {
		return 0
	}
	delay := r.first
	for ; count > r.free && delay < r.most; count-- {
		delay *= 2
	}
	return min(delay, r.most)
}

// take counts one attempt more.
func (r counter) take(c models.AttemptCount, now time.Time) models.AttemptCount {
	// Not more than was counted, should the clock have been set back.
	left := max(0, min(c.ExpiresAt.Sub(now), time.Duration(c.Count)*r.most)) + r.most
	c.ExpiresAt = now.Add(left)
	c.Count = int((left + r.most - 1) / r.most)
	if delay := r.delay(c.Count); delay > 0 && !r.exempt {
		c.BlockedUntil = now.Add(delay)
	}
	return c
}

// giveBack takes back n attempts, and the block that ends at that time, if it
// is the one that holds.
func (r rule) giveBack(c models.AttemptCount, n int, block time.Time) models.AttemptCount {
	n = min(n, c.Count)
	c.Count -= n
	c.ExpiresAt = c.ExpiresAt.Add(-time.Duration(n) * r.most)
	if c.BlockedUntil.Equal(block) {
		c.BlockedUntil = longAgo
	}
	return c
}

// longAgo is when the block of what is not blocked ended: to a clock that is set
// back, even now is in the future.
var longAgo = time.Unix(0, 0).UTC()

// wait is for how long no attempt may be made. More than most is the doing of a
// clock that was set back.
func wait(c models.AttemptCount, now time.Time) time.Duration {
	return max(0, c.BlockedUntil.Sub(now))
}
