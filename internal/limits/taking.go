package limits

import (
	"fmt"
	"time"

	"latchkey/models"
)

// taking is the decision on one attempt.
type taking struct {
	counters []counter
	now      time.Time
	taken    []models.AttemptCount // if it may be made
	refused  error                 // if not, though something was changed
}

// refusal says which limit refuses an attempt for the longest time.
type refusal struct {
	by   kind
	wait time.Duration
}

// Error implements error.
func (r *refusal) Error() string { return fmt.Sprintf("blocked by %s for %s", r.by, r.wait) }

// decide counts the attempt or refuses it. It may be asked more than once, and
// the last time counts.
func (t *taking) decide(counts []models.AttemptCount) ([]models.AttemptCount, error) {
	t.taken, t.refused = nil, nil
	mended := t.mended(counts)
	if r := t.refusal(counts); r != nil {
		if len(mended) == 0 {
			return nil, r
		}
		t.refused = r
		return mended, nil
	}
	t.taken = make([]models.AttemptCount, 0, len(counts))
	for _, c := range counts {
		t.taken = append(t.taken, counterOf(t.counters, c).take(c, t.now))
	}
	return t.taken, nil
}

// refusal is nil if the attempt may be made. Where two wait for equally long it
// is not by the account's limit, which knows exceptions.
func (t *taking) refusal(counts []models.AttemptCount) *refusal {
	var longest *refusal
	for _, c := range counts {
		r := counterOf(t.counters, c)
		left := min(wait(c, t.now), r.most)
		if !r.exempt && left > 0 && (longest == nil || left > longest.wait || left == longest.wait && longest.by == byAccount) {
			longest = &refusal{r.kind, left}
		}
	}
	return longest
}

// mended are the counts that block for longer than their rules can, because
// the clock was set back: from now on they do for as long as that.
func (t *taking) mended(counts []models.AttemptCount) (mended []models.AttemptCount) {
	for _, c := range counts {
		if most := counterOf(t.counters, c).most; wait(c, t.now) > most {
			c.BlockedUntil = t.now.Add(most)
			mended = append(mended, c)
		}
	}
	return mended
}
