// Package store keeps users and items in an SQL database, SQLite or
// PostgreSQL. It is the only room with SQL in it. Its errors are models.Error:
// what is not there is KindNotFound, what collides KindConflict, and a
// database that is away, full or locked KindUnavailable.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"latchkey/models"
)

// patience is for how long a call may wait for its turn and then work. A
// request makes a few calls, and has to be answered in the 30 seconds that
// the server takes to write.
const patience = 5 * time.Second

// Store is a database that is open. It is safe for concurrent use.
type Store struct {
	engine   engine
	dialect  dialect
	read     *sql.DB // never waits for a writer
	write    *sql.DB
	patience time.Duration
	now      func() time.Time
	watch    watch
}

// Open opens the PostgreSQL database of that URL, postgres://…, or the SQLite
// database in that file, and creates the file, readable by the owner alone,
// where there is none. now gives the time of changes. The tables are made by
// Migrate.
func Open(source string, now func() time.Time) (*Store, error) {
	engine, err := newEngine(source)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	read, write, err := engine.pools()
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	utc := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Store{engine: engine, dialect: engine.dialect(), read: read, write: write, patience: patience, now: utc, watch: watchNothing}, nil
}

// Close gives the database back.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Name says which database it is, without credentials.
func (s *Store) Name() string { return s.engine.name() }

// Migrate brings the tables to this program's version. Several may do so at
// once. It refuses a database that a Copy has not filled yet.
func (s *Store) Migrate(ctx context.Context) error {
	err := s.engine.whole(ctx, s.read)
	if err == nil {
		err = s.engine.migrate(ctx, s.write)
	}
	if err != nil {
		return fmt.Errorf("migrate the database %s: %w", s.Name(), err)
	}
	return nil
}

// Ready reports whether the database answers, has its tables and takes changes.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	err := s.queryRow(ctx, `SELECT id FROM installation`+s.dialect.ready).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return models.Unavailable("The database is not available", retryAfter, errors.New("it takes no changes"))
	}
	if err == nil {
		err = s.engine.writable(ctx, s)
	}
	return check(err, "installation")
}

// begin starts a call's patience, unless it is another database by now.
func (s *Store) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := s.engine.present(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	return ctx, cancel, nil
}

// exec makes a change of one statement that returns no rows.
func (s *Store) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, cancel, err := s.beginCall(ctx, query)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var result sql.Result
	err = tryAgain(ctx, func() (err error) {
		result, err = s.write.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, s.engine.kept()
}

// queryRow reads one row.
func (s *Store) queryRow(ctx context.Context, query string, args ...any) scanner {
	ctx, cancel, err := s.beginCall(ctx, query)
	if err != nil {
		return noRow{err}
	}
	return row{s.read.QueryRowContext(ctx, query, args...), cancel}
}

// queryAll reads all rows.
func queryAll[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel, err := s.beginCall(ctx, query)
	if err != nil {
		return nil, check(err, "")
	}
	defer cancel()
	rows, err := s.read.QueryContext(ctx, query, args...)
	if isFault(err, unstorable) {
		return []T{}, nil
	}
	if err != nil {
		return nil, check(err, "")
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, check(rows.Err(), "")
}

// scanner is what *sql.Row and *sql.Rows share.
type scanner interface{ Scan(into ...any) error }

// row is a row that must be scanned, which ends its call.
type row struct {
	*sql.Row
	cancel context.CancelFunc
}

// Scan implements scanner. Where the query has text that cannot be stored, it
// finds nothing.
func (r row) Scan(into ...any) error {
	defer r.cancel()
	err := r.Row.Scan(into...)
	if isFault(err, unstorable) {
		return sql.ErrNoRows
	}
	return err
}

// noRow is the row of a call that did not begin.
type noRow struct{ err error }

// Scan implements scanner.
func (r noRow) Scan(...any) error { return r.err }

// notFoundWhenNone is the answer to a change that met no row.
func notFoundWhenNone(result sql.Result, err error, what string) error {
	if err != nil {
		return check(err, what)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return models.NotFound(what + " not found")
	}
	return check(err, what)
}

// storable is text from a request that is only kept to be shown, without what
// PostgreSQL does not take.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
