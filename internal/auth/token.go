package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/internal/tokens"
	"latchkey/models"
)

// Token answers a request to the token endpoint (RFC 6749 §3.2). The error is
// a models.Error with a code of §5.2.
func (s *Service) Token(ctx context.Context, form models.OAuth2PasswordRequestForm, origin models.Origin) (models.TokenAnswer, error) {
	answer, err := s.tokenFor(ctx, form, origin)
	s.cfg.Count(grantOf(form), outcomeOf(err))
	return answer, err
}

func (s *Service) tokenFor(ctx context.Context, form models.OAuth2PasswordRequestForm, origin models.Origin) (models.TokenAnswer, error) {
	if err := s.checkForm(form); err != nil {
		return models.TokenAnswer{}, err
	}
	client, err := s.identify(ctx, form.ClientID, form.ClientSecret)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	switch form.GrantType {
	case models.GrantRefreshToken:
		return s.refresh(ctx, form, client, origin)
	case models.GrantClientCredentials:
		return s.clientCredentials(form, client)
	default:
		return s.logIn(ctx, form, client, origin)
	}
}

// checkForm says what is wrong with a form before any of it is looked up.
func (s *Service) checkForm(form models.OAuth2PasswordRequestForm) error {
	switch form.GrantType {
	case "":
		if s.cfg.StrictForm {
			return missing("grant_type")
		}
		return checkPresent(param{"username", form.Username}, param{"password", form.Password})
	case models.GrantPassword:
		return checkPresent(param{"username", form.Username}, param{"password", form.Password})
	case models.GrantRefreshToken:
		return checkPresent(param{"refresh_token", form.RefreshToken})
	case models.GrantClientCredentials:
		return nil
	default:
		return models.BadRequest(models.OAuthUnsupportedGrantType, "The grant type is not supported")
	}
}

// param is a parameter of a form.
type param struct{ name, value string }

// checkPresent refuses empty values: RFC 6749 §3.2 treats these as omitted.
func checkPresent(params ...param) error {
	var absent []string
	for _, p := range params {
		if p.value == "" {
			absent = append(absent, p.name)
		}
	}
	return missing(absent...)
}

func missing(names ...string) error {
	switch len(names) {
	case 0:
		return nil
	case 1:
		return models.BadRequest(models.OAuthInvalidRequest, "The parameter "+names[0]+" is missing")
	default:
		return models.BadRequest(models.OAuthInvalidRequest, "The parameters "+strings.Join(names, " and ")+" are missing")
	}
}

// answer makes the answer with a new access token.
func (s *Service) answer(g tokens.Grant, refreshToken string) (models.TokenAnswer, error) {
	token, claims, err := s.cfg.Issuer.Issue(g)
	if err != nil {
		return models.TokenAnswer{}, err
	}
	return models.TokenAnswer{
		AccessToken:  token,
		TokenType:    "bearer",
		ExpiresIn:    int(claims.ExpiresAt.Sub(claims.IssuedAt) / time.Second),
		RefreshToken: refreshToken,
		Scope:        strings.Join(g.Scopes, " "),
	}, nil
}

// grant is what a request gets (RFC 6749 §3.3): all that it asked for, if
// every one is declared and allowed; all that is allowed, if it asked for
// nothing.
func grant(requested, allowed []string) ([]string, error) {
	allowed = models.Declared(allowed)
	if len(requested) == 0 {
		return allowed, nil
	}
	if len(intersection(requested, allowed)) < len(requested) {
		return nil, models.BadRequest(models.OAuthInvalidScope, "The requested scope is unknown or not allowed")
	}
	return requested, nil
}

// intersection has those of a that are in b, in the order of a.
func intersection(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}
