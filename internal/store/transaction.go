package store

import (
	"context"
	"database/sql"
	"time"
)

// transaction is one whose statements all end when the call's patience does,
// whatever context they are given: PostgreSQL has writers wait in the middle.
type transaction struct {
	tx  *sql.Tx
	ctx context.Context //nolint:containedctx // it ends with the transaction

	watch watch
}

// ExecContext is as that of sql.Tx.
func (t *transaction) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	_, ended := t.watch(t.ctx, query)
	result, err := t.tx.ExecContext(t.ctx, query, args...)
	ended(err)
	return result, err
}

// QueryContext is as that of sql.Tx.
func (t *transaction) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	_, ended := t.watch(t.ctx, query)
	rows, err := t.tx.QueryContext(t.ctx, query, args...)
	ended(err)
	return rows, err
}

// QueryRowContext is as that of sql.Tx.
func (t *transaction) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	_, ended := t.watch(t.ctx, query)
	found := t.tx.QueryRowContext(t.ctx, query, args...)
	ended(found.Err())
	return found
}

// inTx runs f in a transaction that is committed if f returns nil. Writes that
// return rows are made in one. PostgreSQL may ask to try again when somebody
// else changes the same rows, so f may run more than once; and a statement that
// fails is the transaction's last.
func (s *Store) inTx(ctx context.Context, f func(*transaction) error) error {
	ctx, cancel, err := s.beginCall(ctx, "TRANSACTION")
	if err != nil {
		return check(err, "")
	}
	defer cancel()
	return tryAgain(ctx, func() error { return s.tryTx(ctx, f) })
}

const (
	// attempts is how often a change is tried that others get in the way of.
	attempts = 5
	// makeWay is how long the others are left alone, at first.
	makeWay = 20 * time.Millisecond
)

func tryAgain(ctx context.Context, change func() error) (err error) {
	for i := range attempts {
		rest, done := context.WithTimeout(ctx, time.Duration(i)*makeWay)
		<-rest.Done()
		done()
		if err = change(); !isFault(err, raced) {
			break
		}
	}
	return err
}

func (s *Store) tryTx(ctx context.Context, f func(*transaction) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return check(err, "")
	}
	if err := f(&transaction{tx, ctx, s.watch}); err != nil {
		_ = tx.Rollback() // what went wrong before it is what matters
		return err
	}
	if err := tx.Commit(); err != nil {
		return check(err, "")
	}
	return check(s.engine.kept(), "")
}
