package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// copySource is an SQLite database that is copied. It is locked for everybody
// else from its opening to its end: what a service that was forgotten
// acknowledged meanwhile, or afterwards, would be lost.
type copySource struct {
	file   *sqliteFile
	db     *sql.DB
	tx     *sql.Tx
	tables []copyTable
}

// openCopySource brings the database to this version, as every command does.
func openCopySource(ctx context.Context, path string) (*copySource, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no database to copy: %w", err)
	}
	file, err := newSQLite(path)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := file.pool(1, "locking_mode(exclusive)", "foreign_keys(1)", "journal_mode(wal)")
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &copySource{file: file, db: db}
	if err := s.begin(ctx); err != nil {
		if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_BUSY {
			err = errors.New("it is in use: stop the service that runs on it, and whatever else has it open")
		}
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", path, err), s.close())
	}
	return s, nil
}

func (s *copySource) begin(ctx context.Context) (err error) {
	if err := s.file.migrate(ctx, s.db); err != nil {
		return err
	}
	if s.tx, err = s.db.BeginTx(ctx, nil); err != nil {
		return err
	}
	for _, name := range copiedTables() {
		t, err := s.describe(ctx, name)
		if err != nil {
			return err
		}
		s.tables = append(s.tables, t)
	}
	return nil
}

// close unlocks the database.
func (s *copySource) close() error {
	if s.tx != nil {
		_ = s.tx.Rollback() // it has only read
	}
	return s.db.Close()
}

func (s *copySource) describe(ctx context.Context, name string) (copyTable, error) {
	t := copyTable{name: name, rowID: "rowid"}
	rows, err := s.tx.QueryContext(ctx, `SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid`, name)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	for rows.Next() {
		var column, kind string
		var key int
		if err := rows.Scan(&column, &kind, &key); err != nil {
			return t, err
		}
		if key == 1 {
			t.key = len(t.columns)
		}
		t.columns, t.types = append(t.columns, column), append(t.types, kind)
	}
	return t, rows.Err()
}

// findOrphans finds rows that refer to others which are not there: a database
// shell that was not told to look lets them through, and PostgreSQL does not.
func (s *copySource) findOrphans(ctx context.Context, faults *copyFaults) error {
	rows, err := s.tx.QueryContext(ctx, `SELECT "table", rowid, parent FROM pragma_foreign_key_check`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var table, parent string
		var id int64
		if err := rows.Scan(&table, &id, &parent); err != nil {
			return err
		}
		faults.add(table, id, "it belongs to a row of "+parent+" that is not there")
	}
	return rows.Err()
}

// faultsShown is how many rows are named that cannot be copied.
const faultsShown = 20

// copyFaults are rows that cannot be copied. They are named by SQLite's rowid,
// which is no secret, however odd the row is.
type copyFaults struct {
	first []string
	all   int
}

func (f *copyFaults) add(table string, id int64, fault string) {
	if f.all++; len(f.first) < faultsShown {
		f.first = append(f.first, fmt.Sprintf("%s, rowid %d: %s", table, id, fault))
	}
}

func (f *copyFaults) err() error {
	if f.all == 0 {
		return nil
	}
	list := strings.Join(f.first, "\n")
	if more := f.all - len(f.first); more > 0 {
		list += fmt.Sprintf("\nand %d more", more)
	}
	return fmt.Errorf("PostgreSQL cannot keep all that is in the database, so nothing is copied:\n%s\n"+
		"change or delete these rows with an SQLite shell (… WHERE rowid = …), and run the same command again", list)
}
