package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/apitest"
	"latchkey/internal/store"
	"latchkey/models"
)

// lively is the path of an SQLite database with rows in every table.
func lively(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "latchkey.db")
	s, err := store.Open(path, newClock().now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ada", "Grace", "Zoë", "יוסי", "😀", "e\u0301", "x'; DROP TABLE users; --"} {
		u := createUser(t, s, name)
		createItem(t, s, u, "line\nbreak\ttab \\. \\N \x1b[31m \u202e")
		createSession(t, s, u, "hash of "+name)
		if err := s.Record(t.Context(), models.NewEvent{Kind: models.EventLogin, UserID: u.ID, Actor: name}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.SettleDemo(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	inFile(t, path, `
		INSERT INTO users (username, hashed_password) VALUES ('barbara', '$2b$12$x');
		UPDATE users SET disabled = TRUE, email = NULL, full_name = '', password_changed_at = '1969-12-31 23:59:59.9999999-03:00' WHERE username = 'ada';
		UPDATE refresh_tokens SET used_at = '2026-03-01 12:00:00.000001+00:00' WHERE hash = 'hash of ada';
		INSERT INTO revoked_tokens VALUES ('one', '2026-03-01 12:00:00+05:30'), ('two', '9999-12-31 23:59:59+00:00');
		INSERT INTO clients (id, hashed_secret, scopes, created_at) VALUES ('robot', 'x', '', CURRENT_TIMESTAMP);
		INSERT INTO mail_tokens SELECT 'hash of ' || username, id, 'verify_email', 'ada@example.com', created_at FROM users;
		INSERT INTO mails SELECT id, 'verify_email', 'ada@example.com', id, 2147483647, created_at, updated_at, '', '' FROM users;
		UPDATE mails SET user_id = NULL, attempts = -2147483648 WHERE id = (SELECT MIN(id) FROM mails);
		INSERT INTO attempts SELECT username || char(65535) || char(66304) || char(57344), 1, created_at, updated_at FROM users;
		INSERT INTO attempts VALUES ('', 0, '2026-01-02 03:04:05+00:00', '2026-01-02 03:04:05+00:00')`)
	return path
}

// inFile changes an SQLite database as a shell does.
func inFile(t *testing.T, path, statements string) {
	t.Helper()
	if err := tryInFile(t.Context(), path, statements); err != nil {
		t.Fatal(err)
	}
}

func tryInFile(ctx context.Context, path, statements string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statements)
	return err
}

// onServer is a shell on a PostgreSQL database.
func onServer(t *testing.T, url string) *sql.Conn {
	t.Helper()
	return connect(t, "pgx", url)
}

// content is all that a database has in the tables that are copied, in words
// that both engines share. It was not read by the code that copies.
func content(t *testing.T, driver, source string) string {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all strings.Builder
	for _, table := range store.CopiedTables() {
		writeContent(t, &all, db, table)
	}
	return all.String()
}

func writeContent(t *testing.T, all *strings.Builder, db *sql.DB, table string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM `+table+` ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(all, table, columns)
	for rows.Next() {
		fmt.Fprintln(all, words(t, rows, columns))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func words(t *testing.T, rows *sql.Rows, columns []string) (words []string) {
	t.Helper()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	for i, value := range values {
		word := fmt.Sprintf("%#v", value)
		if at, ok := value.(time.Time); ok {
			word = at.UTC().Format("2006-01-02T15:04:05.000000")
		}
		if columns[i] == "disabled" || columns[i] == "demo" {
			word = strings.NewReplacer("1", "true", "0", "false").Replace(word)
		}
		words = append(words, word)
	}
	return words
}

// wantSame fails the test where the copy is not what the source is.
func wantSame(t *testing.T, path, url string) {
	t.Helper()
	want, got := strings.Split(content(t, "sqlite", "file:"+path), "\n"), strings.Split(content(t, "pgx", url), "\n")
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			t.Fatalf("%s is missing", want[i])
		case i >= len(want) || want[i] != got[i]:
			t.Fatalf("%s\nwant %s", got[i], want[min(i, len(want)-1)])
		}
	}
}

// copied is a copy that has to succeed.
func copied(t *testing.T, c store.Copy) {
	t.Helper()
	tables, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != len(store.CopiedTables()) {
		t.Errorf("%d tables", len(tables))
	}
	for _, table := range tables {
		if !table.OK() || table.Source.Rows == 0 || len(table.Source.Checksum) != 64 {
			t.Errorf("%+v", table)
		}
	}
}

// wantError fails the test where the error lacks one of the words.
func wantError(t *testing.T, err error, wanted ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", wanted)
	}
	for _, word := range wanted {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q lacks %q", err, word)
		}
	}
}

// newTarget is the URL of a new database, without tables.
func newTarget(t *testing.T) string {
	t.Helper()
	return apitest.NewPostgres(t)
}
