package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// NewToken makes a token of 256 random bits, and the hash to keep of it.
func NewToken() (token, hash string) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	token = base64.RawURLEncoding.EncodeToString(random[:])
	return token, HashToken(token)
}

// HashToken is how tokens and client secrets are kept: they are random, so a
// fast hash serves.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// refresh exchanges a refresh token for the next pair (RFC 6749 §6).
func (s *Service) refresh(ctx context.Context, form models.OAuth2PasswordRequestForm, client client, origin models.Origin) (models.TokenAnswer, error) {
	presented := HashToken(form.RefreshToken)
	held, err := s.cfg.Store.RefreshGrant(ctx, presented)
	if models.KindOf(err) == models.KindNotFound {
		return models.TokenAnswer{}, invalidRefreshToken(err)
	}
	if err != nil {
		return models.TokenAnswer{}, err
	}
	if held.ExpiresAt.Sub(s.cfg.Now()) < time.Second { // expires_in would be 0, which some clients read as for ever
		return models.TokenAnswer{}, invalidRefreshToken(errors.New("its session is about to end"))
	}
	if err := s.checkHolder(ctx, client, held.ClientID); err != nil {
		return models.TokenAnswer{}, err
	}
	granted, err := grant(form.Scopes(), intersection(held.Scopes, held.Account.Scopes))
	if err != nil {
		return models.TokenAnswer{}, err
	}
	next, hash := NewToken()
	rotated, err := s.cfg.Store.Rotate(ctx, presented, hash, s.cfg.ReuseWindow, held.Trail(models.EventTokenRefreshed, origin))
	if err != nil {
		return models.TokenAnswer{}, err
	}
	if !rotated {
		return models.TokenAnswer{}, s.punishReuse(ctx, held, origin)
	}
	return s.answer(tokens.Grant{
		Subject: held.Account.ID, ClientID: held.ClientID, SessionID: held.SessionID,
		Scopes: granted, NotAfter: held.ExpiresAt,
	}, next)
}

// punishReuse ends the session of a refresh token that was used long ago: its
// owner and a thief cannot be told from each other (RFC 9700 §4.14.2). Where
// the session is over already, nobody is to blame.
func (s *Service) punishReuse(ctx context.Context, held models.RefreshGrant, origin models.Origin) error {
	err := s.endSession(ctx, held.Account.ID, held.SessionID, held.Trail(models.EventRefreshTokenReused, origin))
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return err
	}
	if err == nil {
		s.cfg.Log.WarnContext(ctx, "a refresh token was used again, so its session has ended",
			"event", "refresh_token_reuse", "user", held.Account.ID, "session", held.SessionID)
	}
	return invalidRefreshToken(errReused)
}

// errReused is why a refresh token is refused that was exchanged before.
var errReused = errors.New("it was used before, or its session has just ended")

func invalidRefreshToken(cause error) error {
	e := models.BadRequest(models.OAuthInvalidGrant, "The refresh token is invalid")
	e.Cause = cause
	return e
}
