package apitest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
)

// NewPostgres makes a PostgreSQL database that is dropped when the test ends,
// on the server that LATCHKEY_TEST_POSTGRES_URL says, and returns its URL.
func NewPostgres(tb testing.TB) string {
	tb.Helper()
	server := cmp.Or(os.Getenv("LATCHKEY_TEST_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
	db, err := sql.Open("pgx", server)
	Need(tb, "postgres", err == nil && db.PingContext(tb.Context()) == nil)
	name := "latchkey_test_" + strings.ToLower(rand.Text())
	ctx := context.WithoutCancel(tb.Context())
	if _, err := db.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE template0`); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if _, err := db.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Error(err)
		}
		_ = db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// NewDatabase are the flags for a new database: on PostgreSQL in a test or
// subtest with that word in its name, as in t.Run("postgres", …), else on SQLite.
func NewDatabase(tb testing.TB) (flags []string) {
	tb.Helper()
	folder := tb.TempDir()
	if !strings.Contains(strings.ToLower(tb.Name()), "postgres") {
		return []string{"--database-url=sqlite:" + filepath.Join(folder, "latchkey.db")}
	}
	return []string{"--database-url=" + NewPostgres(tb), "--key-file=" + filepath.Join(folder, "latchkey.key.pem")}
}

// connect is a connection past the service, as a database shell has one.
func (s *Server) connect() *sql.DB {
	s.t.Helper()
	driver, source := "pgx", s.database.DatabaseURL
	if path, ok := s.database.File(); ok {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

// Exec changes the database behind the service's back. Both engines
// understand $1 for an argument.
func (s *Server) Exec(statement string, args ...any) {
	s.t.Helper()
	db := s.connect()
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(s.t.Context(), statement, args...); err != nil {
		s.t.Fatal(err)
	}
}

// Int is the number that the query finds in the database.
func (s *Server) Int(query string, args ...any) (n int) {
	s.t.Helper()
	db := s.connect()
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(s.t.Context(), query, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// DatabaseContains reports whether the text is in the database's files, or in
// a row of its tables.
func (s *Server) DatabaseContains(text string) bool {
	s.t.Helper()
	path, ok := s.database.File()
	if !ok {
		return s.tablesContain(text)
	}
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			s.t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}

func (s *Server) tablesContain(text string) bool {
	s.t.Helper()
	db := s.connect()
	defer func() { _ = db.Close() }()
	var statement string
	err := db.QueryRowContext(s.t.Context(), `
		SELECT string_agg(format('SELECT 1 FROM %I AS r WHERE strpos(CAST(r AS TEXT), $1) > 0', tablename), ' UNION ALL ')
		FROM pg_tables WHERE schemaname = 'public'`).Scan(&statement)
	if err != nil {
		s.t.Fatal(err)
	}
	var found bool
	if err := db.QueryRowContext(s.t.Context(), `SELECT EXISTS (`+statement+`)`, text).Scan(&found); err != nil {
		s.t.Fatal(err)
	}
	return found
}
