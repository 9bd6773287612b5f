package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// lastTable is copied when all else is: without its row nothing starts.
const lastTable = "installation"

// copiedTables are all with data that somebody would miss, each after those
// that it refers to. The table changes is not one of them: it tells running
// instances what to forget, and on a new database there are none.
func copiedTables() []string {
	return []string{
		"users", "items", "clients", "sessions", "refresh_tokens", "revoked_tokens",
		"mail_tokens", "mails", "attempts", "events", lastTable,
	}
}

// copyTable is a table that is copied, as SQLite describes it: a column that a
// migration adds is copied as well.
type copyTable struct {
	name    string
	columns []string
	types   []string // TEXT, TIMESTAMP, BOOLEAN or INTEGER
	key     int      // which column is the primary key
	rowID   string   // what SQLite tells rows by
	sum     TableSum // what the source has
}

// copyRow is a row of a table, in values that are the same on both engines.
type copyRow struct {
	id     int64 // SQLite's
	values []any
}

// TableSum is what rows there are. The checksum is SHA-256 over the columns'
// names and types and all values, in the order of the primary key.
type TableSum struct {
	Rows     int64
	Checksum string
}

// queryer is what connections and transactions share.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (t copyTable) count(ctx context.Context, db queryer) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name).Scan(&n)
	return n, err
}

// page are the rows that follow a key, nil for the first, in the order of the
// keys, which is that of their bytes on both engines.
func (t copyTable) page(ctx context.Context, db queryer, after any, limit int) ([]copyRow, error) {
	faults := &copyFaults{}
	rows, _, err := t.pageWith(ctx, db, after, limit, faults)
	if err == nil {
		err = faults.err()
	}
	return rows, err
}

// pageWith goes on where a value is at fault. last is the key to go on from.
func (t copyTable) pageWith(ctx context.Context, db queryer, after any, limit int, faults *copyFaults) (page []copyRow, last any, err error) {
	key := t.columns[t.key]
	query, args := `SELECT `+t.rowID+`, `+strings.Join(t.columns, ", ")+` FROM `+t.name, []any{limit}
	if after != nil {
		query, args = query+` WHERE `+key+` > $2`, append(args, after)
	}
	rows, err := db.QueryContext(ctx, query+` ORDER BY `+key+` LIMIT $1`, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row := copyRow{values: make([]any, len(t.columns))}
		into := []any{&row.id}
		for i := range row.values {
			into = append(into, &row.values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		last = row.values[t.key]
		t.normalize(row, faults)
		page = append(page, row)
	}
	return page, last, rows.Err()
}

// normalize makes a row's values the same on both engines: text, 64-bit
// integers, booleans, and times in UTC and to the microsecond.
func (t copyTable) normalize(row copyRow, faults *copyFaults) {
	for i, value := range row.values {
		fault := ""
		switch v := value.(type) {
		case nil:
		case string:
			fault = textFault(v, t.types[i])
		case time.Time:
			row.values[i] = v.UTC().Truncate(time.Microsecond)
			fault = typeFault("TIMESTAMP", t.types[i])
		case bool:
			fault = typeFault("BOOLEAN", t.types[i])
		case int64:
			row.values[i], fault = wholeNumber(v, t.types[i])
		default:
			fault = typeFault("", t.types[i])
		}
		if fault != "" {
			faults.add(t.name, row.id, "the column "+t.columns[i]+" "+fault)
		}
	}
}

// wholeNumber is a number, or what SQLite has for a boolean.
func wholeNumber(n int64, want string) (value any, fault string) {
	if want == "BOOLEAN" && (n == 0 || n == 1) {
		return n == 1, ""
	}
	if want == "INTEGER" && (n < math.MinInt32 || n > math.MaxInt32) {
		return n, "has a number that is too large for PostgreSQL"
	}
	return n, typeFault("INTEGER", want)
}

func textFault(text, want string) string {
	switch {
	case want != "TEXT":
		return typeFault("TEXT", want)
	case !utf8.ValidString(text):
		return "has text that is not UTF-8"
	case strings.ContainsRune(text, 0):
		return "has text with a NUL"
	}
	return ""
}

func typeFault(is, want string) string {
	if is == want {
		return ""
	}
	return "has something that cannot be read as " + want
}

// checksum reads the whole table.
func (t copyTable) checksum(ctx context.Context, db queryer, batch int, faults *copyFaults, watch func(done int64)) (TableSum, error) {
	sum := sha256.New()
	for i := range t.columns {
		writeText(sum, t.columns[i])
		writeText(sum, t.types[i])
	}
	done, after := int64(0), any(nil)
	for {
		watch(done)
		rows, last, err := t.pageWith(ctx, db, after, batch, faults)
		if err != nil {
			return TableSum{}, err
		}
		for _, row := range rows {
			writeRow(sum, row.values)
		}
		done, after = done+int64(len(rows)), last
		if len(rows) < batch {
			watch(done)
			return TableSum{done, hex.EncodeToString(sum.Sum(nil))}, nil
		}
	}
}

// writeRow writes a byte for the type of each value, and the value so that its
// end is known: no two rows are written alike.
func writeRow(sum hash.Hash, values []any) {
	for _, value := range values {
		switch v := value.(type) {
		case nil:
			writeTagged(sum, 'n')
		case bool:
			if v {
				writeTagged(sum, 'y')
			} else {
				writeTagged(sum, 'f')
			}
		case int64:
			writeNumber(sum, 'i', v)
		case time.Time:
			writeNumber(sum, 't', v.UnixMicro())
		case string:
			writeText(sum, v)
		default:
			writeText(sum, fmt.Sprint(v)) // is at fault anyway
		}
	}
}

func writeTagged(sum hash.Hash, bytes ...byte) { _, _ = sum.Write(bytes) } // hashes never fail

func writeNumber(sum hash.Hash, tag byte, n int64) {
	writeTagged(sum, binary.BigEndian.AppendUint64([]byte{tag}, uint64(n))...) //nolint:gosec // the bits are what is hashed
}

func writeText(sum hash.Hash, text string) {
	writeNumber(sum, 's', int64(len(text)))
	writeTagged(sum, []byte(text)...)
}
