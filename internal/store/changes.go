package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"latchkey/models"
)

const (
	// changesKept is longer than an instance may go on without reading changes
	// before it forgets everything: see internal/callers.
	changesKept = 10 * time.Minute
	// changesAtOnce is how many changes are told one by one.
	changesAtOnce = 4096
	// revocationsKept is for how long after its token's end a revocation is
	// kept: to an instance whose clock is behind, the token still lives.
	revocationsKept = 10 * time.Minute
	// sweepBatch is how many rows one statement removes. A session takes all its
	// refresh tokens along, a month's worth of which are a thousand and more.
	sweepBatch = 200
)

// Changes are those that were committed after that position, an earlier
// answer's or "".
func (s *Store) Changes(ctx context.Context, since string) (models.Changes, error) {
	return s.engine.changes(ctx, s, since)
}

// Listen calls changed soon after there are changes, where the database can
// say so by itself, until ctx ends. It may call it for nothing, and miss some
// while the database is out of reach: Changes has them all.
func (s *Store) Listen(ctx context.Context, changed func()) { s.engine.listen(ctx, changed) }

// Sweep removes what has expired and is of no use any more, and events that
// are older than that. Several instances may do so at once: none waits for
// another, and they share the work.
func (s *Store) Sweep(ctx context.Context, eventsKept time.Duration) error {
	now := s.now()
	return errors.Join(
		s.deleteInBatches(ctx, "sessions", "id", "expires_at <= $1", now),
		s.deleteInBatches(ctx, "revoked_tokens", "id", "expires_at <= $1", now.Add(-revocationsKept)),
		s.engine.sweepChanges(ctx, s),
		s.deleteInBatches(ctx, "mail_tokens", "hash", "expires_at <= $1", now),
		s.deleteInBatches(ctx, "events", "id", "at <= $1", now.Add(-eventsKept)),
		s.SweepAttempts(ctx),
	)
}

// deleteInBatches removes the rows of a table that meet a condition, some at a
// time: however many there are, no statement takes long. key are the columns
// of the primary key.
func (s *Store) deleteInBatches(ctx context.Context, table, key, condition string, args ...any) error {
	statement := `DELETE FROM ` + table + ` WHERE (` + key + `) IN (SELECT ` + key + ` FROM ` + table +
		` WHERE ` + condition + ` LIMIT ` + strconv.Itoa(sweepBatch) + s.dialect.skipTaken + `)`
	for {
		result, err := s.exec(ctx, statement, args...)
		if err != nil {
			return check(err, "")
		}
		n, err := result.RowsAffected()
		if err != nil || n < sweepBatch {
			return check(err, "")
		}
	}
}
