package auth

import (
	"context"
	"errors"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// Authenticate finds the user whom an access token stands for and the scopes
// it opens: those it grants and the user still has. A token that opens nothing
// is a 401 invalid_token (RFC 6750 §3.1). Whether the user is disabled is the
// caller's to ask.
func (s *Service) Authenticate(ctx context.Context, token string) (*models.Caller, []string, error) {
	if caller, ok := s.cfg.Memory.Get(token); ok {
		return caller, caller.Scopes, nil
	}
	mark := s.cfg.Memory.Mark()
	claims, err := s.verify(token)
	if err != nil {
		return nil, nil, err
	}
	caller, err := s.caller(ctx, claims)
	if err != nil {
		return nil, nil, err
	}
	s.cfg.Memory.Put(token, caller, mark)
	return caller, caller.Scopes, nil
}

// verify reads what an access token says. Whether it still is so is not asked.
func (s *Service) verify(token string) (tokens.Claims, error) {
	claims, err := s.cfg.Issuer.Verify(token)
	if errors.Is(err, tokens.ErrExpired) {
		return tokens.Claims{}, models.InvalidToken("The access token expired", err)
	}
	if err != nil {
		return tokens.Claims{}, invalidToken(err)
	}
	return claims, nil
}

// caller asks the database whom the claims of an access token stand for now.
// A client's own token stands for no user.
func (s *Service) caller(ctx context.Context, claims tokens.Claims) (*models.Caller, error) {
	user, err := s.cfg.Store.Caller(ctx, claims.SessionID, claims.ID)
	if models.KindOf(err) == models.KindNotFound {
		return nil, invalidToken(err)
	}
	if err != nil {
		return nil, err
	}
	if user.ID != claims.Subject {
		return nil, invalidToken(errors.New("its session is somebody else's"))
	}
	return &models.Caller{
		User: user, Scopes: intersection(claims.Scopes, user.Scopes),
		SessionID: claims.SessionID, TokenID: claims.ID, ExpiresAt: claims.ExpiresAt,
	}, nil
}

func invalidToken(cause error) error {
	return models.InvalidToken("The access token is invalid", cause)
}
