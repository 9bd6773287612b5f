package auth

import (
	"context"
	"errors"

	"latchkey/internal/passwords"
	"latchkey/models"
)

// otherGrant is every grant that the service does not know.
const otherGrant = "other"

// Outcomes of a request to the token endpoint, to be counted.
const (
	outcomeSucceeded   = "succeeded"
	outcomeRefused     = "refused"     // the password, refresh token or scope is wrong
	outcomeReused      = "reused"      // the refresh token was exchanged before, which ends its session
	outcomeClient      = "client"      // the client is not who it says, or may not
	outcomeInvalid     = "invalid"     // the form is
	outcomeLimited     = "limited"     // there were too many attempts
	outcomeBusy        = "busy"        // too many passwords wait to be hashed
	outcomeUnavailable = "unavailable" // the database is away
	outcomeLeft        = "left"        // the client did not wait for the answer
	outcomeFailed      = "failed"      // nobody foresaw it
)

// Grants are the words that requests to the token endpoint are counted by.
func Grants() []string {
	return []string{models.GrantPassword, models.GrantRefreshToken, models.GrantClientCredentials, otherGrant}
}

// Outcomes are the words for what becomes of such requests.
func Outcomes() []string {
	return []string{
		outcomeSucceeded, outcomeRefused, outcomeReused, outcomeClient, outcomeInvalid,
		outcomeLimited, outcomeBusy, outcomeUnavailable, outcomeLeft, outcomeFailed,
	}
}

func grantOf(form models.OAuth2PasswordRequestForm) string {
	switch form.GrantType {
	case "", models.GrantPassword:
		return models.GrantPassword
	case models.GrantRefreshToken, models.GrantClientCredentials:
		return form.GrantType
	}
	return otherGrant
}

func outcomeOf(err error) string {
	switch {
	case err == nil:
		return outcomeSucceeded
	case errors.Is(err, errReused):
		return outcomeReused
	case errors.Is(err, passwords.ErrBusy):
		return outcomeBusy
	case errors.Is(err, context.Canceled):
		return outcomeLeft
	}
	switch models.KindOf(err) {
	case models.KindTooManyRequests:
		return outcomeLimited
	case models.KindUnavailable:
		return outcomeUnavailable
	case models.KindUnauthenticated:
		return outcomeClient
	case models.KindBadRequest:
		return refusalOf(err)
	}
	return outcomeFailed
}

// refusalOf tells wrong credentials from a wrong form, by the code of RFC 6749 §5.2.
func refusalOf(err error) string {
	e, _ := errors.AsType[*models.Error](err)
	switch e.OAuth {
	case models.OAuthInvalidGrant, models.OAuthInvalidScope:
		return outcomeRefused
	case models.OAuthUnauthorizedClient, models.OAuthInvalidClient:
		return outcomeClient
	}
	return outcomeInvalid
}
