package auth

import (
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// AllowIntrospection says why a request may not introspect (RFC 7662 §2.1): it
// has to come from a registered client, or bear a token with the scope
// tokens:introspect, of a user or of a client.
func (s *Service) AllowIntrospection(ctx context.Context, form models.TokenForm, bearer string) error {
	if form.ClientSecret != "" || form.ClientID != "" && bearer == "" {
		_, err := s.authenticateClient(ctx, form.ClientID, form.ClientSecret)
		return err
	}
	if bearer == "" {
		return models.NotAuthenticated()
	}
	claims, err := s.verify(bearer)
	if err != nil {
		return err
	}
	holder, err := s.holder(ctx, claims)
	if err != nil {
		return err
	}
	if !slices.Contains(holder.scopes, models.ScopeTokensIntrospect) {
		return models.InsufficientScope([]string{models.ScopeTokensIntrospect})
	}
	return nil
}

// holder is whom an access token stands for now: an active user, or a client.
type holder struct {
	username string // empty for a client
	scopes   []string
}

// holder asks the database whom the claims of an access token stand for now.
func (s *Service) holder(ctx context.Context, claims tokens.Claims) (holder, error) {
	if claims.SessionID == "" {
		return s.clientHolder(ctx, claims)
	}
	caller, err := s.caller(ctx, claims)
	switch {
	case err != nil:
		return holder{}, err
	case !caller.Active():
		return holder{}, models.InactiveUser()
	default:
		return holder{caller.Username, caller.Scopes}, nil
	}
}

// clientHolder is the client that a token of its own stands for: not another
// one that was registered by the same id since.
func (s *Service) clientHolder(ctx context.Context, claims tokens.Claims) (holder, error) {
	client, err := s.cfg.Store.Client(ctx, claims.ClientID)
	if models.KindOf(err) == models.KindNotFound {
		return holder{}, invalidToken(err)
	}
	if err != nil {
		return holder{}, err
	}
	if claims.Subject != client.Subject {
		return holder{}, invalidToken(errors.New("it is of an earlier client of that id"))
	}
	revoked, err := s.cfg.Store.TokenRevoked(ctx, claims.ID)
	if err == nil && revoked {
		err = invalidToken(errors.New("it was revoked"))
	}
	return holder{scopes: intersection(claims.Scopes, client.Scopes)}, err
}

// Introspect says what a token stands for (RFC 7662 §2.2); of one that opens
// nothing it says no more than that.
func (s *Service) Introspect(ctx context.Context, token string) (models.Introspection, error) {
	if err := checkPresent(param{"token", token}); err != nil {
		return models.Introspection{}, err
	}
	describe := s.describeRefreshToken
	if isAccessToken(token) {
		describe = s.describeAccessToken
	}
	found, err := describe(ctx, token)
	switch models.KindOf(err) {
	case models.KindUnauthenticated, models.KindNotFound, models.KindBadRequest:
		return models.Introspection{}, nil
	default:
		return found, err
	}
}

func (s *Service) describeAccessToken(ctx context.Context, token string) (models.Introspection, error) {
	claims, err := s.verify(token)
	if err != nil {
		return models.Introspection{}, err
	}
	holder, err := s.holder(ctx, claims)
	if err != nil {
		return models.Introspection{}, err
	}
	return models.Introspection{
		Active: true, Scope: strings.Join(holder.scopes, " "), ClientID: claims.ClientID, Username: holder.username,
		TokenType: "bearer", ExpiresAt: claims.ExpiresAt.Unix(), IssuedAt: claims.IssuedAt.Unix(), Subject: claims.Subject,
		Audience: s.cfg.PublicURL, Issuer: s.cfg.PublicURL, ID: claims.ID,
	}, nil
}

func (s *Service) describeRefreshToken(ctx context.Context, token string) (models.Introspection, error) {
	held, err := s.cfg.Store.RefreshGrant(ctx, HashToken(token))
	if err != nil || held.Used || held.Account.Disabled {
		return models.Introspection{}, err
	}
	return models.Introspection{
		Active: true, Scope: strings.Join(intersection(held.Scopes, held.Account.Scopes), " "), ClientID: held.ClientID,
		Username: held.Account.Username, ExpiresAt: held.ExpiresAt.Unix(), Subject: held.Account.ID, Issuer: s.cfg.PublicURL,
	}, nil
}
