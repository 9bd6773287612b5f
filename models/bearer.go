package models

import "strings"

// NotAuthenticated answers a request that carries no bearer token. The
// challenge names the scheme and no error (RFC 6750 §3.1).
func NotAuthenticated() *Error {
	return &Error{Kind: KindUnauthenticated, Detail: "Not authenticated", OAuth: OAuthInvalidClient, Challenge: "Bearer"}
}

// InvalidToken answers a bearer token that opens nothing (RFC 6750 §3.1).
// The description is sent: it must be fixed text, without quotes.
func InvalidToken(description string, cause error) *Error {
	return &Error{
		Kind:      KindUnauthenticated,
		Detail:    "Invalid authentication credentials",
		OAuth:     OAuthInvalidToken,
		Challenge: `Bearer error="invalid_token", error_description="` + description + `"`,
		Cause:     cause,
	}
}

// InactiveUser answers a good token whose user is disabled.
func InactiveUser() *Error {
	return &Error{Kind: KindBadRequest, Detail: "Inactive user", OAuth: OAuthInvalidRequest}
}

// InsufficientScope answers a good token that lacks some of the scopes that
// the route needs; the challenge names all of these (RFC 6750 §3.1).
func InsufficientScope(needed []string) *Error {
	return &Error{
		Kind:      KindForbidden,
		Detail:    "Not enough permissions",
		OAuth:     OAuthInsufficientScope,
		Challenge: `Bearer error="insufficient_scope", scope="` + strings.Join(needed, " ") + `"`,
	}
}
