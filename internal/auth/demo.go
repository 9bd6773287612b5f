package auth

import (
	"context"
	"errors"

	"latchkey/internal/passwords"
	"latchkey/models"
)

// DemoAccount is an account whose password everybody knows.
type DemoAccount struct {
	Username string
	Password string
	email    string
	fullName string
	Disabled bool
}

// DemoAccounts are those of FastAPI's tutorial.
func DemoAccounts() []DemoAccount {
	return []DemoAccount{
		{"johndoe", "secret", "johndoe@example.com", "John Doe", false},
		{"alice", "secret2", "alice@example.com", "Alice Wonderson", true},
	}
}

// NewDemoUsers are the demo accounts, ready to be created: with every scope.
func NewDemoUsers(ctx context.Context, hasher *passwords.Hasher) ([]models.NewUser, error) {
	var users []models.NewUser
	for _, demo := range DemoAccounts() {
		hash, err := hasher.Hash(ctx, demo.Password)
		if err != nil {
			return nil, err
		}
		users = append(users, models.NewUser{
			Username: demo.Username, Email: &demo.email, FullName: &demo.fullName,
			HashedPassword: hash, Disabled: demo.Disabled, Scopes: models.ScopeNames(),
		})
	}
	return users, nil
}

// PublishedPasswords are the demo accounts that exist and still have the
// password that everybody knows.
func PublishedPasswords(ctx context.Context, users Users, hasher *passwords.Hasher) ([]string, error) {
	var open []string
	for _, demo := range DemoAccounts() {
		account, err := users.AccountByUsername(ctx, demo.Username)
		if models.KindOf(err) == models.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		ok, err := hasher.Verify(ctx, demo.Password, account.HashedPassword)
		if err != nil && !errors.Is(err, passwords.ErrUnsupportedHash) {
			return nil, err
		}
		if ok {
			open = append(open, demo.Username)
		}
	}
	return open, nil
}
