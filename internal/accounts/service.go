// Package accounts has the rules of an account's life: how people sign up,
// prove their address, change and recover their password and leave, and what
// administrators may do to others.
package accounts

import (
	"context"
	"log/slog"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/limits"
	"latchkey/internal/mail"
	"latchkey/models"
)

// Store is where accounts, the tokens in mails, the mails that are to be sent
// and the audit trail are kept. Its errors are models.Error.
type Store interface {
	Users
	Mails
	// Events is a page of the audit trail, the newest first.
	Events(ctx context.Context, q models.EventQuery) (models.EventPage, error)
}

// Users is where accounts are kept.
type Users interface {
	// CreateUser adds a user; KindConflict if the username or email is taken.
	CreateUser(ctx context.Context, u models.NewUser, t models.Trail) (models.User, error)
	// Users is a page of the users, in the order of their names.
	Users(ctx context.Context, q models.UserQuery) (models.UserPage, error)
	Account(ctx context.Context, id string) (models.Account, error)
	AccountByUsername(ctx context.Context, username string) (models.Account, error)
	AccountByEmail(ctx context.Context, email string) (models.Account, error)
	// ChangeUser asks change what becomes of a user, and does it, at once;
	// with keepAdmin KindConflict if that leaves no administrator.
	ChangeUser(ctx context.Context, username string, keepAdmin bool,
		change func(models.User) (models.User, models.Trail, error)) (models.User, error)
	// DeleteUser removes a user; with keepAdmin KindConflict if that leaves no
	// administrator.
	DeleteUser(ctx context.Context, id string, keepAdmin bool, t models.Trail) error
	// ChangePassword is KindNotFound if the hash is not n.From any more.
	ChangePassword(ctx context.Context, userID string, n models.NewPassword, t models.Trail) error
}

// Mails is where the mails that are to be sent are kept, and the tokens in
// their links.
type Mails interface {
	EnqueueMail(ctx context.Context, m models.NewMail) error
	CreateMailToken(ctx context.Context, token models.MailToken, t models.Trail) error
	// AccountByMailToken is KindNotFound if there is no such token or it has
	// expired; so are the two that use a token, once.
	AccountByMailToken(ctx context.Context, hash string, purpose models.MailKind) (models.Account, error)
	ResetPassword(ctx context.Context, tokenHash, hash string, t models.Trail) error
	VerifyEmail(ctx context.Context, tokenHash string, t models.Trail) error
}

// Service applies the rules. It is safe for concurrent use.
type Service struct{ cfg Config }

// Config is what a Service works with. Every field is required.
type Config struct {
	Store     Store
	Auth      *auth.Service
	Limiter   *limits.Limiter
	Templates *mail.Templates
	// Open lets people sign up.
	Open bool
	// AppURL is where the links in mails lead, without a slash at the end.
	AppURL string
	// Host is how mails name the service.
	Host string
	// Mailed is called when there is something new in the queue of mails.
	Mailed func()
	Log    *slog.Logger
	Now    func() time.Time
}

// New makes a Service.
func New(cfg Config) *Service { return &Service{cfg} }

// by is the trail of something that the actor did to a user, with the mails
// that tell of it.
func by(actor models.Actor, kind models.EventKind, user models.User, detail string, mails ...models.NewMail) models.Trail {
	event := actor.Did(kind, user)
	event.Detail = detail
	for i := range mails {
		mails[i].UserID, mails[i].Origin = user.ID, actor.Origin
	}
	return models.Trail{Events: []models.NewEvent{event}, Mails: mails}
}
