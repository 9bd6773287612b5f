package store

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"

	"latchkey/models"
)

// engine is what differs between SQLite and PostgreSQL. Everything else, the
// queries above all, is shared; their $1 are understood by both.
type engine interface {
	// pools open the database: read never waits for a writer.
	pools() (read, write *sql.DB, err error)
	// migrate brings the tables to this version, whoever else does so now.
	migrate(ctx context.Context, write *sql.DB) error
	// whole fails while a copy into the database is not finished.
	whole(ctx context.Context, read *sql.DB) error
	// present fails once this is not the database any more that was opened.
	present() error
	// kept fails if the database has gone in the meantime, and with it the change
	// that was just made.
	kept() error
	// writable fails where the disk takes no changes, if a look at the tables
	// does not tell. It does not wait for whoever is writing.
	writable(ctx context.Context, s *Store) error
	// name is what to call the database in an error, without credentials.
	name() string
	// dialect has the words that one of them needs and the other refuses.
	dialect() dialect
	// changes are those that were committed after that position.
	changes(ctx context.Context, s *Store, since string) (models.Changes, error)
	// sweepChanges removes changes that every instance has read or missed.
	sweepChanges(ctx context.Context, s *Store) error
	// listen calls changed whenever there may be changes, until ctx ends.
	listen(ctx context.Context, changed func())
}

// dialect are parts of statements. Each starts with a space, if there is one.
type dialect struct {
	migrations fs.FS
	// ready is a condition that only a database that takes changes meets.
	ready string
	// keepUnchanged, after a SELECT, keeps the rows that were read from being
	// changed before the transaction ends. SQLite has one writer at a time.
	keepUnchanged string
	// skipTaken, after a SELECT, leaves out rows that somebody else is changing.
	skipTaken string
}

// newEngine finds out which database it is: a URL is PostgreSQL's, anything
// else the path of an SQLite file.
func newEngine(source string) (engine, error) {
	if strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://") {
		return newPostgres(source)
	}
	return newSQLite(source)
}
