package cli

import (
	"context"
	"fmt"

	"latchkey/internal/config"
	"latchkey/internal/passwords"
	"latchkey/internal/rules"
)

// credentials is how a command is given a password.
type credentials struct {
	config.Hashing
	HashedPassword string `name:"hashed-password" placeholder:"HASH" help:"An existing bcrypt or argon2id hash instead of a password; - reads it from standard input."`
}

// hash is the hash to store: the given one, or that of the password that is
// read, for an account with that username and email.
func (c credentials) hash(ctx context.Context, streams Streams, about ...string) (string, error) {
	switch c.HashedPassword {
	case "":
		return c.hashPassword(ctx, streams, about)
	case "-":
		hash, err := readLine(streams.In)
		if err != nil {
			return "", err
		}
		return hash, checkHash(hash)
	default:
		return c.HashedPassword, checkHash(c.HashedPassword)
	}
}

func checkHash(hash string) error {
	if err := passwords.Check(hash); err != nil {
		return settingsError{fmt.Errorf("--hashed-password: %w", err)}
	}
	return nil
}

func (c credentials) hashPassword(ctx context.Context, streams Streams, about []string) (string, error) {
	if err := settingsFault(c.Check()); err != nil {
		return "", err
	}
	password, err := readPassword(ctx, streams, about)
	if err != nil {
		return "", err
	}
	return passwords.NewHasher(c.Params(), passwords.NewGate(1, 0)).Hash(ctx, rules.NormalPassword(password))
}
