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

// watch is told of a call to the database before it begins, by its SQL, which
// has no values in it, or as TRANSACTION. The context that it returns is the
// call's; ended is called with the error that the call ended with, as far as
// that is known by then.
type watch func(ctx context.Context, statement string) (called context.Context, ended func(error))

func watchNothing(ctx context.Context, _ string) (context.Context, func(error)) {
	return ctx, func(error) {}
}

// Watch has a function told of each call, and within a transaction of each
// statement. It is to be set before the first call.
func (s *Store) Watch(watch func(ctx context.Context, statement string) (called context.Context, ended func(error))) {
	s.watch = watch
}

// beginCall is begin for a call that is watched.
func (s *Store) beginCall(ctx context.Context, statement string) (context.Context, context.CancelFunc, error) {
	ctx, ended := s.watch(ctx, statement)
	ctx, cancel, err := s.begin(ctx)
	if err != nil {
		ended(err)
		return nil, nil, err
	}
	return ctx, func() {
		ended(ctx.Err())
		cancel()
	}, nil
}
