package apitest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
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
