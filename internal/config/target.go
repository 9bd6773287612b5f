package config

import (
	"errors"
	"fmt"
)

// Target is where the data is to be copied to.
type Target struct {
	To string `env:"LATCHKEY_MIGRATE_TO" placeholder:"URL" help:"Copy everything from the SQLite database into an empty PostgreSQL database, postgres://user:password@host/database."`
}

// Destination is the URL that internal/store copies to. Its errors quote nothing.
func (t Target) Destination() (string, error) {
	err := checkPostgresURL(t.To)
	if !(Database{DatabaseURL: t.To}).postgres() {
		err = errors.New("must be the URL of a PostgreSQL database, as in postgres://user:password@db.example.com/latchkey")
	}
	if err != nil {
		return "", fmt.Errorf("--to (LATCHKEY_MIGRATE_TO): %w", err)
	}
	return t.To, nil
}
