package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

var (
	errTargetUsed = errors.New("it is not empty, and nothing was changed in it: a copy needs a new database")
	errTargetLost = errors.New("another copy into this database is under way")
)

// copyTarget is a PostgreSQL database that is copied into. What was copied,
// and of what, is in its table copy_progress for as long as the copy is not
// complete.
type copyTarget struct {
	engine *postgres
	db     *sql.DB
	conn   *sql.Conn // pgx's own, for COPY
}

func openCopyTarget(ctx context.Context, url string) (*copyTarget, error) {
	engine, err := newPostgres(url)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	t := &copyTarget{engine: engine, db: engine.pool(1, nil)}
	if t.conn, err = t.db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", engine.name(), err), t.db.Close())
	}
	return t, nil
}

func (t *copyTarget) close() error {
	_ = t.conn.Close() // it may be broken, which was said
	return t.db.Close()
}

// inTx runs f in a transaction without limits of time.
func (t *copyTarget) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := t.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of no effect after a commit
	_, err = tx.ExecContext(ctx, `SELECT set_config('statement_timeout', '0', TRUE),
		set_config('idle_in_transaction_session_timeout', '0', TRUE)`)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// unfinishedCopy reports whether a copy into the database was begun and not completed.
func unfinishedCopy(ctx context.Context, db queryer) (is bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT to_regclass('copy_progress') IS NOT NULL`).Scan(&is)
	return is, err
}

// begun reports whether it is to go on with a copy. It fails where the
// database is neither that nor new: where there are rows, or a service has
// been started. The tables need not be there.
func (t *copyTarget) begun(ctx context.Context, db queryer) (bool, error) {
	begun, err := unfinishedCopy(ctx, db)
	if err != nil || begun {
		return begun, t.wrap(err)
	}
	for _, name := range copiedTables() {
		used, err := t.used(ctx, db, name)
		if err == nil && used {
			err = errTargetUsed
		}
		if err != nil {
			return false, t.wrap(err)
		}
	}
	return false, nil
}

func (*copyTarget) used(ctx context.Context, db queryer, table string) (used bool, err error) {
	var is bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&is); err != nil || !is {
		return false, err
	}
	condition := ""
	if table == lastTable {
		condition = ` WHERE demo IS NOT NULL`
	}
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+table+condition+`)`).Scan(&used)
	return used, err
}

func (t *copyTarget) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("copy to %s: %w", t.engine.name(), err)
}

// begin makes sure that the copy under way is one of this source as it is now,
// or begins one.
func (t *copyTarget) begin(ctx context.Context, tables []copyTable) error {
	begun, err := t.begun(ctx, t.conn)
	if err != nil {
		return err
	}
	if begun {
		return t.wrap(t.compare(ctx, tables))
	}
	if err := t.engine.migrate(ctx, nil); err != nil {
		return t.wrap(err)
	}
	return t.wrap(t.inTx(ctx, func(tx *sql.Tx) error { return t.start(ctx, tx, tables) }))
}

// start takes the row of installation away: whatever else is started on the
// database, of whichever version, waits for that row and then finds none.
func (t *copyTarget) start(ctx context.Context, tx *sql.Tx, tables []copyTable) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM installation WHERE demo IS NULL`)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errTargetUsed)
	}
	if begun, err := t.begun(ctx, tx); err != nil || begun {
		return errors.Join(err, errTargetUsed)
	}
	_, err = tx.ExecContext(ctx, `CREATE TABLE copy_progress (
		name     TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
		rows     BIGINT NOT NULL, -- in the source
		checksum TEXT   NOT NULL,
		copied   BIGINT NOT NULL DEFAULT 0,
		last_key TEXT   COLLATE "C"
	)`)
	for i := 0; err == nil && i < len(tables); i++ {
		_, err = tx.ExecContext(ctx, `INSERT INTO copy_progress (name, rows, checksum) VALUES ($1, $2, $3)`,
			tables[i].name, tables[i].sum.Rows, tables[i].sum.Checksum)
	}
	return err
}

// compare fails where the copy was begun from another source, or from this one
// when it was another.
func (t *copyTarget) compare(ctx context.Context, tables []copyTable) error {
	var others []string
	for _, table := range tables {
		var sum TableSum
		err := t.conn.QueryRowContext(ctx, `SELECT rows, checksum FROM copy_progress WHERE name = $1`, table.name).
			Scan(&sum.Rows, &sum.Checksum)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if sum != table.sum {
			others = append(others, table.name)
		}
	}
	if others == nil {
		return nil
	}
	return errors.New("the unfinished copy in it is of another database, or this one has changed since it was begun (" +
		strings.Join(others, ", ") + "): make the PostgreSQL database anew and copy again")
}

// progress is up to which key a table was copied.
func (t *copyTarget) progress(ctx context.Context, table copyTable) (after any, done int64, err error) {
	var key sql.NullString
	err = t.conn.QueryRowContext(ctx, `SELECT copied, last_key FROM copy_progress WHERE name = $1`, table.name).Scan(&done, &key)
	if key.Valid {
		after = key.String
	}
	return after, done, err
}

// write adds rows, and that they are there, in one transaction. after is the
// key that they follow.
func (t *copyTarget) write(ctx context.Context, table copyTable, rows []copyRow, after any) error {
	err := t.inTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			UPDATE copy_progress SET copied = copied + $1, last_key = $2 WHERE name = $3 AND last_key IS NOT DISTINCT FROM $4`,
			len(rows), rows[len(rows)-1].values[table.key], table.name, after)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errTargetLost)
		}
		return t.insert(ctx, table, rows)
	})
	if refused(err) {
		return t.culprit(ctx, table, rows, err)
	}
	return err
}

// insert is part of the transaction under way.
func (t *copyTarget) insert(ctx context.Context, table copyTable, rows []copyRow) error {
	return t.conn.Raw(func(driverConn any) error {
		conn, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T is no connection of pgx", driverConn)
		}
		next := func(i int) ([]any, error) { return rows[i].values, nil }
		_, err := conn.Conn().CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromSlice(len(rows), next))
		return err
	})
}

// refused reports whether it is up to a row that PostgreSQL did not take it.
func refused(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23") || strings.HasPrefix(e.Code, "54"))
}

// culprit names the first row that cannot be inserted.
func (t *copyTarget) culprit(ctx context.Context, table copyTable, rows []copyRow, refusal error) error {
	err := t.inTx(ctx, func(*sql.Tx) error {
		for _, row := range rows {
			if err := t.insert(ctx, table, []copyRow{row}); err != nil {
				return fmt.Errorf("rowid %d in SQLite: %w", row.id, err)
			}
		}
		return refusal // and nothing was inserted
	})
	return err
}
