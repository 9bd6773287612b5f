package store

import (
	"context"
	"slices"
	"time"

	"latchkey/models"
)

const attemptColumns = `key, count, blocked_until, expires_at`

// Attempts are the counts of these keys, at most three, as far as there are any.
func (s *Store) Attempts(ctx context.Context, keys []string) ([]models.AttemptCount, error) {
	var some [3]string // empty is no key
	copy(some[:], keys)
	return queryAll(ctx, s, scanAttempts,
		`SELECT `+attemptColumns+` FROM attempts WHERE key IN ($1, $2, $3)`, some[0], some[1], some[2])
}

// ChangeAttempts gives the counts of these keys to change, in any order, and
// keeps those that it returns. Nobody else can change them, or asks for them to
// do so, in the meantime. If it returns an error, which is returned as it is,
// nothing is changed. It must not use the store.
func (s *Store) ChangeAttempts(ctx context.Context, keys []string, change func([]models.AttemptCount) ([]models.AttemptCount, error)) error {
	return s.inTx(ctx, func(tx *transaction) error {
		counts := make([]models.AttemptCount, 0, len(keys))
		for _, key := range slices.Sorted(slices.Values(keys)) { // all lock in this order, so that no two wait for each other
			c, err := lockAttempts(ctx, tx, key, s.now())
			if err != nil {
				return err
			}
			counts = append(counts, c)
		}
		changed, err := change(counts)
		if err != nil {
			return err
		}
		for _, c := range changed {
			_, err := tx.ExecContext(ctx,
				`UPDATE attempts SET count = $1, blocked_until = $2, expires_at = $3 WHERE key = $4`,
				c.Count, storedTime(c.BlockedUntil), storedTime(c.ExpiresAt), c.Key)
			if err != nil {
				return check(err, "")
			}
		}
		return nil
	})
}

// lockAttempts is the count of that key, which is nobody else's until the
// transaction ends: that it is written locks the row, and one that others make
// at the same time.
func lockAttempts(ctx context.Context, tx *transaction, key string, now time.Time) (models.AttemptCount, error) {
	return scanAttempts(tx.QueryRowContext(ctx, `
		INSERT INTO attempts (key, count, blocked_until, expires_at) VALUES ($1, 0, $2, $3)
		ON CONFLICT (key) DO UPDATE SET count = attempts.count
		RETURNING `+attemptColumns, key, time.Unix(0, 0).UTC(), now)) // blocked until long ago, should the clock be set back
}

// SweepAttempts removes the counts that are forgotten.
func (s *Store) SweepAttempts(ctx context.Context) error {
	return s.deleteInBatches(ctx, "attempts", "key", "expires_at <= $1", s.now())
}

func scanAttempts(row scanner) (models.AttemptCount, error) {
	var c models.AttemptCount
	err := row.Scan(&c.Key, &c.Count, &c.BlockedUntil, &c.ExpiresAt)
	c.BlockedUntil, c.ExpiresAt = c.BlockedUntil.UTC(), c.ExpiresAt.UTC()
	return c, check(err, "")
}

func storedTime(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
