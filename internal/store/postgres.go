package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/postgres/*.sql
var postgresMigrations embed.FS

const (
	// poolSize bounds the connections of readers and those of writers, which
	// have a pool each: writers who wait for a row keep no reader waiting. One
	// connection more listens.
	poolSize = 8
	// connLifetime lets a service that was moved to another server find it.
	connLifetime = 10 * time.Minute
	connIdleTime = 2 * time.Minute
	// serverPatience is for how long the server works for a caller, and waits
	// for one who does not go on: less than patience, so that it is the server
	// that says what was wrong, and a caller who is cut off leaves no lock behind.
	serverPatience = patience - time.Second
	// migrationLock is the advisory lock of whoever migrates.
	migrationLock = 0x6c617463686b6579 // "latchkey"
)

// postgres is the engine of a PostgreSQL database, or of what speaks as one.
type postgres struct {
	config *pgx.ConnConfig

	mu      sync.Mutex
	horizon horizon
}

func newPostgres(url string) (*postgres, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, unreadableURL(err)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "latchkey"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = serverPatience
	}
	if !strings.Contains(url, "default_query_exec_mode=") {
		// Statements that are prepared once are a little faster, but belong to one
		// connection to the server, which a pooler between them changes at will.
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	return &postgres{config: config}, nil
}

// unreadableURL says what is wrong without quoting the URL, which may have a password.
func unreadableURL(err error) error {
	_, reason, ok := strings.Cut(err.Error(), "`: ")
	if !ok {
		reason = "it is not a PostgreSQL URL"
	}
	return errors.New("the URL of the database cannot be used: " + reason)
}

// pools connect when they are first used.
func (e *postgres) pools() (read, write *sql.DB, err error) {
	limits := map[string]string{
		"statement_timeout":                   fmt.Sprint(serverPatience.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(patience.Milliseconds()),
	}
	return e.pool(poolSize, limits), e.pool(poolSize, limits), nil
}

func (e *postgres) pool(conns int, limits map[string]string) *sql.DB {
	db := sql.OpenDB(&limitedConnector{Connector: e.connector(limits), plain: e.connector(nil)})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(connLifetime)
	db.SetConnMaxIdleTime(connIdleTime)
	return db
}

// connector connects with those session settings, where the URL has not others.
func (e *postgres) connector(settings map[string]string) driver.Connector {
	config := e.config.Copy()
	for name, value := range settings {
		if _, ok := config.RuntimeParams[name]; !ok {
			config.RuntimeParams[name] = value
		}
	}
	return stdlib.GetConnector(*config, stdlib.OptionAfterConnect(scanUTC), stdlib.OptionResetSession(leaveStandby))
}

// scanUTC has times read in UTC.
func scanUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

// leaveStandby gives up a connection to a server that takes no changes: who
// connects anew may find the one that does.
func leaveStandby(_ context.Context, conn *pgx.Conn) error {
	if conn.PgConn().ParameterStatus("in_hot_standby") == "on" { // reported since version 14
		return driver.ErrBadConn
	}
	return nil
}

// limitedConnector limits what a session may take, unless a pooler in between
// refuses such settings, as PgBouncer does: then the limits are up to the
// database's own settings, and our side gives up in time all the same.
type limitedConnector struct {
	driver.Connector
	plain driver.Connector

	mu      sync.Mutex
	refused bool
}

// Connect implements driver.Connector.
func (c *limitedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c.mu.Lock()
	refused := c.refused
	c.mu.Unlock()
	if refused {
		return c.plain.Connect(ctx)
	}
	conn, err := c.Connector.Connect(ctx)
	if err == nil || !strings.Contains(err.Error(), "unsupported startup parameter") {
		return conn, err
	}
	c.mu.Lock()
	c.refused = true
	c.mu.Unlock()
	return c.plain.Connect(ctx)
}

// migrate holds a lock so that of several who do so at once one comes after the
// other. It is one of a transaction, which a pooler keeps together, and not of
// a session. Migrations may take longer than other statements.
func (e *postgres) migrate(ctx context.Context, _ *sql.DB) (err error) {
	db := e.pool(2, map[string]string{"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"})
	defer func() { err = errors.Join(err, db.Close()) }()
	turn, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = turn.Rollback() }() // it has only locked
	var encoding string
	if err := turn.QueryRowContext(ctx, `SELECT current_setting('server_encoding')`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("its encoding is %s: it has to be made with ENCODING 'UTF8'", encoding)
	}
	if _, err := turn.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)); err != nil {
		return err
	}
	return goUp(ctx, goose.DialectPostgres, db, e.dialect().migrations)
}

func (e *postgres) whole(ctx context.Context, read *sql.DB) error {
	unfinished, err := unfinishedCopy(ctx, read)
	if err == nil && unfinished {
		err = errors.New("a copy into it was not finished: run the same latchkey migrate --to … again, or make it anew")
	}
	return err
}

// present has nothing to say: a server that is gone breaks its connections.
func (e *postgres) present() error { return nil }

// kept has nothing to say either: a server says itself what it has kept.
func (e *postgres) kept() error { return nil }

// writable has nothing to add to the dialect's ready.
func (e *postgres) writable(context.Context, *Store) error { return nil }

func (e *postgres) name() string {
	host := e.config.Host
	if !strings.HasPrefix(host, "/") {
		host = fmt.Sprintf("%s:%d", host, e.config.Port)
	}
	return fmt.Sprintf("PostgreSQL, database %s on %s", e.config.Database, host)
}

func (e *postgres) dialect() dialect {
	return dialect{
		migrations:    folder(postgresMigrations, "migrations/postgres"),
		ready:         ` WHERE current_setting('transaction_read_only') = 'off'`,
		keepUnchanged: ` FOR SHARE`,
		skipTaken:     ` FOR UPDATE SKIP LOCKED`,
	}
}

// postgresFault is what err says in terms of both engines.
func postgresFault(err error) (f fault, column string) {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return unknownFault, ""
	}
	switch e.Code {
	case "23505": // unique_violation
		return taken, takenColumn(e.ConstraintName)
	case "23503": // foreign_key_violation
		return orphaned, ""
	case "22021", "22P05", "54000": // character_not_in_repertoire, untranslatable_character, program_limit_exceeded
		return unstorable, ""
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return raced, ""
	}
	return unknownFault, ""
}
