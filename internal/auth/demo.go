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

// DemoUsers is where demo accounts are looked for.
type DemoUsers interface {
	AccountByUsername(ctx context.Context, username string) (models.Account, error)
}

// NewDemoUsers are all demo accounts, ready to be created.
func NewDemoUsers(ctx context.Context, hasher *passwords.Hasher) ([]models.NewUser, error) {
	var users []models.NewUser
	for _, demo := range DemoAccounts() {
		user, err := demo.NewUser(ctx, hasher)
		if err != nil {
			return nil, err
		}
		users = append(users, user)
	}
	return users, nil
}

// NewUser is the account, ready to be created.
func (d DemoAccount) NewUser(ctx context.Context, hasher *passwords.Hasher) (models.NewUser, error) {
	hash, err := hasher.Hash(ctx, d.Password)
	return models.NewUser{
		Username: d.Username, Email: &d.email, FullName: &d.fullName,
		HashedPassword: hash, Disabled: d.Disabled, Scopes: models.ScopeNames(), EmailVerified: true,
	}, err
}

// UnchangedDemoAccounts are the demo accounts that exist and whose password
// was never set by anybody, as far as can be told without hashing.
func UnchangedDemoAccounts(ctx context.Context, users DemoUsers) ([]DemoAccount, error) {
	var unchanged []DemoAccount
	for _, demo := range DemoAccounts() {
		account, err := users.AccountByUsername(ctx, demo.Username)
		switch {
		case models.KindOf(err) == models.KindNotFound:
		case err != nil:
			return nil, err
		case account.PasswordChangedAt == nil:
			demo.Disabled = account.Disabled
			unchanged = append(unchanged, demo)
		}
	}
	return unchanged, nil
}

// PublishedPasswords are the demo accounts that exist and still have the
// password that everybody knows.
func PublishedPasswords(ctx context.Context, users DemoUsers, hasher *passwords.Hasher) ([]string, error) {
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
