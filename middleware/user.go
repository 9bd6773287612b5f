package middleware

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"latchkey/internal/respond"
	"latchkey/models"
)

// Lookup finds the user that a bearer token stands for, and the scopes it
// grants. For a token that opens nothing it returns [InvalidToken]; any other
// error is answered with 500 and logged.
type Lookup[U any] func(ctx context.Context, token string) (user U, scopes []string, err error)

// InvalidToken is the error of a token that opens nothing. The description
// is sent to the client, so it is fixed text without quotes; the cause is only
// logged.
func InvalidToken(description string, cause error) error {
	return models.InvalidToken(description, cause)
}

// CurrentUser lets only requests through whose token stands for a user;
// [User] is then that user. Without a token the answer is 401
// "Not authenticated", with a bad one 401 invalid_token.
func CurrentUser[U any](lookup Lookup[U]) gin.HandlerFunc {
	return func(c *gin.Context) {
		if _, err := identify(c, lookup); err != nil {
			respond.Error(c, err)
		}
	}
}

// CurrentActiveUser is [CurrentUser] for users of whom active says so; for
// the others the answer is 400 "Inactive user", as in FastAPI's tutorial.
func CurrentActiveUser[U any](lookup Lookup[U], active func(U) bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		user, err := identify(c, lookup)
		switch {
		case err != nil:
			respond.Error(c, err)
		case !active(user):
			respond.Error(c, models.InactiveUser())
		}
	}
}

// OptionalUser lets requests without a token through as well; [User] then
// has none. A token that is sent has to be good: with a bad one the answer is
// 401 invalid_token, for its sender believes to be logged in. Whether the user
// is active is the handler's to ask.
func OptionalUser[U any](lookup Lookup[U]) gin.HandlerFunc {
	return func(c *gin.Context) {
		token, err := BearerToken(c.Request.Header)
		if err == nil && token == "" {
			return
		}
		if _, err := identify(c, lookup); err != nil {
			respond.Error(c, err)
		}
	}
}

// RequireScopes lets only tokens through that grant every one of the scopes;
// for others the answer is 403 insufficient_scope, and without a token it is
// 401 "Not authenticated". It belongs behind [CurrentUser],
// [CurrentActiveUser] or [OptionalUser].
func RequireScopes(needed ...string) gin.HandlerFunc {
	return func(c *gin.Context) {
		granted := Scopes(c)
		missing := func(scope string) bool { return !slices.Contains(granted, scope) }
		switch {
		case !slices.ContainsFunc(needed, missing):
		case Token(c) == "":
			respond.Error(c, models.NotAuthenticated())
		default:
			respond.Error(c, models.InsufficientScope(needed))
		}
	}
}

// User is the user whom the request's token stands for. There is none where
// the route asks for none, or behind [OptionalUser] without a token.
func User[U any](c *gin.Context) (user U, ok bool) {
	user, ok = knownOf(c).user.(U)
	return user, ok
}

// Scopes are those the request's token grants.
func Scopes(c *gin.Context) []string { return knownOf(c).scopes }

// identify finds the user and keeps what is known of the caller.
func identify[U any](c *gin.Context, lookup Lookup[U]) (user U, err error) {
	token, err := extract(c)
	if err != nil {
		return user, err
	}
	user, scopes, err := lookup(c.Request.Context(), token)
	if err != nil {
		return user, err
	}
	k := knownOf(c)
	k.user, k.scopes = user, scopes
	if s, ok := any(user).(interface{ Subject() string }); ok {
		k.subject = s.Subject()
	}
	return user, nil
}
