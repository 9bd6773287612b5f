package auth

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// anonymousClient is the client_id of a token that was asked for without one:
// RFC 9068 §2.2 requires the claim.
const anonymousClient = "anonymous"

// client is who sends a request to an OAuth endpoint.
type client struct {
	models.Client
	// registered clients have proved who they are; others have merely said so.
	registered bool
}

// identify finds the client of a request (RFC 6749 §2.3). Where no client is
// registered, an id is free text; else it has to be a registered one's, with
// its secret. A request may also say nothing of a client.
func (s *Service) identify(ctx context.Context, id, secret string) (client, error) {
	if err := checkClientID(id); err != nil {
		return client{}, err
	}
	if id == "" && secret == "" {
		return client{Client: models.Client{ID: anonymousClient}}, nil
	}
	registered, err := s.cfg.Store.HasClients(ctx)
	if err != nil {
		return client{}, err
	}
	if !registered {
		return client{Client: models.Client{ID: cmp.Or(id, anonymousClient)}}, nil
	}
	return s.authenticateClient(ctx, id, secret)
}

func (s *Service) authenticateClient(ctx context.Context, id, secret string) (client, error) {
	known, err := s.cfg.Store.Client(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return client{}, invalidClient(err)
	}
	if err != nil {
		return client{}, err
	}
	if subtle.ConstantTimeCompare([]byte(HashToken(secret)), []byte(known.HashedSecret)) != 1 {
		return client{}, invalidClient(errors.New("wrong secret"))
	}
	return client{known, true}, nil
}

// checkHolder says why a client may not use the refresh token that was issued
// to that client (RFC 6749 §6). A client that need not say who it is may omit it.
func (s *Service) checkHolder(ctx context.Context, c client, clientID string) error {
	if c.ID == clientID {
		return nil
	}
	if c.ID != anonymousClient {
		return invalidRefreshToken(errors.New("it was issued to another client"))
	}
	_, err := s.cfg.Store.Client(ctx, clientID)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err == nil {
		err = invalidClient(errors.New("a registered client has to authenticate"))
	}
	return err
}

// checkClientID accepts what a client_id may be made of (RFC 6749 §A.1).
func checkClientID(id string) error {
	const longest = 255
	hidden := func(r rune) bool { return r < ' ' || '~' < r }
	if len(id) > longest || strings.ContainsFunc(id, hidden) {
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter client_id is malformed")
	}
	return nil
}

// clientCredentials gives a registered client a token of its own (RFC 6749
// §4.4). It belongs to no session and stands for no user.
func (s *Service) clientCredentials(form models.OAuth2PasswordRequestForm, client client) (models.TokenAnswer, error) {
	if !client.registered {
		return models.TokenAnswer{}, invalidClient(errors.New("this grant needs a registered client"))
	}
	granted, err := grant(form.Scopes(), client.Scopes)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return s.answer(tokens.Grant{Subject: client.Subject, ClientID: client.ID, Scopes: granted}, "")
}

// NewClient makes a client with a new secret, which is in no other place.
func NewClient(id string, scopes []string) (c models.Client, secret string, err error) {
	if id == "" || checkClientID(id) != nil || strings.ContainsAny(id, " :") {
		return models.Client{}, "", errors.New("a client id has 1 to 255 visible ASCII characters other than a colon")
	}
	if id == anonymousClient {
		return models.Client{}, "", fmt.Errorf("%q stands for every client that does not say who it is", id)
	}
	if err := CheckScopes(scopes); err != nil {
		return models.Client{}, "", err
	}
	secret, hash := NewToken()
	return models.Client{ID: id, HashedSecret: hash, Scopes: scopes}, secret, nil
}

// invalidClient answers a client that did not prove who it is (RFC 6749 §5.2).
func invalidClient(cause error) error {
	return &models.Error{
		Kind: models.KindUnauthenticated, OAuth: models.OAuthInvalidClient,
		Detail: "Client authentication failed", Challenge: "Basic", Cause: cause,
	}
}
