package auth

import (
	"context"
	"errors"
	"slices"
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

// anonymousClient is the client_id of a token that was asked for without one:
// RFC 9068 §2.2 requires the claim.
const anonymousClient = "anonymous"

// Token answers a request to the token endpoint (RFC 6749 §4.3). The error is
// a models.Error with a code of §5.2.
func (s *Service) Token(ctx context.Context, form models.OAuth2PasswordRequestForm) (models.TokenAnswer, error) {
	if err := s.checkForm(form); err != nil {
		return models.TokenAnswer{}, err
	}
	account, err := s.checkPassword(ctx, form.Username, form.Password)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	granted, err := grant(form.Scopes(), account.Scopes)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return s.issue(account, form.ClientID, granted)
}

// checkForm says what is wrong with a form before any of it is looked up.
func (s *Service) checkForm(form models.OAuth2PasswordRequestForm) error {
	switch {
	case form.GrantType == "" && s.strictForm:
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter grant_type is missing")
	case form.GrantType != "" && form.GrantType != models.GrantPassword:
		return models.BadRequest(models.OAuthUnsupportedGrantType, "The grant type is not supported")
	case form.Username == "" && form.Password == "":
		return models.BadRequest(models.OAuthInvalidRequest, "The parameters username and password are missing")
	case form.Username == "":
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter username is missing")
	case form.Password == "":
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter password is missing")
	}
	return checkClientID(form.ClientID)
}

// checkClientID accepts what a client_id may be made of (RFC 6749 §A.1).
func checkClientID(id string) error {
	const longest = 255
	visible := func(r rune) bool { return ' ' <= r && r <= '~' }
	if len(id) > longest || strings.ContainsFunc(id, func(r rune) bool { return !visible(r) }) {
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter client_id is malformed")
	}
	return nil
}

// checkPassword finds the account that username and password belong to. For
// an unknown user it hashes just as much as for a wrong password, so that
// neither the answer nor its time tells one from the other.
func (s *Service) checkPassword(ctx context.Context, username, password string) (models.Account, error) {
	account, err := s.findAccount(ctx, username)
	if models.KindOf(err) == models.KindNotFound {
		if err := s.hasher.VerifyUnknown(ctx, password); err != nil {
			return models.Account{}, hashingError(err)
		}
		return models.Account{}, wrongCredentials()
	}
	if err != nil {
		return models.Account{}, err
	}
	ok, err := s.hasher.Verify(ctx, password, account.HashedPassword)
	switch {
	case errors.Is(err, passwords.ErrUnsupportedHash):
		s.log.WarnContext(ctx, "a user's password hash cannot be read, so the user cannot log in",
			"user", account.ID, "error", err)
		return models.Account{}, wrongCredentials()
	case err != nil:
		return models.Account{}, hashingError(err)
	case !ok:
		return models.Account{}, wrongCredentials()
	}
	s.renewHash(ctx, account, password)
	return account, nil
}

// findAccount asks storage only for names that every engine can look up.
func (s *Service) findAccount(ctx context.Context, username string) (models.Account, error) {
	if !utf8.ValidString(username) || strings.ContainsRune(username, 0) {
		return models.Account{}, models.NotFound("User not found")
	}
	return s.users.AccountByUsername(ctx, username)
}

// renewHash replaces a hash that is weaker than today's. That it could not is
// no reason to refuse the login; the next one tries again.
func (s *Service) renewHash(ctx context.Context, account models.Account, password string) {
	if !s.hasher.NeedsRehash(account.HashedPassword) {
		return
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.users.RenewHash(ctx, account.ID, account.HashedPassword, hash)
	}
	if err != nil {
		s.log.WarnContext(ctx, "a weak password hash was not renewed", "user", account.ID, "error", err)
	}
}

// issue makes the answer that carries a new access token. A token issued in
// the second in which all earlier ones were ended is dated to the next.
func (s *Service) issue(account models.Account, clientID string, granted []string) (models.TokenAnswer, error) {
	if clientID == "" {
		clientID = anonymousClient
	}
	token, claims, err := s.issuer.Issue(tokens.Grant{
		Subject: account.ID, ClientID: clientID, Scopes: granted, NotBefore: account.TokensValidFrom,
	})
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return models.TokenAnswer{
		AccessToken: token,
		TokenType:   "bearer",
		ExpiresIn:   int(claims.ExpiresAt.Sub(claims.IssuedAt) / time.Second),
		Scope:       strings.Join(granted, " "),
	}, nil
}

// grant is what a request gets (RFC 6749 §3.3): all that it asked for, if the
// service declares and the user is allowed every one; all that the user is
// allowed, if it asked for nothing.
func grant(requested, allowed []string) ([]string, error) {
	allowed = slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return !models.ScopeDeclared(s) })
	if len(requested) == 0 {
		return allowed, nil
	}
	for _, scope := range requested {
		if !slices.Contains(allowed, scope) {
			return nil, models.BadRequest(models.OAuthInvalidScope, "The requested scope is unknown or not allowed")
		}
	}
	return requested, nil
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
