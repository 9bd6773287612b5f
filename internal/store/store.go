// Package store keeps users and items in an SQL database. It is the only
// room with SQL in it. Its errors are models.Error: what is not there is
// KindNotFound, what collides KindConflict, and a database that is away, full
// or locked KindUnavailable.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named sqlite

	"latchkey/models"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// maxReaders: with one connection readers wait for each other, and four
	// serve no better than two.
	maxReaders = 4
	// patience is for how long a call may wait for its turn and then work. A
	// request makes a few calls, and has to be answered in the 30 seconds that
	// the server takes to write.
	patience = 5 * time.Second
	// busyTimeout is for how long SQLite waits for another process to write:
	// less than patience, so that it is SQLite that says what was wrong.
	busyTimeout = patience - time.Second
)

// Store is a database that is open. It is safe for concurrent use.
type Store struct {
	read     *sql.DB // never waits for a writer
	write    *sql.DB // has one connection, so that writers wait here and not in SQLite
	path     string
	file     os.FileInfo // what path was when it was opened
	patience time.Duration
	now      func() time.Time
}

// Open opens the SQLite database in that file, and creates the file, readable
// by the owner alone, where there is none. now gives the time of changes. The
// tables are made by Migrate.
func Open(path string, now func() time.Time) (*Store, error) {
	file, err := createFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	read, errRead := pool(path, maxReaders, "query_only(1)")
	write, errWrite := pool(path, 1, "foreign_keys(1)", "journal_mode(wal)")
	if err := errors.Join(errRead, errWrite); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	utc := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Store{read: read, write: write, path: path, file: file, patience: patience, now: utc}, nil
}

func pool(path string, conns int, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, pragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Close gives the database back.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// createFile makes sure that nobody but the owner can read the hashes.
// SQLite gives the files beside it the same mode.
func createFile(path string) (os.FileInfo, error) {
	f, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return info, errors.Join(err, f.Close())
}

// dsn never lets SQLite create the file, which it would make for all to read.
func dsn(path string, pragmas []string) string {
	options := url.Values{
		"mode":         {"rw"},
		"_pragma":      append(pragmas, fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())),
		"_txlock":      {"immediate"},
		"_time_format": {"sqlite"},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
}

// Migrate brings the tables to this program's version. When two processes do
// so at once, one of them finds the other's work half done and looks again.
func (s *Store) Migrate(ctx context.Context) error {
	var err error
	for range 3 {
		if err = s.migrate(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("migrate the database %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) migrate(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write, folder)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Ready reports whether the database answers and has its tables.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	return check(s.queryRow(ctx, `SELECT id FROM installation`).Scan(&one), "installation")
}

// sameFile fails once the file was deleted or replaced: connections that are
// open go on in the old one, which nobody will find again, and new ones do not.
func (s *Store) sameFile() error {
	file, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("the database file was deleted or is out of reach, restart when it is back: %w", err)
	}
	if !os.SameFile(file, s.file) {
		return fmt.Errorf("the database file %s was replaced under the running program, restart it", s.path)
	}
	return nil
}

// begin starts a call's patience, unless the file is another one.
func (s *Store) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := s.sameFile(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	return ctx, cancel, nil
}

// inTx runs f in a transaction that is committed if f returns nil. Writes that
// return rows are made in one.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	ctx, cancel, err := s.begin(ctx)
	if err != nil {
		return check(err, "")
	}
	defer cancel()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return check(err, "")
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // what went wrong before it is what matters
		return err
	}
	if err := tx.Commit(); err != nil {
		return check(err, "")
	}
	return check(s.sameFile(), "") // it may have gone in the meantime, and the change with it
}

// exec makes a change of one statement that returns no rows.
func (s *Store) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx, cancel, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	result, err := s.write.ExecContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return result, s.sameFile()
}

// queryRow reads one row.
func (s *Store) queryRow(ctx context.Context, query string, args ...any) scanner {
	ctx, cancel, err := s.begin(ctx)
	if err != nil {
		return noRow{err}
	}
	return row{s.read.QueryRowContext(ctx, query, args...), cancel}
}

// queryAll reads all rows.
func queryAll[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel, err := s.begin(ctx)
	if err != nil {
		return nil, check(err, "")
	}
	defer cancel()
	rows, err := s.read.QueryContext(ctx, query, args...)
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

// Scan implements scanner.
func (r row) Scan(into ...any) error {
	defer r.cancel()
	return r.Row.Scan(into...)
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
