package auth

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/internal/passwords"
	"latchkey/internal/tokens"
	"latchkey/models"
)

// busyRetryAfter is when a client may try again that found the queue for the
// hashing of passwords full.
const busyRetryAfter = 5 * time.Second

// logIn begins a session with a username and a password (RFC 6749 §4.3). While
// these are checked the password may be changed, which ends all sessions: this
// one must not begin after that. Or another login renews the hash: hence the
// second try.
func (s *Service) logIn(ctx context.Context, form models.OAuth2PasswordRequestForm, client client, origin models.Origin) (models.TokenAnswer, error) {
	answer, err := s.beginSession(ctx, form, client, origin)
	if models.KindOf(err) == models.KindNotFound {
		answer, err = s.beginSession(ctx, form, client, origin)
	}
	if models.KindOf(err) == models.KindNotFound {
		return models.TokenAnswer{}, wrongCredentials()
	}
	return answer, err
}

// beginSession is KindNotFound if the hash of the user's password is not the
// one any more that it was verified by.
func (s *Service) beginSession(ctx context.Context, form models.OAuth2PasswordRequestForm, client client, origin models.Origin) (models.TokenAnswer, error) {
	account, err := s.checkPassword(ctx, form.Username, form.Password)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	granted, err := grant(form.Scopes(), account.Scopes)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	refreshToken, hash := newRefreshToken()
	expires := s.cfg.Now().UTC().Add(s.cfg.RefreshTTL).Truncate(time.Microsecond)
	session, err := s.cfg.Store.CreateSession(ctx, models.NewSession{
		UserID: account.ID, HashedPassword: account.HashedPassword, ClientID: client.ID, Scopes: granted,
		Origin: origin, ExpiresAt: expires, RefreshHash: hash,
	})
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return s.answer(tokens.Grant{
		Subject: account.ID, ClientID: client.ID, SessionID: session, Scopes: granted, NotAfter: expires,
	}, refreshToken)
}

// checkPassword finds the account that username and password belong to. For
// an unknown user it hashes just as much as for a wrong password, so that
// neither the answer nor its time tells one from the other.
func (s *Service) checkPassword(ctx context.Context, username, password string) (models.Account, error) {
	account, err := s.findAccount(ctx, username)
	if models.KindOf(err) == models.KindNotFound {
		if err := s.cfg.Hasher.VerifyUnknown(ctx, password); err != nil {
			return models.Account{}, hashingError(err)
		}
		return models.Account{}, wrongCredentials()
	}
	if err != nil {
		return models.Account{}, err
	}
	ok, err := s.cfg.Hasher.Verify(ctx, password, account.HashedPassword)
	switch {
	case errors.Is(err, passwords.ErrUnsupportedHash):
		s.cfg.Log.WarnContext(ctx, "a user's password hash cannot be read, so the user cannot log in",
			"user", account.ID, "error", err)
		return models.Account{}, wrongCredentials()
	case err != nil:
		return models.Account{}, hashingError(err)
	case !ok:
		return models.Account{}, wrongCredentials()
	}
	account.HashedPassword = s.renewHash(ctx, account, password)
	return account, nil
}

// findAccount asks storage only for names that every engine can look up.
func (s *Service) findAccount(ctx context.Context, username string) (models.Account, error) {
	if !utf8.ValidString(username) || strings.ContainsRune(username, 0) {
		return models.Account{}, models.NotFound("User not found")
	}
	return s.cfg.Store.AccountByUsername(ctx, username)
}

// renewHash replaces a hash that is weaker than today's, and returns the one
// that is kept. That it could not is no reason to refuse the login; the next
// one tries again.
func (s *Service) renewHash(ctx context.Context, account models.Account, password string) (kept string) {
	if !s.cfg.Hasher.NeedsRehash(account.HashedPassword) {
		return account.HashedPassword
	}
	hash, err := s.cfg.Hasher.Hash(ctx, password)
	if err == nil {
		err = s.cfg.Store.RenewHash(ctx, account.ID, account.HashedPassword, hash)
	}
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "a weak password hash was not renewed", "user", account.ID, "error", err)
		return account.HashedPassword
	}
	return hash
}

func wrongCredentials() error {
	return models.BadRequest(models.OAuthInvalidGrant, "Incorrect username or password")
}

// hashingError tells a full queue from a client that left it.
func hashingError(err error) error {
	if errors.Is(err, passwords.ErrBusy) {
		return models.Unavailable("Too many logins at once, try again shortly", busyRetryAfter, err)
	}
	return err
}
