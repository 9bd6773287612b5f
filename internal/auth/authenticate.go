package auth

import (
	"context"
	"errors"
	"slices"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// Authenticate finds the user that an access token stands for and the scopes
// it opens: those it grants and the user still has. A token that opens nothing
// is a 401 invalid_token (RFC 6750 §3.1). Whether the user is disabled is the
// caller's to ask.
func (s *Service) Authenticate(ctx context.Context, token string) (models.User, []string, error) {
	claims, err := s.issuer.Verify(token)
	if errors.Is(err, tokens.ErrExpired) {
		return models.User{}, nil, models.InvalidToken("The access token expired", err)
	}
	if err != nil {
		return models.User{}, nil, models.InvalidToken("The access token is invalid", err)
	}
	account, err := s.users.Account(ctx, claims.Subject)
	if models.KindOf(err) == models.KindNotFound {
		return models.User{}, nil, models.InvalidToken("The access token is invalid", err)
	}
	if err != nil {
		return models.User{}, nil, err
	}
	if claims.IssuedAt.Before(account.TokensValidFrom) {
		return models.User{}, nil, models.InvalidToken("The access token was revoked", nil)
	}
	return account.User, intersection(claims.Scopes, account.Scopes), nil
}

func intersection(granted, allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(granted), func(s string) bool { return !slices.Contains(allowed, s) })
}
