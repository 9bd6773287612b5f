package auth

import (
	"context"
	"errors"
	"slices"
	"time"

	"latchkey/internal/limits"
	"latchkey/internal/passwords"
	"latchkey/internal/rules"
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
	account, err := s.CheckLogin(ctx, form.Username, form.Password, origin, refusedLogin(origin, client.ID))
	if err != nil {
		return models.TokenAnswer{}, err
	}
	answer, err := s.beginSession(ctx, account, form, client, origin)
	if models.KindOf(err) != models.KindNotFound {
		return answer, err
	}
	if account, err = s.checkPassword(ctx, form.Username, form.Password); err == nil {
		answer, err = s.beginSession(ctx, account, form, client, origin)
	}
	if models.KindOf(err) == models.KindNotFound {
		err = wrongCredentials()
	}
	return answer, err
}

// refusedLogin is the event of a login that was refused. What was typed as a
// name is not part of it, for it may have been a password.
func refusedLogin(origin models.Origin, clientID string) func(models.Account) models.NewEvent {
	return func(account models.Account) models.NewEvent {
		return models.NewEvent{
			Kind: models.EventLoginRefused, UserID: account.ID, Username: account.Username, Client: clientID, Origin: origin,
		}
	}
}

// beginSession is KindNotFound if the hash of the user's password is not the
// one any more that it was verified by.
func (s *Service) beginSession(ctx context.Context, account models.Account, form models.OAuth2PasswordRequestForm,
	client client, origin models.Origin,
) (models.TokenAnswer, error) {
	granted, err := grant(form.Scopes(), account.Scopes)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	refreshToken, hash := NewToken()
	expires := s.cfg.Now().UTC().Add(s.cfg.RefreshTTL).Truncate(time.Microsecond)
	session, err := s.cfg.Store.CreateSession(ctx, models.NewSession{
		UserID: account.ID, Username: account.Username, HashedPassword: account.HashedPassword,
		ClientID: client.ID, Scopes: granted, Origin: origin, ExpiresAt: expires, RefreshHash: hash,
	})
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return s.answer(tokens.Grant{
		Subject: account.ID, ClientID: client.ID, SessionID: session, Scopes: granted, NotAfter: expires,
	}, refreshToken)
}

// CheckLogin finds the account that a name and a password belong to, as often
// as that may be tried: a models.Error of KindBadRequest if there is none,
// KindTooManyRequests if it was tried too often. refused is the event of the
// first case; its account is empty if there is none of that name.
func (s *Service) CheckLogin(ctx context.Context, name, password string, origin models.Origin,
	refused func(models.Account) models.NewEvent,
) (models.Account, error) {
	permit, err := s.cfg.Limiter.Take(ctx, limits.Attempt{
		Action: limits.Login, Account: rules.FoldUsername(keptEmail(name)), Address: origin.Address,
		Known: func(ctx context.Context) (bool, error) { return s.knows(ctx, name, origin.Address) },
	})
	if err != nil {
		return models.Account{}, err
	}
	account, err := s.checkPassword(ctx, name, password)
	switch {
	case err == nil:
		return account, permit.Succeeded(context.WithoutCancel(ctx))
	case models.KindOf(err) == models.KindBadRequest:
		return models.Account{}, errors.Join(err, s.recordRefusal(ctx, refused(account), permit.Blocks()))
	default: // nothing was found out about the password, so it goes on counting
		return models.Account{}, err
	}
}

// keptEmail is an address as it is kept, however its domain was spelled. What
// is no address stays as it is.
func keptEmail(name string) string {
	if kept, err := rules.Email(name); err == nil {
		return kept
	}
	return name
}

// findAccount is KindNotFound if nobody logs in with that name.
func (s *Service) findAccount(ctx context.Context, name string) (models.Account, error) {
	account, err := s.cfg.Store.AccountByLogin(ctx, name)
	if kept := keptEmail(name); models.KindOf(err) == models.KindNotFound && kept != name {
		return s.cfg.Store.AccountByLogin(ctx, kept)
	}
	return account, err
}

// knows reports whether the user of that name has logged in from there before.
func (s *Service) knows(ctx context.Context, name, address string) (bool, error) {
	account, err := s.findAccount(ctx, name)
	if models.KindOf(err) == models.KindNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	addresses, err := s.cfg.Store.LoginAddresses(ctx, account.ID)
	return slices.ContainsFunc(addresses, func(a string) bool { return limits.SameClient(a, address) }), err
}

// recordRefusal also tells when the next attempts will not even be looked at.
// It does so too when the client has left: one that only closes its sending
// side would get its answer and leave no trace.
func (s *Service) recordRefusal(ctx context.Context, refused models.NewEvent, blocks bool) error {
	ctx = context.WithoutCancel(ctx)
	err := s.cfg.Store.Record(ctx, refused)
	if !blocks || err != nil {
		return err
	}
	refused.Kind = models.EventLoginLimited
	return s.cfg.Store.Record(ctx, refused)
}

// checkPassword finds the account that name and password belong to, and
// returns it with the error if only the password is wrong. For an unknown user
// it hashes just as much as for a wrong password, so that neither the answer
// nor its time tells one from the other.
func (s *Service) checkPassword(ctx context.Context, name, password string) (models.Account, error) {
	password = rules.NormalPassword(password)
	account, err := s.findAccount(ctx, name)
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
		return account, wrongCredentials()
	case err != nil:
		return models.Account{}, hashingError(err)
	case !ok:
		return account, wrongCredentials()
	}
	account.HashedPassword = s.renewHash(ctx, account, password)
	return account, nil
}

// HashPassword is the hash to keep of a new password. The error says that too
// many wait to have theirs hashed.
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	hash, err := s.cfg.Hasher.Hash(ctx, rules.NormalPassword(password))
	return hash, hashingError(err)
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
