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
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/models"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

const (
	// maxReaders: with one connection readers wait for each other, and four
	// serve no better than two.
	maxReaders = 4
	// busyTimeout is for how long SQLite waits for another process to write:
	// less than patience, so that it is SQLite that says what was wrong.
	busyTimeout = patience - time.Second
)

// sqliteFile is the engine of a database in a file.
type sqliteFile struct {
	path string
	file os.FileInfo // what path was when it was opened
	disk disk
	log  changeLog
}

// newSQLite creates the file, readable by the owner alone, where there is none.
func newSQLite(path string) (*sqliteFile, error) {
	file, err := createFile(path)
	return &sqliteFile{path: path, file: file}, err
}

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

// pools gives writers one connection, so that they wait here and not in SQLite.
func (e *sqliteFile) pools() (read, write *sql.DB, err error) {
	read, errRead := e.pool(maxReaders, "query_only(1)")
	write, errWrite := e.pool(1, "foreign_keys(1)", "journal_mode(wal)")
	return read, write, errors.Join(errRead, errWrite)
}

func (e *sqliteFile) pool(conns int, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", e.dsn(pragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// dsn never lets SQLite create the file, which it would make for all to read.
func (e *sqliteFile) dsn(pragmas []string) string {
	options := url.Values{
		"mode":         {"rw"},
		"_pragma":      append(pragmas, fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())),
		"_txlock":      {"immediate"},
		"_time_format": {"sqlite"},
	}
	return "file:" + (&url.URL{Path: e.path}).EscapedPath() + "?" + options.Encode()
}

// migrate looks again when two processes migrate at once, and one of them
// finds the other's work half done.
func (e *sqliteFile) migrate(ctx context.Context, write *sql.DB) (err error) {
	for range 3 {
		if err = goUp(ctx, goose.DialectSQLite3, write, e.dialect().migrations); err == nil || ctx.Err() != nil {
			break
		}
	}
	if diskFault(err) {
		err = fmt.Errorf("%w; is the disk full, or read-only?", err)
	}
	return err
}

// whole has nothing to say: nothing is copied into a file.
func (e *sqliteFile) whole(context.Context, *sql.DB) error { return nil }

// goUp applies the migrations that were not applied yet.
func goUp(ctx context.Context, dialect goose.Dialect, db *sql.DB, migrations fs.FS) error {
	provider, err := goose.NewProvider(dialect, db, migrations)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// present fails once the file was deleted or replaced: connections that are
// open go on in the old one, which nobody will find again, and new ones do not.
func (e *sqliteFile) present() error {
	if err := e.log.lost(); err != nil {
		return err
	}
	file, err := os.Stat(e.path)
	if err != nil {
		return fmt.Errorf("the database file was deleted or is out of reach, restart when it is back: %w", err)
	}
	if !os.SameFile(file, e.file) {
		return fmt.Errorf("the database file %s was replaced under the running program, restart it", e.path)
	}
	return nil
}

func (e *sqliteFile) name() string { return e.path }

func (e *sqliteFile) dialect() dialect {
	return dialect{migrations: folder(sqliteMigrations, "migrations/sqlite")}
}

// folder is what go:embed has put there.
func folder(files fs.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		return files // not for a name that is a constant
	}
	return sub
}

// changes are in the order of their commits, as their ids are: there is one
// writer at a time.
func (e *sqliteFile) changes(ctx context.Context, s *Store, since string) (models.Changes, error) {
	if since == "" { // nothing was learnt before
		newest, err := e.newestChange(ctx, s)
		return models.Changes{Position: newest, Gap: true}, err
	}
	after, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return models.Changes{}, err
	}
	found := models.Changes{Position: since}
	rows, err := queryAll(ctx, s, scanSQLiteChange,
		`SELECT id, subject FROM changes WHERE id > $1 ORDER BY id LIMIT $2`, after, changesAtOnce+1)
	switch {
	case err != nil || len(rows) == 0:
		return found, err
	case len(rows) > changesAtOnce:
		found.Gap = true
		found.Position, err = e.newestChange(ctx, s)
		return found, err
	}
	for _, row := range rows {
		found.Subjects = append(found.Subjects, row.subject)
	}
	found.Position = strconv.FormatInt(rows[len(rows)-1].id, 10)
	return found, nil
}

func (e *sqliteFile) newestChange(ctx context.Context, s *Store) (string, error) {
	var id int64
	err := s.queryRow(ctx, `SELECT COALESCE(MAX(id), 0) FROM changes`).Scan(&id)
	return strconv.FormatInt(id, 10), check(err, "")
}

type sqliteChange struct {
	id      int64
	subject string
}

func scanSQLiteChange(row scanner) (c sqliteChange, err error) {
	err = row.Scan(&c.id, &c.subject)
	return c, check(err, "")
}

func (e *sqliteFile) sweepChanges(ctx context.Context, s *Store) error {
	return s.deleteInBatches(ctx, "changes", "id", "made_at <= $1", s.now().Add(-changesKept))
}

// listen has nobody to listen to: changes by other processes are found by
// looking for them.
func (e *sqliteFile) listen(ctx context.Context, _ func()) { <-ctx.Done() }

// sqliteFault is what err says in terms of both engines.
func sqliteFault(err error) (f fault, column string) {
	e, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case !ok:
		return unknownFault, ""
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return taken, takenColumn(e.Error()) // it names an index on an expression, not the column
	case e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return orphaned, ""
	}
	return unknownFault, ""
}

// takenColumn is the column of users whose index refused a duplicate.
func takenColumn(index string) string {
	if strings.Contains(index, "users_email") {
		return "email"
	}
	return "username"
}
