//go:build linux

package faults_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver of that name
)

// shell is a database as seen past the service.
type shell struct {
	t  *testing.T
	db *sql.DB
	// file is that of SQLite.
	file bool
}

// connect opens the database of that --database-url.
func connect(t *testing.T, database string) shell {
	t.Helper()
	driver, source := "pgx", database
	path, file := strings.CutPrefix(database, "sqlite:")
	if file {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(20000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return shell{t, db, file}
}

// databaseOf is the --database-url among the flags.
func databaseOf(flags []string) (database string) {
	for _, flag := range flags {
		if value, ok := strings.CutPrefix(flag, "--database-url="); ok {
			database = value
		}
	}
	return database
}

// texts are those of the only column.
func (s shell) texts(query string, args ...any) (all []string) {
	s.t.Helper()
	rows, err := s.db.QueryContext(s.t.Context(), query, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s shell) number(query string, args ...any) (n int) {
	s.t.Helper()
	if err := s.db.QueryRowContext(s.t.Context(), query, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s shell) do(statement string, args ...any) {
	s.t.Helper()
	if _, err := s.db.ExecContext(s.t.Context(), statement, args...); err != nil {
		s.t.Fatal(err)
	}
}

// checkWhole looks for what was done by halves.
func (s shell) checkWhole() {
	s.t.Helper()
	for what, query := range map[string]string{
		"users whose sign-up left no trail": `SELECT COUNT(*) FROM users AS u WHERE username NOT IN ('johndoe', 'alice')
			AND NOT EXISTS (SELECT id FROM events WHERE kind = 'user_registered' AND user_id = u.id)`,
		"sign-ups without a user": `SELECT COUNT(*) FROM events WHERE kind = 'user_registered'
			AND NOT EXISTS (SELECT id FROM users AS u WHERE u.id = events.user_id)`,
		"sessions without a login": `SELECT COUNT(*) FROM sessions AS s
			WHERE NOT EXISTS (SELECT id FROM events WHERE kind = 'login' AND session_id = s.id)`,
		"sessions with more or fewer refresh tokens than the login and the refreshes made": `SELECT COUNT(*) FROM sessions AS s
			WHERE (SELECT COUNT(*) FROM refresh_tokens WHERE session_id = s.id) <>
			1 + (SELECT COUNT(*) FROM events WHERE kind = 'token_refreshed' AND session_id = s.id)`,
		"changed passwords that left no trail": `SELECT COUNT(*) FROM users AS u WHERE password_changed_at IS NOT NULL
			AND NOT EXISTS (SELECT id FROM events WHERE kind = 'password_changed' AND user_id = u.id)`,
	} {
		if n := s.number(query); n > 0 {
			s.t.Errorf("%s: %d", what, n)
		}
	}
	if s.file {
		if found := s.texts(`PRAGMA integrity_check`); len(found) != 1 || found[0] != "ok" {
			s.t.Errorf("the file is broken: %q", found)
		}
	}
}
