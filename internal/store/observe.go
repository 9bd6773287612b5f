package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Pools are the connections of readers and those of writers, to be counted.
func (s *Store) Pools() (read, write *sql.DB) { return s.read, s.write }

// MailQueue is how many mails are in the queue, and how old the oldest is.
func (s *Store) MailQueue(ctx context.Context) (length int, oldest time.Duration, err error) {
	var since time.Time
	err = s.queryRow(ctx, `
		SELECT (SELECT COUNT(*) FROM mails), created_at FROM mails ORDER BY id LIMIT 1`, // ids grow with time
	).Scan(&length, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, check(err, "Mail")
	}
	return length, max(s.now().Sub(since), 0), nil
}
