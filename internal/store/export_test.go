package store

import (
	"context"
	"fmt"
)

// LimitPages lets the database grow to that many pages and no further, as a
// full disk does. It leaves one connection, as the limit is a connection's own.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	s.db.SetMaxOpenConns(1)
	_, err := s.db.ExecContext(ctx, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
	return err
}
