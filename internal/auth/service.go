// Package auth has the rules: who may log in, what a token grants, and whom
// it stands for.
package auth

import (
	"context"
	"log/slog"

	"latchkey/internal/passwords"
	"latchkey/internal/tokens"
	"latchkey/models"
)

// Users is where accounts are kept. Its errors are models.Error: KindNotFound
// for a user that is not there, KindUnavailable for storage that is away.
type Users interface {
	// Account is the user of that id.
	Account(ctx context.Context, id string) (models.Account, error)
	// AccountByUsername is the user of that name, in any case of its letters.
	AccountByUsername(ctx context.Context, username string) (models.Account, error)
	// RenewHash replaces the hash of a user's password if it still is from.
	RenewHash(ctx context.Context, id, from, to string) error
}

// Service applies the rules. It is safe for concurrent use.
type Service struct {
	users      Users
	hasher     *passwords.Hasher
	issuer     *tokens.Issuer
	strictForm bool
	log        *slog.Logger
}

// Config is what a Service works with. Every field but StrictForm is required.
type Config struct {
	Users  Users
	Hasher *passwords.Hasher
	Issuer *tokens.Issuer
	// StrictForm refuses a token request without grant_type, as
	// OAuth2PasswordRequestFormStrict does in FastAPI.
	StrictForm bool
	Log        *slog.Logger
}

// New makes a Service.
func New(cfg Config) *Service {
	return &Service{
		users: cfg.Users, hasher: cfg.Hasher, issuer: cfg.Issuer, strictForm: cfg.StrictForm, log: cfg.Log,
	}
}

// KeySet has the public keys that verify the service's access tokens (RFC 7517 §5).
func (s *Service) KeySet() tokens.PublicKeys { return s.issuer.Keys().JWKS() }
