package drive

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
)

// ErrNoPostgres says that no server answers.
var ErrNoPostgres = errors.New("PostgreSQL does not answer; LATCHKEY_TEST_POSTGRES_URL says where it is")

// NewPostgres makes a database on the PostgreSQL server that LATCHKEY_TEST_POSTGRES_URL says. drop removes it.
func NewPostgres(ctx context.Context) (source string, drop func() error, err error) {
	server := cmp.Or(os.Getenv("LATCHKEY_TEST_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, errors.New("LATCHKEY_TEST_POSTGRES_URL cannot be read") // the error would quote a password
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return "", nil, errors.Join(ErrNoPostgres, err, db.Close())
	}
	name := "latchkey_test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE template0`); err != nil {
		return "", nil, errors.Join(fmt.Errorf("make a database: %w", err), db.Close())
	}
	ctx = context.WithoutCancel(ctx)
	u.Path = "/" + name
	return u.String(), func() error {
		_, err := db.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`)
		return errors.Join(err, db.Close())
	}, nil
}
