package limits

import (
	"context"
	"time"

	"latchkey/models"
)

// Permit is an attempt that may be made. The zero value is one that did not count.
type Permit struct {
	limiter  *Limiter
	counters []counter
	taken    []models.AttemptCount
	at       time.Time
}

// Blocks reports that, if this attempt fails, the next ones will be refused for
// a while: so the audit trail can tell of it once, not with each of these.
func (p Permit) Blocks() bool {
	for _, c := range p.taken {
		if !counterOf(p.counters, c).exempt && wait(c, p.at) > 0 {
			return true
		}
	}
	return false
}

// Succeeded gives back what a right password was counted as, with the mistakes
// before it: the pair starts anew, and the address and the account get back
// what they had counted of it. Nobody gains guesses at other accounts by that:
// each one that is given back was one at this account.
func (p Permit) Succeeded(ctx context.Context) error {
	if p.limiter == nil {
		return nil
	}
	return p.limiter.store.ChangeAttempts(ctx, keys(p.counters), func(counts []models.AttemptCount) ([]models.AttemptCount, error) {
		n, now := p.counted(counts), p.limiter.now()
		given := make([]models.AttemptCount, 0, len(counts))
		for _, c := range counts {
			r := counterOf(p.counters, c)
			c = r.giveBack(c, n, p.block(c.Key))
			if r.kind == byPair {
				c.BlockedUntil, c.ExpiresAt = longAgo, now
			}
			given = append(given, c)
		}
		return given, nil
	})
}

// counted is how many attempts are to be given back: none if the pair's were
// already, by a right password at the same time.
func (p Permit) counted(counts []models.AttemptCount) int {
	for _, c := range counts {
		if counterOf(p.counters, c).kind == byPair {
			return c.Count
		}
	}
	return 1
}

// block is when the block ends that the attempt itself began.
func (p Permit) block(key string) (until time.Time) {
	for _, c := range p.taken {
		if c.Key == key && !counterOf(p.counters, c).exempt {
			until = c.BlockedUntil
		}
	}
	return until
}
