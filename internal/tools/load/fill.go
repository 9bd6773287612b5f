package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
	_ "modernc.org/sqlite"             // the driver named sqlite

	"latchkey/internal/passwords"
)

// password is everybody's. They share its hash, too: a login costs the same, and a million hashes would take ten hours.
const password = "violet otter staple"

// stride scatters the names over the rows, as people do who sign up in no order. It has no factor in common with a
// power of ten.
const stride = 7919

// rows are the numbers from 0 to $1 - 1, and random a text that no two rows share, as each engine has them.
var (
	rows = map[string]string{
		"sqlite":   `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)`,
		"postgres": `WITH n(i) AS (SELECT generate_series(0, CAST($1 AS BIGINT) - 1))`,
	}
	random = map[string]string{
		"sqlite":   `lower(hex(randomblob(32)))`,
		"postgres": `encode(sha256(CAST(id AS BYTEA)), 'hex')`,
	}
)

// settled is what comes by itself, a little later.
var settled = map[string]string{"sqlite": `PRAGMA wal_checkpoint(TRUNCATE)`, "postgres": `VACUUM ANALYZE`}

const past, future = `'2026-01-02 03:04:05+00:00'`, `'2999-01-01 00:00:00+00:00'`

// usersOf makes $1 users, user0000000 and so on. One of them has a name that nobody else has.
const usersOf = `
	INSERT INTO users (username, folded_username, email, email_verified_at, full_name, hashed_password, created_at, updated_at)
	SELECT name, lower(name), name || '@example.com', ` + past + `,
		CASE WHEN x = $1 / 2 THEN 'Zebulon Quux' ELSE 'Person Number ' || CAST(x AS TEXT) END, $2, ` + past + `, ` + past + `
	FROM (SELECT x, 'user' || substr(CAST(10000000 + x AS TEXT), 2) AS name
		FROM (SELECT i * 7919 % $1 AS x FROM n) AS numbers) AS names`

// sessionsOf begins a session for every tenth user. Its id is in the order of the logins, as that of version 7 is.
const sessionsOf = `
	INSERT INTO sessions (id, user_id, client_id, scopes, user_agent, address, created_at, last_used_at, expires_at)
	SELECT '01990000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), users.id, 'load', users.scopes,
		'load', '192.0.2.1', ` + past + `, ` + past + `, ` + future + `
	FROM n JOIN users ON COALESCE(folded_username, lower(username)) = 'user' || substr(CAST(10000000 + i * 10 AS TEXT), 2)`

const eventsOf = `
	INSERT INTO events (id, at, kind, user_id, username, actor_id, actor, address, user_agent)
	SELECT '01990000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), ` + past + `, 'login',
		users.id, username, users.id, username, '192.0.2.1', 'load'
	FROM n JOIN users ON COALESCE(folded_username, lower(username)) = 'user' || substr(CAST(10000000 + i AS TEXT), 2)`

// administrator is one who may list the users.
const administrator = `INSERT INTO users (username, folded_username, hashed_password, scopes) VALUES ('admin', 'admin', $1, 'users:read users:write')`

// fill makes so many users, with an event each and a tenth as many sessions with a refresh token.
func fill(ctx context.Context, db *sql.DB, engine string, users int) error {
	hash, err := passwords.NewHasher(passwords.DefaultParams(), passwords.NewGate(1, 1)).Hash(ctx, password)
	if err != nil {
		return err
	}
	steps := []struct {
		statement string
		args      []any
	}{
		{rows[engine] + usersOf, []any{users, hash}},
		{administrator, []any{hash}},
		{rows[engine] + sessionsOf, []any{users / 10}},
		{`INSERT INTO refresh_tokens (hash, session_id) SELECT ` + random[engine] + `, id FROM sessions`, nil},
		{rows[engine] + eventsOf, []any{users}},
		{settled[engine], nil},
	}
	for _, step := range steps {
		if _, err := db.ExecContext(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.statement, err)
		}
	}
	return nil
}

// fillPatience is for how long SQLite waits for the service, which has the file open, too.
const fillPatience = 10 * time.Second

// openDatabase goes past the service, as a database shell does.
func openDatabase(engine, source string) (*sql.DB, error) {
	if engine == "postgres" {
		return sql.Open("pgx", source)
	}
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_pragma=busy_timeout(%d)&_pragma=cache_size(-400000)&_pragma=synchronous(off)",
		source, fillPatience.Milliseconds()))
	if err == nil {
		db.SetMaxOpenConns(1)
		db.SetMaxIdleConns(0)
	}
	return db, err
}
