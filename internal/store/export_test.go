package store

import (
	"context"
	"fmt"
	"time"
)

// LimitPages lets the database grow to that many pages and no further, as a
// full disk does.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	_, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}

// SetPatience is for how long a call may wait and work, from now on.
func (s *Store) SetPatience(d time.Duration) { s.patience = d }

// Waited is how many writers have waited for their turn so far.
func (s *Store) Waited() int64 { return s.write.Stats().WaitCount }

// Writers is how many may write at once.
func (s *Store) Writers() int { return s.write.Stats().MaxOpenConnections }

// Setting is a setting of a reader's session.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.queryRow(ctx, `SELECT current_setting($1)`, name).Scan(&value)
	return value, err
}

// DeleteBoth deletes two users in one transaction, one after the other.
func (s *Store) DeleteBoth(ctx context.Context, first, second string) (tries int, err error) {
	err = s.inTx(ctx, func(tx *transaction) error {
		tries++
		for _, name := range []string{first, second} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE username = $1`, name); err != nil {
				return check(err, "")
			}
		}
		return nil
	})
	return tries, err
}

// CopiedTables are those that a Copy copies.
func CopiedTables() []string { return copiedTables() }
