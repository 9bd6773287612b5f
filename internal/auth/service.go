// Package auth has the rules: who may log in, what a token grants, whom it
// stands for, and when a session ends.
package auth

import (
	"context"
	"log/slog"
	"time"

	"latchkey/internal/callers"
	"latchkey/internal/limits"
	"latchkey/internal/passwords"
	"latchkey/internal/tokens"
	"latchkey/models"
)

// Store is where accounts, sessions and clients are kept. Its errors are
// models.Error: KindNotFound for what is not there, KindUnavailable for
// storage that is away.
type Store interface {
	Users
	Sessions
	Clients
	// Record adds an event to the audit trail that comes with no change.
	Record(ctx context.Context, e models.NewEvent) error
}

// Users is where accounts are kept.
type Users interface {
	// AccountByLogin is the user of that name, in any case of its letters, or
	// the one whose verified email it is.
	AccountByLogin(ctx context.Context, name string) (models.Account, error)
	// LoginAddresses are those from which a user has logged in before.
	LoginAddresses(ctx context.Context, userID string) ([]string, error)
	// RenewHash replaces the hash of a user's password if it still is from.
	RenewHash(ctx context.Context, id, from, to string) error
}

// Sessions is where sessions are kept.
type Sessions interface {
	// CreateSession begins a session with its first refresh token; KindNotFound
	// if the user is gone, or the hash of the user's password is another one.
	CreateSession(ctx context.Context, n models.NewSession) (id string, err error)
	// RefreshGrant is what the refresh token of that hash stands for, used or
	// not; KindNotFound if there is none or its session has expired.
	RefreshGrant(ctx context.Context, hash string) (models.RefreshGrant, error)
	// Rotate exchanges a refresh token for its successor, both given as
	// hashes; once, and then for window longer.
	Rotate(ctx context.Context, from, to string, window time.Duration, t models.Trail) (rotated bool, err error)
	// Sessions is a page of the user's sessions, the newest first.
	Sessions(ctx context.Context, userID string, q models.PageQuery) (models.SessionPage, error)
	// EndSession ends that session of the user's; KindNotFound if there is none.
	EndSession(ctx context.Context, userID, id string, t models.Trail) error
	// EndOtherSessions ends all sessions of the user's but that one.
	EndOtherSessions(ctx context.Context, userID, id string, t models.Trail) error
	// RevokeToken ends an access token, by its jti, before it expires.
	RevokeToken(ctx context.Context, id string, expires time.Time, t models.Trail) error
	// TokenRevoked reports whether the access token of that jti was revoked.
	TokenRevoked(ctx context.Context, id string) (bool, error)
	// Caller is the user whom an access token of that session, with that jti,
	// stands for; KindNotFound if the session is over or the token revoked.
	Caller(ctx context.Context, sessionID, tokenID string) (models.User, error)
}

// Clients is where registered OAuth clients are kept.
type Clients interface {
	// HasClients reports whether any client is registered.
	HasClients(ctx context.Context) (bool, error)
	// Client is the client of that id; KindNotFound if there is none.
	Client(ctx context.Context, id string) (models.Client, error)
}

// Service applies the rules. It is safe for concurrent use.
type Service struct{ cfg Config }

// Config is what a Service works with. Every field but StrictForm,
// ReuseWindow and Count is required.
type Config struct {
	Store  Store
	Memory *callers.Memory
	Hasher *passwords.Hasher
	Issuer *tokens.Issuer
	// Limiter is how often passwords may be tried.
	Limiter *limits.Limiter
	// PublicURL is the issuer of the tokens, and where the endpoints are.
	PublicURL string
	// RefreshTTL is how long a session lasts, however much it is used.
	RefreshTTL time.Duration
	// ReuseWindow is for how long after its use a refresh token may be used
	// again: by a client that lost the answer, or in two of its tabs at once.
	ReuseWindow time.Duration
	// StrictForm refuses a token request without grant_type, as
	// OAuth2PasswordRequestFormStrict does in FastAPI.
	StrictForm bool
	// Count is told what has become of each request to the token endpoint: the
	// grant is one of Grants and the outcome one of Outcomes.
	Count func(grant, outcome string)
	Log   *slog.Logger
	Now   func() time.Time
}

// New makes a Service.
func New(cfg Config) *Service {
	if cfg.Count == nil {
		cfg.Count = func(string, string) {}
	}
	return &Service{cfg}
}

// KeySet has the public keys that verify the service's access tokens (RFC 7517 §5).
func (s *Service) KeySet() tokens.PublicKeys { return s.cfg.Issuer.Keys().JWKS() }
