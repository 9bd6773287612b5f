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

// maxConns: with one connection readers wait for each other, and four serve
// no better than two. See ARCHITECTURE.md.
const maxConns = 4

// Store is a database that is open. It is safe for concurrent use.
type Store struct {
	db   *sql.DB
	path string
	now  func() time.Time
}

// Open opens the SQLite database in that file, and creates the file, readable
// by the owner alone, where there is none. now gives the time of changes. The
// tables are made by Migrate.
func Open(path string, now func() time.Time) (*Store, error) {
	if err := createFile(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	utc := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	return &Store{db: db, path: path, now: utc}, nil
}

// Close gives the database back.
func (s *Store) Close() error { return s.db.Close() }

// createFile makes sure that nobody but the owner can read the hashes.
// SQLite gives the files beside it the same mode.
func createFile(path string) error {
	f, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func dsn(path string) string {
	options := url.Values{
		"_pragma":      {"busy_timeout(5000)", "foreign_keys(1)", "journal_mode(wal)"},
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
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, folder)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Ready reports whether the database answers and has its tables.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	return check(s.db.QueryRowContext(ctx, `SELECT id FROM installation`).Scan(&one), "installation")
}

// inTx runs f in a transaction that is committed if f returns nil.
func (s *Store) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return check(err, "")
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return check(tx.Commit(), "")
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

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
