package auth

import (
	"context"
	"errors"
	"strings"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// Revoke ends a token (RFC 7009 §2): an access token by itself, a refresh
// token with its session and all tokens of it. That there is no such token is
// no error. A client that says who it is can revoke its own tokens only.
func (s *Service) Revoke(ctx context.Context, form models.TokenForm, origin models.Origin) error {
	if err := checkPresent(param{"token", form.Token}); err != nil {
		return err
	}
	client, err := s.identify(ctx, form.ClientID, form.ClientSecret)
	if err != nil {
		return err
	}
	if isAccessToken(form.Token) {
		err = s.revokeAccessToken(ctx, form.Token, client, origin)
	} else {
		err = s.revokeRefreshToken(ctx, form.Token, client, origin)
	}
	if err != nil {
		return err
	}
	return s.CatchUp(ctx)
}

// isAccessToken tells a JWT from a refresh token, which has no dots.
func isAccessToken(token string) bool { return strings.Contains(token, ".") }

func (s *Service) revokeAccessToken(ctx context.Context, token string, client client, origin models.Origin) error {
	claims, err := s.cfg.Issuer.Verify(token)
	if errors.Is(err, tokens.ErrInvalid) {
		return nil
	}
	if err != nil {
		return err
	}
	if !client.mayRevoke(claims.ClientID) {
		return otherClient()
	}
	return s.cfg.Store.RevokeToken(ctx, claims.ID, claims.ExpiresAt, models.Trail{Events: []models.NewEvent{{
		Kind: models.EventTokenRevoked, UserID: claims.Subject, SessionID: claims.SessionID, Client: claims.ClientID, Origin: origin,
	}}})
}

func (s *Service) revokeRefreshToken(ctx context.Context, token string, client client, origin models.Origin) error {
	held, err := s.cfg.Store.RefreshGrant(ctx, HashToken(token))
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if !client.mayRevoke(held.ClientID) {
		return otherClient()
	}
	err = s.cfg.Store.EndSession(ctx, held.Account.ID, held.SessionID, held.Trail(models.EventSessionEnded, origin))
	if models.KindOf(err) == models.KindNotFound { // somebody else has just ended it
		return nil
	}
	return err
}

// mayRevoke reports whether the client may end what was issued to that
// client: whoever holds a token may, unless it proves to be another client.
func (c client) mayRevoke(clientID string) bool { return !c.registered || c.ID == clientID }

func otherClient() error {
	return models.BadRequest(models.OAuthUnauthorizedClient, "The token was issued to another client")
}
